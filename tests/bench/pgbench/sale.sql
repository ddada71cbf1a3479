-- One sale as in scenarios/lib/rows.lua: the first half of 2024, 8 categories, 5 % without a store.
\set day random(0, 181)
\set category random(1, 8)
\set product random(1, 1000)
\set quantity random(1, 10)
\set cents random(500, 150000)
\set total :quantity * :cents
\set store random(1, 50)
\set null random(1, 20)
INSERT INTO sales_data (sale_date, product_category, product_id, quantity, unit_price, total_amount, store_id) VALUES (date '2024-01-01' + :day::int, ('{electronics,computers,clothing,shoes,accessories,books,home,toys}'::text[])[:category], :product, :quantity, :cents / 100.0, :total / 100.0, CASE WHEN :null > 1 THEN :store::int END);
