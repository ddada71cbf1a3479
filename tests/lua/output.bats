#!/usr/bin/env bats
# How things are written: failed writes, colours, widths, character sets.

load ../lib
load helpers

setup() {
    nowhere
    cd "$FIXTURES" || return
}

# to_full ARG..., to_closed ARG...: sets status and stderr.
to_full() {
    status=0 output=
    stderr=$(partdemo "$@" 2>&1 >/dev/full </dev/null) || status=$?
}

to_closed() {
    status=0 output=
    stderr=$(partdemo "$@" 2>&1 >&- </dev/null) || status=$?
}

@test "a full disk is told, exit code 1" {
    local words
    for words in --version help "help --man" "help run" list "list -q" "list --format json" \
        "list --help" "describe setup" "completion bash" "check params.lua" env \
        "env --format json"; do
        # shellcheck disable=SC2086 # words
        to_full $words
        exits 1 || { echo "after $words" >&2; return 1; }
        [[ $stderr == *"error: cannot write the output: No space left on device" ]] ||
            wrong "after $words"
    done
}

@test "a closed stdout is told, exit code 1" {
    local words
    for words in --version help list "list --format json" "describe setup" "check params.lua" env; do
        # shellcheck disable=SC2086 # words
        to_closed $words
        exits 1 || { echo "after $words" >&2; return 1; }
        [[ $stderr == *"error: cannot write the output: "* ]] || wrong "after $words"
    done
}

@test "a pipe whose reader has gone ends the program without a signal and without a word" {
    local code
    code=$(
        exec 4>&1
        {
            sleep 0.3 # until the reader has gone
            partdemo list 2>"$BATS_TEST_TMPDIR/stderr" || echo $? >&4
        } | true
    )
    [[ $code == 1 ]]
    [[ ! -s $BATS_TEST_TMPDIR/stderr ]]
}

@test "exit codes stay when stderr is full or closed" {
    status=0
    partdemo check bad/file_syntax.lua 2>/dev/full || status=$?
    [[ $status == 2 ]]
    status=0
    partdemo check bad/file_syntax.lua 2>&- || status=$?
    [[ $status == 2 ]]
}

ESC=$'\e['

# coloured ARG...: whether the error on stderr has a colour.
coloured() {
    run_partdemo check bad/file_syntax.lua "$@"
    [[ $status == 2 && $stderr == "${ESC}31merror:${ESC}0m bad/file_syntax.lua:4:"* ]]
}

plain() {
    run_partdemo check bad/file_syntax.lua "$@"
    [[ $status == 2 && $stderr == "error: bad/file_syntax.lua:4:"* && $stderr != *$'\e'* ]]
}

@test "colours: --color, then NO_COLOR, then CLICOLOR_FORCE, and none in a file" {
    plain
    coloured --color always
    coloured --color=always -q
    plain --color never
    CLICOLOR_FORCE=1 coloured
    CLICOLOR_FORCE=0 plain
    CLICOLOR_FORCE=1 plain --color never
    NO_COLOR=1 CLICOLOR_FORCE=1 plain
    NO_COLOR='' CLICOLOR_FORCE=1 coloured
    NO_COLOR=1 coloured --color always
}

# on_terminal COMMAND...: output is what a terminal gets.
on_terminal() {
    status=0 stderr=
    output=$(script -qec "$*" /dev/null </dev/null) || status=$?
}

@test "colours: on a terminal, unless TERM is dumb or NO_COLOR is set" {
    local command="$PARTDEMO check bad/file_syntax.lua"
    TERM=xterm on_terminal "$command"
    exits 2
    prints "${ESC}31merror:${ESC}0m"
    TERM=dumb on_terminal "$command"
    exits 2
    never_shows $'\e'
    NO_COLOR=1 TERM=xterm on_terminal "$command"
    exits 2
    never_shows $'\e'
}

@test "any width will do" {
    local columns words
    for columns in 40 80 200 1 0 -5 99999999999 wide ''; do
        for words in list "describe setup" env "check params.lua" "check tree.lua" help; do
            # shellcheck disable=SC2086 # words
            COLUMNS=$columns run_partdemo $words
            exits 0 || { echo "COLUMNS=$columns, $words" >&2; return 1; }
            [[ -n $output ]]
        done
    done
}

@test "branches are box characters in UTF-8 and ASCII elsewhere" {
    LC_ALL=C.UTF-8 run_partdemo check tree.lua
    exits 0
    prints "├─branch" "└─leaf"
    LC_ALL=C run_partdemo check tree.lua
    exits 0
    prints "|-branch" '`-leaf'
    ! LC_ALL=C grep -q $'[\x80-\xff]' <<<"$output" || wrong "this is not ASCII"
    LC_ALL=no_SUCH.locale run_partdemo check tree.lua
    exits 0
    prints "|-branch"
}

@test "names with bytes of another character set are no trouble" {
    local name=$'caf\xe9.lua'
    printf 'return { summary = "caf\xe9", steps = {} }' >"$BATS_TEST_TMPDIR/$name"
    LC_ALL=C.UTF-8 run_partdemo describe "$BATS_TEST_TMPDIR/$name"
    exits 0
    LC_ALL=C run_partdemo check "$BATS_TEST_TMPDIR/$name"
    exits 0
}

@test "in a log of both streams, lines stand in the order in which they were said" {
    printf 'return { summary = "A", steps = {} }\n' >"$BATS_TEST_TMPDIR/a.lua"
    run bash -c '"$PARTDEMO" check "$1" "$2" 2>&1' - "$BATS_TEST_TMPDIR/a.lua" "$BATS_TEST_TMPDIR/b.lua"
    [[ ${lines[0]} == */a.lua:\ ok ]]
    [[ ${lines[1]} == *b.lua* ]]
}
