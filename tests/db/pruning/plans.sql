-- Generic plans, and functions whose value the planner does not know.

-- case: generic_equal
-- expect: r 1/4 startup 3, r_1
-- params: 5
SELECT * FROM r WHERE k = $1;

-- case: generic_range
-- expect: r 2/4 startup 2, r_1 r_10
-- params: 5 15
SELECT * FROM r WHERE k BETWEEN $1 AND $2;

-- case: generic_with_a_constant
-- expect: r 1/4 plan 2 startup 1, r_10
-- params: 15
SELECT * FROM r WHERE k >= 10 AND k < 30 AND k = $1;

-- case: generic_array
-- expect: r 4/4
-- why: an array is looked into when it is a constant, not when it is a parameter
-- params: {3,25}
SELECT * FROM r WHERE k = ANY ($1::int[]);

-- case: generic_hash
-- expect: h 1/4 startup 3
-- params: 42
SELECT * FROM h WHERE id = $1;

-- case: generic_list
-- expect: l 1/4 startup 3, l_cd
-- params: c
SELECT * FROM l WHERE c = $1;

-- case: generic_boolean
-- expect: b 1/3 startup 2, b_false
-- params: false
SELECT * FROM b WHERE done = $1;

-- case: generic_other_column
-- expect: r 4/4
-- params: 50
SELECT * FROM r WHERE v = $1;

-- case: stable_function
-- expect: r 1/4 startup 3, r_10
SELECT * FROM r WHERE k = stable_15();

-- case: immutable_function
-- expect: r 1/4 plan 3, r_10
SELECT * FROM r WHERE k = immutable_15();

-- case: volatile_function
-- expect: r 4/4
-- why: it could give another value for each row
SELECT * FROM r WHERE k = volatile_15();

-- case: volatile_function_in_a_subquery
-- expect: r 1/4 runtime 3, r_10
-- why: the subquery runs once
SELECT * FROM r WHERE k = (SELECT volatile_15());

-- case: now
-- expect: ts 1/3 startup 2, ts_rest
SELECT * FROM ts WHERE at > now() - interval '1 day';

-- case: timestamptz_literal
-- expect: ts 1/3 plan 2, ts_2024
SELECT * FROM ts WHERE at = '2024-05-01 00:00Z';

-- case: timestamp_literal
-- expect: ts 1/3 startup 2, ts_2024
-- why: the comparison depends on the session's time zone, so it is stable
SELECT * FROM ts WHERE at = timestamp '2024-05-01 00:00';

-- case: date_literal_range
-- expect: ts 1/3 startup 2, ts_2024
SELECT * FROM ts WHERE at >= date '2024-02-01' AND at < date '2024-03-01';

-- case: literal_plus_interval
-- expect: ts 1/3 startup 2, ts_2024
-- why: adding an interval to a timestamptz depends on the time zone
SELECT * FROM ts WHERE at > timestamptz '2024-01-31 00:00Z' + interval '1 day' AND at < timestamptz '2024-02-28 00:00Z' + interval '1 day';
