# shellcheck shell=bash
# What the benchmarks share: a server of their own, times, medians. Sourced, never run.

# shellcheck source=tests/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 2
}

# usage: the comment at the top of the script.
usage() {
    sed -n '2,/^set /{/^#/!d;s/^# \{0,1\}//;p}' "$0"
}

# whole_number OPTION VALUE: fails unless VALUE is a number of at least 1.
whole_number() {
    [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || die "$1 takes a whole number"
}

# bench_server [SETTING...]: a cluster with PostgreSQL's default settings, durable ones included, and
# the given ones; stopped and removed when the script ends.
bench_server() {
    [[ -x $PARTDEMO ]] || die "$PARTDEMO is not built (PARTDEMO names another one)"
    trap pg_stop EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    pg_start "fsync = on" "synchronous_commit = on" "full_page_writes = on" \
        "shared_buffers = 128MB" "$@"
    BENCH_DIR=$PG_TEST_DIR/bench
    mkdir "$BENCH_DIR"
    echo "server: PostgreSQL $(sql 'SHOW server_version'), default settings${*:+ but $*}, $(nproc) cores"
}

# shellcheck disable=SC2034 # elapsed is read by the scripts
# timed COMMAND...: sets elapsed to the milliseconds that it took, with three decimals. Its output
# goes to a log, which is shown when it fails.
timed() {
    local log=$BENCH_DIR/log begun=${EPOCHREALTIME/[.,]/} ended
    "$@" >"$log" 2>&1 </dev/null || {
        cat "$log" >&2
        die "failed: $*"
    }
    ended=${EPOCHREALTIME/[.,]/}
    printf -v elapsed '%d.%03d' "$(((ended - begun) / 1000))" "$(((ended - begun) % 1000))"
}

# median NUMBER...
median() {
    printf '%s\n' "$@" | sort -g |
        awk '{ v[NR] = $1 } END { printf "%.2f\n", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# ratio A B: A / B with two decimals.
ratio() {
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", a / b }'
}

# verdict VALUE LIMIT: "met" when VALUE is not above LIMIT, else "MISSED".
verdict() {
    awk -v v="$1" -v l="$2" 'BEGIN { print v <= l ? "met" : "MISSED" }'
}
