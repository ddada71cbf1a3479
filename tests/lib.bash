# shellcheck shell=bash
# What the bats files share: load it with `load ../lib`. A file that needs a server starts one of
# its own in setup_file and stops it in teardown_file, so that files can run at the same time.

# shellcheck disable=SC2034 # output and stderr are read by the tests
PARTDEMO_SOURCE=${PARTDEMO_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)}
PARTDEMO=${PARTDEMO:-$PARTDEMO_SOURCE/build/release/partdemo}
export PARTDEMO_SOURCE PARTDEMO
# shellcheck source=scripts/lib/stop.bash
source "$PARTDEMO_SOURCE/scripts/lib/stop.bash"
# The clients themselves, for /usr/bin/psql of Debian is a Perl script that looks for psql, longer than psql runs.
PATH=${PARTDEMO%/*}/tests/clients:${PATH#"${PARTDEMO%/*}/tests/clients:"}

# clean_env: what the caller's shell says about servers is not the tests' business.
clean_env() {
    local name
    for name in "${!PG@}" "${!POSTGRES_@}" "${!SIMULATOR_@}"; do
        unset "$name"
    done
    unset PARTDEMO_DSN PARTDEMO_ROOT
}

# scratch NAME: makes a short-named directory that the server's user can enter; prints it.
# Short because a Unix socket's path is at most 107 bytes.
scratch() {
    local dir
    dir=$(mktemp -d "${PARTDEMO_TEST_TMP:-/tmp}/$1.XXXXXX")
    chmod 755 "$dir"
    printf '%s\n' "$dir"
}

# as_pg COMMAND...: PostgreSQL refuses to run as root, so root runs it as user postgres. Outside of
# the caller's directory, which that user may not enter, and without bats' own descriptors: bats
# waits until the last process that holds them ends, and a server holds them for ever.
as_pg() (
    cd /
    exec 3>&- 4>&-
    if ((EUID == 0)); then
        exec setpriv --reuid postgres --regid postgres --init-groups --reset-env "$@"
    fi
    exec "$@"
)

# pg_bin: the server binaries to test on.
pg_bin() {
    local dir
    if [[ -n ${PARTDEMO_PG_BIN:-} ]]; then
        printf '%s\n' "$PARTDEMO_PG_BIN"
        return
    fi
    dir=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
    [[ -x $dir ]] || {
        echo "no PostgreSQL server binaries; set PARTDEMO_PG_BIN" >&2
        return 1
    }
    dirname "$dir"
}

# make_cluster DATA: as initdb makes it, but in a run of all tests only once for each version, and copied then.
make_cluster() {
    local kept=${PARTDEMO_TEST_TMP:+$PARTDEMO_TEST_TMP/initdb${PG_TEST_BIN//\//-}}
    if [[ -n $kept && -d $kept ]]; then
        cp -a "$kept" "$1"
        return
    fi
    as_pg "$PG_TEST_BIN/initdb" -D "$1" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
        --no-sync >"$PG_TEST_DIR/initdb.log" 2>&1 || {
        cat "$PG_TEST_DIR/initdb.log" >&2
        return 1
    }
    [[ -n $kept ]] || return 0
    # It appears as a whole. Two files may come here at the same time: the first one wins.
    cp -a "$1" "$PG_TEST_DIR/kept"
    mv -T "$PG_TEST_DIR/kept" "$kept" 2>/dev/null || rm -rf "$PG_TEST_DIR/kept"
}

# pg_start [SETTING...]: a private cluster on a Unix socket, and the environment that points libpq,
# psql and partdemo at it. A SETTING is a line of postgresql.conf.
pg_start() {
    clean_env
    PG_TEST_BIN=$(pg_bin)
    PG_TEST_DIR=$(scratch pg)
    export PG_TEST_BIN PG_TEST_DIR
    local data=$PG_TEST_DIR/data log=$PG_TEST_DIR/log
    ((EUID != 0)) || chown postgres: "$PG_TEST_DIR"
    make_cluster "$data" || return
    printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$PG_TEST_DIR'" \
        "fsync = off" "synchronous_commit = off" "full_page_writes = off" \
        "shared_buffers = 64MB" "max_locks_per_transaction = 256" "timezone = 'UTC'" "$@" \
        >>"$data/postgresql.conf"
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$data" -l "$log" -w -t 60 -s start >/dev/null 2>&1 || {
        cat "$log" >&2
        return 1
    }
    export PGHOST=$PG_TEST_DIR PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
}

# pg_stop: safe to call when pg_start failed half-way, or twice.
pg_stop() {
    [[ -n ${PG_TEST_DIR:-} ]] || return 0
    drop_servers "$PG_TEST_DIR"
    unset PG_TEST_DIR
}

# sql [PSQL OPTION...] SQL: bare values, | between columns; fails at the first error.
sql() {
    psql -XAtq -v ON_ERROR_STOP=1 "${@:1:$#-1}" -c "${!#}"
}

# fresh_db NAME: an empty database, which the commands that follow use.
fresh_db() {
    psql -XAtq -v ON_ERROR_STOP=1 -d postgres -v name="$1" <<'SQL' || return
set client_min_messages = warning;
drop database if exists :"name" with (force);
create database :"name" template template0;
SQL
    export PGDATABASE=$1
}

partdemo() {
    "$PARTDEMO" "$@"
}

# run_partdemo ARG...: sets status, output (stdout) and stderr; never fails itself.
run_partdemo() {
    status=0
    partdemo "$@" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" </dev/null || status=$?
    output=$(<"$BATS_TEST_TMPDIR/stdout")
    stderr=$(<"$BATS_TEST_TMPDIR/stderr")
}

# private_start: an environment in which nothing names a server, with a state directory of its own:
# partdemo will start its private PostgreSQL there. Tests begin with `cd "$PRIVATE_DIR/work"`, an
# empty directory, so that no .env is found.
private_start() {
    clean_env
    PRIVATE_DIR=$(scratch pd)
    export PRIVATE_DIR PARTDEMO_STATE=$PRIVATE_DIR/state
    mkdir "$PRIVATE_DIR/work"
}

# private_stop: stops what partdemo started there, also when partdemo itself could not.
private_stop() {
    [[ -n ${PRIVATE_DIR:-} ]] || return 0
    drop_servers "$PRIVATE_DIR"
    unset PRIVATE_DIR
}

# ---- what the whole flows of tests/e2e use -----------------------------------------------------

# is EXPECTED SQL: the result, rows joined by newlines, equals EXPECTED.
is() {
    local got
    got=$(sql "$2") || return
    [[ $got == "$1" ]] && return
    diff <(echo "$1") <(echo "$got") | sed 's/^</expected:/; s/^>/got:     /' >&2
    return 1
}

# refused SQLSTATE SQL: the statement fails with this SQLSTATE.
refused() {
    local out
    out=$(psql -XAtq -v ON_ERROR_STOP=1 -v VERBOSITY=sqlstate -c "$2" 2>&1 >/dev/null) && {
        echo "expected $1, but it succeeded: $2" >&2
        return 1
    }
    [[ $out == *"ERROR:  $1"* ]] || {
        echo "expected $1, got: $out" >&2
        return 1
    }
}

# has TEXT PART...: the text has each part in it.
has() {
    local part
    for part in "${@:2}"; do
        [[ $1 == *"$part"* ]] || {
            printf 'not found: %s\nin: %s\n' "$part" "$1" >&2
            return 1
        }
    done
}

# exited CODE: run_partdemo ended with this code; shows what it said when not.
exited() {
    [[ $status == "$1" ]] && return
    printf 'expected exit code %s, got %s\nstdout: %s\nstderr: %s\n' \
        "$1" "$status" "$(tail -n 20 <<<"$output")" "$stderr" >&2
    return 1
}

# wait_for COMMAND...: until it succeeds, 20 s at most.
wait_for() {
    local i
    for ((i = 0; i < 400; i++)); do
        if "$@" 2>/dev/null; then
            return
        fi
        sleep 0.05
    done
    echo "never came true: $*" >&2
    return 1
}

# sql_true SQL: the query gives t.
sql_true() {
    [[ $(sql "$1") == t ]]
}

# start_partdemo ARG...: in the background, its pid in PD_PID. `end_partdemo` waits for its end and
# sets status, output and stderr as run_partdemo does.
start_partdemo() {
    "$PARTDEMO" "$@" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" </dev/null 3>&- 4>&- &
    PD_PID=$!
}

end_partdemo() {
    status=0
    wait "$PD_PID" || status=$?
    output=$(<"$BATS_TEST_TMPDIR/stdout")
    stderr=$(<"$BATS_TEST_TMPDIR/stderr")
}

# fingerprint: one line for each catalog and each table, over every row with the transaction that
# wrote it and its place. Equal before and after: nothing was written, not even the same again. For
# clusters without autovacuum.
fingerprint() {
    local query
    query=$(sql "
        SELECT string_agg(format(
            'SELECT %L, count(*), md5(string_agg(line, '''' ORDER BY line))
             FROM (SELECT concat_ws('' '', t.ctid, t.xmin, %s) AS line FROM %s AS t) AS x',
            c.oid::regclass, CASE c.relkind WHEN 'S' THEN 'last_value, is_called' ELSE 't::text' END,
            c.oid::regclass), ' UNION ALL ')
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE (c.relkind IN ('r', 'S') AND n.nspname !~ '^(pg_|information_schema)') OR c.oid IN (
            'pg_class'::regclass, 'pg_attribute'::regclass, 'pg_attrdef'::regclass,
            'pg_index'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass,
            'pg_proc'::regclass, 'pg_type'::regclass, 'pg_depend'::regclass,
            'pg_inherits'::regclass, 'pg_partitioned_table'::regclass, 'pg_sequence'::regclass,
            'pg_description'::regclass, 'pg_namespace'::regclass, 'pg_statistic'::regclass)")
    sql "$query ORDER BY 1"
}

# catalog: every detail of what is defined in the database, one line each.
catalog() {
    psql -XAtq -v ON_ERROR_STOP=1 -f "$PARTDEMO_SOURCE/tests/db/fingerprint.sql"
}

# The four tables that the setup makes.
SETUP_TABLES=(event_logs users_distributed orders_by_region sales_data)

# setup_is_whole: four partitioned tables, four old ones with the same rows, nothing half done.
setup_is_whole() {
    local t
    is $'event_logs|4\norders_by_region|4\nsales_data|6\nusers_distributed|4' \
        "SELECT relname, (SELECT count(*) FROM pg_partition_tree(c.oid) WHERE isleaf)
         FROM pg_class AS c WHERE relkind = 'p' AND NOT relispartition ORDER BY 1" || return
    for t in "${SETUP_TABLES[@]}"; do
        is 0 "(SELECT count(*) FROM (TABLE $t EXCEPT ALL TABLE ${t}_old) AS x)" || return
        is 0 "(SELECT count(*) FROM (TABLE ${t}_old EXCEPT ALL TABLE $t) AS x)" || return
        is r "SELECT relkind FROM pg_class WHERE oid = '${t}_old'::regclass" || return
    done
    is 0 "SELECT count(*) FROM pg_class
          WHERE relname ~ '_partitioned' AND relnamespace <> 'pg_catalog'::regnamespace" || return
    is 0 "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
}

# table_counts: the rows of the four tables, on one line.
table_counts() {
    local t
    for t in "${SETUP_TABLES[@]}"; do
        sql "SELECT count(*) FROM $t"
    done | paste -sd' '
}

# setup_is_atomic: an interrupted setup left each table as it was, or wholly migrated.
setup_is_atomic() {
    is 0 "SELECT count(*) FROM unnest('{event_logs, users_distributed, orders_by_region, sales_data}'::text[]) AS t
          WHERE coalesce((SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(t)), false)
                <> (to_regclass(t || '_old') IS NOT NULL)" &&
        is 0 "SELECT count(*) FROM pg_class
              WHERE relname ~ '_partitioned' AND relnamespace <> 'pg_catalog'::regnamespace"
}
