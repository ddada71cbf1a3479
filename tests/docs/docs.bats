#!/usr/bin/env bats
# The runner of the documents' tests (doctest.mjs) finds what is wrong in a document. Each document is a test of
# its own, docs/NAME: see tests/CMakeLists.txt.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    clean_env
    PARTDEMO_TEST_TMP=$(scratch docs)
    PARTDEMO_PG_BIN=$(pg_bin)
    export PARTDEMO_TEST_TMP PARTDEMO_PG_BIN
}

teardown_file() { drop_servers "$PARTDEMO_TEST_TMP"; }

setup() { cd "$PARTDEMO_SOURCE/tests/docs" || return; }

# doctest ARG...: sets status and output.
doctest() { run node doctest.mjs "$@"; }

# found NAME PART...: bad/NAME.md is refused, with each part in what is said.
found() {
    doctest "bad/$1.md"
    exited 1 || return
    has "$output" "bad/$1.md:" "${@:2}"
}

@test "a document with everything that may be in it passes, and its skipped block is named" {
    doctest good.md
    exited 0
    has "$output" "good.md: ok; 13 of 13 steps run, 7 with their output compared" \
        "good.md:60: skipped: it would remove everything"
    [[ -z $(ls "$PARTDEMO_TEST_TMP") ]]
}

@test "an output of another shape is shown beside the real one" {
    found output "bad/output.md:4: another output" "- split: Merge two partitions into one" \
        "+ split: Split event_logs_2024_02"
    found missing_line "bad/missing_line.md:4: another output" "+ b"
    found silent "bad/silent.md:4: another output" "+ something"
    found number_of_leaves "bad/number_of_leaves.md:8: another output" "- event_logs  scanned 1 of 4 leaves" \
        "+ event_logs  scanned 2 of 4 leaves"
}

@test "a command with another exit code ends the document there" {
    found exit_code "bad/exit_code.md:4: exit code 2 instead of 0: partdemo run no_such_scenario" \
        "unknown scenario 'no_such_scenario'" "bad/exit_code.md:9: not run, nor what comes after it"
    [[ ! -e $PARTDEMO_TEST_TMP/was-run ]]
    found exit_code_expected "exit_code_expected.md:4: exit code 0 instead of 1"
    found shell "bad/shell.md:3: exit code 1 instead of 0: the sh block"
    found sql "bad/sql.md:8: exit code 3 instead of 0: the sql block" "division by zero"
    found hidden "bad/hidden.md:4: exit code 1 instead of 0: false"
}

@test "a command that does not end is ended" {
    doctest --seconds=2 bad/slow.md
    exited 1
    has "$output" "bad/slow.md:4: did not end in time: sleep 543"
    [[ -z $(ls "$PARTDEMO_TEST_TMP") ]]
    run -1 pgrep -f "sleep 543"
}

@test "what is not to be run says why, and every block says what it is" {
    found skip "bad/skip.md:3: skip needs a reason"
    found direction "bad/direction.md:3: unknown direction"
    found language 'bad/language.md:3: a block needs one of the languages' 'not "bash"'
    found untagged "bad/untagged.md:3: a block needs one of the languages"
    found no_command "bad/no_command.md:4: a console block begins with a command"
    found lua "bad/lua.md:3: this is no Lua" "expected"
    found endless "bad/endless.md:3: this block has no end"
}

@test "a link to what is not there is found" {
    found link "link.md:3: there is no nowhere.md" "there is no nowhere.svg" "no heading for #nothing" \
        "no heading for ../README.md#nothing"
}

@test "every bad document is among these tests" {
    local file
    for file in bad/*.md; do
        file=${file#bad/}
        grep -qE "found ${file%.md} |bad/$file\$" docs.bats || { echo "no test uses $file" && return 1; }
    done
}

@test "a new output is written where the shape is another, and what is elided stays so" {
    local copy=$BATS_TEST_TMPDIR/copy.md
    cp bad/output.md "$copy"
    printf '\n```console\n$ echo 12 rows\n7 rows\n$ echo other\nwords\n```\n' >>"$copy"
    doctest --update "$copy"
    exited 0
    has "$(<"$copy")" "split: Split event_logs_2024_02 into" $'\n...\n' $'rows\n7 rows\n$ echo other\nother\n```'
    doctest "$copy"
    exited 0
    doctest --update --all "$copy"
    exited 0
    has "$(<"$copy")" $'$ echo 12 rows\n12 rows\n'
}

# picture TEXT: the SVG of a terminal with these lines.
picture() {
    node --input-type=module -e "
        import { svg } from '$PARTDEMO_SOURCE/scripts/lib/svg.mjs';
        process.stdout.write(svg(process.argv[1].split('\n'), 'a <title>'));" "$1"
}

@test "a picture has each word at its column, in its colour, and bars as shapes" {
    output=$(picture $'ab \e[31mred <&>\e[0m\n\e[1;33mbold\nstill\e[0m x\n├─\e[32m█\e[0m ▁')
    # The columns are 8.4 wide and begin at 14.
    has "$output" '<title>a &lt;title&gt;</title>' '<text x="14" y="27" textLength="16.8">ab</text>' \
        '<text x="39.2" y="27" textLength="25.2" fill="#ff7b72">red</text>' \
        'textLength="25.2" fill="#ff7b72">&lt;&amp;&gt;</text>' \
        '<text x="14" y="45" textLength="33.6" fill="#e3b341" font-weight="bold">bold</text>' \
        'fill="#e3b341" font-weight="bold">still</text>' '>x</text>' \
        '<rect x="30.8" y="69" width="8.4" height="16" fill="#56d364"/>' '<rect x="47.6" y="83" width="8.4" height="2"' \
        '<path d="M18.2 77L18.2 68M18.2 77L22.4 77M18.2 77L18.2 86"'
    run picture $'\e[45mon purple'
    exited 1
    has "$output" "does not know the escape sequence 45"
}
