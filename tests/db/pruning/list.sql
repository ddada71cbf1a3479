-- l has four leaves: l_ab, l_cd, l_null and l_rest, the default. n has n_a and n_b alone. b is of a boolean.

-- case: equal
-- expect: l 1/4 plan 3, l_ab
SELECT * FROM l WHERE c = 'a';

-- case: in_two_lists
-- expect: l 2/4 plan 2, l_ab l_cd
SELECT * FROM l WHERE c IN ('a', 'd');

-- case: unlisted
-- expect: l 1/4 plan 3, l_rest
SELECT * FROM l WHERE c = 'x';

-- case: is_null
-- expect: l 1/4 plan 3, l_null
SELECT * FROM l WHERE c IS NULL;

-- case: is_not_null
-- expect: l 3/4 plan 1, l_ab l_cd l_rest
SELECT * FROM l WHERE c IS NOT NULL;

-- case: null_or_value
-- expect: l 2/4 plan 2, l_cd l_null
SELECT * FROM l WHERE c = 'c' OR c IS NULL;

-- case: not_equal_to_half_a_list
-- expect: l 3/4 plan 1, l_ab l_cd l_rest
-- why: l_ab still has 'b'; <> is not true of NULL
SELECT * FROM l WHERE c <> 'a';

-- case: not_in_a_whole_list
-- expect: l 2/4 plan 2, l_cd l_rest
SELECT * FROM l WHERE c NOT IN ('a', 'b');

-- case: range_of_values
-- expect: l 2/4 plan 2, l_ab l_rest
-- why: 'c' and greater are in other lists; the default may have what is smaller
SELECT * FROM l WHERE c < 'c';

-- case: not_in_any_list_without_default
-- expect: n 0/2 plan 2
SELECT * FROM n WHERE c = 'z';

-- case: all_but_one_without_default
-- expect: n 1/2 plan 1, n_b
SELECT * FROM n WHERE c <> 'a';

-- case: function_of_the_key
-- expect: l 4/4
SELECT * FROM l WHERE upper(c) = 'A';

-- case: like
-- expect: l 4/4
-- why: the database's collation gives no range for a pattern, and pruning does not look for one
SELECT * FROM l WHERE c LIKE 'a%';

-- case: any_of_an_array
-- expect: l 2/4 plan 2, l_ab l_rest
SELECT * FROM l WHERE c = ANY (ARRAY['b', 'q']);

-- case: boolean_itself
-- expect: b 1/3 plan 2, b_true
SELECT * FROM b WHERE done;

-- case: boolean_not
-- expect: b 1/3 plan 2, b_false
SELECT * FROM b WHERE NOT done;

-- case: boolean_is_true
-- expect: b 1/3 plan 2, b_true
SELECT * FROM b WHERE done IS TRUE;

-- case: boolean_is_not_true
-- expect: b 2/3 plan 1, b_false b_null
SELECT * FROM b WHERE done IS NOT TRUE;

-- case: boolean_is_unknown
-- expect: b 3/3
-- expect 17+: b 1/3 plan 2, b_null
-- why: since PostgreSQL 17 the planner takes IS UNKNOWN for IS NULL
SELECT * FROM b WHERE done IS UNKNOWN;

-- case: boolean_is_null
-- expect: b 1/3 plan 2, b_null
SELECT * FROM b WHERE done IS NULL;
