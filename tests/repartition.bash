# shellcheck shell=bash
# What the tests of re-partitioning share. Load it after lib.

# Rows with ids of their own, before and after the re-partitioning, on both sides of every bound.
EARLY_ROWS="INSERT INTO event_logs (id, event_type, user_id, created_at)
    SELECT 1000 + n, 'early', 1, t::timestamp FROM unnest('{2024-01-01, 2024-01-31 23:59:59.999999, 2024-02-01,
        2024-02-07 23:59:59.999999, 2024-02-08, 2024-02-15, 2024-02-22, 2024-02-29 23:59:59.999999, 2024-03-01,
        2024-03-31 23:59:59.999999, 2024-04-01, 2024-04-30 23:59:59.999999, 2024-05-01, 2023-12-31, infinity,
        -infinity}'::text[]) WITH ORDINALITY AS v (t, n);
    INSERT INTO users_distributed (id, username, email, registration_date) VALUES (1001, 'e1', 'e', NULL),
        (1002, 'e2', 'e', '2024-03-31'), (1003, 'e3', 'e', '2024-04-01'), (1004, 'e4', 'e', '2025-01-01'),
        (1005, 'e5', 'e', 'infinity')"
LATER_ROWS=${EARLY_ROWS//early/later}
LATER_ROWS=${LATER_ROWS//1000 +/2000 +}
LATER_ROWS=${LATER_ROWS//(100/(200}
LATER_ROWS=${LATER_ROWS//\'e/\'l}

# repartition_start [SETTING...]: a cluster with the database `loaded`: the setup, made by psql, and early rows.
repartition_start() {
    local file files=()
    pg_start "autovacuum = off" "$@"
    for file in "$PARTDEMO_SOURCE"/sql/0[0-4]*.sql; do
        [[ $file == */00_drop* ]] || files+=("$file")
    done
    # The seed follows the tables it goes into.
    files=("${files[1]}" "${files[0]}" "${files[@]:2}")
    sql -d postgres "CREATE DATABASE loaded"
    psql -Xqv ON_ERROR_STOP=1 -d loaded -1 "${files[@]/#/--file=}" >/dev/null
    sql -d loaded "$EARLY_ROWS"
    for file in event_logs users_distributed; do
        sql -d loaded "TABLE $file" | LC_ALL=C sort >"$PG_TEST_DIR/$file.rows"
        sql -d loaded "BEGIN; $LATER_ROWS; TABLE $file" | LC_ALL=C sort >"$PG_TEST_DIR/$file.rows.later"
    done
}

# copy_of DATABASE [SUFFIX]: a database of the test's own, as that one is, which the commands that follow use.
copy_of() {
    export PGDATABASE=t${BATS_TEST_NUMBER}$2
    sql -d postgres "CREATE DATABASE $PGDATABASE TEMPLATE $1"
}

drop_copies() {
    local name
    for name in $(sql -d postgres "SELECT datname FROM pg_database WHERE datname ~ '^t${BATS_TEST_NUMBER}([^0-9]|\$)'"); do
        sql -d postgres "DROP DATABASE $name WITH (FORCE)"
    done
}

file_of() { echo "$PARTDEMO_SOURCE"/sql/repartition/"$1"_*.sql; }

# run_files NUMBER...: the files of these numbers, by psql, each in a transaction.
run_files() {
    local number
    for number in "$@"; do
        psql -Xqv ON_ERROR_STOP=1 -1 -f "$(file_of "$number")" >/dev/null || return
    done
}

schema() { psql -Xq -v ON_ERROR_STOP=1 -f "$PARTDEMO_SOURCE/tests/db/fingerprint.sql"; }

schema_of() { PGDATABASE=$1 schema; }

# all_rows_are_there [later]: each row of both tables exactly as it was put in, and exactly once.
all_rows_are_there() {
    local t
    for t in event_logs users_distributed; do
        diff "$PG_TEST_DIR/$t.rows${1:+.$1}" <(sql "TABLE $t" | LC_ALL=C sort) || return
    done
}

# rows_are_in_their_leaves: each row satisfies the bound of the partition that holds it, as PostgreSQL writes it.
rows_are_in_their_leaves() {
    local wrong
    wrong=$(psql -XAtq -v ON_ERROR_STOP=1 <<'SQL'
SELECT format('SELECT %L, count(*) FROM %s WHERE (%s) IS NOT TRUE HAVING count(*) > 0',
              relid, relid, pg_get_partition_constraintdef(relid))
FROM pg_partition_tree('event_logs') WHERE isleaf \gexec
SQL
    ) || return
    [[ -z $wrong ]] || { echo "not in their leaf: $wrong" >&2; return 1; }
}

# like_its_siblings PARTITION: but for its name and bound, all that the catalog says of it is as for March.
like_its_siblings() {
    diff <(lines_about event_logs_2024_03) <(lines_about "$1")
}

lines_about() { schema | grep -F "$1" | grep -v '^bound event_logs' | sed "s/$1/P/g" | LC_ALL=C sort; }
