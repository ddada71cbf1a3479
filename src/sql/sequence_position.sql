-- The sequence behind column $2 of the table $1, and the value that it gives next; no row when there is
-- no such column or it has none. pg_sequence_last_value() is NULL until the sequence was used.
SELECT s.oid::regclass::text AS sequence,
       coalesce(pg_sequence_last_value(s.oid) + q.seqincrement, q.seqstart) AS next
  FROM pg_attribute AS a
  JOIN pg_class AS s ON s.oid = pg_get_serial_sequence(a.attrelid::regclass::text, a.attname)::regclass
  JOIN pg_sequence AS q ON q.seqrelid = s.oid
 WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND NOT a.attisdropped;
