-- scenarios/mixes/changes.lua: everything that can happen to an event while its partition changes. A row that moves
-- to another day of February moves to another partition once February is several.
local gen = require "partdemo.gen"
local rows = require "lib.rows"

local id = gen.key("event_logs", "id")

local function followed(columns)
  return { table = "event_logs", key = "id", columns = columns }
end

---@type partdemo.Mix
return {
  summary = "40 % inserts, 40 % updates, 10 % moves and 10 % deletes of events, mostly in February",
  { weight = 40, name = "insert", insert = "event_logs", row = rows.mostly_february },
  {
    weight = 40,
    name = "update",
    sql = "UPDATE event_logs SET user_id = $2 WHERE id = $1",
    params = gen.row { { "id", id }, { "user_id", gen.int(1, 10000) } },
    ledger = followed { "user_id" },
  },
  {
    weight = 10,
    name = "move",
    sql = "UPDATE event_logs SET created_at = $2 WHERE id = $1",
    params = gen.row { { "id", id }, { "created_at", gen.timestamp("2024-02-01", "2024-03-01") } },
    ledger = followed { "created_at" },
  },
  {
    weight = 10,
    name = "delete",
    sql = "DELETE FROM event_logs WHERE id = $1",
    params = gen.row { { "id", id } },
    ledger = followed(),
  },
}
