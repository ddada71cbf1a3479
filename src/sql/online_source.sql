-- The partition $2 of the table $1 as an online change needs it: its place, its columns, and a key that names
-- each row: the primary key, else a unique index of columns that cannot be NULL. No row when there is no
-- such partition; $3 and $4 are $2 as SQL reads it, name and schema. Without $2 the whole table $1, plain or
-- partitioned, which then is its own parent; rows and bytes are those of its leaves. Equality of the key is the
-- operator of its index, which need not be on the search_path; key_path has the schemas of such operators.
WITH leaf AS (
  (SELECT c.*, n.nspname, i.inhparent, i.inhdetachpending
    FROM pg_inherits AS i
    JOIN pg_class AS c ON c.oid = i.inhrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
   WHERE i.inhparent = to_regclass($1) AND c.relispartition
     AND (c.relname = $3 AND n.nspname = coalesce($4, n.nspname)
          OR $2::text IN (c.relname, c.oid::regclass::text, n.nspname || '.' || c.relname,
                format('%I', c.relname), format('%I.%I', n.nspname, c.relname)))
   ORDER BY c.relname = $3 DESC
   LIMIT 1)
  UNION ALL
  SELECT c.*, n.nspname, c.oid, false
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.oid = to_regclass($1) AND $2::text IS NULL
), leaves AS (
  SELECT sum(CASE WHEN c.reltuples >= 0 THEN c.reltuples ELSE pg_relation_size(c.oid) / 100 END)::bigint AS rows, sum(pg_table_size(c.oid))::bigint AS bytes, min(am.amname) AS method
    FROM leaf
   CROSS JOIN LATERAL (SELECT leaf.oid AS relid UNION SELECT relid FROM pg_partition_tree(leaf.oid)) AS t
    JOIN pg_class AS c ON c.oid = t.relid AND c.relkind <> 'p'
    LEFT JOIN pg_am AS am ON am.oid = c.relam
), best AS (
  SELECT x.indexrelid, x.indkey::int2[] AS columns, x.indnkeyatts, x.indclass::oid[] AS classes
    FROM leaf
    JOIN pg_index AS x ON x.indrelid = leaf.oid
    JOIN pg_class AS ic ON ic.oid = x.indexrelid
    JOIN pg_am AS am ON am.oid = ic.relam AND am.amname = 'btree'
   WHERE x.indisunique AND x.indisvalid AND x.indimmediate AND x.indpred IS NULL AND x.indexprs IS NULL
     AND NOT EXISTS (SELECT FROM pg_attribute AS a
                      WHERE a.attrelid = leaf.oid AND NOT a.attnotnull
                        AND a.attnum = ANY (x.indkey::int2[]))
   ORDER BY x.indisprimary DESC, x.indnkeyatts, ic.relname
   LIMIT 1
), key AS (
  SELECT string_agg(name, ', ' ORDER BY place) AS columns,
         string_agg('k' || place, ', ' ORDER BY place) AS log,
         string_agg(format('k%s %s%s NOT NULL', place, type, collated), ', ' ORDER BY place) AS definitions,
         string_agg('OLD.' || name, ', ' ORDER BY place) AS old,
         string_agg('NEW.' || name, ', ' ORDER BY place) AS new,
         string_agg(format('t.%s %s k.k%s', name, equal, place), ' AND ' ORDER BY place) AS match,
         string_agg(format('t.%s %s partdemo_line.k%s', name, equal, place), ' AND ' ORDER BY place) AS line_match,
         string_agg(DISTINCT path, ', ') AS path,
         string_agg(name || '::text', ', ' ORDER BY place) AS texts,
         string_agg(name || ' DESC', ', ' ORDER BY place) AS descending,
         json_agg(type ORDER BY place)::text AS types
    FROM (SELECT k.place, quote_ident(a.attname) AS name, format_type(a.atttypid, a.atttypmod) AS type,
                 coalesce(' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname), '') AS collated,
                 CASE WHEN o.oprnamespace = 'pg_catalog'::regnamespace THEN o.oprname
                      ELSE format('OPERATOR(%s.%s)', o.oprnamespace::regnamespace, o.oprname) END AS equal,
                 nullif(o.oprnamespace, 'pg_catalog'::regnamespace)::regnamespace::text AS path
            FROM best
            CROSS JOIN unnest(best.columns, best.classes) WITH ORDINALITY AS k (attnum, class, place)
            JOIN leaf ON true
            JOIN pg_opclass AS q ON q.oid = k.class
            JOIN pg_amop AS m ON m.amopfamily = q.opcfamily AND m.amopstrategy = 3
                             AND m.amoplefttype = q.opcintype AND m.amoprighttype = q.opcintype
            JOIN pg_operator AS o ON o.oid = m.amopopr
            JOIN pg_attribute AS a ON a.attrelid = leaf.oid AND a.attnum = k.attnum
            LEFT JOIN pg_collation AS co ON co.oid = a.attcollation AND co.collname <> 'default'
            LEFT JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
           WHERE k.place <= best.indnkeyatts) AS columns
)
SELECT leaf.oid::bigint AS oid,
       leaf.nspname::text AS schema,
       leaf.relname::text AS name,
       format('%I.%I', leaf.nspname, leaf.relname) AS source,
       leaf.relkind::text AS kind,
       leaf.relowner::regrole::text AS owner,
       leaf.relpersistence::text AS persistence,
       leaves.method::text AS method,
       coalesce(ts.spcname, dts.spcname)::text AS tablespace,
       coalesce(leaves.rows, 0) AS rows,
       coalesce(leaves.bytes, 0) AS bytes,
       pg_get_expr(leaf.relpartbound, leaf.oid) AS bound,
       coalesce(pg_get_partition_constraintdef(leaf.oid), 'true') AS constraint,
       leaf.inhdetachpending AS pending,
       p.oid::bigint AS parent_oid,
       p.relname::text AS parent_name,
       format('%I.%I', pn.nspname, p.relname) AS parent,
       CASE pt.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' WHEN 'h' THEN 'hash' END AS strategy,
       pt.partnatts::int AS key_columns,
       pg_get_partkeydef(p.oid) AS partition_by,
       coalesce(pg_get_partition_constraintdef(p.oid), 'true') AS above,
       (SELECT format('%I.%I', dn.nspname, d.relname)
          FROM pg_class AS d JOIN pg_namespace AS dn ON dn.oid = d.relnamespace
         WHERE d.oid = pt.partdefid) AS default_partition,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a
         WHERE a.attrelid = leaf.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a
         WHERE a.attrelid = leaf.oid AND a.attnum > 0 AND NOT a.attisdropped) AS all_columns,
       key.columns AS key, key.log AS key_log, key.definitions AS key_definitions, key.old AS key_old,
       key.new AS key_new, key.match AS key_match, key.line_match AS key_line_match,
       key.texts AS key_texts, key.descending AS key_descending,
       key.types AS key_types, key.path AS key_path,
       (SELECT indexrelid::bigint FROM best) AS key_index
  FROM leaf
  JOIN pg_class AS p ON p.oid = leaf.inhparent
  JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
  LEFT JOIN pg_partitioned_table AS pt ON pt.partrelid = p.oid
  LEFT JOIN pg_tablespace AS ts ON ts.oid = leaf.reltablespace
  JOIN pg_database AS db ON db.datname = current_database()
  JOIN pg_tablespace AS dts ON dts.oid = db.dattablespace
  CROSS JOIN leaves
  CROSS JOIN key;
