# shellcheck shell=bash
# What the bats files of this folder share, after ../lib. No test here may reach a server.

# shellcheck disable=SC2034 # run_partdemo of ../lib sets what is read here
FIXTURES=$PARTDEMO_SOURCE/tests/lua/fixtures

# nowhere: everything that a connection needs, but nothing listens there: a test that connects after
# all, or starts a private server, ends with exit code 3 instead of the one that it expects.
nowhere() {
    clean_env
    export POSTGRES_HOST=127.0.0.1 POSTGRES_PORT=1 POSTGRES_DB=lab POSTGRES_USER=lab
    export PARTDEMO_STATE=$BATS_TEST_TMPDIR/state
    unset NO_COLOR CLICOLOR_FORCE COLUMNS
}

# no_server_named: what a machine without any setting has.
no_server_named() {
    nowhere
    unset POSTGRES_HOST POSTGRES_PORT POSTGRES_DB POSTGRES_USER
}

wrong() {
    printf '%s\n' "$@" "status: $status" "stdout: $output" "stderr: $stderr" >&2
    return 1
}

exits() {
    [[ $status == "$1" ]] || wrong "exit code $1 was expected"
}

# says TEXT...: each is on stderr.
says() {
    local text
    for text; do
        [[ $stderr == *"$text"* ]] || wrong "stderr lacks: $text" || return
    done
}

# prints TEXT...: each is on stdout.
prints() {
    local text
    for text; do
        [[ $output == *"$text"* ]] || wrong "stdout lacks: $text" || return
    done
}

# never_shows TEXT...: none is anywhere.
never_shows() {
    local text
    for text; do
        [[ $output$stderr != *"$text"* ]] || wrong "this is not to be shown: $text" || return
    done
}

# Each step of a helper ends with `|| return`: bash ignores `set -e` in a function that is called before || or &&.

# refused TEXT...: exit code 2, nothing on stdout, each text on stderr, and nothing was touched.
refused() {
    exits 2 || return
    [[ -z $output ]] || wrong "stdout is not empty" || return
    says "$@" || return
    never_shows "connection to server" || return
    [[ ! -e $PARTDEMO_STATE ]] || wrong "a state directory was made"
}

# connects: the command line was right, the next thing is the server, which is not there.
connects() {
    exits 3 || return
    says "connection to server at \"127.0.0.1\", port 1 failed"
}

# refused_as_it_says FILE...: `check` and `run` refuse each, with every line that its comments
# "-- expect: ..." hold.
refused_as_it_says() {
    local file line lines
    for file; do
        mapfile -t lines < <(sed -n 's/^-- expect: //p' "$file")
        ((${#lines[@]} > 0)) || { echo "$file expects nothing" >&2; return 1; }
        for line in check run; do
            run_partdemo "$line" "$file"
            refused "${lines[@]}" || { echo "in partdemo $line $file" >&2; return 1; }
        done
    done
}

# start_looping ARG...: runs partdemo in the background until its scenario says that it loops; sets
# looping, its process id.
start_looping() {
    local i
    rm -f "$BATS_TEST_TMPDIR/stderr" # an earlier one says that it loops
    # File descriptor 3 is bats' own: it waits for whoever holds it.
    "$PARTDEMO" "$@" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" </dev/null 3>&- &
    looping=$!
    for ((i = 0; i < 400; i++)); do
        ! grep -qs looping "$BATS_TEST_TMPDIR/stderr" || return 0
        sleep 0.02
    done
    kill -KILL "$looping"
    echo "it never looped: $(<"$BATS_TEST_TMPDIR/stderr")" >&2
    return 1
}

# ended: waits up to 5 seconds for the end of what start_looping started; sets status, output, stderr.
ended() {
    local i
    status=late
    for ((i = 0; i < 250; i++)); do
        # Also true of a process that has ended: the shell has not been told yet.
        if [[ ! -e /proc/$looping/cmdline || -z $(tr -d '\0' <"/proc/$looping/cmdline") ]]; then
            status=0
            wait "$looping" || status=$?
            break
        fi
        sleep 0.02
    done
    [[ $status != late ]] || kill -KILL "$looping"
    output=$(<"$BATS_TEST_TMPDIR/stdout")
    stderr=$(<"$BATS_TEST_TMPDIR/stderr")
}

# valid_json TEXT: one JSON document with the version of the schema.
valid_json() {
    printf '%s' "$1" | node -e '
        const document = JSON.parse(require("fs").readFileSync(0, "utf8"));
        if (document.schema_version !== 1) process.exit(1);
    ' || { printf 'not the JSON that was expected: %s\n' "$1" >&2; return 1; }
}
