#!/usr/bin/env bats
# Every command and option of the table (src/lua/options.lua, read here by its text alone) is in the
# help, in the man page and in each completion.

load ../lib
load helpers

TABLE=$PARTDEMO_SOURCE/src/lua/options.lua

setup() {
    nowhere
    cd "$BATS_TEST_TMPDIR" || return
}

# options_in FIRST LAST: "long short" of each visible option between two lines of the table.
options_in() {
    sed -n "/$1/,/$2/p" "$TABLE" | grep 'long = "' | grep -v 'hidden = true' |
        sed -E 's/.*long = "([^"]+)"(, short = "(.)")?.*/\1 \3/'
}

global_options() {
    options_in '^options\.global' '^}'
}

commands() {
    sed -n '/^options\.commands/,/^}/s/^    name = "\(.*\)",$/\1/p' "$TABLE"
}

# options_of COMMAND: its own ones.
options_of() {
    sed -n '/^options\.commands/,/^}/p' "$TABLE" | sed -n "/^    name = \"$1\",/,/^  },/p" |
        grep 'long = "' | grep -v 'hidden = true' |
        sed -E 's/.*long = "([^"]+)"(, short = "(.)")?.*/\1 \3/' || true
}

# choices_of COMMAND
choices_of() {
    sed -n '/^options\.commands/,/^}/p' "$TABLE" | sed -n "/^    name = \"$1\",/,/^  },/p" |
        sed -n 's/^    choices = { \(.*\) },$/\1/p' | tr -d '",'
}

# pairs_of NAME: the first words of the pairs of options.NAME, a pair a line.
pairs_of() {
    sed -n "/^options\.$1 = {/,/^}/p" "$TABLE" | tr '\n' ' ' | grep -oE '\{ +"[^"]+", +"' |
        sed -E 's/^\{ +"([^"]+)".*/\1/'
}

@test "the table is read as it should be" {
    (($(global_options | wc -l) >= 14 && $(commands | wc -l) >= 8))
    grep -qx "dsn d" < <(global_options)
    grep -qx "dry-run " < <(options_of run)
    [[ $(choices_of server) == "start status env stop destroy" ]]
    (($(pairs_of environment | wc -l) >= 8 && $(pairs_of exit_codes | wc -l) == 7 && $(pairs_of files | wc -l) >= 4))
}

@test "help names every command and every global option" {
    local name long short
    run_partdemo help
    for name in $(commands); do
        grep -qE "^  $name +[^ ]" <<<"$output" || wrong "help lacks $name"
    done
    while read -r long short; do
        grep -qE -- "^  ${short:+-$short, } *--$long " <<<"$output" || wrong "help lacks --$long"
    done < <(global_options)
}

@test "each command's help names its options and choices" {
    local name long short choice
    for name in $(commands); do
        run_partdemo help "$name"
        exits 0
        while read -r long short; do
            grep -qE -- "^  ${short:+-$short, } *--$long " <<<"$output" ||
                wrong "help $name lacks --$long"
        done < <(options_of "$name")
        for choice in $(choices_of "$name"); do
            prints "$choice"
        done
    done
}

@test "every option is taken where it belongs" {
    [[ -z ${PARTDEMO_GC_STRESS:-} ]] || skip "hundreds of starts, each like the others"
    local name long short
    for name in $(commands); do
        while read -r long short; do
            run_partdemo "$name" "--$long" --help
            never_shows "unknown option"
            [[ -z $short ]] || run_partdemo "$name" "-$short" --help
            never_shows "unknown option"
        done < <(options_of "$name" && global_options)
    done
}

