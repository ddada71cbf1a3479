#!/usr/bin/env bats
# Whether explain tells the truth about pruning: the cases of pruning/, judged by hand-read plans and by psql.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    pg_start "autovacuum = off"
    export CASES=$PARTDEMO_SOURCE/tests/db/pruning
    psql -XAtq -v ON_ERROR_STOP=1 -f "$CASES/schema.sql"
}

teardown_file() { pg_stop; }

cases() { node "$CASES/run.mjs" "$PARTDEMO" "${@/#/$CASES/}"; }

@test "one level: range, list, hash" { cases range.sql list.sql hash.sql; }

@test "several levels, several columns, expressions" { cases levels.sql columns.sql; }

@test "at run time, and what is just not executed" { cases runtime.sql; }

@test "generic plans and functions" { cases plans.sql; }

@test "views, CTEs, self-joins, ordered appends, partition-wise joins" { cases shapes.sql; }

@test "UPDATE and DELETE, of which nothing stays" {
    local before
    before=$(fingerprint)
    cases writes.sql
    diff <(echo "$before") <(fingerprint)
}

@test "the judge: a wrong expectation is found, and so is a leaf with rows that was not scanned" {
    cat >"$BATS_TEST_TMPDIR/wrong.sql" <<'SQL'
-- case: wrong_number
-- expect: r 2/4 plan 2
SELECT * FROM r WHERE k = 5;

-- case: wrong_phase
-- expect: r 1/4 startup 3
SELECT * FROM r WHERE k = 5;

-- case: wrong_name
-- expect: r 1/4 plan 3, r_20
SELECT * FROM r WHERE k = 5;

-- case: rows_elsewhere
-- expect: r 1/4 plan 3, r_1
-- holds: SELECT 'r_20'
SELECT * FROM r WHERE k = 5;
SQL
    run -1 node "$CASES/run.mjs" "$PARTDEMO" "$BATS_TEST_TMPDIR/wrong.sql"
    has "$output" "wrong_number: expected r 2/4 plan 2, got r 1/4 plan 3" "wrong_phase: expected r 1/4 startup 3" \
        "wrong_name: expected r_20, got r_1" "rows_elsewhere: r_20 hold matching rows" "4 cases, 4 failed"
}
