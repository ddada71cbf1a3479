-- What is pruned while the query runs, and what is just not run.

-- case: initplan
-- expect: r 1/4 runtime 3, r_1
-- why: the value is known after the subquery ran, before r is read
SELECT * FROM r WHERE k = (SELECT min(k) FROM wanted);

-- case: initplan_range
-- expect: r 2/4 runtime 2, r_1 r_10
SELECT * FROM r WHERE k >= (SELECT min(k) FROM wanted) AND k <= (SELECT max(k) FROM wanted);

-- case: initplan_without_result
-- expect: r 0/4 runtime 4
-- why: the subquery gives NULL, which equals nothing
SELECT * FROM r WHERE k = (SELECT k FROM nobody);

-- case: initplan_and_constant
-- expect: r 1/4 plan 2 runtime 1, r_10
SELECT * FROM r WHERE k >= 10 AND k < 30 AND k = (SELECT max(k) FROM wanted);

-- case: initplan_on_a_hash_key
-- expect: h 1/4 runtime 3
SELECT * FROM h WHERE id = (SELECT max(k) FROM wanted);

-- case: nested_loop
-- expect: r 2/4 runtime 2, r_1 r_10
-- set: enable_hashjoin=off enable_mergejoin=off enable_seqscan=off
-- holds: SELECT DISTINCT r.tableoid::regclass FROM wanted JOIN r USING (k)
SELECT * FROM wanted JOIN r USING (k);

-- case: hash_join_reads_all
-- expect: r 4/4
-- set: enable_nestloop=off enable_mergejoin=off
-- holds: SELECT DISTINCT r.tableoid::regclass FROM wanted JOIN r USING (k)
SELECT * FROM wanted JOIN r USING (k);

-- case: lateral
-- expect: r 2/4 runtime 2, r_1 r_10
SELECT * FROM wanted, LATERAL (SELECT count(*) FROM r WHERE r.k = wanted.k) AS found;

-- case: subplan_of_each_row
-- expect: r 2/4 runtime 2, r_1 r_10
SELECT k, (SELECT count(*) FROM r WHERE r.k = wanted.k) FROM wanted;

-- case: empty_outer_side
-- expect: r 0/4 not_executed 4
-- why: nobody has no row, so r was not asked for anything
-- set: enable_hashjoin=off enable_mergejoin=off enable_seqscan=off
SELECT * FROM nobody JOIN r USING (k);

-- case: empty_outer_side_of_a_lateral
-- expect: r 0/4 not_executed 4
SELECT * FROM nobody, LATERAL (SELECT count(*) FROM r WHERE r.k = nobody.k) AS found;

-- case: limit_reached
-- expect: r 1/4 not_executed 3
-- why: the first leaf has enough rows; the others hold such rows too
SELECT * FROM r LIMIT 1;

-- case: limit_zero
-- expect: r 0/4 not_executed 4
SELECT * FROM r LIMIT 0;

-- case: limit_after_pruning
-- expect: r 1/4 plan 1 not_executed 2
SELECT * FROM r WHERE k >= 1 AND k < 30 LIMIT 1;

-- case: limit_that_is_not_reached
-- expect: r 4/4
SELECT * FROM r LIMIT 1000;

-- case: exists
-- expect: r 1/4 not_executed 3
SELECT 1 WHERE EXISTS (SELECT FROM r WHERE v IS NOT NULL);

-- case: case_that_is_not_taken
-- expect: r 0/4 not_executed 4
SELECT CASE WHEN k < 0 THEN (SELECT count(*) FROM r) END FROM wanted;

-- case: one_time_filter
-- expect: r 0/4 not_executed 4
-- why: the filter is known when the query runs; r is in the plan, and not read
SELECT * FROM r WHERE stable_15() = 16;

-- case: initplan_on_a_list_key
-- expect: l 1/4 runtime 3, l_cd
SELECT * FROM l WHERE c = (SELECT chr(94 + min(k)) FROM wanted);
