#!/usr/bin/env bats
# Every scenario that is shipped loads and is valid, without a server.

load ../lib
load helpers

setup() {
    nowhere
    cd "$BATS_TEST_TMPDIR" || return
}

# The scenarios by name, without those that only others run: the files themselves, not what the program says.
shipped() {
    (cd "$PARTDEMO_SOURCE/scenarios" &&
        find . -name '*.lua' -not -path './lib/*' -not -path './mixes/*' -not -path './race/*' |
        sed 's|^\./||; s|\.lua$||' | LC_ALL=C sort)
}

@test "every shipped scenario is valid" {
    local name files=()
    for name in $(shipped) race/textbook; do
        files+=("$PARTDEMO_SOURCE/scenarios/$name.lua")
    done
    ((${#files[@]} > 0))
    run_partdemo check "${files[@]}"
    exits 0
    prints "${files[@]/%/: ok}"
    [[ -z $stderr ]]
}

@test "list has every shipped scenario, with its summary, and no module" {
    local name
    run_partdemo list
    exits 0
    for name in $(shipped); do
        grep -qE "^$name +[^ ]" <<<"$output" || wrong "list lacks $name"
    done
    never_shows "cannot be loaded" lib mixes
    run_partdemo list -q
    [[ $output == "$(shipped)" ]] || wrong "list -q differs from the files"
}

@test "describe shows every shipped scenario" {
    local name
    for name in $(shipped); do
        run_partdemo describe "$name"
        exits 0
        prints "$name: " "$PARTDEMO_SOURCE/scenarios/$name.lua"
        [[ -z $stderr ]]
    done
}

@test "describe shows parameters, steps with their files, and checks" {
    run_partdemo describe setup
    exits 0
    prints "--rows " "integer, default 0" "--reset " "boolean, default false" \
        "2. Drop the demo's tables  (00_drop_tables.sql)" "(04_composite_partitions.sql)" \
        "event_logs is partitioned by range (created_at)"
}

@test "describe leaves the place of a parameter that is empty, and says which are required" {
    run_partdemo describe online/detach
    exits 0
    prints "Copy its rows into \${archive}" "Compare \${partition} with \${archive}"
    grep -qE -- '^--table .* string, required$' <<<"$output" || wrong "--table is required"
    grep -qE -- '^--archive .* string, optional$' <<<"$output" || wrong "--archive is optional"
}

@test "every workload mix and module of the scenarios loads" {
    local file count=0
    for file in "$PARTDEMO_SOURCE"/scenarios/lib/*.lua "$PARTDEMO_SOURCE"/scenarios/mixes/*.lua; do
        [[ -e $file ]] || continue
        local module=${file#"$PARTDEMO_SOURCE/scenarios/"}
        module=${module%.lua}
        printf 'assert(type(require "%s") == "table")\nreturn { summary = "x", steps = {} }\n' \
            "${module//\//.}" >load.lua
        run_partdemo check load.lua
        exits 0
        count=$((count + 1))
    done
    ((count > 0))
}

@test "a scenario that cannot be loaded does not keep list from the others" {
    mkdir -p root/scenarios
    echo 'return { summary = "Sound", steps = {} }' >root/scenarios/sound.lua
    echo 'return {' >root/scenarios/broken.lua
    run_partdemo list --root root
    exits 0
    prints "sound     Sound" "broken    cannot be loaded: 'partdemo check' says why"
    PARTDEMO_ROOT=root run_partdemo list -q
    [[ $output == $'broken\nsound' ]]
}

@test "check goes through every file, and says how many are wrong" {
    cd "$FIXTURES"
    run_partdemo check params.lua bad/file_syntax.lua modules.lua bad/file_no_table.lua setup
    exits 2
    prints "params.lua: ok" "modules.lua: ok" "setup: ok"
    says "bad/file_syntax.lua:4:" "returns a table, this file returns number" \
        "2 files of 5 cannot be run"
}

@test "list gives valid JSON with every scenario in it" {
    run_partdemo list --format json
    exits 0
    valid_json "$output"
    [[ $(node -p 'JSON.parse(process.argv[1]).scenarios.map(s => s.name).join("\n")' "$output") == \
        "$(shipped)" ]] || wrong "the scenarios differ"
    [[ -z $stderr ]]
}

@test "a count of rows is one row or many" {
    printf '%s\n' 'local check = require "partdemo.check"' \
        'return { summary = "Counts", steps = {}, after = { check.rows "a", check.rows { "b", exactly = 2 } } }' >counts.lua
    run_partdemo describe counts.lua
    exits 0
    prints "a has at least 1 row"$'\n' "b has exactly 2 rows"
}
