-- One event as in scenarios/lib/rows.lua: 8 weighted types, 2 % without data, 3 % without address.
\set type random(1, 20)
\set user random(1, 10000)
\set page random(1, 6)
\set device random(1, 3)
\set took random(5, 30000)
\set session random(1, 281474976710655)
\set host random(1, 16777214)
\set ms random(0, 31622399999)
\set null random(1, 100)
INSERT INTO event_logs (event_type, user_id, event_data, ip_address, created_at) VALUES (('{page_view,page_view,page_view,page_view,page_view,page_view,page_view,page_view,click,click,click,click,click,login,login,search,search,logout,purchase,signup}'::text[])[:type], :user, CASE WHEN :null > 2 THEN jsonb_build_object('page', ('{/home,/products,/search,/cart,/account,/help}'::text[])[:page], 'device', ('{desktop,mobile,tablet}'::text[])[:device], 'duration_ms', :took::int, 'session', to_hex(:session::bigint)) END, CASE WHEN :null < 98 THEN inet '10.0.0.0' + :host END, timestamp '2024-01-01' + :ms * interval '1 millisecond');
