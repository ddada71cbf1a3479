#!/usr/bin/env bats
# partdemo env: every setting, where it comes from, what wins, and what is wrong with it.

load ../lib
load helpers

setup() {
    no_server_named
    cd "$BATS_TEST_TMPDIR" || return
}

# dotenv LINE...: the .env of the working directory.
dotenv() {
    printf '%s\n' "$@" >.env
    chmod 600 .env
}

# setting KEY VALUE ORIGIN: a row of `partdemo env`.
setting() {
    grep -qE "^$1 +${2:+$2 +}$3\$" <<<"$output" || wrong "not so: $1 is '$2' from $3"
}

@test "without any setting: the private server, every setting from its default" {
    unset PARTDEMO_PG_BIN # the runs on other versions set it
    run_partdemo env
    exits 0
    prints "target: private PostgreSQL (absent) in $PARTDEMO_STATE"
    setting PARTDEMO_STATE "$PARTDEMO_STATE" "environment PARTDEMO_STATE"
    setting SIMULATOR_INTERVAL_MS 2000 default
    setting PARTDEMO_ROOT "" default
    setting PARTDEMO_PG_BIN "" default
    [[ -z $stderr && ! -e $PARTDEMO_STATE ]] || wrong "env left something or warned"
}

@test "from .env, with line numbers" {
    dotenv "# the lab" "POSTGRES_HOST=/run/lab" "export POSTGRES_PORT=5438" "" \
        "POSTGRES_DB='lab db'" 'POSTGRES_USER="lab"' SIMULATOR_INTERVAL_MS=1500
    run_partdemo env
    exits 0
    setting host /run/lab ".env line 2"
    setting port 5438 ".env line 3"
    setting dbname "lab db" ".env line 5"
    setting user lab ".env line 6"
    setting SIMULATOR_INTERVAL_MS 1500 ".env line 7"
}

@test "flags, environment, .env: who wins" {
    dotenv POSTGRES_HOST=/run/dotenv POSTGRES_PORT=1111 POSTGRES_DB=dotenv POSTGRES_USER=dotenv \
        SIMULATOR_INTERVAL_MS=1
    export POSTGRES_PORT=2222 PGUSER=pguser SIMULATOR_INTERVAL_MS=2
    run_partdemo env
    exits 0
    setting host /run/dotenv ".env line 1"
    setting port 2222 "environment POSTGRES_PORT"
    setting user pguser "environment PGUSER"
    setting SIMULATOR_INTERVAL_MS 2 "environment SIMULATOR_INTERVAL_MS"
    export POSTGRES_USER=posuser
    run_partdemo env
    setting user posuser "environment POSTGRES_USER"
    run_partdemo env -p 3333 -h /run/flag -U flag
    setting host /run/flag "flag --host"
    setting port 3333 "flag --port"
    setting user flag "flag --user"
    run_partdemo env -d "host=/run/dsn port=4444 user=dsn dbname=dsn"
    setting host /run/dsn --dsn
    setting port 4444 --dsn
    setting user dsn --dsn
    setting dbname dsn --dsn
    run_partdemo env -d "host=/run/dsn port=4444 user=dsn dbname=dsn" -p 3333
    setting port 3333 "flag --port"
    setting user dsn --dsn
}

@test "an empty variable is none" {
    dotenv POSTGRES_HOST=/run/dotenv POSTGRES_DB=lab POSTGRES_USER=lab
    POSTGRES_HOST='' run_partdemo env
    setting host /run/dotenv ".env line 1"
}

@test "what has no effect without a host is shown as such" {
    POSTGRES_PORT=5438 run_partdemo env
    exits 0
    setting port 5438 'environment POSTGRES_PORT \(not used: no host is named\)'
    prints "target: private PostgreSQL"
}

@test "every command that connects refuses wrong settings the same way" {
    local command
    dotenv POSTGRES_HOST=/run/lab
    for command in env "run setup" "run setup --dry-run" "server status"; do
        # shellcheck disable=SC2086 # words
        run_partdemo $command
        refused "POSTGRES_DB is required when POSTGRES_HOST names the server" \
            "POSTGRES_USER is required when POSTGRES_HOST names the server"
    done
}

