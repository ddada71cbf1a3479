#!/usr/bin/env bats
# `cpack -G DEB`: the package is whole, and the program in it finds what it needs beside itself.

load ../lib

setup_file() {
    clean_env
    PACKAGE_DIR=$(scratch deb)
    export PACKAGE_DIR
    cpack --config "$(dirname "$PARTDEMO")/CPackConfig.cmake" -G DEB -B "$PACKAGE_DIR" \
        >"$PACKAGE_DIR/log" 2>&1 || {
        cat "$PACKAGE_DIR/log"
        return 1
    }
    rm -r "$PACKAGE_DIR/_CPack_Packages"
    DEB=$(echo "$PACKAGE_DIR"/*.deb)
    export DEB TREE=$PACKAGE_DIR/tree
    dpkg-deb -x "$DEB" "$TREE"
    chmod 755 "$TREE"
}

teardown_file() {
    rm -rf "${PACKAGE_DIR:?}"
}

teardown() {
    private_stop
}

setup() {
    cd /
    VERSION=$("$PARTDEMO" --version)
    VERSION=${VERSION#partdemo }
    PARTDEMO=$TREE/usr/bin/partdemo
}

# field NAME: of the package.
field() {
    dpkg-deb -f "$DEB" "$1"
}

@test "its name, version, section, and what it recommends" {
    [[ $DEB == */partdemo_"$VERSION"_"$(dpkg --print-architecture)".deb ]]
    [[ $(field Package) == partdemo ]]
    [[ $(field Version) == "$VERSION" ]]
    [[ $(field Section) == database ]]
    [[ $(field Recommends) == "postgresql | postgresql-15" ]]
    [[ $(field Suggests) == postgresql-client ]]
    [[ $(field Maintainer) == *" <"*"@"*">" ]]
    [[ $(field Description) == "PostgreSQL partitioning lab"$'\n '* ]]
}

@test "it depends on each library that the program is linked with" {
    local depends library
    depends=" $(field Depends),"
    for library in libc6 libpq5 liblua5.4-0 libsmartcols1 libjansson4; do
        has "$depends" " $library "
    done
}

# expected: every file that belongs there, as a path below usr.
expected() {
    local folder
    printf '%s\n' bin/partdemo share/man/man1/partdemo.1.gz \
        share/bash-completion/completions/partdemo share/zsh/site-functions/_partdemo \
        share/fish/vendor_completions.d/partdemo.fish \
        share/doc/partdemo/README.md share/doc/partdemo/copyright
    [[ ! -e $PARTDEMO_SOURCE/CHANGELOG.md ]] || echo share/doc/partdemo/changelog.gz
    (
        cd "$PARTDEMO_SOURCE" || return
        for folder in scenarios sql; do
            find "$folder" -type f -printf 'share/partdemo/%p\n'
        done
        find src/lua/meta -type f -printf 'share/partdemo/meta/%P\n'
        find docs -type f -printf 'share/doc/partdemo/%p\n'
    )
}

@test "it has these files and no other, all below /usr" {
    [[ $(ls "$TREE") == usr ]]
    diff <(expected | sort) <(cd "$TREE/usr" && find . ! -type d -printf '%P\n' | sort)
    diff -r "$PARTDEMO_SOURCE/scenarios" "$TREE/usr/share/partdemo/scenarios"
    diff -r "$PARTDEMO_SOURCE/sql" "$TREE/usr/share/partdemo/sql"
    diff "$PARTDEMO_SOURCE/LICENSE" "$TREE/usr/share/doc/partdemo/copyright"
    gzip -dc "$TREE/usr/share/man/man1/partdemo.1.gz" | grep -q '^\.TH "partdemo" "1"'
}

@test "its files are root's, and nobody else writes to them" {
    run dpkg-deb -c "$DEB"
    [[ $status == 0 ]]
    [[ -z $(awk '$2 != "root/root"' <<<"$output") ]]
    [[ -z $(awk '$1 !~ /^(drwxr-xr-x|-rw-r--r--)$/ && $6 != "./usr/bin/partdemo"' <<<"$output") ]]
    [[ $(awk '$6 == "./usr/bin/partdemo" { print $1 }' <<<"$output") == -rwxr-xr-x ]]
}

@test "the program in it has its scenarios beside it, and runs them on its private server" {
    local old=$PARTDEMO_SOURCE/scenarios/split.lua new=$TREE/usr/share/partdemo/scenarios/split.lua
    private_start
    cd "$PRIVATE_DIR/work"
    run_partdemo --version
    [[ $output == "partdemo $VERSION" ]]
    # One that differs from the source tree's tells which is read.
    sed 's/^  summary = ".*/  summary = "From the package",/' "$old" >"$new"
    run_partdemo list
    cp "$old" "$new"
    exited 0
    [[ $output == *"From the package"* ]]
    run_partdemo run setup --brief
    exited 0
    eval "$("$PARTDEMO" server env)"
    setup_is_whole
}
