#!/usr/bin/env bats
# The words of partdemo run online/migrate --types, and types that are odd or not on the search_path.

load ../lib
load ../online

setup() {
    fresh_db types
}

@test "--dry-run shows the types and changes nothing; wrong words are refused; --keep-old without a way back, too" {
    sql "CREATE TABLE t (u timestamp PRIMARY KEY, v int); INSERT INTO t SELECT timestamp '2024-01-01' + n * interval '1 day', n FROM generate_series(1, 9) AS n"
    local migrate=(run online/migrate --table t --by 'HASH (u)' --modulus 2)
    fingerprint >"$BATS_TEST_TMPDIR/before"
    run_partdemo "${migrate[@]}" --types 'v bigint' --dry-run
    exited 0
    has "$output" "v: integer becomes bigint" "ALTER TABLE partdemo.pattern_1 ALTER v TYPE bigint;" "LIKE partdemo.pattern_1" "DROP TABLE partdemo.pattern_1;"
    [[ $output != *'${'* && $output != *" nil"* ]]
    refused_types "takes columns and types" "v"
    refused_types "has no column w" "w int"
    refused_types 'type "nothing" does not exist' "v nothing"
    refused_types "specified more than once" "v int;v bigint"
    refused_types "syntax error" "v int); DROP TABLE t"
    refused_types "a comment" "v int --"
    refused_types "USING is not possible" "v int USING v + 1"
    run_partdemo "${migrate[@]}" --types 'u text'
    exited 4
    has "$stderr" "no operator family compares it with timestamp"
    run_partdemo "${migrate[@]}" --types 'v text' --keep-old
    exited 4
    has "$stderr" "--keep-old: no way back"
    # In Berlin 02:30 and 03:30 are one moment on the day on which the clocks go forward: one row would be taken for the other.
    run_partdemo "${migrate[@]}" --types 'u timestamptz' --time-zone Europe/Berlin
    exited 4
    has "$stderr" "u as timestamp with time zone: rows are named by it, and neither type holds every value of the other"
    fingerprint | diff "$BATS_TEST_TMPDIR/before" -
    sql "CREATE TABLE o (v int PRIMARY KEY); INSERT INTO o SELECT v FROM t; ALTER TABLE t ADD CONSTRAINT in_o FOREIGN KEY (v) REFERENCES o;
         CREATE POLICY small ON t USING (v < 5); CREATE INDEX odd ON t ((v % 2))"
    run_partdemo "${migrate[@]}" --types 'v text'
    exited 4
    has "$stderr" "the foreign key in_o of t" "ALTER TABLE t DROP CONSTRAINT in_o;" "operator does not exist: text < integer" "CREATE POLICY small" \
        "operator does not exist: text % integer"
    run_partdemo "${migrate[@]}" --types 'v timestamptz'
    exited 2
    has "$stderr" "--time-zone"
    run_partdemo "${migrate[@]}" --types 'v timestamptz' --time-zone UTC
    exited 4
    has "$stderr" "v as timestamp with time zone: column \"v\" cannot be cast automatically"
    sql "DROP POLICY small ON t"
    sql "CREATE DOMAIN moment AS timestamptz; CREATE DOMAIN early AS moment; ALTER TABLE t ADD at early"
    run_partdemo "${migrate[@]}" --types 'at timestamp'
    exited 2
    has "$stderr" "--time-zone"
    run_partdemo "${migrate[@]}" --types 'v bigint' --time-zone UTC
    exited 0
    [[ $(types_of t) == "u timestamp without time zone, v bigint, at early" ]]
    nothing_left
}

# refused_types WORDS TYPES: partdemo refuses them, and says so.
refused_types() {
    run_partdemo "${migrate[@]}" --types "$2"
    exited 2
    has "$stderr" "$1"
}

# stopped ARG...: the run gives up before it swaps, because a session reads the table.
stopped() {
    hold "BEGIN; LOCK t IN ACCESS SHARE MODE"
    run_partdemo "$@" --patience 100ms
    release
    exited 1
}

@test "a run that began with one search_path goes on with another one" {
    sql "CREATE SCHEMA app; CREATE DOMAIN app.euro AS numeric(12, 2);
         CREATE TABLE t (u int PRIMARY KEY, v numeric(12, 2)); INSERT INTO t SELECT n, n / 100.0 FROM generate_series(1, 99) AS n"
    local migrate=(run online/migrate --table t --by 'HASH (u)' --modulus 2 --types 'v app.euro')
    PGOPTIONS="-c search_path=public,app" stopped "${migrate[@]}" --keep-old
    sql "INSERT INTO t VALUES (100, 3)"
    run_partdemo "${migrate[@]}" --keep-old
    exited 0
    [[ $(types_of t) == "u integer, v app.euro" ]]
    sql "INSERT INTO t VALUES (101, 4)"
    run_partdemo "${migrate[@]}" --undo
    exited 0
    is "101|56.50" "SELECT count(*), sum(v) FROM t"
    nothing_left
}

@test "a column whose name begins and ends with a quote, and one with an apostrophe" {
    sql "CREATE TABLE t (u int PRIMARY KEY, \"\"\"x y\"\"\" int, \"it's\" int); INSERT INTO t VALUES (1, 2, 3)"
    local migrate=(run online/migrate --table t --by 'HASH (u)' --modulus 2)
    refused_types "takes columns and types" '"""x y"""'
    run_partdemo "${migrate[@]}" --types $'"""x y"""  bigint; "it\'s"\tbigint'
    exited 0
    [[ $(types_of t) == "u integer, \"x y\" bigint, it's bigint" ]]
    nothing_left
}

@test "a NOT NULL domain: the value that it does not take is named with its row" {
    sql "CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0);
         CREATE TABLE t (u int PRIMARY KEY, v bigint); INSERT INTO t VALUES (1, 1), (2, -2), (3, NULL)"
    local migrate=(run online/migrate --table t --by 'HASH (u)' --modulus 2 --types 'v positive')
    run_partdemo "${migrate[@]}"
    exited 4
    has "$stderr" "v of public.t is -2 in the row (2), which public.positive does not take" "violates check constraint"
    sql "UPDATE t SET v = 2 WHERE u = 2"
    run_partdemo "${migrate[@]}"
    exited 4
    has "$stderr" "in the row (3), which public.positive does not take" "does not allow null values"
    sql "DELETE FROM t WHERE v IS NULL"
    run_partdemo "${migrate[@]}"
    exited 0
    [[ $(types_of t) == "u integer, v positive" ]]
    nothing_left
}
