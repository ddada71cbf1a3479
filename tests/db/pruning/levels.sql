-- m: m_1 (January to June) holds m_1_a and m_1_rest, which is hashed by id into m_1_rest_0 and m_1_rest_1; m_2 (July to
-- December) is a leaf. Four leaves in all, on three levels.

-- case: first_level
-- expect: m 1/4 plan 3, m_2
SELECT * FROM m WHERE day = '2024-08-15';

-- case: first_level_with_partitions
-- expect: m 3/4 plan 1, m_1_a m_1_rest_0 m_1_rest_1
SELECT * FROM m WHERE day = '2024-02-15';

-- case: two_levels
-- expect: m 1/4 plan 3, m_1_a
SELECT * FROM m WHERE day = '2024-02-15' AND c = 'a';

-- case: three_levels
-- expect: m 1/4 plan 3
SELECT * FROM m WHERE day = '2024-02-15' AND c = 'b' AND id = 3;

-- case: second_level_alone
-- expect: m 2/4 plan 2, m_1_a m_2
-- why: m_2 is not partitioned by c and may have 'a' too
SELECT * FROM m WHERE c = 'a';

-- case: third_level_alone
-- expect: m 3/4 plan 1
-- why: id prunes within m_1_rest only
SELECT * FROM m WHERE id = 3;

-- case: or_across_levels
-- expect: m 2/4 plan 2, m_1_a m_2
SELECT * FROM m WHERE (day < '2024-07-01' AND c = 'a') OR day >= '2024-07-01';

-- case: nothing_left
-- expect: m 0/4 plan 4
SELECT * FROM m WHERE day >= '2025-01-01';

-- case: levels_in_different_phases
-- expect: m 1/4 plan 1 startup 2, m_1_a
-- why: the day is a constant, the list's value a stable function
SELECT * FROM m WHERE day = '2024-02-15' AND c = chr(96 + stable_15() / 15);

-- case: generic_plan_through_levels
-- expect: m 1/4 startup 3
-- params: 2024-02-15 a
SELECT * FROM m WHERE day = $1 AND c = $2;
