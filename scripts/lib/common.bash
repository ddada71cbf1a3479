# shellcheck shell=bash
# What the scripts share. Sourced, never run.

# shellcheck disable=SC2034 # used by the scripts that source this file
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
logs=$root/build/logs
# shellcheck source=scripts/lib/stop.bash
source "$root/scripts/lib/stop.bash"
# shellcheck source=scripts/lib/scratch.bash
source "$root/scripts/lib/scratch.bash"

# npm shall trust what the system trusts, whichever Node.js it runs on.
if [[ -z ${NODE_EXTRA_CA_CERTS:-} && -r /etc/ssl/certs/ca-certificates.crt ]]; then
    export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
fi

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }

die() {
    warn "${0##*/}: $*"
    exit 1
}

now_ms() {
    local t=${EPOCHREALTIME/[.,]/}
    printf '%s' "$((t / 1000))"
}

# seconds START_MS: the time since then, as "12.3 s".
seconds() {
    local ms=$(($(now_ms) - $1))
    printf '%d.%d s' "$((ms / 1000))" "$((ms % 1000 / 100))"
}

# phase NAME COMMAND...: announces NAME, runs the command with its output in a log, ends the line
# with the time. The log's end is shown when the command fails, whose status is then returned.
# phase_log holds the log's path afterwards.
phase() {
    local name=$1 start status=0
    shift
    mkdir -p "$logs"
    phase_log=$logs/${name//[^A-Za-z0-9._-]/-}.log
    start=$(now_ms)
    printf '%-44s ' "$name ..."
    "$@" >"$phase_log" 2>&1 </dev/null || status=$?
    if ((status == 0)); then
        say "ok      $(seconds "$start")"
        return 0
    fi
    say "FAILED  $(seconds "$start")"
    say "--- $phase_log (its end)"
    tail -n 400 "$phase_log"
    say "---"
    return "$status"
}

# build PRESET [CMAKE OPTION...]
build() {
    local preset=$1
    shift
    (cd "$root" && cmake --preset "$preset" "$@" &&
        cmake --build --preset "$preset" --parallel "$(nproc)")
}

# build_program PRESET [CMAKE OPTION...]: partdemo alone, without the unit tests.
build_program() {
    local preset=$1
    shift
    (cd "$root" && cmake --preset "$preset" "$@" &&
        cmake --build --preset "$preset" --parallel "$(nproc)" --target partdemo)
}

# own_scratch: makes the directory in which the tests of this run start their servers, unless a
# caller made one, and has it emptied and removed at the end of the script, however that comes.
own_scratch() {
    if [[ -n ${PARTDEMO_TEST_TMP:-} ]]; then
        return
    fi
    PARTDEMO_TEST_TMP=$(make_scratch pdtest)
    export PARTDEMO_TEST_TMP
    trap drop_scratch EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
}

drop_scratch() {
    trap '' INT TERM HUP
    drop_servers "$PARTDEMO_TEST_TMP"
}

# No server, no configuration and no state of the caller may leak into a run.
forget_servers() {
    local name
    for name in "${!PG@}" "${!POSTGRES_@}"; do
        unset "$name"
    done
    unset PARTDEMO_DSN
}

# count_tests LOG: adds the last ctest summary in LOG to passed and failed, and to the numbers of
# this run alone, run_passed and run_failed.
count_tests() {
    local line
    run_passed=0 run_failed=0
    line=$(grep -E '^[0-9]+% tests passed, [0-9]+ tests failed out of [0-9]+' "$1" | tail -n 1) || true
    if [[ $line =~ ([0-9]+)\ tests\ failed\ out\ of\ ([0-9]+) ]]; then
        run_failed=${BASH_REMATCH[1]}
        run_passed=$((BASH_REMATCH[2] - run_failed))
    fi
    passed=$((${passed:-0} + run_passed))
    failed=$((${failed:-0} + run_failed))
}

# run_ctest PRESET LABEL_REGEX[-WITHOUT] [VAR=VALUE...]: the tests with such a label, those with the label WITHOUT
# left out. A run without a test counts as failed. One more at a time than processors: many tests wait.
run_ctest() {
    local preset=$1 labels=${2%-*} without=''
    [[ $2 != *-* ]] || without=${2#*-}
    shift 2
    env TMPDIR="$PARTDEMO_TEST_TMP" "$@" ctest --test-dir "$root/build/$preset" --label-regex "^($labels)\$" \
        --label-exclude "^(${without:-none})\$" --no-tests=error --parallel "$(($(nproc) + 1))" \
        --output-on-failure
}
