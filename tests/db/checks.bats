#!/usr/bin/env bats
# The checks on constraints, leftovers, rows and remembered schemas: each holds where plain SQL says that it should,
# and fails, for the right reason, where it should not.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() { pg_start "autovacuum = off"; }

teardown_file() { pg_stop; }

setup() {
    fresh_db "c$BATS_TEST_NUMBER"
    sql "CREATE TABLE m (id int NOT NULL, at date NOT NULL, v text) PARTITION BY RANGE (at);
         CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM ('2024-02-01') TO ('2024-03-01') PARTITION BY LIST (id);
         CREATE TABLE m_2a PARTITION OF m_2 FOR VALUES IN (1, 2);
         CREATE INDEX m_at ON m (at)"
    cd "$BATS_TEST_TMPDIR" || return
}

# judged CODE STEPS [PART...]: a scenario with these steps ends with this code and shows the parts.
judged() {
    local code=$1
    cat >flow.lua <<LUA
local check = require "partdemo.check"
return { summary = "Look", steps = { $2 } }
LUA
    run_partdemo run ./flow.lua
    exited "$code" && has "$output" "${@:3}"
}

# holds CHECK and fails CHECK DETAIL
holds() { judged 0 "{ check = check.$1 }" "      ok "; }
fails() { judged 4 "{ check = check.$1 }" "      FAILED " "$2"; }

# sqlfile NAME: an SQL file on stdin.
sqlfile() { cat >"$1"; }

@test "empty: no row in any partition" {
    is 0 "SELECT count(*) FROM m"
    holds 'empty "m"'
    sql "INSERT INTO m VALUES (1, '2024-02-03')"
    fails 'empty "m"' "m is empty: it has rows"
    holds 'empty "m_1"'
    fails 'empty "nowhere"' "there is no such table"
}

@test "constraint_valid: NOT VALID at any level, or by name" {
    holds 'constraint_valid "m"'
    sql "ALTER TABLE m_2a ADD CONSTRAINT short CHECK (length(v) < 9) NOT VALID"
    is "f" "SELECT convalidated FROM pg_constraint WHERE conname = 'short'"
    fails 'constraint_valid "m"' "m_2a: the constraint short is NOT VALID"
    fails 'constraint_valid { "m_2a", constraint = "short" }' "it is NOT VALID"
    fails 'constraint_valid { "m", constraint = "short" }' "there is none"
    holds 'constraint_valid "m_1"'
    sql "ALTER TABLE m_2a VALIDATE CONSTRAINT short"
    holds 'constraint_valid "m"'
    holds 'constraint_valid { "m_2a", constraint = "short" }'
    fails 'constraint_valid "nowhere"' "there is no such table"
}

@test "constraint_valid: a valid foreign key to a partitioned table, whose parts for each partition are not marked so" {
    sql "CREATE TABLE whole (id int PRIMARY KEY); CREATE TABLE refers (id int);
         CREATE TABLE parent (id int PRIMARY KEY) PARTITION BY RANGE (id);
         ALTER TABLE parent ATTACH PARTITION whole FOR VALUES FROM (1) TO (9);
         ALTER TABLE refers ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES parent NOT VALID"
    fails 'constraint_valid "refers"' "refers: the constraint f is NOT VALID"
    sql "ALTER TABLE refers VALIDATE CONSTRAINT f"
    holds 'constraint_valid "refers"'
    holds 'nothing_left "refers"'
}

@test "constraint_valid: what is declared NOT ENFORCED is no leftover, but not valid either" {
    if (($(sql "SHOW server_version_num") >= 180000)); then
        sql "ALTER TABLE m_1 ADD CONSTRAINT lax CHECK (id > 0) NOT ENFORCED"
        holds 'constraint_valid "m"'
        fails 'constraint_valid { "m_1", constraint = "lax" }' "it is NOT ENFORCED"
    else
        refused 42601 "ALTER TABLE m_1 ADD CONSTRAINT lax CHECK (id > 0) NOT ENFORCED"
    fi
}

