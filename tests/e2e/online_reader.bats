#!/usr/bin/env bats
# A reader that holds its lock for a whole minute, in front of each online change at once: every change waits for it, says
# for whom, and ends when it has gone. Writers go on all the time, and every row that they wrote is there.

load ../lib
load ../online

setup() {
    fresh_db reader
}

KEY="timestamp '2024-02-01' + random() * interval '20 days'"
ROWS="SELECT n, timestamp '2024-02-01' + n * interval '5 min', 0 FROM generate_series(0, 5999) AS n"
RANGES="CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
        CREATE TABLE t_feb_1 PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-02-11');
        CREATE TABLE t_feb_2 PARTITION OF t FOR VALUES FROM ('2024-02-11') TO ('2024-03-01');
        CREATE TABLE t_rest PARTITION OF t DEFAULT; INSERT INTO t $ROWS"
PLAIN="CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)); INSERT INTO t $ROWS"

declare -gA TABLE=([split]=$RANGES [merge]=$RANGES [detach]=$RANGES [migrate]=$PLAIN [convert]=$PLAIN)
declare -gA WORDS=(
    [split]="--partition t_feb_1 --at 2024-02-05"
    [merge]="--partitions t_feb_1,t_feb_2 --name t_feb"
    [detach]="--partition t_rest"
    [migrate]="--by HASH(u) --modulus 4"
    [convert]="--by RANGE(k) --until 2024-06-01"
)

# waits_for_the_reader CHANGE: in a database of its own; what it finds wrong is said on stderr.
waits_for_the_reader() {
    local change=$1 words
    BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR/$change
    mkdir "$BATS_TEST_TMPDIR"
    trap stop_writers EXIT
    fresh_db "reader_$change"
    sql "${TABLE[$change]}"
    ledger t
    writers t "$KEY" -R 60
    hold "BEGIN; SELECT count(*) FROM t"
    read -ra words <<<"${WORDS[$change]}"
    start_partdemo run "online/$change" --table t "${words[@]}"
    sleep 60
    kill -0 "$PD_PID" && release && end_partdemo && exited 0 &&
        has "$output$stderr" "in use by pid" "holder" &&
        end_writers && as_the_ledger_says t && nothing_left
}

@test "split, merge, detach, migrate and convert wait for a reader who stays for a minute" {
    local change pids=() failed=0
    for change in "${!TABLE[@]}"; do
        waits_for_the_reader "$change" 3>&- &
        pids+=($!)
    done
    for change in "${pids[@]}"; do
        wait "$change" || failed=$((failed + 1))
    done
    ((failed == 0 && ${#pids[@]} == 5))
}
