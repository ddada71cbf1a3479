#!/usr/bin/env bats
# The command line: what it takes, what it refuses, and how it says so.

load ../lib
load helpers

setup() {
    nowhere
    cd "$FIXTURES" || return
}

@test "partdemo alone prints the short help on stderr, exit code 2" {
    local general
    general=$(partdemo help)
    run_partdemo
    exits 2
    [[ -z $output && $stderr == "$general" ]] || wrong "not the help on stderr"
}

@test "help in all its forms goes to stdout" {
    local words
    run_partdemo help
    exits 0
    prints "USAGE" "COMMANDS" "OPTIONS" "EXAMPLES"
    local general=$output
    run_partdemo --help
    [[ $status == 0 && $output == "$general" ]] || wrong "--help differs from help"
    local run
    run=$(partdemo help run)
    [[ $run == "partdemo run - "* ]]
    for words in "run --help" "--help run" "run setup --help"; do
        # shellcheck disable=SC2086 # words
        run_partdemo $words
        [[ $status == 0 && $output == "$run" ]] || wrong "$words differs from help run"
    done
}

@test "--version" {
    local version words
    version=$(sed -n 's/^project(partdemo.*VERSION \([0-9.]*\).*/\1/p' "$PARTDEMO_SOURCE/CMakeLists.txt")
    [[ -n $version ]]
    for words in --version "--version -v" "list --version"; do
        # shellcheck disable=SC2086 # words
        run_partdemo $words
        exits 0
        [[ $output == "partdemo $version" ]] || wrong "not the version"
    done
}

# usage_error ARG... -- TEXT...
usage_error() {
    local args=()
    while [[ $1 != -- ]]; do
        args+=("$1")
        shift
    done
    shift
    run_partdemo "${args[@]}"
    refused "$@" || { echo "in partdemo ${args[*]}" >&2; return 1; }
}

@test "unknown commands" {
    usage_error chekc -- "unknown command 'chekc', did you mean 'check'?" "'partdemo help' lists"
    usage_error zzz -- "unknown command 'zzz'"
    never_shows "did you mean"
    usage_error - -- "unknown command '-'"
    usage_error --quiet rnu setup -- "unknown command 'rnu', did you mean 'run'?"
    usage_error help rnu -- "unknown command 'rnu', did you mean 'run'?"
}

@test "a scenario's name in the place of a command" {
    local words
    for words in setup "setup --rows 5" "help setup" "help load" "online/split --host x"; do
        # shellcheck disable=SC2086 # words
        usage_error $words -- "unknown command '" \
            " is a scenario: 'partdemo run " "'partdemo describe " "' lists its options."
        never_shows "did you mean"
    done
    says "online/split is a scenario: 'partdemo run online/split' runs it"
    mkdir -p "$BATS_TEST_TMPDIR/root/scenarios"
    touch "$BATS_TEST_TMPDIR/root/scenarios/mine.lua"
    usage_error mine --root "$BATS_TEST_TMPDIR/root" -- "mine is a scenario"
    usage_error setup --root "$BATS_TEST_TMPDIR/root" -- "'partdemo help' lists the commands"
}

@test "unknown options" {
    usage_error --versoin -- "unknown option --versoin, did you mean '--version'?"
    usage_error list --formt json -- "unknown option --formt, did you mean '--format'?" \
        "'partdemo help list' shows"
    usage_error list -Z -- "unknown option -Z"
    usage_error list -qZ -- "unknown option -Z"
    usage_error list --mix -- "unknown option --mix, did you mean '--mixes'?"
    usage_error run params.lua --dry -- "has no option --dry, did you mean '--dry-run'?"
    usage_error list --yes -- "unknown option --yes"
    usage_error list --man -- "unknown option --man"
    usage_error run --rows 5 setup -- "unknown option --rows"
    usage_error list --zzz=s3cret -- "unknown option --zzz"
    never_shows s3cret
}

