# shellcheck shell=bash

# stop_servers DIR: stops at once every PostgreSQL whose data directory lies under DIR. A stale
# postmaster.pid may name a stranger, so only a process that works in that directory is signalled.
# A process that has ended but that nobody reaps, as in containers, works nowhere.
stop_servers() {
    local dir file pid data i
    dir=$(readlink -f "$1") || return 0
    while IFS= read -r -d '' file; do
        data=${file%/postmaster.pid}
        read -r pid <"$file" || continue
        [[ $pid =~ ^[0-9]+$ ]] || continue
        for ((i = 0; i < 200; i++)); do
            [[ $(readlink "/proc/$pid/cwd") == "$data" ]] || break
            ((i > 0)) || kill -QUIT "$pid" 2>/dev/null || break
            sleep 0.05
        done
    done < <(find "$dir" -name postmaster.pid -print0 2>/dev/null)
    return 0
}

# drop_servers DIR: stops the servers under DIR and removes it. Twice when needed: a command that
# was just killed may have left a child that still writes.
drop_servers() {
    stop_servers "$1"
    rm -rf "$1" 2>/dev/null && return
    sleep 1
    stop_servers "$1"
    rm -rf "$1"
}
