-- A block that looks through the rows $1 (FROM and what comes after it; the table is t) for one with a value that the new
-- types $2 (a JSON array of { name, type, old, textual }) do not take or do not keep, and ends with a message about it.
-- $3: the key as texts; $4: the table's name. Values are assigned, not cast: a cast may cut off.
WITH ty AS (
  SELECT *, row_number() OVER () AS n
    FROM json_to_recordset($2::json) AS x (name text, type text, old text, textual boolean)
)
SELECT format($body$
DECLARE
    partdemo_row record;
    partdemo_column text;
    partdemo_value text;
    partdemo_type text;
    partdemo_kept boolean;
    partdemo_why text;
BEGIN
    FOR partdemo_row IN SELECT concat_ws(', ', %1$s) AS partdemo_key, t.* %2$s LOOP
        BEGIN
            %3$s
            partdemo_why := NULL;
        EXCEPTION WHEN OTHERS THEN
            partdemo_why := SQLERRM;
        END;
        IF partdemo_why IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'PD003', MESSAGE = format('%%s of %%s is %%s in the row (%%s), which %%s does not take: %%s',
                partdemo_column, %4$L, partdemo_value, partdemo_row.partdemo_key, partdemo_type, partdemo_why);
        END IF;
    END LOOP;
END
$body$,
  $3::text, $1::text,
  -- A variable of its row alone: one of a NOT NULL domain has to have a value from the beginning.
  string_agg(format('partdemo_column := %L; partdemo_type := %L; partdemo_value := partdemo_row.%I::text; '
    || 'DECLARE partdemo_%s %s := partdemo_row.%I; BEGIN IF %s THEN RAISE EXCEPTION ''it would become %%'', partdemo_%s; END IF; END;',
    quote_ident(name), type, name, n, type, name,
    CASE WHEN textual THEN format('(partdemo_%s::%s)::text IS DISTINCT FROM partdemo_row.%I::text', n, old, name)
         ELSE format('partdemo_%s::%s IS DISTINCT FROM partdemo_row.%I', n, old, name) END, n), E'\n            ' ORDER BY n),
  $4::text) AS body
FROM ty;