@test "the man page names everything" {
    local name long short choice
    run_partdemo help --man
    exits 0
    local page=${output//\\/}
    for name in $(commands); do
        grep -qE "^\*${name}[ *]" <<<"$page" || wrong "the man page lacks $name"
        while read -r long short; do
            grep -qE -- "^\s*\*(-$short, )?--${long}[ *]" <<<"$page" || wrong "the man page lacks --$long"
        done < <(options_of "$name" && global_options)
    done
    while read -r name; do
        grep -qxF -- "*$name*" <<<"$page" || wrong "the man page lacks $name"
    done < <(pairs_of environment && pairs_of files && pairs_of exit_codes)
    for name in $(commands); do
        for choice in $(choices_of "$name"); do
            grep -qE "^\*$name .*\b$choice\b" <<<"$page" || wrong "the man page lacks $name $choice"
        done
    done
    for choice in text json auto always never; do
        grep -qE "^\s+.*: .*\b$choice\b" <<<"$page" || wrong "the man page lacks $choice"
    done
}

@test "the man page has its sections in the usual order" {
    run_partdemo help --man
    [[ $(sed -n 's/^# //p' <<<"$output" | paste -sd,) == \
        "NAME,SYNOPSIS,DESCRIPTION,COMMANDS,OPTIONS,ENVIRONMENT,FILES,EXIT STATUS,EXAMPLES,SEE ALSO" ]]
}

@test "scdoc accepts the man page" {
    partdemo help --man | scdoc >page.1
    grep -q '^\.SH EXIT STATUS' page.1
}

# completed WORD...: what bash offers for the last word, one per line.
completed() {
    bash -c '
        source completion.bash
        partdemo() { "$PARTDEMO" "$@"; }
        COMP_WORDS=(partdemo "$@") COMP_CWORD=$#
        _partdemo partdemo
        printf "%s\n" "${COMPREPLY[@]}"
    ' - "$@"
}

@test "bash completes every command, option and choice" {
    local name long short choice
    partdemo completion bash >completion.bash
    bash -n completion.bash
    completed "" >first
    for name in $(commands); do
        grep -qx "$name" first || { echo "no $name" >&2; return 1; }
        completed "$name" - >options
        while read -r long short; do
            grep -qx -- "--$long" options || { echo "no $name --$long" >&2; return 1; }
        done < <(options_of "$name" && global_options)
        completed "$name" "" >words
        for choice in $(choices_of "$name"); do
            grep -qx "$choice" words || { echo "no $name $choice" >&2; return 1; }
        done
    done
    [[ $(completed list --format "") == $'text\njson' ]]
    [[ $(completed list --color = a) == $'auto\nalways' ]]
    ! grep -qx -- --man < <(completed help -) || return 1
}

@test "bash completes scenarios, their parameters, mixes, files and folders" {
    partdemo completion bash >completion.bash
    mkdir folder
    touch flow.lua result.json
    [[ $(completed run se) == setup ]]
    [[ $(completed -q --host x run online/me) == online/merge ]]
    [[ $(completed describe online/sp) == online/split ]]
    [[ $(completed run flow) == flow.lua ]]
    grep -qx setup < <(completed run "")
    [[ $(completed run setup --ro) == $'--root\n--rows' ]]
    [[ $(completed run -p 5 setup --res) == --reset ]]
    grep -qx -- --partition < <(completed run online/split --)
    [[ -z $(completed run setup --partition) ]]
    [[ $(completed run split --under sta) == standard ]]
    [[ $(completed run split --under f) == flow.lua ]]
    [[ $(completed --root fo) == folder ]]
    [[ -z $(completed --root fl) ]]
    [[ $(completed explain -f flo) == flow.lua ]]
    [[ $(completed check flo) == flow.lua ]]
    [[ $(completed compare res) == result.json ]]
    [[ -z $(completed list "") && -z $(completed tree "") && -z $(completed run setup --seed "") ]]
}

@test "zsh completes every command, option and choice" {
    local name long short choice section
    partdemo completion zsh >_partdemo
    if command -v zsh >/dev/null; then zsh -n _partdemo; fi
    for name in $(commands); do
        grep -q "^    '$name:" _partdemo || { echo "no $name" >&2; return 1; }
        section=$(sed -n "/^  $name) _arguments/,/;;$/p" _partdemo)
        while read -r long short; do
            [[ $section == *"--${long}["* ]] || { echo "no $name --$long" >&2; return 1; }
        done < <(options_of "$name" && global_options)
        for choice in $(choices_of "$name"); do
            [[ ${section##*argument} == *"$choice"* ]] || { echo "no $name $choice" >&2; return 1; }
        done
    done
}

@test "fish completes every command, option and choice" {
    local name long short choice
    partdemo completion fish >partdemo.fish
    if command -v fish >/dev/null; then fish -n partdemo.fish; fi
    for name in $(commands); do
        grep -q -- "^complete -c partdemo -n 'not count [^']*' -a $name " partdemo.fish ||
            { echo "no $name" >&2; return 1; }
        while read -r long short; do
            grep -qE -- "__partdemo_command $name'${short:+ -s $short} -l $long( |$)" partdemo.fish ||
                { echo "no $name --$long" >&2; return 1; }
        done < <(options_of "$name")
        for choice in $(choices_of "$name"); do
            grep -qE -- "__partdemo_argument $name' -a '.*\b$choice\b" partdemo.fish ||
                { echo "no $name $choice" >&2; return 1; }
        done
    done
    while read -r long short; do
        grep -qE -- "^complete -c partdemo${short:+ -s $short} -l $long( |$)" partdemo.fish ||
            { echo "no --$long" >&2; return 1; }
    done < <(global_options)
}

# offered LINE: what fish offers at the end of a line; skips where there is no fish.
offered() {
    PATH=$(dirname "$PARTDEMO"):$PATH fish -c 'source partdemo.fish; complete -C $argv[1]' "$1" | cut -f1
}

@test "fish completes scenarios, their parameters and mixes" {
    command -v fish >/dev/null || skip "there is no fish"
    partdemo completion fish >partdemo.fish
    touch flow.lua
    [[ $(offered "partdemo run online/me") == online/merge ]]
    [[ $(offered "partdemo -q run setup --res") == --reset ]]
    [[ $(offered "partdemo run split --under stan") == standard ]]
    [[ $(offered "partdemo server st" | sort | paste -sd' ') == "start status stop" ]]
    [[ $(offered "partdemo check flo") == flow.lua ]]
    [[ -z $(offered "partdemo tree ") ]]
}
