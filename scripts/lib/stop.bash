# shellcheck shell=bash

# stop_servers DIR: stops at once every PostgreSQL whose data directory lies under DIR. A stale
# postmaster.pid may name a stranger, so only a process that works in that directory is signalled.
stop_servers() {
    local dir file pid data
    dir=$(readlink -f "$1") || return 0
    while IFS= read -r -d '' file; do
        data=${file%/postmaster.pid}
        read -r pid <"$file" || continue
        [[ $pid =~ ^[0-9]+$ && $(readlink "/proc/$pid/cwd") == "$data" ]] || continue
        kill -QUIT "$pid" 2>/dev/null || continue
        for _ in {1..200}; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.05
        done
    done < <(find "$dir" -name postmaster.pid -print0 2>/dev/null)
    return 0
}
