#!/usr/bin/env bats
# src/lua/meta describes the tables that people write, field for field as they are accepted, so that an editor completes
# what the program takes and nothing else.

load ../lib
load helpers

setup() { nowhere; }

# accepted: the fields of scenarios, steps, parameters, mixes and checks as the program's validators have them.
accepted() {
    run_partdemo check "$FIXTURES/accepted.lua"
    sed -n '/^.*FIELDS$/,/^END/{ /FIELDS$/d; /^END/d; p }' <<<"$stderr" | sed 's/^ *//'
}

# compare FOLDER: the meta files there with what is accepted.
compare() {
    accepted >"$BATS_TEST_TMPDIR/accepted"
    LUA_PATH="$PARTDEMO_SOURCE/scripts/lib/?.lua" \
        lua5.4 "$PARTDEMO_SOURCE/tests/lua/meta_tables.lua" "$1" <"$BATS_TEST_TMPDIR/accepted"
}

@test "every field that is accepted is described, and no other" {
    compare "$PARTDEMO_SOURCE/src/lua/meta"
    # The list is whole: one of each kind of table.
    grep -q '^Scenario summary required string$' "$BATS_TEST_TMPDIR/accepted"
    grep -q '^SqlStep lock_timeout optional duration$' "$BATS_TEST_TMPDIR/accepted"
    grep -q '^MixLedger key optional string$' "$BATS_TEST_TMPDIR/accepted"
    grep -q '^PartitionCheck \[1\] required string$' "$BATS_TEST_TMPDIR/accepted"
}

@test "a field too many, too few, of another type, without words: each is told" {
    local meta=$BATS_TEST_TMPDIR/meta
    cp -r "$PARTDEMO_SOURCE/src/lua/meta" "$meta"
    sed -i -E 's/^(---@field retry)\?/\1/; s/^---@field lock_timeout.*/---@field lock_timeouts? string  x/
        s/^(---@field confirm\? )string/\1integer/; s/^(---@field hint\? string).*/\1/' "$meta/partdemo.d.lua"
    run compare "$meta"
    [[ $status == 1 ]]
    has "$output" "SqlStep.retry is optional" "SqlStep.lock_timeout is accepted, but not described" \
        "SqlStep.lock_timeouts is described, but not accepted" \
        "SqlStep.confirm is a string, described as integer" "Scenario.hint has no description"
}

@test "the language server's settings name folders that are there" {
    run node -e '
        const settings = JSON.parse(require("fs").readFileSync(process.argv[1] + "/.luarc.json", "utf8"));
        if (settings["runtime.version"] !== "Lua 5.4") process.exit(1);
        for (const folder of settings["workspace.library"]) console.log(folder);
    ' "$PARTDEMO_SOURCE"
    [[ $status == 0 ]]
    [[ $output == src/lua/meta ]]
    [[ -e $PARTDEMO_SOURCE/$output/check.d.lua ]]
}

@test "every scenario and mix says what it is, for the editor" {
    local file
    for file in "$PARTDEMO_SOURCE"/scenarios/*.lua "$PARTDEMO_SOURCE"/scenarios/online/*.lua; do
        grep -qx -- '---@type partdemo.Scenario' "$file" || { echo "$file"; return 1; }
    done
    for file in "$PARTDEMO_SOURCE"/scenarios/mixes/*.lua; do
        grep -qx -- '---@type partdemo.Mix' "$file" || { echo "$file"; return 1; }
    done
}
