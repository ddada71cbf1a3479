#!/usr/bin/env bats
# The scenarios in any order, with loads between them: seeded random sequences. After each step
# any_order.sql judges by plain SQL that no row is lost, doubled, changed or in the wrong leaf; after
# a last cleanup the catalog is what setup left.
#
# There are 200 sequences of up to 12 steps. A run takes a few of them, others on each version of
# PostgreSQL; PARTDEMO_SEQUENCES="1 200" takes all. A failure names its sequence and what led to it.

bats_require_minimum_version 1.5.0
load ../lib

STEPS=(add split detach migrate cleanup load load queries setup odd)

setup_file() {
    pg_start "autovacuum = off"
    cd "$PG_TEST_DIR" || return
    fresh_db ready
    partdemo run setup -q
    psql -Xq -v ON_ERROR_STOP=1 -f "$PARTDEMO_SOURCE/tests/e2e/any_order.sql"
    catalog >"$PG_TEST_DIR/after_setup"
    sql "SELECT judge.note()" >/dev/null
}

teardown_file() { pg_stop; }

# one_load SEED: the rows that are new must be those that the load says were acknowledged.
one_load() {
    local document
    document=$(partdemo run load --max --ops 60 --clients 3 --seed "$1" --format json 2>"$LOG") ||
        return
    is "" "SELECT name, acknowledged, n
           FROM (VALUES ('event', 'event_logs'), ('user', 'users_distributed'),
                        ('order', 'orders_by_region'), ('sale', 'sales_data')) AS e(name, tab)
           CROSS JOIN LATERAL (SELECT coalesce(
               (\$json\$$document\$json\$::json -> 'ops' -> name ->> 'ops')::int, 0)) AS a(acknowledged)
           LEFT JOIN judge.note() USING (tab)
           WHERE acknowledged <> coalesce(n, 0)"
}

# one_step STEP SEED
one_step() {
    case $1 in
    load) one_load "$2" ;;
    odd) sql "SELECT judge.odd_rows($2)" && sql "SELECT judge.note()" >/dev/null ;;
    empty)
        sql "DELETE FROM event_logs; DELETE FROM users_distributed; DELETE FROM orders_by_region;
             DELETE FROM sales_data; DELETE FROM judge.ledger"
        ;;
    *) partdemo run "$1" -q >"$LOG" 2>&1 ;;
    esac
}

# one_sequence NUMBER: each fifth one begins with empty tables.
one_sequence() {
    local i step steps=() wrong
    RANDOM=$1
    (($1 % 5)) || steps+=(empty)
    for ((i = RANDOM % 8 + 4; i > 0; i--)); do
        steps+=("${STEPS[RANDOM % ${#STEPS[@]}]}")
    done
    steps+=(cleanup)
    sql -d postgres "CREATE DATABASE s$1 TEMPLATE ready"
    export PGDATABASE=s$1
    for i in "${!steps[@]}"; do
        step=${steps[i]}
        if ! one_step "$step" $(($1 * 100 + i)); then
            wrong="exit status $?, $(tail -n 20 "$LOG")"
        else
            wrong=$(sql "SELECT judge.verdict() LIMIT 20") || wrong="the judge failed"
        fi
        [[ -z $wrong ]] && continue
        printf 'sequence %s: %s\nafter step %d, %s: %s\n' \
            "$1" "${steps[*]}" $((i + 1)) "$step" "$wrong" >&2
        return 1
    done
    wrong=$(diff "$PG_TEST_DIR/after_setup" <(catalog)) || {
        printf 'sequence %s: %s\nthe catalog is not what setup left:\n%s\n' \
            "$1" "${steps[*]}" "$(cut -c-200 <<<"$wrong" | head -n 20)" >&2
        return 1
    }
    sql -d postgres "DROP DATABASE s$1"
}

@test "scenarios in any order lose nothing, and cleanup gives the catalog of setup again" {
    local first last number failed=0
    LOG=$BATS_TEST_TMPDIR/log
    : >"$LOG"
    first=$((1 + 8 * ($(sql "SELECT current_setting('server_version_num')::int / 10000") - 14)))
    read -r first last <<<"${PARTDEMO_SEQUENCES:-$first $((first + 7))}"
    for ((number = first; number <= last; number++)); do
        one_sequence "$number" || failed=1
    done
    ((!failed))
}
