-- Whether the table with OID $2 is somewhere below the one with OID $1.
SELECT EXISTS (SELECT FROM pg_partition_ancestors($2::bigint::oid::regclass) AS a
                WHERE a.relid = $1::bigint::oid AND $1 <> $2) AS is_part;
