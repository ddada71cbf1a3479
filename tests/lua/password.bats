#!/usr/bin/env bats
# A password is nowhere to be seen: in no output, at no verbosity, in no error, and not in `ps`.

load ../lib
load helpers

SECRET=s3cretPa55word

setup() {
    no_server_named
    cd "$BATS_TEST_TMPDIR" || return
}

# hidden ARG...: runs it in every format and verbosity; whatever it says, the secret is not in it. While the collector
# is stressed, in one: what it says is the same, and each of 200 starts takes long.
hidden() {
    local more ways=("" -v "--format json" "-v --color always")
    [[ -z ${PARTDEMO_GC_STRESS:-} ]] || ways=(-v)
    for more in "${ways[@]}"; do
        # shellcheck disable=SC2086 # words
        run_partdemo "$@" $more
        [[ -n $output$stderr ]] || wrong "it said nothing at all"
        never_shows "$SECRET" || { echo "in partdemo $* $more" >&2; return 1; }
    done
}

@test "a password in .env" {
    printf '%s\n' POSTGRES_HOST=127.0.0.1 POSTGRES_PORT=1 POSTGRES_DB=lab POSTGRES_USER=lab \
        "POSTGRES_PASSWORD=$SECRET" >.env
    hidden env
    hidden run setup
    hidden server status
}

@test "a password in the environment" {
    export POSTGRES_HOST=127.0.0.1 POSTGRES_PORT=1 POSTGRES_DB=lab POSTGRES_USER=lab
    POSTGRES_PASSWORD=$SECRET hidden env
    POSTGRES_PASSWORD=$SECRET hidden run setup
    PGPASSWORD=$SECRET hidden env
    PGPASSWORD=$SECRET hidden run setup
}

@test "a password in --dsn, right or wrong" {
    local dsn
    for dsn in "postgresql://lab:$SECRET@127.0.0.1:1/lab" \
        "host=127.0.0.1 port=1 dbname=lab user=lab password=$SECRET" \
        "postgresql://127.0.0.1:1/lab?user=lab&password=$SECRET" \
        "host=127.0.0.1 pasword=$SECRET" "host=127.0.0.1 password='$SECRET" "password = $SECRET host" \
        "postgresql://lab:$SECRET@[127.0.0.1/lab" "postgresql://lab:$SECRET@127.0.0.1:x/lab" \
        "postgresql://lab:%zz$SECRET@127.0.0.1/lab" "postgresql://lab:$SECRET/more@127.0.0.1/lab" \
        "postgresql://lab@127.0.0.1/lab?passwrod=$SECRET" "$SECRET" "postgresql:/lab:$SECRET@h/d"; do
        hidden env --dsn "$dsn"
        hidden env "-d$dsn"
    done
    dsn=postgresql://lab:$SECRET@127.0.0.1:1/lab
    hidden run setup "--dsn=$dsn"
    hidden run setup -qd "$dsn"
    hidden run setup --dry-run -d "$dsn"
}

@test "a password in --dsn that comes with another mistake" {
    local dsn=postgresql://lab:$SECRET@127.0.0.1:1/lab
    hidden env --dns "$dsn"
    hidden env "--dns=$dsn"
    hidden run setup "--dns=$dsn"
    hidden run setup --dns "$dsn"
    hidden "--dsn=$dsn" --port x env
    hidden -d "$dsn" no_such_command
}

# command_line: the words of the running program, one per line, as ps reads them.
command_line() {
    tr '\0' '\n' <"/proc/$looping/cmdline"
}

@test "ps does not show the value of --dsn" {
    local words dsn=postgresql://lab:$SECRET@127.0.0.1:1/lab loop=$FIXTURES/endless/loop.lua
    # Each line: the words of a command line, SECRET among them.
    while read -r words; do
        # shellcheck disable=SC2086 # words
        start_looping ${words//DSN/$dsn}
        command_line >shown
        ps -o args= -p "$looping" >>shown || true
        kill -TERM "$looping"
        ended
        exits 143
        grep -qF endless/loop.lua shown || { echo "$words: not the command line" >&2; return 1; }
        ! grep -F "$SECRET" shown || { echo "$words: ps shows it" >&2; return 1; }
    done <<WORDS
check $loop --dsn DSN
check $loop --dsn=DSN
check $loop -d DSN
check $loop -dDSN
check $loop -qvd DSN
check $loop -qvdDSN
-d DSN check $loop
--dsn=DSN check $loop -v
-hd -d DSN check $loop
-d DSN --dsn DSN -dDSN check $loop
WORDS
}

@test "ps still shows everything else" {
    start_looping check "$FIXTURES/endless/loop.lua" --dsn host=x --seed 5 -q --host=h.example -p 77
    command_line >shown
    kill -TERM "$looping"
    ended
    printf '%s\n' "$PARTDEMO" check "$FIXTURES/endless/loop.lua" --dsn xxxxxx --seed 5 -q \
        --host=h.example -p 77 >expected
    diff expected shown
}

@test "the value arrives although it is no longer shown" {
    run_partdemo env --dsn "postgresql://lab:$SECRET@h.example:77/lab"
    exits 0
    prints "target: lab@h.example:77/lab"
}
