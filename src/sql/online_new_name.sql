-- The name $1 of a table that may be there or not, quoted where that is needed, as the search_path has it when it is;
-- how many parts it has, and whether there is a schema for it.
SELECT coalesce(to_regclass(quoted)::text, quoted) AS name, parts,
       CASE WHEN parts = 1 THEN current_schema() IS NOT NULL ELSE to_regnamespace(place) IS NOT NULL END AS has_place
  FROM (SELECT string_agg(quote_ident(part), '.' ORDER BY at) AS quoted, count(*) AS parts,
               min(quote_ident(part)) FILTER (WHERE at = 1) AS place
          FROM unnest(parse_ident($1)) WITH ORDINALITY AS p (part, at)) AS x;
