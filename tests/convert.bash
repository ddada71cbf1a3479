# shellcheck shell=bash
# shellcheck disable=SC2034,SC2016 # RANGE, RANGE_KEY and RICH are read by the tests; SQL has dollar quotes
# What the tests of online/convert share, after online.bash. Load it with `load ../convert`.

# plain_table KEY_TYPE KEY: 6,000 rows; u below 2000 belongs to the writers.
plain_table() {
    sql "CREATE TABLE t (u bigint NOT NULL, k $1 NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k));
         CREATE INDEX t_v ON t (v);
         INSERT INTO t SELECT n, $2, 0 FROM generate_series(0, 5999) AS n"
}

range_table() {
    plain_table timestamp "timestamp '2024-01-25' + n * interval '10 min'"
}
RANGE_KEY="timestamp '2024-01-25' + random() * interval '40 days'"
RANGE=(run online/convert --table t --by 'RANGE (k)' --until 2024-12-01 --at '2025-01-01,2025-02-01')

# tree EXPECTED: names and bounds of the partitions of t.
tree() {
    is "$1" "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
              WHERE i.inhparent = 't'::regclass ORDER BY 1"
}

# is_whole: t has its range partitions, t_hist every row.
is_whole() {
    tree $'t_2024_12|FOR VALUES FROM (\'2024-12-01 00:00:00\') TO (\'2025-01-01 00:00:00\')
t_2025_01|FOR VALUES FROM (\'2025-01-01 00:00:00\') TO (\'2025-02-01 00:00:00\')
t_hist|FOR VALUES FROM (MINVALUE) TO (\'2024-12-01 00:00:00\')' &&
        is $'t|t_pkey,t_v\nt_hist|t_hist_pkey,t_hist_v' \
            "SELECT indrelid::regclass, string_agg(indexrelid::regclass::text, ',' ORDER BY indexrelid::regclass::text)
               FROM pg_index WHERE indrelid IN ('t'::regclass, 't_hist'::regclass) GROUP BY indrelid ORDER BY indrelid::regclass::text" &&
        nothing_left
}

# rich_table: everything that a table can have, with odd names.
rich_table() {
    sql "SET client_min_messages = warning; DROP ROLE IF EXISTS its_owner; DROP ROLE IF EXISTS its_reader"
    sql 'CREATE ROLE its_owner; CREATE ROLE its_reader; CREATE TABLE customers (id int PRIMARY KEY); INSERT INTO customers VALUES (1), (2);
         CREATE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
         CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
         CREATE SCHEMA "Odd s"; GRANT CREATE, USAGE ON SCHEMA "Odd s" TO its_owner;
         CREATE TABLE "Odd s"."Big ""t" (id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "Odd s"."its ids" START 5 CACHE 3),
             "at" timestamptz, cust int REFERENCES customers ON DELETE CASCADE, email text COLLATE "C" DEFAULT now()::text,
             bye int, s serial, amount numeric CHECK (amount >= 0), gone int, twice int GENERATED ALWAYS AS (gone * 2) STORED,
             PRIMARY KEY (id, "at"), CONSTRAINT uq UNIQUE (s, "at") DEFERRABLE INITIALLY DEFERRED) WITH (fillfactor = 80);
         ALTER TABLE "Odd s"."Big ""t" DROP COLUMN bye;
         CREATE UNIQUE INDEX mails ON "Odd s"."Big ""t" (lower(email) DESC) INCLUDE (amount, "at") WHERE amount > 3;
         CREATE INDEX "Big ""t_amount" ON "Odd s"."Big ""t" (amount) WITH (fillfactor = 77);
         COMMENT ON TABLE "Odd s"."Big ""t" IS $$it'\''s$$; COMMENT ON COLUMN "Odd s"."Big ""t".email IS $$mail$$;
         COMMENT ON CONSTRAINT uq ON "Odd s"."Big ""t" IS $$q$$; COMMENT ON INDEX "Odd s".mails IS $$m$$;
         COMMENT ON CONSTRAINT "Big ""t_amount_check" ON "Odd s"."Big ""t" IS $$c$$;
         CREATE STATISTICS "Odd s".stx ON amount, gone FROM "Odd s"."Big ""t"; ALTER STATISTICS "Odd s".stx SET STATISTICS 7;
         ALTER TABLE "Odd s"."Big ""t" ALTER amount SET STATISTICS 33, ALTER email SET (n_distinct = 5), ALTER email SET STORAGE external;
         CREATE TRIGGER tr BEFORE INSERT OR UPDATE ON "Odd s"."Big ""t" FOR EACH ROW WHEN (NEW.amount > 1) EXECUTE FUNCTION same();
         CREATE TRIGGER ts AFTER INSERT ON "Odd s"."Big ""t" REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION noted();
         CREATE CONSTRAINT TRIGGER tc AFTER INSERT ON "Odd s"."Big ""t" DEFERRABLE FOR EACH ROW EXECUTE FUNCTION noted();
         COMMENT ON TRIGGER tr ON "Odd s"."Big ""t" IS $$t$$;
         ALTER TABLE "Odd s"."Big ""t" ENABLE ALWAYS TRIGGER tr, DISABLE TRIGGER ts, ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
         CREATE POLICY p ON "Odd s"."Big ""t" FOR SELECT TO its_reader USING (amount > 0 AND EXISTS (SELECT FROM customers));
         COMMENT ON POLICY p ON "Odd s"."Big ""t" IS $$p$$;
         GRANT SELECT, INSERT ON "Odd s"."Big ""t" TO its_reader WITH GRANT OPTION; GRANT UPDATE (amount) ON "Odd s"."Big ""t" TO PUBLIC;
         GRANT USAGE ON SEQUENCE "Odd s"."its ids" TO its_reader; COMMENT ON SEQUENCE "Odd s"."its ids" IS $$i$$;
         CREATE VIEW v WITH (security_barrier = true) AS SELECT id, amount AS "A" FROM "Odd s"."Big ""t" WHERE amount < 5000 WITH LOCAL CHECK OPTION;
         GRANT SELECT ON v TO its_reader; COMMENT ON VIEW v IS $$v$$; CREATE VIEW vv AS SELECT * FROM v;
         INSERT INTO "Odd s"."Big ""t" (at, cust, email, amount, gone)
         SELECT timestamptz $$2024-01-01$$ + n * interval $$1 hour$$, 1 + n % 2, $$m$$ || n, n, n FROM generate_series(1, 1000) AS n;
         ALTER TABLE "Odd s"."Big ""t" OWNER TO its_owner'
}
RICH=(run online/convert --table '"Odd s"."Big ""t"' --by 'RANGE ("at")' --until 2026-12-01 --at '2027-01-01,2027-02-01')

# sequences: their definitions, positions, privileges.
sequences() {
    sql 'SELECT s.*, c.relowner::regrole, c.relacl, obj_description(c.oid), d.deptype, d.refobjid::regclass, a.attname
           FROM pg_sequences AS s JOIN pg_class AS c ON c.oid = format($$%I.%I$$, schemaname, sequencename)::regclass
           JOIN pg_depend AS d ON d.objid = c.oid AND d.refobjsubid > 0 AND d.classid = $$pg_class$$::regclass
           JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
          WHERE schemaname <> $$partdemo$$ ORDER BY sequencename'
}
