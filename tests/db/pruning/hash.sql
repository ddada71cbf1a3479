-- h is spread over h_0 .. h_3 by id; h2 over three leaves by (a, b). NULL hashes to remainder 0.

-- case: one_value
-- expect: h 1/4 plan 3
SELECT * FROM h WHERE id = 42;

-- case: several_values
-- expect: h 3/4 plan 1
-- why: 1 is in h_0, 2 and 42 in h_2, 7 in h_3
SELECT * FROM h WHERE id IN (1, 2, 7, 42);

-- case: range
-- expect: h 4/4
SELECT * FROM h WHERE id BETWEEN 1 AND 2;

-- case: not_equal
-- expect: h 4/4
SELECT * FROM h WHERE id <> 42;

-- case: null
-- expect: h 1/4 plan 3, h_0
SELECT * FROM h WHERE id IS NULL;

-- case: bigint_constant
-- expect: h 1/4 plan 3
-- why: integer and bigint hash alike, in one operator family
SELECT * FROM h WHERE id = 42::bigint;

-- case: numeric_constant
-- expect: h 4/4
SELECT * FROM h WHERE id = 42::numeric;

-- case: both_columns
-- expect: h2 1/3 plan 2
SELECT * FROM h2 WHERE a = 7 AND b = 'x';

-- case: one_column_of_two
-- expect: h2 3/3
-- why: the hash needs both
SELECT * FROM h2 WHERE a = 7;

-- case: or_of_pairs
-- expect: h2 2/3 plan 1, h2_1 h2_2
SELECT * FROM h2 WHERE (a = 7 AND b = 'x') OR (a = 8 AND b = 'y');

-- case: or_of_pairs_with_a_common_part
-- expect: h2 3/3
-- why: the planner makes it a = 7 AND (b = 'x' OR b = 'y'), and then neither part has both columns
SELECT * FROM h2 WHERE (a = 7 AND b = 'x') OR (a = 7 AND b = 'y');
