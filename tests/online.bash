# shellcheck shell=bash
# What the tests of online changes share, after lib.bash: writers with a ledger as judge, and the
# definition of everything in a database. Load it with `load ../online`.

# What a file does that defines none of these itself.
setup_file() { pg_start "autovacuum = off"; }

teardown_file() { pg_stop; }

teardown() { stop_writers; }

# pgbench of any version: the servers that tests download bring none.
PGBENCH=$(command -v pgbench || printf '%s\n' /usr/lib/postgresql/*/bin/pgbench | sort -V | tail -n 1)

# ledger TABLE: a table of what each write to TABLE has to have left, written in the same statement as the
# write, and filled with what is there. TABLE has the columns u (unique, never changes), k (its key), v.
ledger() {
    sql "CREATE TABLE ledger (u bigint PRIMARY KEY, k text NOT NULL, v bigint NOT NULL, gone boolean NOT NULL);
         INSERT INTO ledger SELECT u, k::text, v, false FROM $1;
         CREATE SEQUENCE new_u; SELECT setval('new_u', 1000000)" >/dev/null
}

# writers TABLE KEY [PGBENCH OPTION...]: four clients insert, update, move and delete rows in the
# background until `end_writers`; KEY is an expression that makes a random key. Rows that
# exist belong to one client each, so the order of writes to a row is known.
writers() {
    writes "$1" "$2" >"$BATS_TEST_TMPDIR/writers.sql"
    start_writers "$BATS_TEST_TMPDIR/writers.sql" "${@:3}"
    wait_for sql_true "SELECT count(*) > 20 FROM ledger WHERE u > 1000000"
}

# writes TABLE KEY: what each of them does, for pgbench.
writes() {
    local table=$1 key=$2
    cat <<SQL
\\set mine :client_id + 4 * random(0, 499)
\\set what random(1, 10)
\\if :what <= 3
WITH w AS (INSERT INTO $table (u, k, v) VALUES (nextval('new_u'), $key, 0) RETURNING u, k, v)
INSERT INTO ledger SELECT u, k::text, v, false FROM w;
\\elif :what <= 6
WITH w AS (UPDATE $table SET v = v + 1 WHERE u = :mine RETURNING u, k, v)
UPDATE ledger AS l SET k = w.k::text, v = w.v FROM w WHERE l.u = w.u;
\\elif :what <= 8
WITH w AS (UPDATE $table SET k = $key, v = v + 1 WHERE u = :mine RETURNING u, k, v)
UPDATE ledger AS l SET k = w.k::text, v = w.v FROM w WHERE l.u = w.u;
\\elif :what <= 9
WITH w AS (DELETE FROM $table WHERE u = :mine RETURNING u)
UPDATE ledger AS l SET gone = true FROM w WHERE l.u = w.u;
\\else
WITH w AS (INSERT INTO $table (u, k, v) SELECT u, $key, v + 1 FROM ledger WHERE u = :mine AND gone
           RETURNING u, k, v)
UPDATE ledger AS l SET k = w.k::text, v = w.v, gone = false FROM w WHERE l.u = w.u;
\\endif
SQL
}

# start_writers FILE [PGBENCH OPTION...]: four clients execute it in the background until `end_writers`.
start_writers() {
    "$PGBENCH" -n -c 4 -j 1 -T 120 -f "$@" \
        >"$BATS_TEST_TMPDIR/writers.out" 2>&1 </dev/null 3>&- 4>&- &
    WRITERS_PID=$!
}

# end_writers: now, when what they were doing is done or undone; none of them met an error.
end_writers() {
    sleep 0.3
    kill "$WRITERS_PID" || { cat "$BATS_TEST_TMPDIR/writers.out" >&2; return 1; }
    wait "$WRITERS_PID" 2>/dev/null || true
    WRITERS_PID=
    wait_for sql_true "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'pgbench'"
    ! grep -i error "$BATS_TEST_TMPDIR/writers.out" >&2
}

# stop_writers: in a teardown, also of what `hold` holds and of partdemo.
stop_writers() {
    local pid
    exec 8>&-
    for pid in "${WRITERS_PID:-}" "${HOLDER:-}" "${PD_PID:-}"; do
        [[ -z $pid ]] || kill "$pid" 2>/dev/null || true
    done
}

# hold SQL: a session that has executed it and stays idle in its transaction until `release`.
hold() {
    mkfifo "$BATS_TEST_TMPDIR/hold"
    PGAPPNAME=holder psql -XAtq <"$BATS_TEST_TMPDIR/hold" >"$BATS_TEST_TMPDIR/held" 2>&1 3>&- 4>&- &
    HOLDER=$!
    exec 8>"$BATS_TEST_TMPDIR/hold"
    echo "$1;" >&8
    wait_for sql_true "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'holder'
                       AND state = 'idle in transaction'"
}

# release [SQL]: the session executes it, too, and ends. What it printed is in $BATS_TEST_TMPDIR/held.
release() {
    [[ -z ${1:-} ]] || echo "$1;" >&8
    echo '\q' >&8 # not by the end of the file: others may have inherited it
    exec 8>&-
    wait "$HOLDER"
    rm "$BATS_TEST_TMPDIR/hold"
}

# kill_partdemo: with kill -9, and until its backend, which may be in the midst of a statement, has noticed.
kill_partdemo() {
    kill -9 "$PD_PID" 2>/dev/null || true
    end_partdemo
    wait_for sql_true "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'partdemo'"
}

# begun: there is a run, or partdemo has ended.
begun() {
    ! kill -0 "$PD_PID" 2>/dev/null || sql_true "SELECT to_regclass('partdemo.runs') IS NOT NULL"
}

# was_hit: a kill came while there was a run; counted in HITS. A test whose kills all come too early or too late
# proves nothing.
was_hit() {
    ! sql_true "SELECT to_regclass('partdemo.runs') IS NOT NULL" || HITS=$((${HITS:-0} + 1))
}

# killed_at "HUNDREDTHS..." ARG...: killed as long after there is a run, again and again; then the same command goes on to the
# end. HITS says how many kills there were.
killed_at() {
    local after
    for after in $1; do
        start_partdemo "${@:2}"
        wait_for begun
        sleep "0.$after"
        kill_partdemo
        # shellcheck disable=SC2154 # end_partdemo sets it
        ((status)) || break
        was_hit
    done
    run_partdemo "${@:2}"
    exited 0
}

# as_the_ledger_says TABLE: no row lost, doubled, stale or resurrected, and the leaves are sound.
as_the_ledger_says() {
    sound "$1" &&
        is 0 "SELECT count(*) FROM (SELECT u, k::text, v FROM $1 EXCEPT ALL
          SELECT u, k, v FROM ledger WHERE NOT gone) AS x" &&
        is 0 "SELECT count(*) FROM (SELECT u, k, v FROM ledger WHERE NOT gone EXCEPT ALL
              SELECT u, k::text, v FROM $1) AS x"
}

# sound TABLE: amcheck finds nothing wrong in its leaves and their indexes: every row is in each of them, and (since
# PostgreSQL 17) once in a unique one. The extension comes and goes, so that no test sees it in the definitions.
sound() {
    sql "BEGIN; CREATE EXTENSION amcheck;
         DO \$\$
         DECLARE leaf regclass; index regclass; found record;
                 options text := CASE WHEN current_setting('server_version_num')::int >= 170000
                                      THEN ', checkunique => true' ELSE '' END;
         BEGIN
             FOR leaf IN SELECT relid FROM pg_partition_tree('$1') WHERE isleaf LOOP
                 FOR found IN SELECT * FROM verify_heapam(leaf) LOOP
                     RAISE '% is not sound: %', leaf, found;
                 END LOOP;
                 FOR index IN SELECT indexrelid FROM pg_index JOIN pg_class AS c ON c.oid = indexrelid
                               WHERE indrelid = leaf AND c.relam = (SELECT oid FROM pg_am WHERE amname = 'btree') LOOP
                     EXECUTE format('SELECT bt_index_check(index => %L, heapallindexed => true%s)', index, options);
                 END LOOP;
             END LOOP;
         END\$\$;
         ROLLBACK" >/dev/null
}

# nothing_left: no schema, trigger, constraint or table of partdemo's.
nothing_left() {
    is 0 "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname ~ '^partdemo')
               + (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'partdemo%')
               + (SELECT count(*) FROM pg_constraint WHERE conname LIKE 'partdemo%')
               + (SELECT count(*) FROM pg_index WHERE NOT indisvalid)"
}

# definitions: everything that is defined in the database, one line each, and the rows of each table.
definitions() {
    sql "SELECT concat_ws(' ', 'relation', n.nspname, c.relname, c.relkind, c.relowner::regrole, c.relacl,
                          c.reloptions, c.relreplident, c.relrowsecurity, c.relpersistence,
                          pg_get_expr(c.relpartbound, c.oid), obj_description(c.oid, 'pg_class'),
                          CASE WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid) END)
           FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE n.nspname !~ '^(pg_|information_schema)'
          UNION ALL
         SELECT concat_ws(' ', 'column', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
                          pg_get_expr(adbin, adrelid), attacl, col_description(attrelid, attnum))
           FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
           LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
          WHERE attnum > 0 AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
          UNION ALL
         SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)
           FROM pg_constraint WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)'
          UNION ALL
         SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid))
           FROM pg_trigger WHERE NOT tgisinternal
          UNION ALL
         SELECT concat_ws(' ', 'function', oid::regprocedure) FROM pg_proc
          WHERE pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
          UNION ALL
         SELECT concat_ws(' ', 'schema', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_'
          UNION ALL
         SELECT concat_ws(' ', 'statistics', pg_get_statisticsobjdef(oid)) FROM pg_statistic_ext
          UNION ALL
         SELECT concat_ws(' ', 'policy', polrelid::regclass, polname) FROM pg_policy
          ORDER BY 1"
}

# of_one_definition A B: two partitions are the same but for names, bounds and rows.
of_one_definition() {
    diff <(one_definition "$1") <(one_definition "$2")
}

one_definition() {
    sql -v t="$1" "WITH t AS (SELECT c.*, n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                               WHERE c.oid = '$1'::regclass)
         SELECT concat_ws(' ', 'table', relowner::regrole, relacl, reloptions, relreplident, relrowsecurity, relpersistence,
                          obj_description(oid, 'pg_class')) FROM t
          UNION ALL
         SELECT concat_ws(' ', 'column', attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
                          attstattarget, attstorage, attcompression, attoptions, attacl, pg_get_expr(adbin, adrelid),
                          col_description(attrelid, attnum))
           FROM t JOIN pg_attribute ON attrelid = t.oid AND attnum > 0 AND NOT attisdropped
           LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
          UNION ALL
         SELECT concat_ws(' ', 'constraint', contype, pg_get_constraintdef(c.oid), convalidated, coninhcount, conislocal)
           FROM t JOIN pg_constraint AS c ON conrelid = t.oid
          UNION ALL
         SELECT concat_ws(' ', 'index', indisprimary, indisunique, indisclustered, indisreplident,
                          regexp_replace(pg_get_indexdef(indexrelid), '^.* USING', ''), i.inhparent::regclass,
                          obj_description(indexrelid, 'pg_class'))
           FROM t JOIN pg_index ON indrelid = t.oid LEFT JOIN pg_inherits AS i ON i.inhrelid = indexrelid
          UNION ALL
         SELECT concat_ws(' ', 'trigger', tgname, tgenabled, tgparentid <> 0, tgtype, tgfoid::regproc, obj_description(g.oid, 'pg_trigger'))
           FROM t JOIN pg_trigger AS g ON tgrelid = t.oid WHERE NOT tgisinternal
          UNION ALL
         SELECT concat_ws(' ', 'policy', polname, polcmd, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
           FROM t JOIN pg_policy ON polrelid = t.oid
          UNION ALL
         SELECT concat_ws(' ', 'statistics', stxkind, stxkeys, stxowner::regrole) FROM t JOIN pg_statistic_ext ON stxrelid = t.oid
          UNION ALL
         SELECT concat_ws(' ', 'referenced by', conrelid::regclass, conkey, confkey, confdeltype) FROM t JOIN pg_constraint ON confrelid = t.oid
          ORDER BY 1"
}

# types_of TABLE: its columns with their types, which all of its partitions have.
types_of() {
    sql "SELECT DISTINCT string_agg(format('%s %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
           FROM (SELECT '$1'::regclass AS relid UNION SELECT relid FROM pg_partition_tree('$1')) AS t
           JOIN pg_attribute ON attrelid = relid AND attnum > 0 AND NOT attisdropped GROUP BY relid"
}
