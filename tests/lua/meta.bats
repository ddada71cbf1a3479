#!/usr/bin/env bats
# src/lua/meta describes the whole Lua API: every function of every module, and nothing that is not there.

load ../lib

# described MODULE: the names of the fields and functions in its meta file.
described() {
    sed -nE 's/^function [a-z_]+\.([a-zA-Z0-9_]+)\(.*/\1/p; s/^[a-z_]+\.([a-zA-Z0-9_]+) = .*/\1/p' \
        "$PARTDEMO_SOURCE/src/lua/meta/$1.d.lua" | sort
}

# modules: the names of all that can be required.
modules() {
    {
        sed -nE 's/.*"partdemo\.([a-z_]+)", luaopen.*/\1/p' "$PARTDEMO_SOURCE/src/bind/modules.c"
        find "$PARTDEMO_SOURCE/src/lua" -maxdepth 1 -name '*.lua' -exec basename {} .lua \;
    } | sort
}

@test "every module has a meta file of its name, and no other one has" {
    diff <(modules) <(sed -nsE 's/^---@meta partdemo\.([a-z_]+)$/\1/p' \
        "$PARTDEMO_SOURCE"/src/lua/meta/*.d.lua | sort)
}

@test "every function and field of every module is described, and no other" {
    local module
    modules | sed -E 's/(.*)/  "\1",/' | cat <(echo 'local modules = {') - <(
        cat <<'LUA'
}
local lines = {}
for _, module in ipairs(modules) do
  for name in pairs(require("partdemo." .. module)) do
    lines[#lines + 1] = "FIELD " .. module .. " " .. name .. " "
  end
end
error(table.concat(lines, "\n"), 0)
LUA
    ) >"$BATS_TEST_TMPDIR/fields.lua"
    run_partdemo check "$BATS_TEST_TMPDIR/fields.lua"
    for module in $(modules); do
        sed -nE "s/.*FIELD $module ([^ ]*) .*/\1/p" <<<"$stderr" | sort >"$BATS_TEST_TMPDIR/have"
        [[ -s $BATS_TEST_TMPDIR/have ]]
        echo "$module"
        diff "$BATS_TEST_TMPDIR/have" <(described "$module")
    done
}

# methods MODULE: those of C are in tables called methods[]; those of Lua are functions of a table methods.
methods() {
    local lua=$PARTDEMO_SOURCE/src/lua/$1.lua
    {
        find "$PARTDEMO_SOURCE/src/bind" -name "$1*.c" -exec awk '
            /luaL_Reg ([a-z]+_)?methods\[\]/ { on = 1 } on { print } /};/ { on = 0 }' {} + |
            grep -oE '\{"[a-z0-9_]+"' | tr -d '{"'
        [[ ! -e $lua ]] || sed -nE 's/^function methods:([a-z0-9_]+)\(.*/\1/p' "$lua"
    } | sort -u
}

@test "every method is described, and no other" {
    local module
    for module in $(modules); do
        echo "$module"
        diff <(methods "$module") <(sed -nE 's/^function [A-Z][A-Za-z]*:([a-z0-9_]+)\(.*/\1/p' \
            "$PARTDEMO_SOURCE/src/lua/meta/$module.d.lua" | sort -u)
    done
    [[ $(methods conn) == *exec* && $(methods gen) == *random_price* && $(methods check) == *describe* ]]
}

@test "a meta file is Lua" {
    local file
    for file in "$PARTDEMO_SOURCE"/src/lua/meta/*.d.lua; do
        luac5.4 -p "$file"
    done
}
