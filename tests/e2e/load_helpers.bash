# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # output, stderr and PD_PID are between ../lib and the tests
# What the files about the load share: `load load_helpers` after `load ../lib`.

# The tables are made once; each test gets a copy of that database.
setup_file() {
    pg_start "autovacuum = off" "max_connections = 30" "deadlock_timeout = 10ms"
    export E2E_WORK=$PG_TEST_DIR/work
    mkdir "$E2E_WORK"
    cd "$E2E_WORK" || return
    fresh_db ready
    partdemo run setup -q
}

teardown_file() { pg_stop; }

setup() {
    cd "$E2E_WORK" || return
    database "t$BATS_TEST_NUMBER"
}

# database NAME: one of the test's own, as setup leaves it.
database() {
    sql -d postgres "CREATE DATABASE $1 TEMPLATE ready"
    export PGDATABASE=$1
    BASE=$(rows)
}

# partdemo as run_partdemo of ../lib runs it: nothing can hang the suite.
partdemo() {
    timeout -s KILL 60 "$PARTDEMO" "$@"
}

# start_load ARG...: `run load` in the background as JSON; end_partdemo waits for it.
start_load() {
    # --foreground: a signal reaches partdemo once, not also through its process group
    timeout --foreground -s KILL 60 "$PARTDEMO" run load --format json "$@" \
        >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" </dev/null 3>&- 4>&- &
    PD_PID=$!
}

# load_json ARG...: in the foreground.
load_json() {
    run_partdemo run load --format json "$@"
}

# rows: of the four tables together.
rows() {
    sql "SELECT (SELECT count(*) FROM event_logs) + (SELECT count(*) FROM users_distributed)
              + (SELECT count(*) FROM orders_by_region) + (SELECT count(*) FROM sales_data)"
}

made_rows() {
    (($(rows) >= BASE + ${1:-1}))
}

# json EXPRESSION: a value of the document on stdout, `d`.
json() {
    node -p 'const d = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")); eval(process.argv[2])' \
        "$BATS_TEST_TMPDIR/stdout" "$1"
}

# holds EXPRESSION...: each is true of the document.
holds() {
    node -e 'const d = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
        for (const each of process.argv.slice(2))
            if (eval(each) !== true) throw new Error("does not hold: " + each);' \
        "$BATS_TEST_TMPDIR/stdout" "$@" || {
        printf 'in: %s\n%s\n' "$output" "$stderr" >&2
        return 1
    }
}

# accounted: the rows in the tables are those acknowledged, and at most those of unknown outcome besides.
accounted() {
    local now ops unknown
    now=$(($(rows) - BASE)) ops=$(json d.total.ops) unknown=$(json d.total.unknown)
    ((ops <= now && now <= ops + unknown)) || {
        echo "$now rows, $ops acknowledged, $unknown unknown" >&2
        return 1
    }
}

# own_mix NAME: the mix on stdin, as NAME.lua.
own_mix() {
    cat >"$E2E_WORK/$1.lua"
}
