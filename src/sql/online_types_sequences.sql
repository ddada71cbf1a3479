-- Sequences of columns $1 (a JSON array of { sequence_name, sequence, sequence_now, type, column }) that stand where the type
-- that they are to have has no room, and the SQL that moves them.
SELECT format('the sequence %s of %s', t.sequence_name, t.column) AS what,
       CASE WHEN s.last_value > room.most THEN format('it stands at %s, and %s ends at %s', s.last_value, t.sequence, room.most)
            ELSE format('its bounds are %s and %s, and %s ends at %s', s.min_value, s.max_value, t.sequence, room.most) END AS why,
       CASE WHEN s.last_value > room.most THEN format('SELECT setval(%L, ...);', t.sequence_name)
            ELSE format('ALTER SEQUENCE %s NO MINVALUE NO MAXVALUE;', t.sequence_name) END AS remedy
  FROM json_to_recordset($1::json) AS t (sequence_name text, sequence text, sequence_now text, "column" text)
  JOIN (VALUES ('smallint', -32768::bigint, 32767::bigint), ('integer', -2147483648, 2147483647),
               ('bigint', -9223372036854775808, 9223372036854775807)) AS room (type, least, most) ON room.type = t.sequence
  JOIN (VALUES ('smallint', -32768::bigint, 32767::bigint), ('integer', -2147483648, 2147483647),
               ('bigint', -9223372036854775808, 9223372036854775807)) AS now (type, least, most) ON now.type = t.sequence_now
  JOIN pg_sequences AS s ON format('%I.%I', s.schemaname, s.sequencename) = t.sequence_name
 WHERE s.last_value NOT BETWEEN room.least AND room.most
    OR s.max_value > room.most AND s.max_value <> now.most OR s.min_value < room.least AND s.min_value <> now.least;