@test "wrong lines of .env: each with its number, all at once, no value" {
    dotenv POSTGRES_HOST=/run/lab "POSTGRES PORT=s3cret" 'POSTGRES_USER="s3cret' "1X=s3cret" s3cret
    run_partdemo env
    refused ".env line 2: no '=' after the name" ".env line 3: the quote is not closed" \
        ".env line 4: the name may hold only letters" ".env line 5: "
    never_shows s3cret
}

@test "wrong values: where they are, no value" {
    dotenv POSTGRES_HOST=/run/lab POSTGRES_DB=lab POSTGRES_USER=lab POSTGRES_PORT=s3cret \
        SIMULATOR_INTERVAL_MS=s3cret
    run_partdemo env
    refused "POSTGRES_PORT (.env line 4) is not a port: a number from 1 to 65535" \
        "SIMULATOR_INTERVAL_MS (.env line 5) is not a number of milliseconds"
    never_shows s3cret
    POSTGRES_PORT=65536 SIMULATOR_INTERVAL_MS=-1s3cret run_partdemo run setup
    refused "POSTGRES_PORT (environment) is not a port" "SIMULATOR_INTERVAL_MS (environment) is not"
    never_shows s3cret
    dotenv
    run_partdemo env --port s3cret
    refused "port (flag --port) is not a port"
    never_shows s3cret
    run_partdemo env --host=
    refused "host (flag --host) is empty"
    run_partdemo env --dsn=
    refused "--dsn is empty"
}

@test "a name in .env that is nearly one of ours is remarked upon" {
    dotenv POSTGRES_HOST=/run/lab POSTGRES_DB=lab POSTGRES_USER=lab POSTGRES_PASWORD=s3cret \
        PARTDEMO_ZZZ=s3cret MY_OTHER_PROGRAM=1
    run_partdemo env
    exits 0
    says "warning: .env line 4: unknown name POSTGRES_PASWORD; did you mean POSTGRES_PASSWORD?" \
        "warning: .env line 5: unknown name PARTDEMO_ZZZ"
    never_shows s3cret MY_OTHER_PROGRAM
}

@test ".env that is a directory, or no text" {
    mkdir .env
    run_partdemo env
    refused ".env"
    rmdir .env
    printf 'POSTGRES_HOST=a\0b\n' >.env
    run_partdemo env
    refused ".env line 1"
}

# field KEY of each setting of the JSON document in output, as KEY=VALUE (ORIGIN).
json_settings() {
    node -e '
        const document = JSON.parse(require("fs").readFileSync(0, "utf8"));
        console.log(`private=${document.private} target=${document.target}`);
        for (const s of document.settings) console.log(`${s.key}=${s.value} (${s.origin}) ${s.ignored}`);
    ' <<<"$output"
}

@test "env as JSON" {
    dotenv POSTGRES_HOST=/run/lab POSTGRES_DB='"quoted \"name\""' POSTGRES_USER=lab \
        POSTGRES_PASSWORD=s3cret
    run_partdemo env --format json
    exits 0
    valid_json "$output"
    never_shows s3cret
    local settings
    settings=$(json_settings)
    grep -q '^private=false target=' <<<"$settings"
    grep -qxF 'host=/run/lab (.env line 1) false' <<<"$settings"
    grep -qxF 'dbname=quoted "name" (.env line 2) false' <<<"$settings"
    grep -qxF 'password=undefined (.env line 4) false' <<<"$settings"
    rm .env
    POSTGRES_USER=lab run_partdemo env --format json
    valid_json "$output"
    grep -q '^private=true target=private PostgreSQL' < <(json_settings)
    grep -qxF 'user=lab (environment POSTGRES_USER) true' < <(json_settings)
}

@test "server status as JSON" {
    run_partdemo server status --format json
    exits 0
    valid_json "$output"
    [[ $(node -p 'const d = JSON.parse(process.argv[1]); [d.status, d.state, d.port].join()' "$output") == \
        "absent,$PARTDEMO_STATE,"* ]] || wrong "not the status"
}
