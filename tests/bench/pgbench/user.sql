-- One user as in scenarios/lib/rows.lua: a username that no other row has, 13 countries.
\set name random(1, 9000000000000000)
\set country random(1, 20)
\set day random(0, 365)
\set status random(1, 10)
INSERT INTO users_distributed (username, email, country_code, registration_date, status) VALUES ('alice_' || :name, 'alice_' || :name || '@example.com', ('{US,US,US,US,US,US,IN,IN,IN,UK,UK,DE,DE,FR,CA,JP,BR,MX,AU,ES}'::text[])[:country], date '2024-01-01' + :day::int, ('{active,active,active,active,active,active,active,active,inactive,suspended}'::text[])[:status]);
