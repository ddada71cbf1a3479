-- UPDATE, DELETE, INSERT and MERGE prune the same way; what they do is rolled back.

-- case: update
-- expect: r 1/4 plan 3, r_1
UPDATE r SET v = v + 1 WHERE k = 5;

-- case: update_of_several
-- expect: r 2/4 plan 2, r_1 r_10
UPDATE r SET v = 0 WHERE k BETWEEN 5 AND 15;

-- case: delete
-- expect: r 1/4 plan 3, r_20
DELETE FROM r WHERE k = 25;

-- case: delete_nothing
-- expect: r 0/4 plan 4
DELETE FROM r WHERE false;

-- case: delete_stable
-- expect: r 1/4 startup 3, r_10
DELETE FROM r WHERE k = stable_15();

-- case: delete_generic
-- expect: r 1/4 startup 3, r_1
-- params: 5
DELETE FROM r WHERE k = $1;

-- case: update_initplan
-- expect: r 1/4 runtime 3, r_10
UPDATE r SET v = 0 WHERE k = (SELECT max(k) FROM wanted);

-- case: update_hash
-- expect: h 1/4 plan 3
UPDATE h SET v = 1 WHERE id = 42;

-- case: update_through_levels
-- expect: m 1/4 plan 3, m_1_a
UPDATE m SET id = 9 WHERE day = '2024-02-15' AND c = 'a';