@test "nothing_left: holds for a clean table, and beside results of a change" {
    sql "CREATE TABLE m_old (id int); CREATE TABLE m_archive (id int);
         CREATE TABLE m_new PARTITION OF m FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')"
    holds 'nothing_left "m"'
    fails 'nothing_left "nowhere"' "there is no such table"
}

@test "nothing_left: an index that is not valid, on a leaf and on a parent" {
    sql "INSERT INTO m VALUES (1, '2024-01-01', 'x'), (1, '2024-01-02', 'x')"
    refused 23505 "CREATE UNIQUE INDEX CONCURRENTLY m_1_v ON m_1 (v)"
    is "f" "SELECT indisvalid FROM pg_index WHERE indexrelid = 'm_1_v'::regclass"
    fails 'nothing_left "m"' "m_1: the index m_1_v is not valid"
    sql "DROP INDEX m_1_v"
    holds 'nothing_left "m"'
    sql "CREATE INDEX m_id ON ONLY m (id)"
    fails 'nothing_left "m"' "m: the index m_id is not valid"
}

@test "nothing_left: a NOT VALID constraint and a disabled trigger" {
    sql "ALTER TABLE m_1 ADD CONSTRAINT short CHECK (length(v) < 9) NOT VALID;
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
         CREATE TRIGGER mine BEFORE INSERT ON m_2a FOR EACH ROW EXECUTE FUNCTION f()"
    fails 'nothing_left "m"' "m_1: the constraint short is NOT VALID"
    sql "ALTER TABLE m_1 DROP CONSTRAINT short"
    holds 'nothing_left "m"'
    sql "ALTER TABLE m_2a DISABLE TRIGGER mine"
    fails 'nothing_left "m"' "m_2a: the trigger mine is disabled"
}

@test "nothing_left: helpers and tables of a change, and its notes" {
    sql "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
         CREATE TRIGGER partdemo_sync AFTER INSERT ON m_1 FOR EACH ROW EXECUTE FUNCTION f()"
    fails 'nothing_left "m"' "m_1: the trigger partdemo_sync of a change"
    sql "DROP TRIGGER partdemo_sync ON m_1; ALTER TABLE m_1 ADD CONSTRAINT partdemo_bound CHECK (at < '2024-02-01')"
    fails 'nothing_left "m"' "m_1: the constraint partdemo_bound of a change"
    sql "ALTER TABLE m_1 DROP CONSTRAINT partdemo_bound; CREATE TABLE m_2_aside (id int)"
    fails 'nothing_left "m"' "m_2_aside: a table of a change of m_2"
    sql "DROP TABLE m_2_aside; CREATE TABLE m_partitioned (id int); CREATE SCHEMA partdemo"
    fails 'nothing_left "m"' "m_partitioned: a table of a change of m; the schema partdemo"
    sql "DROP TABLE m_partitioned; DROP SCHEMA partdemo"
    holds 'nothing_left "m"'
}

@test "nothing_left: a detach that was broken off" {
    psql -XAtq -c "BEGIN" -c "SELECT count(*) FROM m" -c "SELECT pg_sleep(3)" >/dev/null 3>&- 4>&- &
    local reader=$!
    wait_for sql_true "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%' AND pid <> pg_backend_pid()"
    run psql -XAtq -c "SET statement_timeout = '300ms'" -c "ALTER TABLE m DETACH PARTITION m_1 CONCURRENTLY"
    is "t" "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'm_1'::regclass"
    fails 'nothing_left "m"' "m_1: its detach is pending"
    wait "$reader"
}

@test "remember and schema_equals: equal again after a change and its undoing" {
    sqlfile change.sql <<<"ALTER TABLE m DETACH PARTITION m_1; CREATE INDEX other ON m_1 (v);"
    sqlfile undo.sql <<<"DROP INDEX other;
        ALTER TABLE m ATTACH PARTITION m_1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');"
    judged 0 '{ check = check.remember { "start", tables = { "m" } } }, { sql = "change.sql" },
        { sql = "undo.sql" }, { check = check.schema_equals "start" }' "ok     the schema is that of 'start'"
    judged 4 '{ check = check.remember "start" }, { sql = "change.sql" }, { check = check.schema_equals "start" }' \
        "FAILED the schema is that of 'start': - then, + now" \
        "- m_1: table, partition of m FOR VALUES FROM ('2024-01-01') TO ('2024-02-01'), owner postgres" \
        "+ m_1: table, owner postgres" "+ m_1: index other CREATE INDEX other ON public.m_1 USING btree (v)"
}

