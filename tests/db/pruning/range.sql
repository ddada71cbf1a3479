-- r has four leaves: r_1 [1,10), r_10 [10,20), r_20 [20,30) and r_rest, the default.

-- case: equal
-- expect: r 1/4 plan 3
SELECT * FROM r WHERE k = 5;

-- case: equal_on_a_lower_bound
-- expect: r 1/4 plan 3, r_10
SELECT * FROM r WHERE k = 10;

-- case: between_crosses_a_bound
-- expect: r 2/4 plan 2, r_1 r_10
SELECT * FROM r WHERE k BETWEEN 5 AND 10;

-- case: half_open
-- expect: r 1/4 plan 3, r_1
-- why: 10 is excluded, so r_10 is not needed
SELECT * FROM r WHERE k >= 5 AND k < 10;

-- case: covered_by_partitions
-- expect: r 3/4 plan 1, r_1 r_10 r_20
-- why: no gap between 1 and 30, so the default is not needed
SELECT * FROM r WHERE k >= 1 AND k < 30;

-- case: open_upwards
-- expect: r 2/4 plan 2, r_20 r_rest
SELECT * FROM r WHERE k > 25;

-- case: open_downwards
-- expect: r 2/4 plan 2, r_1 r_rest
SELECT * FROM r WHERE k < 5;

-- case: outside_every_partition
-- expect: r 1/4 plan 3, r_rest
SELECT * FROM r WHERE k = 99;

-- case: in_list
-- expect: r 2/4 plan 2, r_1 r_20
SELECT * FROM r WHERE k IN (3, 25);

-- case: or_of_ranges
-- expect: r 2/4 plan 2, r_1 r_20
SELECT * FROM r WHERE k < 3 AND k >= 1 OR k = 29;

-- case: or_with_another_column
-- expect: r 4/4
-- why: the other side can be true in any leaf
SELECT * FROM r WHERE k = 3 OR v = 250;

-- case: not_equal
-- expect: r 4/4
SELECT * FROM r WHERE k <> 5;

-- case: null_key
-- expect: r 1/4 plan 3, r_rest
-- why: a range never has NULL; the default has
SELECT * FROM r WHERE k IS NULL;

-- case: not_null_key
-- expect: r 4/4
SELECT * FROM r WHERE k IS NOT NULL;

-- case: equal_to_null
-- expect: r 0/4 plan 4
-- why: nothing equals NULL: the plan is a Result with a one-time filter
SELECT * FROM r WHERE k = NULL;

-- case: contradiction
-- expect: r 0/4 plan 4
SELECT * FROM r WHERE k < 5 AND k > 20;

-- case: false
-- expect: r 0/4 plan 4
SELECT * FROM r WHERE false;

-- case: expression_on_the_key
-- expect: r 4/4
SELECT * FROM r WHERE k + 1 = 6;

-- case: expression_of_constants
-- expect: r 1/4 plan 3, r_1
SELECT * FROM r WHERE k = 2 + 3;

-- case: bigint_constant
-- expect: r 1/4 plan 3, r_1
-- why: btree knows how to compare integer with bigint
SELECT * FROM r WHERE k = 5::bigint;

-- case: numeric_constant
-- expect: r 4/4
-- why: the key is cast to numeric, which hides it
SELECT * FROM r WHERE k = 5::numeric;

-- case: no_condition
-- expect: r 4/4
SELECT * FROM r;

-- case: open_low_end
-- expect: open 1/3 plan 2, open_low
SELECT * FROM open WHERE k < -20;

-- case: open_high_end
-- expect: open 2/3 plan 1, open_mid open_high
SELECT * FROM open WHERE k > 50;

-- case: null_without_default
-- expect: open 0/3 plan 3
-- why: no leaf can have NULL, and there is no default
SELECT * FROM open WHERE k IS NULL;

-- case: pruning_off
-- expect: r 4/4
-- set: enable_partition_pruning=off
SELECT * FROM r WHERE k = 5;
