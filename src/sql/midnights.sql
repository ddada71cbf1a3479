-- Whether each of the dates in the JSON array $1 begins, in the session's time zone, with what its text is as a
-- timestamptz: where clocks are put back at midnight that is the second of two midnights, or what comes after
-- it is the day before again.
SELECT bool_and(((d.day::timestamptz + g * interval '1 minute')::date >= d.day::date) = (g >= 0)) AS certain
  FROM json_array_elements_text($1::json) AS d (day), generate_series(-180, 180) AS g;
