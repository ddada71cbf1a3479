-- What the statistics system counted for the tables with the OIDs in the JSON array $1, since it was
-- last reset.
SELECT s.oid::bigint AS oid,
       pg_stat_get_dead_tuples(s.oid) AS dead,
       to_char(greatest(pg_stat_get_last_analyze_time(s.oid), pg_stat_get_last_autoanalyze_time(s.oid)),
               'YYYY-MM-DD HH24:MI') AS last_analyze,
       pg_stat_get_mod_since_analyze(s.oid) AS modified,
       pg_stat_get_numscans(s.oid) AS seq_scans,
       coalesce((SELECT sum(pg_stat_get_numscans(x.indexrelid))::bigint
                   FROM pg_index AS x WHERE x.indrelid = s.oid), 0) AS index_scans,
       pg_stat_get_tuples_inserted(s.oid) AS inserted
  FROM (SELECT value::oid AS oid FROM json_array_elements_text($1::json)) AS s;
