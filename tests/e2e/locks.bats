#!/usr/bin/env bats
# What --dry-run says of the locks of the re-partitioning files, against pg_locks.

bats_require_minimum_version 1.5.0
load ../lib
load ../repartition

setup_file() { repartition_start; }

teardown_file() { pg_stop; }

teardown() { drop_copies; }

# taken FILE: for each statement of the file but LOCK TABLE, the locks that it took on tables that were there before
# and that no statement before it had taken: "number mode table". Without LOCK TABLE each shows what it takes itself.
taken() {
    awk -v RS= -v look="
        WITH l AS (INSERT INTO taken SELECT mode, relation::regclass::text FROM pg_locks JOIN pg_class AS c ON c.oid = relation
            WHERE pid = pg_backend_pid() AND relation::oid = ANY (:'old') AND relkind IN ('r', 'p') ON CONFLICT DO NOTHING RETURNING *)
        SELECT 'took', @, mode, name FROM l;" '
        BEGIN { print "SELECT array_agg(oid) AS old FROM pg_class WHERE oid >= 16384 \\gset"
                print "CREATE TEMP TABLE taken (mode text, name text, PRIMARY KEY (mode, name));"; print "BEGIN;" }
        !/\nLOCK TABLE/ { print; query = look; sub(/@/, NR, query); print query }' "$1" |
        psql -XAtq -F ' ' -v ON_ERROR_STOP=1 | grep '^took ' | cut -d' ' -f2-
}

# checked FILE SCENARIO: each lock that was taken is one that the dry run names for that statement, or weaker.
checked() {
    run_partdemo run "$2" --dry-run
    exited 0
    taken "$1" >"$BATS_TEST_TMPDIR/taken"
    node -e '
        const fs = require("node:fs");
        const rank = ["AccessShare", "RowShare", "RowExclusive", "ShareUpdateExclusive", "Share", "ShareRowExclusive",
            "Exclusive", "AccessExclusive"];
        const spelled = mode => rank.indexOf(mode.toLowerCase().replace(/(^| )./g, c => c.trim().toUpperCase()));
        const [file, takenFile] = process.argv.slice(1, 3);
        const dry = fs.readFileSync(process.argv[3], "utf8");
        const part = dry.slice(dry.indexOf("(repartition/" + file + ")"));
        const said = [...part.matchAll(/^    lock: (.*)$/gm)].map(m => m[1]);
        let wrong = 0, seen = 0;
        for (const line of fs.readFileSync(takenFile, "utf8").split("\n").filter(Boolean)) {
            const [n, mode, table] = line.split(" ");
            const level = rank.indexOf(mode.replace(/Lock$/, ""));
            seen++;
            // Reading takes ACCESS SHARE, which only conflicts with ACCESS EXCLUSIVE; it goes without saying.
            if (level === 0) continue;
            const covered = said[n - 1].split("; ").some(part => {
                const m = part.match(/^([A-Z ]+) on (.*) \(blocks .*\)$/);
                if (!m || spelled(m[1]) < level) return false;
                const names = m[2].split(/, | and |,/);
                return names.some(x => x.trim() === table || (x === "the default partition" && /_default$/.test(table)) ||
                    (x === "any partitions" && names.some(p => table.startsWith(p) && p !== table)));
            });
            if (!covered) { wrong++; console.error(`${file} ${n}: took ${mode} on ${table}, said: ${said[n - 1]}`); }
        }
        if (seen === 0) { wrong++; console.error("no lock was seen"); }
        process.exit(wrong ? 1 : 0);' "$(basename "$1")" "$BATS_TEST_TMPDIR/taken" "$BATS_TEST_TMPDIR/stdout"
}

@test "each statement takes the locks that --dry-run names, or weaker ones" {
    local number
    copy_of loaded
    for number in 10:add 11:split 12:detach 13:migrate 14_merge:cleanup 14_restore:cleanup 14_return:cleanup 14_drop:cleanup; do
        case $number in
        14_merge:*) run_files 11 ;;
        14_restore:*) run_files 12 ;;
        14_return:*) run_files 10 ;;
        14_drop:*) run_files 13 ;;
        esac
        checked "$(file_of "${number%:*}")" "${number#*:}"
    done
}

@test "LOCK TABLE at the start covers every lock of the file: nothing is upgraded later" {
    local number file values
    copy_of loaded
    for number in 10 11 12 13 14_merge 14_restore 14_return 14_drop 14_attach_partition 14_attach_alone; do
        values=()
        case $number in
        14_merge) run_files 11 ;;
        14_restore) run_files 12 ;;
        14_return) run_files 10 ;;
        14_drop) run_files 13 ;;
        14_attach_partition)
            partdemo run cleanup -q
            partdemo run online/detach --table event_logs --partition event_logs_2024_01 -q
            values=(-v table=event_logs -v default=event_logs_default -v partition=event_logs_2024_01
                -v "bound=FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')" -v "rows=created_at >= '2024-01-01' AND created_at < '2024-02-01'"
                -v "columns=id, event_type, user_id, event_data, ip_address, created_at")
            ;;
        14_attach_alone)
            partdemo run online/detach --table users_distributed --partition users_distributed_p2 -q
            values=(-v table=users_distributed -v partition=users_distributed_p2 -v "bound=FOR VALUES WITH (MODULUS 4, REMAINDER 2)")
            ;;
        esac
        file=$PARTDEMO_SOURCE/sql/repartition/$number.sql
        [[ $number == 14_attach_* ]] || file=$(file_of "$number")
        run psql -XAtq -v ON_ERROR_STOP=1 "${values[@]}" -c "CREATE TEMP TABLE old AS SELECT oid FROM pg_class WHERE oid >= 16384" -c BEGIN \
            -f <(awk -v RS= 'NR == 1' "$file") \
            -c "CREATE TEMP TABLE first AS SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid()" \
            -f "$file" \
            -c "SELECT 'later: ' || l.mode || ' on ' || l.relation::regclass FROM pg_locks AS l JOIN old ON old.oid = l.relation
                JOIN pg_class AS c ON c.oid = l.relation AND c.relkind IN ('r', 'p')
                WHERE l.pid = pg_backend_pid() AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock')
                AND NOT EXISTS (SELECT FROM first AS f WHERE f.relation = l.relation AND f.mode IN ('AccessExclusiveLock', l.mode))"
        [[ $status == 0 ]]
        run ! grep '^later: ' <<<"$output"
    done
}

@test "a function that needs no lock does not hide the table that is read beside it" {
    copy_of loaded
    cd "$BATS_TEST_TMPDIR" || return
    echo "return { summary = 'Sets', steps = { { sql = 'set.sql' } } }" >set.lua
    printf '%s\n' "SELECT set_config('a.b', '1', true);" \
        "SELECT set_config('a.n', n::text, true) FROM (SELECT count(*) AS n FROM event_logs) AS t;" >set.sql
    run_partdemo run set.lua --dry-run
    exited 0
    [[ $(sed -n 's/^ *lock: //p' <<<"$output") == $'none\nACCESS SHARE on what it reads (blocks '* ]] ||
        { echo "$output" && return 1; }
}
