#!/usr/bin/env bats
# Servers that cannot be used, and which of several named ones is used. Never the private server
# instead, never a password in any output.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    pg_start "autovacuum = off" "password_encryption = 'scram-sha-256'"
    export E2E_WORK=$PG_TEST_DIR/work PARTDEMO_STATE=$PG_TEST_DIR/private
    mkdir "$E2E_WORK"
    sql "CREATE ROLE secretive LOGIN SUPERUSER PASSWORD 'Pa55word';
         CREATE ROLE reader LOGIN; ALTER ROLE reader SET default_transaction_read_only = on;
         CREATE ROLE boss LOGIN SUPERUSER"
    for name in one two three; do
        sql "CREATE DATABASE $name"
    done
    sed -i '1i local all secretive scram-sha-256' "$PG_TEST_DIR/data/pg_hba.conf"
    sql "SELECT pg_reload_conf()"
    cat >"$PG_TEST_DIR/who.lua" <<'LUA'
return {
  summary = "Say where we are",
  steps = {
    function(ctx)
      local row = ctx.conn:exec("SELECT current_database() AS db, current_user AS who")[1]
      print(("at %s as %s"):format(row.db, row.who))
    end,
  },
}
LUA
}

teardown_file() {
    pg_stop
}

setup() {
    cd "$E2E_WORK" || return
    rm -f .env
    HELPER=
}

teardown() {
    [[ -z $HELPER ]] || kill "$HELPER" 2>/dev/null || true
    # Nothing here may ever start a private server.
    [[ ! -e $PARTDEMO_STATE ]]
}

# one_error CODE: the exit code, one line that begins with "error:", no traceback, no password.
one_error() {
    exited "$1" || return
    [[ $(grep -c '^error: ' <<<"$stderr") == 1 ]] || return
    [[ $stderr$output != *traceback* && $stderr$output != *Pa55word* && $stderr$output != *wr0ng* ]] || return
    [[ -z $output ]]
}

# serve SCRIPT: node runs it until the test ends; returns when it printed a line, in SERVED.
serve() {
    node -e "$1" >"$BATS_TEST_TMPDIR/served" 2>&1 3>&- 4>&- &
    HELPER=$!
    wait_for test -s "$BATS_TEST_TMPDIR/served"
    SERVED=$(head -n 1 "$BATS_TEST_TMPDIR/served")
}

@test "a closed port: exit 3, says where it looked and who named it" {
    run_partdemo run setup -h 127.0.0.1 -p 1
    one_error 3
    has "$stderr" "127.0.0.1" "port 1 failed" "Connection refused" "Is the server running?"
    run_partdemo run setup -p 5433
    one_error 3
    has "$stderr" "$PGHOST/.s.PGSQL.5433" "No such file" "Is the server running?"
}

@test "a host that does not exist: exit 3" {
    run_partdemo run setup -h no-such-host.invalid
    one_error 3
    has "$stderr" "no-such-host.invalid"
}

@test "a wrong password and none: exit 3, the password is nowhere" {
    run_partdemo run setup -d "host=$PGHOST user=secretive password=wr0ngPa55"
    one_error 3
    has "$stderr" "password authentication failed" "secretive" "'partdemo env'"
    PGPASSWORD=wr0ng run_partdemo run setup -U secretive -h "$PGHOST"
    one_error 3
    run_partdemo run setup -U secretive -h "$PGHOST"
    one_error 3
    has "$stderr" "no password supplied"
    PGPASSWORD=Pa55word run_partdemo run "$PG_TEST_DIR/who.lua" -U secretive -h "$PGHOST" -v
    exited 0
    has "$output" "at postgres as secretive"
    [[ $output$stderr != *Pa55word* ]]
}

@test "the password is in no output of env, text or JSON" {
    printf '%s\n' "POSTGRES_HOST=$PGHOST" POSTGRES_DB=one POSTGRES_USER=secretive POSTGRES_PASSWORD=Pa55word >.env
    local words
    for words in "" "--format json" "-v"; do
        # shellcheck disable=SC2086
        run_partdemo env $words
        exited 0
        [[ $output$stderr != *Pa55word* ]]
    done
    run_partdemo env -d "postgresql://secretive:Pa55word@localhost/one"
    exited 0
    [[ $output$stderr != *Pa55word* ]]
    env -u PGHOST -u PGUSER -u PGDATABASE "$PARTDEMO" run "$PG_TEST_DIR/who.lua" >out
    has "$(<out)" "at one as secretive"
    rm out
}

