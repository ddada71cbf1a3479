-- The sequence behind column $2 of the table $1, and the value that it gives next; no row when the column
-- has none. pg_sequence_last_value() is NULL until the sequence was used.
SELECT s.oid::regclass::text AS sequence,
       coalesce(pg_sequence_last_value(s.oid) + q.seqincrement, q.seqstart) AS next
  FROM pg_class AS s
  JOIN pg_sequence AS q ON q.seqrelid = s.oid
 WHERE s.oid = pg_get_serial_sequence(to_regclass($1)::text, $2)::regclass;
