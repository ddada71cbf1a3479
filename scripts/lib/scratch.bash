# shellcheck shell=bash

# make_scratch NAME: makes a directory for servers and files of tests, which the server's user may enter; prints it. Below
# $PARTDEMO_SCRATCH; else in memory, where there is plenty; else in /tmp. Tests make and drop databases by the hundred, each
# of 300 files, which takes a file system on disk several times as long as the server. Short: a socket's path is at
# most 107 bytes.
make_scratch() {
    local parent=${PARTDEMO_SCRATCH:-/tmp} dir
    if [[ -z ${PARTDEMO_SCRATCH:-} ]] && roomy /dev/shm; then
        parent=/dev/shm
    fi
    dir=$(mktemp -d "$parent/$1.XXXXXX") || return
    chmod 755 "$dir"
    printf '%s\n' "$dir"
}

# roomy DIR: a file system in memory with room for all that tests make (2 GB, the programs themselves aside) and
# twice over, on which programs may be run.
roomy() {
    local type free options
    read -r type free < <(df -k --output=fstype,avail "$1" 2>/dev/null | tail -n 1) || return
    options=$(findmnt -nro OPTIONS --target "$1") || return
    [[ $type == tmpfs && ,$options, != *,noexec,* && -w $1 ]] &&
        ((free > 4 << 20 && $(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo) > 8 << 20))
}
