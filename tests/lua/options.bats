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

@test "the table is read as it should be" {
    (($(global_options | wc -l) >= 14 && $(commands | wc -l) >= 8))
    grep -qx "dsn d" < <(global_options)
    grep -qx "dry-run " < <(options_of run)
    [[ $(choices_of server) == "start status stop destroy" ]]
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
    local name long short
    run_partdemo help --man
    exits 0
    local page=${output//\\/}
    for name in $(commands); do
        grep -qE "^\*${name}[ *]" <<<"$page" || wrong "the man page lacks $name"
        while read -r long short; do
            grep -qE -- "^\s*\*(-$short, )?--${long}[ *]" <<<"$page" || wrong "the man page lacks --$long"
        done < <(options_of "$name" && global_options)
    done
    for name in 0 1 2 3 4 5 "130, 143"; do
        grep -qx "\*$name\*" <<<"$page" || wrong "the man page lacks exit status $name"
    done
    for name in POSTGRES_HOST PARTDEMO_ROOT PARTDEMO_STATE PARTDEMO_PG_BIN NO_COLOR; do
        grep -q "$name" <<<"$page" || wrong "the man page lacks $name"
    done
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
        _partdemo
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
    [[ $(completed run se) == setup ]]
    ! grep -qx -- --man < <(completed help -) || return 1
}

@test "zsh completes every command, option and choice" {
    local name long short choice section
    partdemo completion zsh >_partdemo
    if command -v zsh >/dev/null; then zsh -n _partdemo; fi
    for name in $(commands); do
        grep -q "^    '$name:" _partdemo || { echo "no $name" >&2; return 1; }
        section=$(sed -n "/^  $name) _arguments/,/;;$/p" _partdemo)
        while read -r long short; do
            [[ $section == *"'--${long}["* ]] || { echo "no $name --$long" >&2; return 1; }
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
        grep -q -- "__fish_use_subcommand -a $name " partdemo.fish || { echo "no $name" >&2; return 1; }
        while read -r long short; do
            grep -qE -- "subcommand_from $name'${short:+ -s $short} -l $long( |$)" partdemo.fish ||
                { echo "no $name --$long" >&2; return 1; }
        done < <(options_of "$name")
        for choice in $(choices_of "$name"); do
            grep -qE -- "subcommand_from $name' -a '.*\b$choice\b" partdemo.fish ||
                { echo "no $name $choice" >&2; return 1; }
        done
    done
    while read -r long short; do
        grep -qE -- "^complete -c partdemo${short:+ -s $short} -l $long( |$)" partdemo.fish ||
            { echo "no --$long" >&2; return 1; }
    done < <(global_options)
}
