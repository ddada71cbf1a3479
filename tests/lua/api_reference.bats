#!/usr/bin/env bats
# docs/lua-api.md is what scripts/api-reference prints from src/lua/meta.

load ../lib
load helpers

setup() { nowhere; }

SCRIPT=$PARTDEMO_SOURCE/scripts/api-reference

@test "the page in docs is what the script prints" {
    "$SCRIPT" >"$BATS_TEST_TMPDIR/page"
    diff "$PARTDEMO_SOURCE/docs/lua-api.md" "$BATS_TEST_TMPDIR/page" || {
        echo "run: scripts/api-reference >docs/lua-api.md"
        return 1
    }
}

@test "everything public has a description" {
    run "$SCRIPT" --gaps
    echo "$output"
    [[ $status == 0 ]]
}

@test "what has no description is told" {
    mkdir -p "$BATS_TEST_TMPDIR/clone/src/lua"
    cp -r "$PARTDEMO_SOURCE/scripts" "$BATS_TEST_TMPDIR/clone"
    cp -r "$PARTDEMO_SOURCE/src/lua/meta" "$BATS_TEST_TMPDIR/clone/src/lua"
    sed -i '/^-- A uuid, version 4/d; s/^\(---@field columns? string\[\]\)  that an.*/\1/' \
        "$BATS_TEST_TMPDIR"/clone/src/lua/meta/{gen,mixfile}.d.lua
    run "$BATS_TEST_TMPDIR/clone/scripts/api-reference" --gaps
    [[ $status == 1 ]]
    [[ $output == $'partdemo.MixLedger.columns\ngen.uuid' ]]
}

@test "every check that a scenario can make stands there" {
    local name names
    cat >"$BATS_TEST_TMPDIR/names.lua" <<'LUA'
local names = {}
for name in pairs(require "partdemo.check") do
  names[#names + 1] = name
end
error("NAMES " .. table.concat(names, " ") .. " END", 0)
LUA
    run_partdemo check "$BATS_TEST_TMPDIR/names.lua"
    read -ra names < <(sed -nE 's/.*NAMES (.*) END.*/\1/p' <<<"$stderr")
    for name in "${names[@]}"; do
        case $name in fill_in | is | as_list) continue ;; esac
        grep -qx "### check\.$name" "$PARTDEMO_SOURCE/docs/lua-api.md" || { echo "$name"; return 1; }
    done
    [[ $stderr == *nothing_left* ]]
}

# examples: writes each Lua block of the page to a file of its own, $BATS_TEST_TMPDIR/N.txt.
examples() {
    awk -v folder="$BATS_TEST_TMPDIR" '
        /^```lua$/ { n++; on = 1; next }
        /^```$/ { on = 0 }
        on { print > (folder "/" n ".txt") }' "$PARTDEMO_SOURCE/docs/lua-api.md"
}

@test "the examples of checks, steps, mixes and generators are accepted" {
    local file first kind checks=0 steps=0 entries=0 generators=0
    examples
    echo 'SELECT 1' >"$BATS_TEST_TMPDIR/x.sql"
    for file in "$BATS_TEST_TMPDIR"/*.txt; do
        first=$(grep -vm1 '^local .*require\|^ *$' "$file" || true)
        kind=$(grep -om1 '\(sql\|copy\|load\|query\|run\|rehearse\|impacts\|check\|call\|weight\) = ' "$file" || true)
        {
            echo 'local check, gen = require "partdemo.check", require "partdemo.gen"'
            case $first in
            check.*)
                echo "return { summary = 'x', steps = {}, after = { $(<"$file") } }"
                ((checks += 1))
                ;;
            gen.*)
                echo "return { summary = 'x', steps = { { copy = 't', rows = 1, gen = gen.row { { 'c', $(<"$file") } } } } }"
                ((generators += 1))
                ;;
            '{'*)
                if [[ $(<"$file") == *weight\ =* ]]; then
                    echo "return { summary = 'x', $(<"$file") }" >"$BATS_TEST_TMPDIR/mix.lua"
                    sed -i '1i local gen = require "partdemo.gen"' "$BATS_TEST_TMPDIR/mix.lua"
                    echo "return { summary = 'x', steps = { { load = 'mix.lua' } } }"
                    ((entries += 1))
                else
                    echo "return { summary = 'x', params = {"
                    echo "{ name = 'rate', type = 'number', default = 1, help = 'x' } }, steps = {"
                    [[ $kind != impacts* ]] || echo "{ rehearse = 'split', as = 'textbook', under = 'standard' },
                        { rehearse = 'split', as = 'online', under = 'standard' },"
                    echo "$(<"$file") } }"
                    ((steps += 1))
                fi
                ;;
            *) echo 'return { summary = "x", steps = {} }' ;;
            esac
        } >"$BATS_TEST_TMPDIR/flow.lua"
        run_partdemo check "$BATS_TEST_TMPDIR/flow.lua"
        exits 0 || { cat "$BATS_TEST_TMPDIR/flow.lua"; return 1; }
    done
    echo "$checks checks, $steps steps, $entries entries, $generators generators"
    ((checks >= 20))
    ((steps == 9))
    ((entries == 2))
    ((generators >= 9))
}

@test "the whole scenario and the whole mix are accepted" {
    local file found=0
    examples
    for file in "$BATS_TEST_TMPDIR"/*.txt; do
        grep -q '^---@type' "$file" || continue
        cp "$file" "$BATS_TEST_TMPDIR/whole.lua"
        if grep -q 'partdemo.Mix$' "$file"; then
            echo 'return { summary = "x", steps = { { load = "whole.lua" } } }' >"$BATS_TEST_TMPDIR/flow.lua"
            run_partdemo check "$BATS_TEST_TMPDIR/flow.lua"
        else
            run_partdemo check "$BATS_TEST_TMPDIR/whole.lua"
        fi
        exits 0
        ((found += 1))
    done
    [[ $found == 2 ]]
}
