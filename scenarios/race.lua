-- scenarios/race.lua: the textbook split and the online one, each on its own copy of the same table, while the same
-- load writes. The copies are in a schema of their own, which is dropped in the end.
local check = require "partdemo.check"
local online = require "partdemo.online"
local online_run = require "partdemo.online_run"
local race = require "lib.race"
local rows = require "lib.rows"

local split = {
  table = "race.online",
  partition = "race.online_2024_02",
  at = race.cuts,
  names = "online_2024_02_week1,online_2024_02_week2,online_2024_02_week3,online_2024_02_week4",
}

local hint = "'partdemo run race --clear' drops what is left, and so does the next race."

-- Step: an online split that was interrupted is taken back, or ended if it has swapped: its traces are not all in the
-- schema of the race.
local function end_interrupted(ctx)
  local params = { values = "", stall = "50ms", patience = "10s", abort = false }
  for name, value in pairs(split) do
    params[name] = value
  end
  local left = setmetatable({ params = params }, { __index = ctx })
  local found = online_run.find(ctx.conn, "split", params)
  if found and online_run.has(found, "swapped") then
    online.begin_split(left)
    online.settle(left)
    online.finish(left)
  elseif found then
    online.abort_split(left)
  end
end

local function rehearsal(name, scenario, params)
  return {
    rehearse = scenario,
    params = params,
    as = name,
    under = "changes",
    on = { event_logs = "race." .. name },
    rate = "${rate}",
    clients = "${clients}",
    warmup = "${warmup}",
    cooldown = "${cooldown}",
    say = ("The %s split, on race.%s"):format(name, name),
    hint = hint,
    unless = "clear",
  }
end

local function fill(name)
  return {
    copy = "race." .. name,
    rows = function(params)
      return params.rows
    end,
    gen = rows.mostly_february,
    say = ("Fill race.%s"):format(name),
    hint = hint,
    unless = "clear",
  }
end

---@type partdemo.Scenario
return {
  summary = "Split a partition as textbooks do and online, under the same load, and compare",
  params = {
    {
      name = "rows",
      type = "integer",
      default = 200000,
      min = 100,
      help = "rows of each copy, four of five in the partition that is split",
    },
    {
      name = "rate",
      type = "number",
      default = 300,
      min = 0,
      max = 200000,
      help = "operations a second; 0 = half of what the server sustains at the first split",
    },
    {
      name = "clients",
      type = "integer",
      default = 4,
      min = 1,
      max = 10000,
      help = "connections of the load",
    },
    { name = "warmup", type = "duration", default = "3s", help = "load before each split" },
    { name = "cooldown", type = "duration", default = "3s", help = "load after each split" },
    { name = "keep", type = "boolean", default = false, help = "leave the schema race in the end" },
    {
      name = "clear",
      type = "boolean",
      default = false,
      help = "only drop what an earlier race left",
    },
  },

  steps = {
    { call = end_interrupted, say = "End an online split that was interrupted" },
    { sql = "race/clear.sql", say = "Drop what an earlier race left" },
    { sql = "race/make.sql", say = "Make two equal tables", unless = "clear" },
    fill "textbook",
    fill "online",
    {
      sql = "race/settle.sql",
      say = "Vacuum and analyze both",
      hint = hint,
      transaction = false,
      unless = "clear",
    },
    {
      check = check.same_rows { "race.textbook", "race.online" },
      say = "Compare the copies",
      hint = hint,
      unless = "clear",
    },
    rehearsal("textbook", "race/textbook"),
    rehearsal("online", "online/split", split),
    {
      check = race.are_split { "textbook", "online" },
      say = "Look at both",
      hint = hint,
      unless = "clear",
    },
    { sql = "race/clear.sql", say = "Drop both", unless = "keep" },
    { impacts = { "textbook", "online" }, say = "Side by side", unless = "clear" },
  },
}
