# shellcheck shell=bash
# A plain table with everything on it that a table can have, for tests of online changes.

# rich_table: "Odd Schema"."My ""Events""", with 3000 rows from 2024-01-01 on, and what depends on it.
rich_table() {
    sql "CREATE ROLE owner_of_it; CREATE ROLE reader; CREATE ROLE clerk" 2>/dev/null || true
    psql -XAtq -v ON_ERROR_STOP=1 <<'SQL'
CREATE SCHEMA "Odd Schema";
GRANT USAGE ON SCHEMA "Odd Schema" TO owner_of_it; -- foreign keys are checked as the owner
CREATE TABLE "Odd Schema".region (code text PRIMARY KEY);
INSERT INTO "Odd Schema".region VALUES ('eu'), ('us');
CREATE TABLE "Odd Schema"."My ""Events""" (
    u bigint GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 5 CACHE 2), "k" date NOT NULL, v bigint NOT NULL DEFAULT 7, s serial,
    twice bigint GENERATED ALWAYS AS (v * 2) STORED, "lines" text COMPRESSION pglz, "Region" text DEFAULT 'eu',
    PRIMARY KEY (u, "k"), CONSTRAINT positive CHECK (v >= 0),
    CONSTRAINT in_region FOREIGN KEY ("Region") REFERENCES "Odd Schema".region ON DELETE SET NULL);
CREATE INDEX "by v" ON "Odd Schema"."My ""Events""" (v DESC) WHERE v > 3;
CREATE UNIQUE INDEX ON "Odd Schema"."My ""Events""" ("k", u) INCLUDE ("lines") WITH (fillfactor = 70);
CREATE STATISTICS "Odd Schema".st (dependencies) ON u, v FROM "Odd Schema"."My ""Events""";
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW."lines" := NEW."lines" || '!'; RETURN NEW; END$$;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
CREATE TRIGGER "own one" BEFORE UPDATE ON "Odd Schema"."My ""Events""" FOR EACH ROW WHEN (NEW.v > 1) EXECUTE FUNCTION touch();
CREATE TRIGGER each_statement AFTER INSERT ON "Odd Schema"."My ""Events""" FOR EACH STATEMENT EXECUTE FUNCTION nothing();
ALTER TABLE "Odd Schema"."My ""Events""" ENABLE ALWAYS TRIGGER "own one", DISABLE TRIGGER each_statement;
ALTER TABLE "Odd Schema"."My ""Events""" SET (fillfactor = 80), ALTER v SET STATISTICS 321, ALTER v SET (n_distinct = 5),
    ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON "Odd Schema"."My ""Events""" FOR UPDATE TO reader USING (v > 1) WITH CHECK (v > 2);
GRANT SELECT, INSERT ON "Odd Schema"."My ""Events""" TO reader WITH GRANT OPTION;
GRANT UPDATE (v) ON "Odd Schema"."My ""Events""" TO clerk;
GRANT USAGE ON SEQUENCE "Odd Schema"."My ""Events""_u_seq" TO reader;
COMMENT ON TABLE "Odd Schema"."My ""Events""" IS 'it''s one';
COMMENT ON COLUMN "Odd Schema"."My ""Events""".v IS 'the v';
COMMENT ON INDEX "Odd Schema"."by v" IS 'an index';
INSERT INTO "Odd Schema"."My ""Events""" ("k", v, "lines") SELECT date '2024-01-01' + n % 80, n, 'x' || n FROM generate_series(1, 3000) AS n;
CREATE TABLE child (u bigint, "k" date, CONSTRAINT refers FOREIGN KEY (u, "k") REFERENCES "Odd Schema"."My ""Events""" ON DELETE CASCADE);
COMMENT ON CONSTRAINT refers ON child IS 'kept';
INSERT INTO child SELECT u, "k" FROM "Odd Schema"."My ""Events""" WHERE v % 3 = 0;
CREATE VIEW seen WITH (security_barrier) AS SELECT u, v, "Region" FROM "Odd Schema"."My ""Events""" WHERE v > 5;
GRANT SELECT ON seen TO reader;
CREATE VIEW above AS SELECT count(*) AS n FROM seen;
ALTER TABLE "Odd Schema"."My ""Events""" OWNER TO owner_of_it;
SQL
}
