-- One order as in scenarios/lib/rows.lua: weighted regions of all four partitions, totals about 90.
\set number random(1, 9000000000000000)
\set user random(1, 10000)
\set product random(1, 1000)
\set region random(1, 25)
\set cents random_exponential(499, 250000, 28)
\set status random(1, 5)
\set ms random(0, 31622399999)
INSERT INTO orders_by_region (order_number, user_id, product_id, region, order_total, order_status, created_at) VALUES ('ORD-' || :number, :user, :product, ('{US,US,US,US,US,US,US,US,CA,CA,MX,UK,UK,UK,DE,DE,FR,FR,IT,JP,JP,CN,AU,IN,BR}'::text[])[:region], :cents / 100.0, ('{pending,processing,shipped,delivered,cancelled}'::text[])[:status], timestamp '2024-01-01' + :ms * interval '1 millisecond');