# differs CHANGE LINE: after this SQL the schema of m is another one, and the line says in what.
differs() {
    sqlfile change.sql <<<"$1;"
    judged 4 '{ check = check.remember { "a", tables = { "m", "later" } } }, { sql = "change.sql" },
        { check = check.schema_equals "a" }' "$2"
}

@test "schema_equals: whatever is not as it was" {
    sql "CREATE ROLE somebody" || true
    differs "ALTER TABLE m_2a ALTER v SET NOT NULL" "- m_2a: column v text
             + m_2a: column v text, not null"
    differs "ALTER TABLE m ALTER v SET DEFAULT 'a'" "+ m: column v text, default 'a'::text"
    differs "ALTER TABLE m_1 ADD CONSTRAINT c CHECK (id > 0)" "+ m_1: constraint c CHECK ((id > 0))"
    differs "COMMENT ON TABLE m IS E'two\\nlines'" "comment 'two\\nlines'"
    differs "ALTER TABLE m_2a OWNER TO somebody" "+ m_2a: table, partition of m_2 FOR VALUES IN (1, 2), owner somebody"
    differs "GRANT SELECT ON m TO somebody" "somebody=r/postgres"
    differs "ALTER TABLE m_1 SET (fillfactor = 50)" "options {fillfactor=50}"
    differs "ALTER INDEX m_1_at_idx RENAME TO x" "+ m_1: index x CREATE INDEX x ON public.m_1 USING btree (at), of m_at"
    differs "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
        CREATE TRIGGER g BEFORE INSERT ON m FOR EACH ROW EXECUTE FUNCTION f()" "+ m_2a: trigger g CREATE TRIGGER g"
    differs "ALTER TABLE m_1 ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON m_1 USING (id > 1)" "+ m_1: policy p"
    differs "CREATE TABLE later (id serial)" "- later: there is no such relation"
    differs "ALTER SEQUENCE later_id_seq CACHE 9" "+ later_id_seq: sequence integer, start 1, increment 1"
    differs "CREATE STATISTICS s ON id, at FROM m_1" "+ m_1: statistics s"
    differs "ALTER TABLE m_1 DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (id > 0) NOT VALID" "CHECK ((id > 0)) NOT VALID"
    sql "DROP TABLE m; DROP ROLE somebody"
}

@test "schema_equals of everything sees functions and types; rows and sequences' positions are no schema" {
    sql "CREATE TABLE n (id serial)"
    sqlfile rows.sql <<<"INSERT INTO n DEFAULT VALUES; INSERT INTO m VALUES (1, '2024-01-02');"
    sqlfile more.sql <<<"CREATE TYPE colour AS ENUM ('red'); CREATE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT 2';"
    judged 0 '{ check = check.remember "a" }, { sql = "rows.sql" }, { check = check.schema_equals "a" }' "ok"
    judged 4 '{ check = check.remember "a" }, { sql = "more.sql" }, { check = check.schema_equals "a" }' \
        "+ colour: type enum, 'red'" "+ two(): function"
}

@test "schema_equals: a name that nothing was remembered under" {
    judged 4 '{ check = check.remember "a" }, { check = check.schema_equals "b" }' "nothing was remembered as 'b'"
}

