#!/usr/bin/env bats
# Things that few tables have, and online changes have to get right all the same: several statistics objects of one
# kind, unlogged leaves, row security before the swap, sequences that others use, tables that are dropped meanwhile.

load ../lib
load ../online

setup() {
    fresh_db corners
    sql "CREATE TABLE t (u bigint NOT NULL, k int NOT NULL, v bigint, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (100)"
}

SPLIT=(run online/split --table t --partition t_1 --at 50)
MERGE=(run online/merge --table t --partitions 't_1_1,t_1_2')
MIGRATE=(run online/migrate --table t --by 'HASH (u)' --modulus 2)
fill() {
    sql "INSERT INTO t SELECT n, n % 100, n FROM generate_series(1, 1000) AS n"
}

# at_phase PHASE SQL COMMAND...: the command runs and is at that phase, where the locks that SQL takes hold it up.
at_phase() {
    hold "BEGIN; $2"
    start_partdemo "${@:3}" --patience 1h
    wait_for sql_true "SELECT phase = '$1' FROM partdemo.runs"
}

# statistics TABLE: of each object what was set for it.
statistics() {
    sql "SELECT pg_get_statisticsobjdef_columns(oid), stxstattarget FROM pg_statistic_ext WHERE stxrelid = '$1'::regclass ORDER BY 1, 2"
}

@test "several statistics objects of one kind on the same columns, and of two owners" {
    sql "CREATE STATISTICS s1 (ndistinct) ON u, v FROM t_1; CREATE STATISTICS s2 (ndistinct) ON u, v FROM t_1;
         CREATE STATISTICS s3 (ndistinct) ON k, v FROM t_1; ALTER STATISTICS s2 SET STATISTICS 50; ALTER STATISTICS s3 SET STATISTICS 60"
    fill
    local before
    before=$(statistics t_1)
    run_partdemo "${SPLIT[@]}"
    exited 0
    [[ $(statistics t_1_1) == "$before" ]]
    [[ $(statistics t_1_2) == "$before" ]]
    run_partdemo "${MERGE[@]}"
    exited 0
    [[ $(statistics t_1) == "$before" ]]
    sql "CREATE TABLE q (LIKE t INCLUDING ALL); CREATE STATISTICS q1 (mcv) ON u, v FROM q; CREATE STATISTICS q2 (mcv) ON u, v FROM q;
         ALTER STATISTICS q1 SET STATISTICS 70; INSERT INTO q TABLE t"
    before=$(statistics q)
    run_partdemo run online/migrate --table q --by 'HASH (u)' --modulus 2
    exited 0
    [[ $(statistics q) == "$before" ]]
    is q1,q2 "SELECT string_agg(stxname, ',' ORDER BY stxname) FROM pg_statistic_ext WHERE stxrelid = 'q'::regclass"
    sql "CREATE TABLE r (LIKE t INCLUDING ALL); CREATE STATISTICS r1 (mcv) ON u, v FROM r; CREATE STATISTICS r2 (mcv) ON u, v FROM r;
         ALTER STATISTICS r2 SET STATISTICS 70; INSERT INTO r TABLE t"
    before=$(statistics r)
    run_partdemo run online/convert --table r --by 'RANGE (k)' --until 200
    exited 0
    [[ $(statistics r) == "$before" ]]
    [[ $(statistics r_hist) == "$before" ]]
    is 1000 "SELECT count(*) FROM r"
    nothing_left
}

@test "unlogged leaves stay so, split, merged, and when a plain table is migrated" {
    sql "ALTER TABLE t DETACH PARTITION t_1; ALTER TABLE t_1 SET UNLOGGED; ALTER TABLE t ATTACH PARTITION t_1 FOR VALUES FROM (0) TO (100)"
    fill
    local leaves="SELECT string_agg(concat(relid::regclass, ' ', relpersistence), ',' ORDER BY relname) FROM pg_partition_tree('t') JOIN pg_class ON oid = relid WHERE isleaf"
    run_partdemo "${SPLIT[@]}"
    exited 0
    is "t_1_1 u,t_1_2 u" "$leaves"
    run_partdemo "${MERGE[@]}"
    exited 0
    is "t_1 u" "$leaves"
    sql "ALTER TABLE t DETACH PARTITION t_1; DROP TABLE t; ALTER TABLE t_1 RENAME TO t"
    run_partdemo "${MIGRATE[@]}"
    exited 0
    is "t_p0 u,t_p1 u" "$leaves"
    is 1000 "SELECT count(*) FROM t"
    nothing_left
}

