-- Views, CTEs, self-joins, unions, ordered appends, joins.

-- case: view_condition
-- expect: r 2/4 plan 2, r_1 r_rest
SELECT * FROM r_small;

-- case: view_and_query
-- expect: r 1/4 plan 3, r_1
SELECT * FROM r_small WHERE k > 3;

-- case: condition_into_a_view
-- expect: r 1/4 plan 3, r_20
SELECT * FROM r_all WHERE k = 25;

-- case: cte
-- expect: r 1/4 plan 3, r_10
WITH picked AS (SELECT * FROM r) SELECT * FROM picked WHERE k = 15;

-- case: materialized_cte
-- expect: r 4/4
-- why: the CTE is computed as it stands
WITH picked AS MATERIALIZED (SELECT * FROM r) SELECT * FROM picked WHERE k = 15;

-- case: self_join
-- expect: one(r) 1/4 plan 3, r_1; two(r) 1/4 plan 3, r_20
SELECT * FROM r AS one, r AS two WHERE one.k = 5 AND two.k = 25;

-- case: self_join_through_equality
-- expect: one(r) 1/4 plan 3, r_1; two(r) 1/4 plan 3, r_1
-- why: one.k = two.k and one.k = 5 make two.k = 5
SELECT * FROM r AS one JOIN r AS two ON two.k = one.k WHERE one.k = 5;

-- case: union_all
-- expect: r 1/4 plan 3, r_1; l 1/4 plan 3, l_ab
SELECT k::text FROM r WHERE k = 5 UNION ALL SELECT c FROM l WHERE c = 'a';

-- case: union_all_of_one_table
-- expect: one(r) 1/4 plan 3, r_1; two(r) 1/4 plan 3, r_20
SELECT k FROM r AS one WHERE k = 5 UNION ALL SELECT k FROM r AS two WHERE k = 25;

-- case: ordered_append
-- expect: r 3/4 plan 1, r_1 r_10 r_20
-- set: enable_seqscan=off enable_sort=off
-- why: the leaves are in the order of k, so an Append of index scans is sorted already
SELECT * FROM r WHERE k >= 1 AND k < 30 ORDER BY k;

-- case: ordered_append_limit
-- expect: r 1/4 plan 1 not_executed 2, r_1
-- set: enable_seqscan=off enable_sort=off
SELECT * FROM r WHERE k >= 1 AND k < 30 ORDER BY k LIMIT 3;

-- case: merge_append
-- expect: r 3/4 plan 1, r_1 r_10 r_20
-- set: enable_seqscan=off enable_sort=off
-- why: v has no order among the leaves: each of them gives its first row
SELECT * FROM r WHERE k >= 1 AND k < 30 ORDER BY v LIMIT 3;

-- case: merge_append_startup
-- expect: r 2/4 startup 2, r_1 r_10
-- set: enable_seqscan=off enable_sort=off
-- params: 5 15
SELECT * FROM r WHERE k BETWEEN $1 AND $2 ORDER BY v;

-- case: merge_append_runtime
-- expect: r 1/4 runtime 3, r_10
-- set: enable_seqscan=off enable_sort=off
SELECT * FROM r WHERE k = (SELECT max(k) FROM wanted) ORDER BY v;

-- case: join_on_the_key
-- expect: p 1/3 plan 2, p_2; q 1/3 plan 2, q_2
-- why: the condition on p.k holds for q.k as well
SELECT * FROM p JOIN q ON q.k = p.k WHERE p.k = 150;

-- case: join_range_is_not_passed_on
-- expect: p 1/3 plan 2, p_2; q 3/3
-- set: enable_nestloop=off enable_mergejoin=off
-- why: equality is passed on to the other table, a range is not
SELECT * FROM p JOIN q ON q.k = p.k WHERE p.k >= 150 AND p.k < 200;

-- case: partitionwise_join
-- expect: p 1/3 plan 2, p_2; q 1/3 plan 2, q_2
-- set: enable_partitionwise_join=on
-- why: partition joins partition, so the range on p chooses those of q too
SELECT * FROM p JOIN q ON q.k = p.k WHERE p.k >= 150 AND p.k < 200;

-- case: partitionwise_join_all
-- expect: p 3/3; q 3/3
-- set: enable_partitionwise_join=on
SELECT count(*) FROM p JOIN q ON q.k = p.k;

-- case: partitionwise_join_startup
-- expect: p 3/3; q 3/3
-- why: an Append of joins is not pruned during execution, only one of scans is
-- set: enable_partitionwise_join=on
-- params: 150
SELECT * FROM p JOIN q ON q.k = p.k WHERE p.k >= $1 AND p.k < $1::int + 10;

-- case: partitionwise_aggregate
-- expect: p 3/3
-- set: enable_partitionwise_aggregate=on
SELECT k, count(*) FROM p GROUP BY k;

-- case: leaf_by_name
-- expect: r_1 1/1
SELECT * FROM r_1 WHERE k = 5;