@test "pruned: the leaves that a statement scans, by name, by number, at all" {
    sql "INSERT INTO m VALUES (1, '2024-01-03', 'x'), (1, '2024-02-03', 'x')"
    local one="sql = \"SELECT * FROM m WHERE at = '2024-01-03'\", table = \"m\""
    is "m_1" "SELECT DISTINCT tableoid::regclass FROM m WHERE at = '2024-01-03'"
    holds "pruned { $one, scanned = { \"m_1\" } }"
    holds "pruned { $one, scanned = 1 }"
    holds "pruned { $one }"
    fails "pruned { $one, scanned = { \"m_2a\" } }" "1 of 2 leaves scanned: m_1"
    fails "pruned { $one, scanned = {} }" "1 of 2 leaves scanned: m_1"
    fails "pruned { $one, scanned = 2 }" "1 of 2 leaves scanned: m_1"
    fails "pruned { $one, scanned = { \"nowhere\" } }" "there is no nowhere"
    local all='sql = "SELECT * FROM m", table = "m"'
    fails "pruned { $all }" "2 of 2 leaves scanned: m_1, m_2a"
    holds "pruned { $all, scanned = { \"m_2a\", \"m_1\" } }"
    fails 'pruned { sql = "SELECT 1", table = "m" }' "the statement does not read it"
    fails 'pruned { sql = "SELECT 1", table = "nowhere" }' "there is no such table"
}

@test "pruned: a query in a file; what it writes is rolled back" {
    sql "INSERT INTO m VALUES (1, '2024-02-03', 'x')"
    sqlfile gone.sql <<<"DELETE FROM m WHERE at >= '2024-02-01';"
    holds 'pruned { query = "gone.sql", table = "m", scanned = { "m_2a" } }'
    is 1 "SELECT count(*) FROM m"
    fails 'pruned { query = "nowhere.sql", table = "m" }' "there is no SQL file nowhere.sql"
    sqlfile two.sql <<<"SELECT * FROM m; SELECT 1;"
    fails 'pruned { query = "two.sql", table = "m" }' "holds 2 statements, not one"
}

@test "pruned: a table that is named twice is looked at twice, or by its alias" {
    sql "INSERT INTO m VALUES (1, '2024-01-03', 'x'), (1, '2024-02-03', 'x')"
    local twice="sql = \"SELECT * FROM m AS a CROSS JOIN m AS b WHERE a.at = '2024-01-03'\", table = \"m\""
    fails "pruned { $twice, scanned = 1 }" "2 of 2 leaves scanned"
    holds "pruned { $twice, alias = \"a\", scanned = 1 }"
    holds "pruned { $twice, alias = \"b\", scanned = 2 }"
}

@test "loaded: the rows of a load, and one too many or too few" {
    mkdir -p mixes
    cat >mix.lua <<'LUA'
local gen = require "partdemo.gen"
return { summary = "Rows of m", { weight = 1, name = "m", insert = "m",
  row = gen.row { { "id", gen.int(1, 2) }, { "at", gen.date("2024-01-01", "2024-02-20") } } } }
LUA
    sqlfile more.sql <<<"INSERT INTO m VALUES (1, '2024-01-05');"
    sqlfile less.sql <<<"DELETE FROM m WHERE ctid = (SELECT min(ctid) FROM m_1) AND tableoid = 'm_1'::regclass;"
    local load='{ check = check.remember { "a", rows = { "m" } } }, { load = "./mix.lua", ops = 30, max = true },'
    judged 0 "$load { check = check.loaded { \"m\", since = \"a\" } }" "0 rows then, 30 loaded, 30 now"
    is 30 "SELECT count(*) FROM m"
    judged 4 "$load { sql = \"more.sql\" }, { check = check.loaded { \"m\", since = \"a\" } }" \
        "30 rows then, 30 loaded, 61 now"
    judged 4 "$load { sql = \"less.sql\" }, { check = check.loaded { \"m\", since = \"a\" } }" \
        "61 rows then, 30 loaded, 90 now"
    judged 4 "$load { check = check.loaded { \"m_1\", since = \"a\" } }" "its rows were not counted then"
}

@test "what is remembered is known in the scenarios of run steps, and the other way round" {
    mkdir -p root/scenarios root/sql
    cat >root/scenarios/inner.lua <<'LUA'
local check = require "partdemo.check"
return { summary = "Inner", steps = { { check = { check.schema_equals "outer", check.remember "inner" } } } }
LUA
    cat >root/scenarios/outer.lua <<'LUA'
local check = require "partdemo.check"
return { summary = "Outer", steps = {
  { check = check.remember "outer" }, { run = "inner" }, { check = check.schema_equals "inner" },
} }
LUA
    run_partdemo run outer --root root
    exited 0
    has "$output" "ok     the schema is that of 'outer'" "ok     the schema is that of 'inner'"
}