@test "values that are missing, not wanted or none of the choices" {
    usage_error list --color -- "--color needs a value: WHEN"
    usage_error list -h -- "--host needs a value: HOST"
    usage_error -h -- "--host needs a value: HOST" "-h is --host; --help is the help."
    usage_error list --host -- "'partdemo help list' shows how to use it."
    never_shows "-h is"
    usage_error -d -- "--dsn needs a value: CONNINFO"
    usage_error list --quiet=1 -- "--quiet takes no value"
    usage_error run params.lua --dry-run=yes -- "--dry-run takes no value"
    usage_error list --format xml -- "--format takes text, json"
    usage_error list --format= -- "--format takes text, json"
    usage_error list --color=alwys -- "--color takes auto, always, never, did you mean 'always'?"
}

@test "arguments that are missing or too many" {
    usage_error run -- "run needs the name of a scenario"
    usage_error describe -- "describe needs the name of one scenario"
    usage_error describe setup setup -- "describe needs the name of one scenario"
    usage_error check -- "check needs the path of a scenario or a mix"
    usage_error list x -- "list takes no argument"
    usage_error env x -- "env takes no argument"
    usage_error server -- "server takes one of start, status, env, stop, destroy"
    usage_error server strat -- "did you mean 'start'?"
    usage_error server start stop -- "server takes one of"
    usage_error completion -- "completion takes one of bash, zsh, fish"
    usage_error completion tcsh -- "completion takes one of"
    usage_error help run x -- "help takes the name of one command"
}

@test "scenarios by a wrong name, a wrong root" {
    usage_error run setpu -- "unknown scenario 'setpu', did you mean 'setup'?" "'partdemo list'"
    usage_error describe zzz -- "unknown scenario 'zzz'"
    never_shows "did you mean"
    usage_error run ../scenarios/setup -- "unknown scenario '../scenarios/setup'"
    usage_error list --root /no/such -- "/no/such holds no scenarios/ folder"
    PARTDEMO_ROOT=/no/such usage_error run setup -- "/no/such holds no scenarios/ folder"
}

@test "--name value, --name=value, -n value, -nvalue, -ab" {
    local words
    for words in "--format json" --format=json; do
        # shellcheck disable=SC2086 # words
        run_partdemo list $words
        exits 0
        [[ $output == "{"* ]] || wrong "$words was not understood"
    done
    for words in "--host h.example" --host=h.example "-h h.example" -hh.example "-qh h.example" \
        -vqhh.example; do
        # shellcheck disable=SC2086 # words
        run_partdemo env $words
        exits 0
        grep -qE '^host +h\.example +flag --host$' <<<"$output" || wrong "$words was not understood"
    done
    # The same after and before the command.
    run_partdemo -h h.example env
    grep -qE '^host +h\.example +flag --host$' <<<"$output"
}

@test "-qv is -q -v" {
    run_partdemo list -qv
    [[ $status == 0 && $output == "$(partdemo list --quiet --verbose)" ]]
    run_partdemo run params.lua word -qv
    connects
    says "stack traceback" # --verbose
}

@test "a scenario's parameters: what they take" {
    local words
    for words in "--rows 5" --rows=10 "--rows 6" --rows=6 "--rows 1_0" --ratio=0.5 "--ratio -1e3" \
        --reset --reset=on --reset=no --reset=true --reset=false "--time 500ms" "--time 2m" -y \
        "--pause 2m" "--pause never" --pause=0 \
        "--rows 6 --reset --ratio 1" "--two-words 3" --two_words=3; do
        # shellcheck disable=SC2086 # words
        run_partdemo run params.lua word $words
        connects || { echo "after $words" >&2; return 1; }
    done
    for words in "--word x" --word=x "--reset x" "x --reset"; do
        # shellcheck disable=SC2086 # words
        run_partdemo run params.lua $words
        connects || { echo "after $words" >&2; return 1; }
    done
}

