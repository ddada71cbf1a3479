#!/usr/bin/env bats
# Scenario files that cannot be read, compiled or understood: one clear message each, exit code 2,
# no connection. Each file under fixtures/bad says itself what is expected.

load ../lib
load helpers

setup() {
    nowhere
    cd "$FIXTURES" || return
}

@test "files that are no scenario" {
    refused_as_it_says bad/file_*.lua
}

@test "unknown fields and wrong types, all at once, each with its path" {
    refused_as_it_says bad/fields_*.lua
}

@test "names of scenarios, parameters and SQL files that are not there, SQL that is not whole" {
    refused_as_it_says bad/refs_*.lua
}

@test "modules that are missing, broken or in a circle" {
    refused_as_it_says bad/require_*.lua
}

@test "whatever a file raises becomes a message" {
    refused_as_it_says bad/raise_*.lua
}

@test "a trace names the user's files alone, and only where the message does not say it all" {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p lib partdemo
    printf '%s\n' 'local function inner() return nothing end' 'local s = inner()' 'return s' >partdemo/deep.lua
    run_partdemo check partdemo/deep.lua
    refused "partdemo/deep.lua:1: undefined variable 'nothing'" "partdemo/deep.lua:1: in function 'inner'" \
        "partdemo/deep.lua:2: in main chunk"
    never_shows sandbox.lua commands.lua cli.lua "[C]"
    echo 'error "no"' >lib/no.lua
    echo 'local no = require "lib.no"; return no' >requires.lua
    run_partdemo check requires.lua
    refused "lib/no.lua:1: no" "requires.lua:1: in main chunk"
    never_shows sandbox.lua
    echo 'retrun {}' >typo.lua
    run_partdemo check typo.lua
    refused "typo.lua:1:"
    never_shows DETAIL "in main chunk"
    printf '%s\n' 'local t = {}' 'return { summary = t.a.b }' >nil.lua
    run_partdemo run nil.lua
    refused "nil.lua:2: attempt to index"
    [[ $(wc -l <<<"$stderr") == 1 ]] || wrong "more than a line"
}

@test "a file that is missing" {
    local command
    for command in check run describe; do
        run_partdemo "$command" bad/no_such.lua
        refused "bad/no_such.lua: there is no such file"
    done
}

@test "a pipe that nobody writes to, and a device without an end, are not opened" {
    mkfifo "$BATS_TEST_TMPDIR/pipe.lua" "$BATS_TEST_TMPDIR/pipe.sql"
    ln -s /dev/zero "$BATS_TEST_TMPDIR/zero.lua"
    echo 'return { summary = "Pipe", steps = { { sql = "pipe.sql" } } }' >"$BATS_TEST_TMPDIR/sql.lua"
    local command
    partdemo() { timeout -k 1 10 "$PARTDEMO" "$@"; }
    for command in check run describe; do
        run_partdemo "$command" "$BATS_TEST_TMPDIR/pipe.lua"
        refused "pipe.lua: is not a regular file"
        run_partdemo "$command" "$BATS_TEST_TMPDIR/zero.lua"
        refused "zero.lua: is not a regular file"
        run_partdemo "$command" "$BATS_TEST_TMPDIR/sql.lua"
        refused "pipe.sql: is not a regular file"
    done
}

@test "a directory" {
    local command
    mkdir -p "$BATS_TEST_TMPDIR/folder.lua" "$BATS_TEST_TMPDIR/folder"
    for command in check run describe; do
        run_partdemo "$command" "$BATS_TEST_TMPDIR/folder.lua"
        refused "folder.lua: is a directory"
        run_partdemo "$command" "$BATS_TEST_TMPDIR/folder"
        refused "folder: is a directory, not a scenario"
    done
}

@test "a file that may not be read" {
    # As an ordinary user, whom modes keep out, with a copy of the program that this user reaches.
    local dir
    dir=$(scratch unread)
    mkdir "$dir/scenarios"
    cp "$PARTDEMO" "$dir/partdemo"
    cp params.lua "$dir/secret.lua"
    chmod 0 "$dir/secret.lua"
    PARTDEMO=pg_partdemo
    pg_partdemo() { as_pg env "ASAN_OPTIONS=${ASAN_OPTIONS:-}" "$dir/partdemo" "$@"; }
    run_partdemo check --root "$dir" "$dir/secret.lua"
    rm -rf "$dir"
    refused "secret.lua: Permission denied"
}

@test "compiled Lua" {
    # luac 5.4 made it of: return { summary = "Compiled", steps = {} }
    local bytes=''
    bytes+='\x1b\x4c\x75\x61\x54\x00\x19\x93\x0d\x0a\x1a\x0a\x04\x08\x08\x78\x56\x00\x00\x00'
    bytes+='\x00\x00\x00\x00\x00\x00\x00\x00\x28\x77\x40\x01\x80\x80\x80\x00\x01\x02\x89\x51'
    bytes+='\x00\x00\x00\x13\x00\x02\x00\x52\x00\x00\x00\x12\x80\x00\x01\x93\x00\x00\x00\x52'
    bytes+='\x00\x00\x00\x12\x00\x02\x01\x46\x00\x02\x01\x46\x00\x01\x01\x83\x04\x88\x73\x75'
    bytes+='\x6d\x6d\x61\x72\x79\x04\x89\x43\x6f\x6d\x70\x69\x6c\x65\x64\x04\x86\x73\x74\x65'
    bytes+='\x70\x73\x81\x01\x00\x00\x80\x80\x80\x80\x80'
    # shellcheck disable=SC2059 # the escapes are the data
    printf "$bytes" >"$BATS_TEST_TMPDIR/compiled.lua"
    run_partdemo check "$BATS_TEST_TMPDIR/compiled.lua"
    refused "compiled.lua: compiled Lua is not accepted, only text"
}

@test "an empty file" {
    : >"$BATS_TEST_TMPDIR/empty.lua"
    run_partdemo run "$BATS_TEST_TMPDIR/empty.lua"
    refused "a scenario returns a table, this file returns nil"
}

@test "a byte order mark and a first line for the shell are no mistake" {
    printf '\xef\xbb\xbf#!/usr/bin/env partdemo\nreturn { summary = "Marked", steps = {} }\n' \
        >"$BATS_TEST_TMPDIR/marked.lua"
    run_partdemo describe "$BATS_TEST_TMPDIR/marked.lua"
    exits 0
    prints "marked: Marked"
}

@test "an SQL file that is not UTF-8" {
    printf 'SELECT 1;\nSELECT E'"'"'\xff'"'"';\n' >"$BATS_TEST_TMPDIR/latin.sql"
    echo 'return { summary = "Latin", steps = { { sql = "latin.sql" } } }' >"$BATS_TEST_TMPDIR/latin.lua"
    run_partdemo check "$BATS_TEST_TMPDIR/latin.lua"
    refused "latin.sql:2: not UTF-8 text"
}

@test "modules of the program, beside the scenario and under scenarios/" {
    run_partdemo describe modules.lua
    exits 0
    prints "modules: Modules from everywhere"
}

@test "durations of every length, also those of minutes" {
    run_partdemo check durations.lua
    [[ $(head -n 8 <<<"$output") == $'0.41 ms\n12 ms\n3.20 s\n99.99 s\n1 min 40 s\n1 min 40 s\n2 min 5 s\n60 min 0 s' ]] ||
        { echo "$output" && return 1; }
}

@test "wrong arguments of the checks" {
    run_partdemo check checks.lua
    exits 0
    diff <(grep -v '^checks.lua' <<<"$output") checks.expected
}