@test "an unknown database, an unknown role: exit 3" {
    PGDATABASE=nowhere run_partdemo run setup
    one_error 3
    has "$stderr" '"nowhere" does not exist' "'partdemo env'"
    PGUSER=nobody_here run_partdemo run setup
    one_error 3
    has "$stderr" '"nobody_here" does not exist'
}

@test "a session that is read-only: exit 2, nothing touched" {
    local before
    export PGDATABASE=one
    before=$(fingerprint)
    PGUSER=reader run_partdemo run setup
    one_error 2
    has "$stderr" "default_transaction_read_only"
    PGOPTIONS='-c default_transaction_read_only=on' run_partdemo run setup
    one_error 2
    diff <(echo "$before") <(fingerprint)
}

@test "a standby: exit 2; what only reads works there and in a read-only session" {
    PGDATABASE=postgres sql "CREATE TABLE seen (id int) PARTITION BY LIST (id); CREATE TABLE seen_1 PARTITION OF seen FOR VALUES IN (1);
        CREATE TABLE seen_2 PARTITION OF seen FOR VALUES IN (2); INSERT INTO seen VALUES (1), (1), (2)"
    local dir=$PG_TEST_DIR/standby
    sql "CHECKPOINT"
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -m fast -w stop >/dev/null
    cp -a "$PG_TEST_DIR/data" "$dir"
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -l "$PG_TEST_DIR/log" -w start >/dev/null 2>&1
    as_pg touch "$dir/standby.signal"
    echo "port = 5434" >>"$dir/postgresql.conf"
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$dir" -l "$PG_TEST_DIR/log2" -w start >/dev/null 2>&1
    local command words=("tree seen" "tree --estimate seen" "stats seen" 'explain SELECT*FROM"seen"')
    for command in "${words[@]}"; do
        # shellcheck disable=SC2086 # words
        PGDATABASE=postgres run_partdemo $command -p 5434
        exited 0
        has "$output" "seen" "seen_1"
        # shellcheck disable=SC2086 # words
        PGDATABASE=postgres PGOPTIONS='-c default_transaction_read_only=on' run_partdemo $command
        exited 0
        has "$output" "seen" "seen_1"
    done
    run_partdemo run setup -p 5434
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$dir" -m immediate -w stop >/dev/null
    one_error 2
    has "$stderr" "standby" "Connect to the primary"
}

@test "a server that is too old: exit 2, names both versions" {
    mkdir -p "$BATS_TEST_TMPDIR/s"
    cat >"$BATS_TEST_TMPDIR/old.js" <<'JS'
const m = (type, body) => {
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const status = (k, v) => m("S", Buffer.from(`${k}\0${v}\0`));
let queries = 0;
require("net").createServer(s => {
  let started = false;
  s.on("error", () => {});
  s.on("data", d => {
    if (started) {
      if (d[0] === 0x51) console.log("query " + ++queries);
      return;
    }
    started = true;
    s.write(Buffer.concat([m("R", Buffer.alloc(4)), status("server_version", "13.22"),
      status("client_encoding", "UTF8"), status("standard_conforming_strings", "on"),
      m("K", Buffer.alloc(8)), m("Z", Buffer.from("I"))]));
  });
}).listen(process.env.OLD_DIR + "/.s.PGSQL.5432", () => console.log("listening"));
JS
    export OLD_DIR
    OLD_DIR=$(scratch old)
    serve "$(<"$BATS_TEST_TMPDIR/old.js")"
    run_partdemo run setup -h "$OLD_DIR"
    rm -rf "$OLD_DIR"
    one_error 2
    has "$stderr" "13.22" "14 or newer"
    run ! grep -q query "$BATS_TEST_TMPDIR/served"
}

@test "a host that never answers: connect_timeout ends it, exit 3" {
    serve 'const s = require("net").createServer(() => {}).listen(0, "127.0.0.1",
        () => console.log(s.address().port));'
    local begun=$SECONDS
    run_partdemo run setup -d "host=127.0.0.1 port=$SERVED connect_timeout=2"
    one_error 3
    has "$stderr" "127.0.0.1"
    ((SECONDS - begun >= 1 && SECONDS - begun <= 6))
}