# its_reader_sees_few TABLE: not more rows than the policy lets him see; none at all if he may not read it.
its_reader_sees_few() {
    if PGUSER=its_reader sql_true "SELECT count(*) > 10 FROM $1"; then
        return 1
    fi
}

@test "nobody reads rows in new partitions before the swap that row security hides from him" {
    sql "DROP ROLE IF EXISTS its_reader; CREATE ROLE its_reader LOGIN; GRANT SELECT ON t, t_1 TO its_reader;
         ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t_1 ENABLE ROW LEVEL SECURITY;
         CREATE POLICY few ON t FOR SELECT TO its_reader USING (v <= 10); CREATE POLICY few ON t_1 FOR SELECT TO its_reader USING (v <= 10);
         GRANT USAGE ON SCHEMA public TO its_reader"
    fill
    local name
    at_phase promised "LOCK t_1 IN ACCESS SHARE MODE" "${SPLIT[@]}"
    for name in t_1_1 t_1_2; do
        is 1000 "SELECT (SELECT count(*) FROM t_1_1) + (SELECT count(*) FROM t_1_2)"
        is t "SELECT relrowsecurity FROM pg_class WHERE oid = '$name'::regclass"
        its_reader_sees_few "$name"
    done
    release
    end_partdemo
    exited 0
    PGUSER=its_reader is 10 "SELECT count(*) FROM t"
    PGUSER=its_reader is 10 "SELECT count(*) FROM t_1_1"
    PGUSER=its_reader is 0 "SELECT count(*) FROM t_1_2"
    sql "DROP POLICY few ON t_1_1; DROP POLICY few ON t_1_2; ALTER TABLE t_1_1 DISABLE ROW LEVEL SECURITY; ALTER TABLE t_1_2 DISABLE ROW LEVEL SECURITY;
         REVOKE SELECT ON t_1_1, t_1_2 FROM its_reader"
    at_phase built "LOCK t IN ACCESS SHARE MODE" "${MIGRATE[@]}"
    is 1000 "SELECT (SELECT count(*) FROM t_p0) + (SELECT count(*) FROM t_p1)"
    for name in t_p0 t_p1 partdemo_table_1; do
        its_reader_sees_few "$name"
    done
    release
    end_partdemo
    exited 0
    PGUSER=its_reader is 10 "SELECT count(*) FROM t"
    sql "DROP OWNED BY its_reader; DROP ROLE its_reader"
    nothing_left
}

@test "an identity whose sequence another table uses is refused; a serial's goes on for both" {
    sql "CREATE TABLE q (u int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, k int); INSERT INTO q (k) SELECT n FROM generate_series(1, 10) AS n;
         CREATE TABLE other (n int DEFAULT nextval('q_u_seq'))"
    local before
    before=$(definitions)
    run_partdemo run online/migrate --table q --by 'HASH (u)' --modulus 2
    exited 4
    has "$stderr" "the default of n of other: it takes its values from the identity of public.q" "ALTER TABLE other ALTER n DROP DEFAULT;"
    run_partdemo run online/convert --table q --by 'HASH (u)'
    exited 4
    has "$stderr" "the default of n of other"
    diff <(echo "$before") <(definitions)
    sql "DROP TABLE other, q; CREATE TABLE q (u serial PRIMARY KEY, k int); INSERT INTO q (k) SELECT n FROM generate_series(1, 10) AS n;
         CREATE TABLE other (n int DEFAULT nextval('q_u_seq'), k int)"
    run_partdemo run online/migrate --table q --by 'HASH (u)' --modulus 2
    exited 0
    sql "INSERT INTO other (k) VALUES (1)"
    is 11 "SELECT n FROM other"
    is 12 "INSERT INTO q (k) VALUES (1) RETURNING u"
    is 11 "SELECT count(*) FROM q"
    nothing_left
}

