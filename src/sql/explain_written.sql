-- Rows that this transaction has put so far into each of the relations in $1, a JSON array of OIDs.
SELECT o.oid::bigint AS oid, pg_stat_get_xact_tuples_inserted(o.oid::oid) AS n
  FROM json_array_elements_text($1::json) AS o (oid);
