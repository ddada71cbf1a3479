#!/usr/bin/env bats
# The private server: started by itself, shared, repaired. Asked of by psql over its own socket.

bats_require_minimum_version 1.5.0
load ../lib

setup() {
    private_start
    PARTDEMO_PG_BIN=$(pg_bin)
    export PARTDEMO_PG_BIN
    cd "$PRIVATE_DIR/work" || return
    PD_PID=
}

teardown() {
    cd /
    [[ -z $PD_PID ]] || kill -9 "$PD_PID" 2>/dev/null || true
    private_stop
}

# inside: the commands that follow see the private server as psql does.
inside() {
    export PGHOST=$PARTDEMO_STATE/run PGPORT=5432 PGUSER=postgres PGDATABASE=partitiondb
}

outside() { unset PGHOST PGPORT PGUSER PGDATABASE; }

postmaster() { head -n 1 "$PARTDEMO_STATE/data/postmaster.pid"; }

whole() {
    inside
    setup_is_whole && [[ $(table_counts) == "400 150 250 300" ]]
    local code=$?
    outside
    return $code
}

@test "nothing names a server: run starts one, the next run uses it, no network, mode 0700" {
    run_partdemo run setup -q
    exited 0
    run_partdemo run setup
    exited 0
    has "$output" "private PostgreSQL" "already done"
    [[ $stderr != *"started a private"* ]]
    local pid
    pid=$(postmaster)
    inside
    is '|partitiondb' "SELECT current_setting('listen_addresses'), current_database()"
    is "$(psql -XAtqc "SELECT '0700'")" "SELECT current_setting('unix_socket_permissions')"
    outside
    [[ $(stat -c %a "$PARTDEMO_STATE") == 700 ]]
    [[ $(postmaster) == "$pid" ]]
    whole
}

@test "the first run says on stderr that it started one, and how to stop it" {
    run_partdemo run setup
    exited 0
    has "$stderr" "started a private PostgreSQL" "$PARTDEMO_STATE" "partdemo server stop"
}

