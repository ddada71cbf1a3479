-- rr: range of (a, b): rr_1_low (1,-)..(1,10), rr_1_high (1,10)..(1,+), rr_2 (2,-)..(2,+), rr_rest. x: range of abs(k).

-- case: both_columns
-- expect: rr 1/4 plan 3, rr_1_low
SELECT * FROM rr WHERE a = 1 AND b = 3;

-- case: second_bound
-- expect: rr 2/4 plan 2, rr_1_high rr_rest
-- why: for the planner there may be values above (1, MAXVALUE) and below (2, MINVALUE)
SELECT * FROM rr WHERE a = 1 AND b >= 10;

-- case: first_column_alone
-- expect: rr 3/4 plan 1, rr_1_low rr_1_high rr_rest
-- why: as above
SELECT * FROM rr WHERE a = 1;

-- case: second_column_alone
-- expect: rr 4/4
-- why: without the first column the second says nothing
SELECT * FROM rr WHERE b = 3;

-- case: range_of_the_first
-- expect: rr 2/4 plan 2, rr_2 rr_rest
SELECT * FROM rr WHERE a >= 2;

-- case: first_column_outside
-- expect: rr 1/4 plan 3, rr_rest
SELECT * FROM rr WHERE a = 4 AND b = 4;

-- case: row_comparison
-- expect: rr 4/4
-- why: a comparison of rows is not one of columns to the planner
SELECT * FROM rr WHERE (a, b) < (1, 3);

-- case: expression_key
-- expect: x 1/3 plan 2, x_10
SELECT * FROM x WHERE abs(k) = 12;

-- case: expression_key_range
-- expect: x 2/3 plan 1, x_0 x_10
SELECT * FROM x WHERE abs(k) < 15;

-- case: column_of_the_expression
-- expect: x 3/3
-- why: that k = 12 makes abs(k) = 12 is beyond the planner
SELECT * FROM x WHERE k = 12;
