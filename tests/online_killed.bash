# shellcheck shell=bash
# Online changes killed at one statement after the other, for e2e/online_killed.bats. Load it with `load ../online_killed`,
# after lib.bash and online.bash.

# Who is killed, and what then comes: the same command or the other one, which is --abort mostly.
WAYS=("partdemo goes_on" "backend-during other" "server goes_on" "partdemo other" "backend goes_on")

# at STATEMENT WHO ARG...: run_partdemo, with somebody killed at that statement (faults/kill_at.c).
at() {
    KILL_AT=$1 KILL_WHO=$2 LD_PRELOAD=$(dirname "$PARTDEMO")/tests/kill_at.so run_partdemo "${@:3}" -q
}

# victim TEMPLATE: a copy of that database, which the commands that follow use.
victim() {
    sql -d postgres "DROP DATABASE IF EXISTS victim WITH (FORCE)" 2>/dev/null
    sql -d postgres "CREATE DATABASE victim TEMPLATE $1"
    export PGDATABASE=victim
}

# two clients write, slowly, until `rest`.
write() {
    start_writers "$BATS_TEST_TMPDIR/writers.sql" -c 2 -R 150
}

no_writer() { sql_true "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'pgbench'"; }

rest() {
    kill "$WRITERS_PID" 2>/dev/null || true
    wait "$WRITERS_PID" 2>/dev/null || true
    WRITERS_PID=
    wait_for no_writer
}

# A backend whose partdemo was killed goes on to the end of its statement.
no_partdemo() { sql_true "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name ~ '^partdemo'"; }

server_answers() { sql -d postgres "SELECT" >/dev/null; }

# none_lost: every row is as the last write left it, wherever it is: a partition that is being detached is in no other table.
none_lost() {
    local wrong
    wrong=$(psql -XAtq -v ON_ERROR_STOP=1 <<'SQL'
SELECT CASE WHEN jan IS NULL AND kept IS NULL
                 OR EXISTS (SELECT FROM pg_inherits WHERE inhrelid = jan AND NOT inhdetachpending) THEN 't'
            ELSE format('(SELECT u, k, v FROM t UNION ALL SELECT u, k, v FROM %s) AS t', coalesce(jan, kept)) END AS place
  FROM (SELECT to_regclass('t_jan') AS jan, to_regclass('kept') AS kept) AS found
\gset
WITH t AS MATERIALIZED (SELECT u, k::text, v FROM :place), l AS MATERIALIZED (SELECT u, k, v FROM ledger WHERE NOT gone)
SELECT * FROM (TABLE t EXCEPT ALL TABLE l) AS x UNION ALL SELECT * FROM (TABLE l EXCEPT ALL TABLE t) AS x;
SQL
    ) || return
    [[ -z $wrong ]] || {
        printf 'rows that are not as they were left:\n%s\n' "$wrong" >&2
        return 1
    }
}

# killed WHO: what is so right after it: the end is known, and others read and write the table as before.
killed() {
    case $1 in
    partdemo*) exited 137 || return ;;
    server)
        wait_for server_answers || return
        rest
        write
        ;;
    esac
    # shellcheck disable=SC2154 # run_partdemo sets both
    if [[ $1 != partdemo* && $status != 0 ]]; then # the last statement can have ended before
        [[ $status == 3 ]] || exited 1 || return
        has "$stderr" "error:" || return
    fi
    "$PGBENCH" -n -t 10 -D client_id=2 -f "$BATS_TEST_TMPDIR/writers.sql" >"$BATS_TEST_TMPDIR/more.out" 2>&1 || {
        cat "$BATS_TEST_TMPDIR/more.out" >&2
        return 1
    }
    wait_for no_partdemo && none_lost
}

# ended WHO FILE: the writers met no error, no row is lost, and everything is defined as that file says.
ended() {
    rest || return
    if [[ $1 != server ]] && grep -i error "$BATS_TEST_TMPDIR/writers.out" >&2; then
        return 1
    fi
    none_lost && sound t && diff "$BATS_TEST_TMPDIR/$2" <(catalog) >&2
}

# goes_on WHO ARG...: the same command ends what was begun.
goes_on() {
    run_partdemo "${@:2}"
    exited 0 && ended "$1" after
}

# takes_back WHO ARG...: so does --abort; of what is in place already the same command is the end.
takes_back() {
    local phase back=$BACK
    phase=$(sql "SELECT phase FROM partdemo.runs" 2>/dev/null) || phase=none
    if [[ $phase == none ]] && diff -q "$BATS_TEST_TMPDIR/after" <(catalog) >/dev/null; then
        back=after
    fi
    run_partdemo "${@:2}" --abort
    if [[ $status == 4 && $phase =~ ^(swapped|validated|kept|proved)$ ]]; then
        has "$stderr" "ends the run" || return
        goes_on "$@"
    else
        exited 0 && ended "$1" "$back"
    fi
}

# begins_again WHO ARG...: of a command with --abort that was killed: without it the change is made, or refuses, which
# leaves it to --abort.
begins_again() {
    local -a words=("${@:2}")
    unset 'words[-1]'
    run_partdemo "${words[@]}"
    if [[ $status == 4 ]]; then
        has "$stderr" "--abort" && goes_on "$@"
    else
        exited 0 && ended "$1" changed
    fi
}

# sweep TEMPLATE KEY ARG...: the command is killed at one statement after the other, in copies of the database that nobody
# has worked on yet. KEY is an expression that makes a random key for the writers. The catalog that is to be there in the
# end is in files: before, after, of $BACK what --abort leaves, changed. OTHER: the other way to go on.
sweep() {
    local template=$1 key=$2 log=$BATS_TEST_TMPDIR/statements first last i n way who next failed=0 tried=0 step=251 BACK=${BACK:-before}
    local -a words=("${@:3}")
    writes t "$key" >"$BATS_TEST_TMPDIR/writers.sql"
    victim "$template"
    catalog >"$BATS_TEST_TMPDIR/before"
    KILL_LOG=$log at "" "" "${words[@]}"
    exited 0 || return
    catalog >"$BATS_TEST_TMPDIR/after"
    last=$(tail -n 1 "$log" | cut -d ' ' -f 1)
    [[ -n $last ]] || return # nothing was counted
    # Before this nothing is written; a command that finds a run has none.
    first=$(grep -n -m 1 "INSERT INTO partdemo.runs" "$log" | cut -d : -f 1)
    i=$((${first:-0} * ${#WAYS[@]} + $(sql "SELECT current_setting('server_version_num')::int / 10000") * 61 % step))
    [[ ${PARTDEMO_KILLS:-} != all ]] || i=0 step=1
    for (( ; i < last * ${#WAYS[@]}; i += step)); do
        tried=$((tried + 1)) n=$((i / ${#WAYS[@]} + 1)) way=${WAYS[i % ${#WAYS[@]}]}
        who=${way% *} next=${way#* }
        [[ $next != other ]] || next=${OTHER:-takes_back}
        victim "$template"
        write
        at "$n" "$who" "${words[@]}"
        if ! killed "$who" || ! "$next" "$who" "${words[@]}"; then
            echo "$who was killed at statement $n of $last, then '$next': $(sed -n "${n}p" "$log" | cut -c 1-200)" >&2
            failed=$((failed + 1))
        fi
        [[ ${PARTDEMO_KILLS:-} != all ]] || echo "# $n of $last: $way, $failed failed" >&3
    done
    ((failed == 0 && tried > 0))
}
