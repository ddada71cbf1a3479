#!/usr/bin/env bats
# What a scenario cannot do: reach outside, set globals, run for ever, take all memory.

load ../lib
load helpers

setup() {
    nowhere
    cd "$FIXTURES" || return
}

@test "globals, and what a scenario has no business with" {
    refused_as_it_says bad/sandbox_*.lua
}

@test "a scenario has the basic libraries, copies of them, and nothing else" {
    run_partdemo describe sandbox.lua
    exits 0
    prints "sandbox: Nothing is amiss"
    never_shows "finalizer"
}

@test "recursion of every kind ends with a message" {
    refused_as_it_says bad/limit_*.lua
}

# bounded ARG...: like run_partdemo, with little memory. The address sanitizer reserves terabytes of
# addresses, so there it is the sanitizer itself that refuses.
bounded() {
    if grep -q __asan_init "$PARTDEMO"; then
        export ASAN_OPTIONS=${ASAN_OPTIONS:-}:allocator_may_return_null=1:max_allocation_size_mb=64
    else
        ulimit -v 400000
    fi
    run_partdemo "$@"
}

@test "a string that grows until memory is out" {
    bounded check memory/string.lua
    refused "not enough memory"
}

@test "a table that grows until memory is out" {
    bounded check memory/table.lua
    refused "not enough memory"
}

@test "running out of memory again and again does no harm" {
    bounded check memory/again.lua
    exits 0
    prints "memory/again.lua: ok"
}

# stopped FILE: SIGINT and SIGTERM both stop it within a second or two, whatever it is doing.
stopped() {
    local signal begun
    for signal in INT:130 TERM:143; do
        start_looping check "$1"
        begun=$EPOCHREALTIME
        kill -s "${signal%:*}" "$looping"
        ended
        exits "${signal#*:}" || { echo "by SIG$signal" >&2; return 1; }
        [[ ${stderr##*looping$'\n'} == interrupted ]] || wrong "only 'interrupted' was expected"
        [[ -z $output ]] || wrong "stdout is not empty"
        ((${EPOCHREALTIME/./} - ${begun/./} < 3000000)) || wrong "it took too long"
    done
}

@test "a signal stops an endless loop" {
    stopped endless/loop.lua
}

@test "a signal stops a loop that catches every error" {
    stopped endless/pcall.lua
}

@test "a signal stops a loop inside coroutines" {
    stopped endless/coroutine.lua
    stopped endless/coroutines.lua
}

@test "a signal stops a loop inside a metamethod" {
    stopped endless/metamethod.lua
    stopped endless/close.lua
}

@test "a signal stops a loop that a C function calls" {
    stopped endless/callback.lua
}

@test "a signal stops a loop inside an error handler" {
    stopped endless/handler.lua
    stopped endless/handler_of_error.lua
}

@test "a signal stops a loop inside what was raised or returned" {
    stopped endless/tostring.lua
    stopped endless/validated.lua
}

@test "the third signal ends what nothing else can stop" {
    start_looping check endless/pattern.lua
    kill -INT "$looping"
    sleep 0.2 # two signals at once count as one
    kill -INT "$looping"
    sleep 0.2
    [[ -n $(tr -d '\0' <"/proc/$looping/cmdline") ]]
    kill -INT "$looping"
    ended
    exits 130
}

@test "list is stopped too, by a scenario that loops while it is loaded" {
    mkdir -p "$BATS_TEST_TMPDIR/root/scenarios"
    cp endless/pcall.lua "$BATS_TEST_TMPDIR/root/scenarios"
    start_looping list --root "$BATS_TEST_TMPDIR/root"
    kill -INT "$looping"
    ended
    exits 130
    [[ -z $output ]]
}