@test "status, stop, start, destroy: what they say and their exit codes" {
    run_partdemo server status
    exited 0
    has "$output" "absent: " "$PARTDEMO_STATE"
    [[ ! -e $PARTDEMO_STATE ]]
    run_partdemo server env
    exited 3
    has "$stderr" "not running" "partdemo server start"
    run_partdemo server stop
    exited 0
    has "$output" "was not running"
    run_partdemo server start
    exited 0
    has "$output" "created and started" "running: PostgreSQL" "psql -h $PARTDEMO_STATE/run"
    # The line is a command that works.
    [[ $(eval "$(sed -n 's/^connect: //p' <<<"$output") -XAtqc 'SELECT 6 * 7'") == 42 ]]
    # So is what `server env` prints, for psql and for partdemo.
    run_partdemo server env
    exited 0
    (
        eval "$output"
        [[ $(psql -XAtqc "SELECT current_database()") == partitiondb ]]
        run_partdemo tree event_logs
        has "$output$stderr" "event_logs"
    )
    run_partdemo server start
    exited 0
    has "$output" "was running already"
    run_partdemo server status --format json
    exited 0
    [[ $(node -p 'const d = JSON.parse(require("fs").readFileSync(process.argv[1]));
        [d.schema_version, d.status, d.state, d.pid, d.database, d.log].join(" ")' "$BATS_TEST_TMPDIR/stdout") == \
        "1 running $PARTDEMO_STATE $(postmaster) partitiondb $PARTDEMO_STATE/server.log" ]]
    run_partdemo server status
    has "$output" "log: $PARTDEMO_STATE/server.log"
    [[ -s $PARTDEMO_STATE/server.log ]]
    run_partdemo server stop
    exited 0
    has "$output" "stopped; its data is kept"
    run_partdemo server status
    exited 0
    has "$output" "stopped: " "log: $PARTDEMO_STATE/server.log"
    run_partdemo server destroy
    exited 2
    has "$stderr" "not confirmed" "--yes"
    [[ -d $PARTDEMO_STATE/data ]]
    run_partdemo server destroy --yes
    exited 0
    [[ ! -e $PARTDEMO_STATE ]]
    run_partdemo server destroy --yes
    exited 0
    has "$output" "no private server"
    run_partdemo server restart
    exited 2
}

@test "kill -9 of partdemo while it makes and starts the server: the next run repairs" {
    local delay
    for delay in 0.05 0.4 0.9 1.4; do
        start_partdemo run setup -q
        sleep "$delay"
        kill -9 "$PD_PID" 2>/dev/null || true
        end_partdemo
        run_partdemo run setup -q
        exited 0
        whole
        partdemo server destroy --yes >/dev/null
    done
}

@test "kill -9 of the postmaster, idle and in the middle of a run: the next run recovers" {
    partdemo run setup -q
    kill -9 "$(postmaster)"
    run_partdemo server status
    exited 0
    has "$output" "crashed"
    run_partdemo run setup -q
    exited 0
    has "$output" "already done"
    start_partdemo run setup -q --reset --yes --rows 200000
    sleep 0.4
    kill -9 "$(postmaster)"
    end_partdemo
    [[ $status != 0 ]]
    run_partdemo run setup -q --reset --yes
    exited 0
    whole
}

@test "two runs at once make one server; one works, the other waits and says already done" {
    start_partdemo run setup -q
    local second
    second=$("$PARTDEMO" run setup -q 2>/dev/null)
    end_partdemo
    exited 0
    [[ $(printf '%s\n' "$output" "$second" | sed 's/ in .*//' | sort) == \
        $'setup: already done, nothing was changed\nsetup: done' ]]
    [[ $(pgrep -fc "^[^ ]*postgres -D $PARTDEMO_STATE/data") == 1 ]]
    whole
}

@test "a path too long for a socket: exit 3, says what to set, makes nothing" {
    local long
    long=$PRIVATE_DIR/$(printf 'x%.0s' {1..100})
    PARTDEMO_STATE=$long run_partdemo run setup
    exited 3
    has "$stderr" "107" "PARTDEMO_STATE"
    [[ ! -e $long ]]
    run_partdemo run setup --state "$long"
    exited 3
}

@test "no server programs: exit 3, says what to install or set" {
    mkdir "$PRIVATE_DIR/empty"
    run_partdemo run setup --pg-bin "$PRIVATE_DIR/empty"
    exited 3
    has "$stderr" "$PRIVATE_DIR/empty" "--pg-bin" "PARTDEMO_PG_BIN"
    run_partdemo run setup --pg-bin "$PRIVATE_DIR/nothing"
    exited 3
    PARTDEMO_PG_BIN=$PRIVATE_DIR/empty run_partdemo server start
    exited 3
    [[ ! -e $PARTDEMO_STATE/data ]]
}

@test "somebody else's directory is not taken over" {
    mkdir "$PARTDEMO_STATE"
    echo precious >"$PARTDEMO_STATE/file"
    ((EUID != 0)) || chown -R postgres: "$PARTDEMO_STATE"
    run_partdemo run setup
    exited 3
    has "$stderr" "files that partdemo did not make"
    run_partdemo server destroy --yes
    [[ $(<"$PARTDEMO_STATE/file") == precious ]]
}

@test "an ordinary user, with a home and no state directory given" {
    ((EUID == 0)) || skip "needs root to become another user"
    mkdir "$PRIVATE_DIR/home"
    chown postgres: "$PRIVATE_DIR/home"
    local as=(setpriv --reuid postgres --regid postgres --clear-groups env -u PARTDEMO_STATE
        HOME="$PRIVATE_DIR/home" XDG_STATE_HOME= "$PARTDEMO")
    run "${as[@]}" run setup -q
    [[ $status == 0 ]]
    run --separate-stderr "${as[@]}" server status --format json
    [[ $status == 0 ]]
    [[ $(node -p 'JSON.parse(process.argv[1]).state' "$output") == "$PRIVATE_DIR/home/"* ]]
    run "${as[@]}" run setup -q
    [[ $output == "setup: already done, nothing was changed" ]]
    run "${as[@]}" server destroy --yes
    [[ $status == 0 ]]
}

@test "a working directory that the user, or the server's user, cannot read" {
    mkdir "$PRIVATE_DIR/closed"
    chmod 700 "$PRIVATE_DIR/closed"
    cd "$PRIVATE_DIR/closed"
    run_partdemo run setup -q
    exited 0
    ((EUID != 0)) || {
        mkdir "$PRIVATE_DIR/home"
        chown postgres: "$PRIVATE_DIR/home"
        run setpriv --reuid postgres --regid postgres --clear-groups env \
            PARTDEMO_STATE="$PRIVATE_DIR/home/s" HOME="$PRIVATE_DIR/home" "$PARTDEMO" run setup -q
        [[ $status == 0 ]]
    }
}
