-- The schemas in which a name without one is looked up in this session, as a setting: "$user" is another one's in another
-- session, and a schema that is not there yet may come.
SELECT coalesce(string_agg(quote_ident(name), ', ' ORDER BY place), '''''') AS path
  FROM unnest(current_schemas(false)) WITH ORDINALITY AS s (name, place) WHERE name NOT LIKE 'pg\_temp\_%';