@test "a host that never answers: Ctrl-C ends it, exit 130" {
    serve 'const s = require("net").createServer(() => {}).listen(0, "127.0.0.1",
        () => console.log(s.address().port));'
    start_partdemo run setup -d "host=127.0.0.1 port=$SERVED connect_timeout=60"
    sleep 0.5
    kill -INT "$PD_PID"
    end_partdemo
    exited 130
}

@test "a server that hangs up, and one that speaks another protocol: exit 3" {
    serve 'const s = require("net").createServer(c => c.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0,
        "127.0.0.1", () => console.log(s.address().port));'
    run_partdemo run setup -d "host=127.0.0.1 port=$SERVED sslmode=disable"
    one_error 3
}

@test "bad settings: exit 2 before anything is contacted, with the line and without the value" {
    printf '%s\n' "POSTGRES_HOST=$PGHOST" 'POSTGRES_DB="one' POSTGRES_PASSWORD=Pa55word >.env
    run_partdemo run setup
    exited 2
    has "$stderr" ".env line 2" "error:"
    [[ $stderr != *Pa55word* ]]
    rm .env
    run_partdemo run setup -p 70000
    exited 2
    has "$stderr" "port"
    local socket=$PGHOST
    unset PGHOST PGDATABASE PGUSER
    POSTGRES_HOST=$socket run_partdemo run setup
    exited 2
    has "$stderr" "POSTGRES_DB" "required"
}

# used [WORD...]: what env says, and what a connection with the same words finds, are this.
used() {
    local expected=$1
    shift
    run_partdemo env --format json "$@"
    exited 0
    [[ $(node -p 'const s = Object.fromEntries(JSON.parse(require("fs").readFileSync(process.argv[1]))
        .settings.filter(x => !x.ignored).map(x => [x.key, x.value])); `at ${s.dbname} as ${s.user}`' \
        "$BATS_TEST_TMPDIR/stdout") == "$expected" ]] || {
        echo "env: $output" >&2
        return 1
    }
    run_partdemo run "$PG_TEST_DIR/who.lua" "$@"
    exited 0
    has "$output" "$expected"
}

@test "what env shows is what is used: .env, environment, flags" {
    unset PGDATABASE PGUSER
    local socket=$PGHOST
    unset PGHOST
    printf '%s\n' "POSTGRES_HOST=$socket" POSTGRES_DB=one POSTGRES_USER=boss >.env
    used "at one as boss"
    POSTGRES_DB=two used "at two as boss"
    PGDATABASE=two used "at two as boss"
    PGDATABASE=two POSTGRES_DB=three used "at three as boss"
    POSTGRES_USER=boss used "at one as postgres" -U postgres
    POSTGRES_DB=two used "at three as boss" -d "dbname=three"
    used "at three as postgres" -d "postgresql://boss@/three" -U postgres
    POSTGRES_HOST=/nowhere used "at one as boss" -h "$socket"
}

@test "libpq's service and password files work" {
    unset PGDATABASE PGUSER
    printf '%s\n' '[lab]' "host=$PGHOST" dbname=two user=secretive >"$BATS_TEST_TMPDIR/services"
    printf '%s\n' '*:*:*:secretive:Pa55word' >"$BATS_TEST_TMPDIR/pgpass"
    chmod 600 "$BATS_TEST_TMPDIR/pgpass"
    unset PGHOST PGPORT
    export PGSERVICEFILE=$BATS_TEST_TMPDIR/services PGPASSFILE=$BATS_TEST_TMPDIR/pgpass PGSERVICE=lab
    run_partdemo run "$PG_TEST_DIR/who.lua"
    exited 0
    has "$output" "at two as secretive"
    [[ $output$stderr != *Pa55word* ]]
}
