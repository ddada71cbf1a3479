-- scenarios/lib/rows.lua: rows for the four tables, as the data generator makes them. The ids come
-- from the tables' sequences. Ranges of dates are those of a partition: from included, to excluded.
local gen = require "partdemo.gen"

local rows = {}

-- Events of the moments that a generator makes.
local function event_at(moment)
  return gen.row {
    {
      "event_type",
      gen.pick {
        { "page_view", 40 },
        { "click", 25 },
        { "login", 12 },
        { "search", 10 },
        { "logout", 6 },
        { "purchase", 4 },
        { "signup", 2 },
        { "error", 1 },
      },
    },
    { "user_id", gen.int(1, 10000) },
    {
      "event_data",
      gen.null_some(
        0.02,
        gen.json {
          {
            "page",
            gen.pick {
              { "/home", 30 },
              { "/products", 25 },
              { "/search", 15 },
              { "/cart", 12 },
              { "/account", 10 },
              { "/help", 8 },
            },
          },
          { "device", gen.pick { { "desktop", 50 }, { "mobile", 42 }, { "tablet", 8 } } },
          { "duration_ms", gen.int(5, 30000) },
          { "session", gen.text(12, 12, "0123456789abcdef") },
        }
      ),
    },
    {
      "ip_address",
      gen.null_some(0.03, gen.pick { { gen.inet(), 9 }, { gen.inet "2001:db8::/32", 1 } }),
    },
    { "created_at", moment },
  }
end

-- Events of a range of time.
function rows.event_in(from, to)
  return event_at(gen.timestamp(from, to, { precision = 3 }))
end

-- Four of five in February 2024.
rows.mostly_february = event_at(gen.pick {
  { gen.timestamp("2024-02-01", "2024-03-01", { precision = 3 }), 4 },
  { gen.timestamp("2024-01-01", "2024-05-01", { precision = 3 }), 1 },
})

-- Events range over all of 2024, so most of them are beyond the three monthly partitions.
rows.event_log = rows.event_in("2024-01-01", "2025-01-01")

-- A username ends in RUN_CLIENT_NUMBER, which no other client and no other run makes. The two
-- underscores between numbers keep it apart from names that people choose, and from the seed's.
-- stylua: ignore
local first_name = gen.pick {
  "alice", "ben", "carla", "david", "emma", "farid", "grace", "hiro", "ines", "jonas",
  "kim", "liam", "maria", "nina", "omar", "priya", "quinn", "rosa", "sven", "tara",
}

-- stylua: ignore
local user_country = gen.pick {
  { "US", 30 }, { "IN", 12 }, { "UK", 10 }, { "DE", 9 }, { "FR", 7 }, { "CA", 6 }, { "JP", 6 },
  { "BR", 5 }, { "MX", 4 }, { "AU", 4 }, { "ES", 3 }, { "IT", 2 }, { "SG", 2 },
}

rows.user = gen.row {
  { "username", gen.format("%s_%s", first_name, gen.unique()) },
  {
    "email",
    gen.format(
      "%s@%s",
      gen.column "username",
      gen.pick { "example.com", "example.org", "example.net" }
    ),
  },
  { "country_code", gen.null_some(0.02, user_country) },
  { "registration_date", gen.null_some(0.03, gen.date("2024-01-01", "2025-01-01")) },
  {
    "status",
    gen.pick { { "active", 80 }, { "inactive", 12 }, { "suspended", 5 }, { "pending", 3 } },
  },
}

-- The weights of the regions; BR, ZA, NZ and AE belong to no list and go to orders_other.
-- stylua: ignore
local region = gen.pick {
  { "US", 30 }, { "CA", 8 }, { "MX", 5 },
  { "UK", 10 }, { "DE", 9 }, { "FR", 7 }, { "IT", 4 }, { "ES", 4 },
  { "JP", 6 }, { "CN", 5 }, { "AU", 3 }, { "IN", 3 }, { "SG", 2 },
  { "BR", 2 }, { "ZA", 1 }, { "NZ", 0.5 }, { "AE", 0.5 },
}

rows.order = gen.row {
  { "order_number", gen.unique "ORD-%s" },
  { "user_id", gen.int(1, 10000) },
  { "product_id", gen.zipf(1000, 0.8) },
  { "region", region },
  {
    "order_total",
    gen.exponential { mean = 90, min = 4.99, max = 2500, scale = 2 },
  },
  {
    "order_status",
    gen.pick {
      { "pending", 20 },
      { "processing", 15 },
      { "shipped", 25 },
      { "delivered", 33 },
      { "cancelled", 7 },
    },
  },
  { "created_at", gen.timestamp("2024-01-01", "2025-01-01", { precision = 3 }) },
}

-- stylua: ignore
local category = gen.pick {
  "electronics", "computers", "clothing", "shoes", "accessories", "books", "home", "toys",
}

-- Both quarters and all categories are equally likely. Outside of the first half of 2024 there is
-- no partition.
rows.sale = gen.row {
  { "sale_date", gen.date("2024-01-01", "2024-07-01") },
  { "product_category", category },
  { "product_id", gen.int(1, 1000) },
  { "quantity", gen.int(1, 10) },
  { "unit_price", gen.price(5, 1500) },
  { "total_amount", gen.product("quantity", "unit_price") },
  { "store_id", gen.null_some(0.05, gen.int(1, 50)) },
}

return rows
