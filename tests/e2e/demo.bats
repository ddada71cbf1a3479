#!/usr/bin/env bats
# scripts/demo with a program that is built: the whole lifecycle on the private server, and once more.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    private_start
    PARTDEMO_PG_BIN=$(pg_bin)
    export PARTDEMO_PG_BIN
}

teardown_file() {
    cd / || true
    private_stop
}

setup() { cd "$PRIVATE_DIR/work" || return; }

inside() {
    PGHOST=$PARTDEMO_STATE/run PGPORT=5432 PGUSER=postgres PGDATABASE=partitiondb "$@"
}

# rows_outside_their_month: what is in a monthly partition and does not belong there, or the reverse.
rows_outside_their_month="SELECT count(*) FROM event_logs
    WHERE tableoid::regclass::text IS DISTINCT FROM
        CASE WHEN created_at >= '2024-01-01' AND created_at < '2024-04-01'
        THEN 'event_logs_' || to_char(created_at, 'YYYY_MM') ELSE 'event_logs_default' END"

@test "the demo shows every change in little room, ends where the setup did, and can be run again" {
    local before='' after name nth
    for nth in 1 2; do
        if ((nth == 2)); then # as after a demo that was interrupted
            rm .env
            run_partdemo run split -q
            exited 0
            run_partdemo run detach -q
            exited 0
        fi
        # A .env that names a server must not count.
        echo 'POSTGRES_HOST=nowhere.invalid' >.env
        run --separate-stderr env PGHOST=/nonexistent COLUMNS=80 PARTDEMO_DEMO_REHEARSAL="2000 500ms 500ms" \
            "$PARTDEMO_SOURCE/scripts/demo" "$PARTDEMO"
        # shellcheck disable=SC2154 # run sets it
        [[ $status == 0 ]] || { echo "$output" "$stderr" && return 1; }
        for name in setup queries add split detach migrate cleanup; do
            has "$output" "] $name: "
        done
        has "$output" "+  ├─event_logs_2024_04 " "-  ├─event_logs_2024_02 " "~  └─event_logs_default " \
            "single_month      1 of 4" "single_month      4 of 7" "single_day        1 of 7" \
            "rows then, " "neither lost a" "lifecycle: done in" "race: done in" "What next:" "psql -h $PARTDEMO_STATE/run"
        [[ $output != *FAILED* ]]
        ((${#lines[@]} < 400))
        after=$(inside sql "SELECT count(*) FROM event_logs")
        # 800 operations, of which 30 in a hundred are events.
        ((after > ${before:-400} + 100))
        before=$after
        inside is $'event_logs|4\norders_by_region|4\nsales_data|6\nusers_distributed|4' \
            "SELECT relname, (SELECT count(*) FROM pg_partition_tree(c.oid) WHERE isleaf)
             FROM pg_class AS c WHERE relkind = 'p' AND NOT relispartition ORDER BY 1"
        inside is 0 "$rows_outside_their_month"
        inside is "" "SELECT to_regclass('event_logs_archive')"
        inside is 0 "SELECT count(*) FROM pg_namespace WHERE nspname IN ('race', 'partdemo')"
    done
}

@test "the demo refuses what is no program" {
    run "$PARTDEMO_SOURCE/scripts/demo" /nonexistent
    [[ $status == 1 ]]
    has "$output" "/nonexistent is not a program"
    run "$PARTDEMO_SOURCE/scripts/demo" --help
    [[ $status == 1 ]]
    has "$output" "usage: scripts/demo [PROGRAM]"
}