@test "a table that is dropped while it is converted or migrated: it is said, and nothing is left" {
    local command
    for command in "convert --by HASH(u)" "migrate --by HASH(u) --modulus 2"; do
        sql "CREATE TABLE q (u int PRIMARY KEY, k int); INSERT INTO q SELECT n, n FROM generate_series(1, 10) AS n"
        # shellcheck disable=SC2086 # words
        at_phase built "LOCK q IN ACCESS SHARE MODE" run online/$command --table q
        kill_partdemo
        release
        sql "DROP TABLE q"
        # shellcheck disable=SC2086
        run_partdemo run online/$command --table q
        exited 4
        has "$stderr" "q is not there any more" "--abort removes every trace"
        # shellcheck disable=SC2086
        run_partdemo run online/$command --table q --abort
        exited 0
        is 0 "SELECT count(*) FROM pg_class WHERE relname LIKE 'q%'"
        nothing_left
    done
}

@test "default privileges let nobody read or write through a new partition what he may not in the table" {
    local name may="SELECT string_agg(DISTINCT privilege_type, ',') FROM pg_partition_tree('t') JOIN pg_class ON oid = relid, aclexplode(relacl)
                     WHERE grantee = 'its_reader'::regrole AND relid <> 't'::regclass"
    sql "DROP ROLE IF EXISTS its_reader; CREATE ROLE its_reader LOGIN; GRANT USAGE ON SCHEMA public TO its_reader;
         ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, DELETE ON TABLES TO its_reader"
    fill
    at_phase begun "LOCK t_1 IN ROW EXCLUSIVE MODE" "${SPLIT[@]}"
    PGUSER=its_reader refused 42501 "SELECT FROM t_1_1"
    release
    end_partdemo
    exited 0
    is "" "$may"
    MIGRATE+=(--sub-by 'RANGE (k)' --sub-at '0,50,100')
    at_phase built "LOCK t IN ACCESS SHARE MODE" "${MIGRATE[@]}"
    for name in t_p0 t_p0_0 partdemo_table_1; do
        is t "SELECT count(*) > 100 FROM $name"
        PGUSER=its_reader refused 42501 "SELECT FROM $name"
    done
    release
    end_partdemo
    exited 0
    is "" "$may"
    # What the table itself gives comes along; row security does so on every level.
    sql "GRANT SELECT ON t TO its_reader; ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON t FOR SELECT TO its_reader USING (v <= 10)"
    MIGRATE=(run online/migrate --table t --by 'RANGE (k)' --at '0,100' --names n --sub-by 'HASH (u)' --sub-modulus 2)
    at_phase built "LOCK t IN ACCESS SHARE MODE" "${MIGRATE[@]}"
    for name in n n_p0 n_p1 partdemo_table_1; do
        its_reader_sees_few "$name"
    done
    release
    end_partdemo
    exited 0
    is SELECT "$may"
    PGUSER=its_reader is 10 "SELECT count(*) FROM t"
    PGUSER=its_reader is 0 "SELECT count(*) FROM n"
    sql "DROP TABLE t; DROP OWNED BY its_reader; DROP ROLE its_reader"
    nothing_left
}

# identities TABLE: the replica identity of its leaves.
identities() {
    sql "SELECT DISTINCT c.relreplident, (SELECT pg_get_indexdef(indexrelid, 1, false) FROM pg_index WHERE indrelid = c.oid AND indisreplident)
           FROM pg_class AS c WHERE c.relkind = 'r' AND '$1'::regclass IN (c.oid, pg_partition_root(c.oid))"
}