@test "a scenario's parameters: what they do not take" {
    local run=(run params.lua word)
    usage_error "${run[@]}" --rows 4 -- "--rows is at least 5" "'partdemo describe params.lua' lists"
    usage_error "${run[@]}" --rows=11 -- "--rows is at most 10"
    usage_error "${run[@]}" --rows=-6 -- "--rows is at least 5"
    usage_error "${run[@]}" --rows x -- "--rows takes an integer"
    usage_error "${run[@]}" --rows 6.5 -- "--rows takes an integer"
    usage_error "${run[@]}" --rows= -- "--rows takes an integer"
    usage_error "${run[@]}" --rows 99999999999999999999 -- "--rows: the number is too large"
    usage_error "${run[@]}" --rows=-99999999999999999999 -- "--rows: the number is too large"
    usage_error "${run[@]}" --rate 5 -- "--rate is for --under" "'partdemo help run' shows how to use it."
    usage_error "${run[@]}" --rows -- "--rows needs a value"
    usage_error "${run[@]}" --rows --reset -- "--rows needs a value"
    usage_error "${run[@]}" --two-words x -- "--two-words takes an integer"
    usage_error "${run[@]}" --two-wrds 3 -- "did you mean '--two-words'?"
    usage_error "${run[@]}" --ratio x -- "--ratio takes a number"
    usage_error "${run[@]}" --ratio nan -- "--ratio takes a number"
    usage_error "${run[@]}" --ratio 1e999 -- "--ratio takes a number"
    usage_error "${run[@]}" --reset=maybe -- "--reset takes a boolean"
    usage_error "${run[@]}" --time 5 -- "--time takes a duration"
    usage_error "${run[@]}" --time 5x -- "--time takes a duration"
    usage_error "${run[@]}" --time never -- "--time takes a duration such as 500ms or 3s"
    usage_error "${run[@]}" --pause 5 -- "--pause takes a duration such as 500ms or 3s, or never or 0"
    usage_error "${run[@]}" --pause= -- "--pause takes a duration such as 500ms or 3s, or never or 0"
    usage_error run params.lua -- "params.lua needs --word"
    usage_error run params.lua --word -- "--word needs a value"
}

@test "a scenario's parameters: unknown ones, and arguments left over" {
    usage_error run params.lua word --row 6 -- "has no option --row, did you mean '--rows'?"
    usage_error run params.lua word --fromat json -- \
        "has no option --fromat, did you mean '--format'?"
    usage_error run params.lua word --dryrun -- "has no option --dryrun, did you mean '--dry-run'?"
    usage_error run params.lua word --zzz=s3cret -- "has no option --zzz"
    never_shows s3cret "did you mean"
    usage_error run params.lua word more -- "params.lua does not take the argument 'more'"
    usage_error run params.lua --word a b -- "params.lua does not take the argument 'b'"
    usage_error run setup more -- "setup does not take the argument 'more'"
    usage_error run setup --reset more -- "setup does not take the argument 'more'"
}

@test "a wrong seed" {
    usage_error run params.lua word --seed x -- "--seed takes an integer"
    usage_error run params.lua word --seed 1.5 -- "--seed takes an integer"
    run_partdemo run params.lua word --seed=-3
    connects
}

@test "the mixes are listed, with those that cannot be loaded" {
    mkdir -p "$BATS_TEST_TMPDIR/root/scenarios/mixes"
    run_partdemo list --mixes
    exits 0
    prints "MIX" "standard" "30 % events, 25 % users, 25 % orders, 20 % sales"
    [[ $output != *lifecycle* ]]
    run_partdemo list --mixes -q
    [[ $output == $(cd "$PARTDEMO_SOURCE/scenarios/mixes" && printf '%s\n' *.lua | sed 's/\.lua$//') ]]
    echo 'return {}' >"$BATS_TEST_TMPDIR/root/scenarios/mixes/broken.lua"
    run_partdemo list --mixes --root "$BATS_TEST_TMPDIR/root" --format json
    exits 0
    valid_json "$output"
    prints '"mixes"' '"broken"' "cannot be loaded"
}

@test "describe -q prints the options of a scenario, for the shells" {
    run_partdemo describe -q setup
    exits 0
    [[ $output == $'--rows INTEGER\n--reset' ]]
    run_partdemo describe -q split
    exits 0
    [[ -z $output ]]
}
