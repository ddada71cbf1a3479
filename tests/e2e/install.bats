#!/usr/bin/env bats
# `cmake --install`: the installed program stands alone.

load ../lib

setup_file() {
    clean_env
    PREFIX=$(scratch inst)
    export PREFIX
    cmake --install "$(dirname "$PARTDEMO")" --prefix "$PREFIX" >"$PREFIX/log" || {
        cat "$PREFIX/log"
        return 1
    }
}

teardown_file() {
    rm -rf "${PREFIX:?}"
}

setup() {
    cd /
    PARTDEMO=$PREFIX/bin/partdemo
}

@test "every scenario and SQL file is installed" {
    diff -r "$PARTDEMO_SOURCE/scenarios" "$PREFIX/share/partdemo/scenarios"
    diff -r "$PARTDEMO_SOURCE/sql" "$PREFIX/share/partdemo/sql"
}

@test "scenarios are found beside the program, before the source tree's" {
    printf '%s\n' 'return { summary = "Only installed", steps = {} }' \
        >"$PREFIX/share/partdemo/scenarios/only_installed.lua"
    run_partdemo describe only_installed
    rm "$PREFIX/share/partdemo/scenarios/only_installed.lua"
    [[ $status == 0 ]]
    [[ $output == *"Only installed"* ]]
}

@test "the man page has its sections and every command" {
    local page=$PREFIX/share/man/man1/partdemo.1 command
    head -n 20 "$page" | grep -q '^\.TH "partdemo" "1"'
    for section in NAME SYNOPSIS; do
        grep -q "^\.SH $section\$" "$page"
    done
    for command in run server completion; do
        grep -q "$command" "$page"
    done
}

@test "bash completes the commands" {
    # shellcheck disable=SC2016 # for the inner shell
    run bash -c '
        source "$1" || exit
        complete -p partdemo | grep -q -- " -F " || exit
        COMP_WORDS=(partdemo ser) COMP_CWORD=1 COMP_LINE="partdemo ser" COMP_POINT=12
        $(complete -p partdemo | sed "s/.* -F \([^ ]*\).*/\1/") partdemo ser partdemo
        printf "%s\n" "${COMPREPLY[@]}"
    ' - "$PREFIX/share/bash-completion/completions/partdemo"
    [[ $status == 0 ]]
    [[ ${output%% } == server ]]
}

@test "the zsh and fish completions name the program" {
    grep -q '^#compdef partdemo' "$PREFIX/share/zsh/site-functions/_partdemo"
    grep -q 'complete -c partdemo' "$PREFIX/share/fish/vendor_completions.d/partdemo.fish"
}