@test "every leaf has the replica identity of the table" {
    local identity is command
    for identity in FULL "USING INDEX q_k"; do
        is="f|"
        [[ $identity == FULL ]] || is="i|k"
        for command in "migrate --by HASH(k) --modulus 2 --keep-old" "convert --by RANGE(k) --until 200 --at 300"; do
            sql "CREATE TABLE q (u int NOT NULL, k int NOT NULL, v int); CREATE UNIQUE INDEX q_k ON q (k); CREATE UNIQUE INDEX q_more ON q (k, u);
                 ALTER TABLE q REPLICA IDENTITY $identity; INSERT INTO q SELECT n, n, n FROM generate_series(1, 100) AS n"
            # shellcheck disable=SC2086 # words
            run_partdemo run online/$command --table q
            exited 0
            [[ $(identities q) == "$is" ]]
            [[ $command != migrate* ]] || run_partdemo run online/migrate --by 'HASH(k)' --modulus 2 --table q --undo
            exited 0
            [[ $(identities q) == "$is" ]]
            is 100 "SELECT count(*) FROM q"
            sql "DROP TABLE q"
        done
    done
    nothing_left
}

@test "foreign keys that are NOT ENFORCED stay so, in both directions, there and back (PostgreSQL 18)" {
    sql_true "SELECT current_setting('server_version_num')::int >= 180000" || skip "there are none before PostgreSQL 18"
    local keys="SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 ORDER BY conname"
    sql "CREATE TABLE p (v int PRIMARY KEY);
         CREATE TABLE q (u int PRIMARY KEY, k int, v int CONSTRAINT q_to_p REFERENCES p NOT ENFORCED);
         INSERT INTO q SELECT n, n, n FROM generate_series(1, 100) AS n;
         CREATE TABLE child (u int CONSTRAINT to_q REFERENCES q NOT ENFORCED); INSERT INTO child VALUES (-1)"
    local before
    before=$(sql "$keys")
    MIGRATE=(run online/migrate --table q --by 'HASH (u)' --modulus 2)
    run_partdemo "${MIGRATE[@]}" --keep-old
    exited 0
    is "$before" "$keys"
    run_partdemo "${MIGRATE[@]}" --undo
    exited 0
    is "$before" "$keys"
    run_partdemo run online/convert --table q --by 'HASH (u)'
    exited 0
    is "$before" "$keys"
    is "100|-1" "SELECT (SELECT count(*) FROM q), (SELECT u FROM child)"
    nothing_left
}

@test "rows that are named by a generated column: migrate with other types, merge, split, detach" {
    sql "CREATE TABLE q (u int NOT NULL, k int NOT NULL, g int NOT NULL GENERATED ALWAYS AS (u * 2) STORED, v int);
         CREATE UNIQUE INDEX q_g ON q (g, k); INSERT INTO q (u, k, v) SELECT n, n % 100, 0 FROM generate_series(1, 6000) AS n"
    at_phase built "LOCK q IN ACCESS SHARE MODE" run online/migrate --table q --by 'RANGE (k)' --at '0,50,100' --names 'a,b' --types 'v bigint'
    sql "UPDATE q SET v = 1 WHERE u <= 100; UPDATE q SET u = u + 10000 WHERE u <= 10; DELETE FROM q WHERE u = 50; INSERT INTO q (u, k) VALUES (9000, 99)"
    release
    end_partdemo
    exited 0
    is "6000|100|20020" "SELECT count(*), sum(coalesce(v, 1)), max(g) FROM q"
    run_partdemo run online/merge --table q --partitions 'a,b' --name c
    exited 0
    run_partdemo run online/split --table q --partition c --at 30 --names 'd,e'
    exited 0
    sound q
    is "6000|100|20020" "SELECT count(*), sum(coalesce(v, 1)), max(g) FROM q"
    run_partdemo run online/detach --table q --partition e --archive kept --drop
    exited 0
    is "6000|20020" "SELECT count(*), max(g) FROM (SELECT g FROM q UNION ALL SELECT g FROM kept) AS x"
    nothing_left
}

@test "a role whose standard_conforming_strings is off: backslashes in keys, names and values stay what they are" {
    sql "DROP ROLE IF EXISTS of_old; CREATE ROLE of_old SUPERUSER LOGIN; ALTER ROLE of_old SET standard_conforming_strings = off;
         CREATE TABLE \"q\\\" (u text PRIMARY KEY, \"a'\\b\" text DEFAULT '\\'); INSERT INTO \"q\\\" SELECT E'\\\\n''' || n, '\\' || n FROM generate_series(1, 3000) AS n"
    local content='SELECT count(*), sum(hashtextextended(q::text, 0)::numeric) FROM "q\" AS q' before
    before=$(sql "$content")
    PGUSER=of_old run_partdemo run online/migrate --table '"q\"' --by 'HASH (u)' --modulus 2 --types "\"a'\\b\" varchar(9)"
    exited 0
    is "$before" "$content"
    is "'\\'::text" "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = '\"q\\\"'::regclass"
    sql 'DROP TABLE "q\"; DROP ROLE of_old'
    nothing_left
}

@test "a statistics object in another schema stays there" {
    sql "CREATE SCHEMA other; CREATE STATISTICS other.st (mcv) ON u, v FROM t; CREATE TABLE q (LIKE t INCLUDING ALL); CREATE STATISTICS other.sq (ndistinct) ON u, v FROM q"
    fill
    run_partdemo "${MIGRATE[@]}" --keep-old
    exited 0
    is "other.st" "SELECT format('%s.%s', stxnamespace::regnamespace, stxname) FROM pg_statistic_ext WHERE stxrelid = 't'::regclass"
    run_partdemo "${MIGRATE[@]}" --undo
    exited 0
    is "other.st" "SELECT format('%s.%s', stxnamespace::regnamespace, stxname) FROM pg_statistic_ext WHERE stxrelid = 't'::regclass"
    run_partdemo run online/convert --table q --by 'HASH (u)'
    exited 0
    is 1 "SELECT count(*) FROM pg_statistic_ext WHERE stxrelid = 'q'::regclass AND stxnamespace = 'other'::regnamespace AND stxname = 'sq'"
    nothing_left
}

@test "a foreign key whose triggers are disabled is refused: a new one's would fire" {
    sql "CREATE TABLE p (v int PRIMARY KEY);
         CREATE TABLE q (u int PRIMARY KEY, v int CONSTRAINT to_p REFERENCES p);
         ALTER TABLE q DISABLE TRIGGER ALL; INSERT INTO q VALUES (1, -1)"
    local before
    before=$(definitions)
    run_partdemo run online/migrate --table q --by 'HASH (u)' --modulus 2
    exited 4
    has "$stderr" "the constraint to_p of q: its triggers on public.q are disabled" "ALTER TABLE public.q ENABLE TRIGGER ALL;"
    run_partdemo run online/convert --table q --by 'HASH (u)'
    exited 4
    has "$stderr" "the constraint to_p of q: its triggers on public.q are disabled"
    diff <(echo "$before") <(definitions)
}

@test "a table of an extension is refused; of BEFORE triggers it is said that they cannot fill in the key" {
    sql "CREATE TABLE q (u int PRIMARY KEY, k int); INSERT INTO q SELECT n, n FROM generate_series(1, 100) AS n;
         CREATE FUNCTION fills() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.k := NEW.u; RETURN NEW; END';
         CREATE TRIGGER fills BEFORE INSERT ON q FOR EACH ROW EXECUTE FUNCTION fills();
         CREATE EXTENSION file_fdw; ALTER EXTENSION file_fdw ADD TABLE q"
    local change
    for change in "migrate --modulus 2" convert; do
        # shellcheck disable=SC2086 # words
        run_partdemo run online/$change --table q --by 'HASH (u)'
        exited 4
        has "$stderr" "the table public.q: it belongs to the extension file_fdw" "ALTER EXTENSION file_fdw DROP TABLE public.q;"
    done
    sql "ALTER EXTENSION file_fdw DROP TABLE q"
    run_partdemo run online/migrate --table q --by 'HASH (u)' --modulus 2
    exited 0
    has "$output" "they cannot fill in the key"
}
