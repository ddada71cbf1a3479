-- scenarios/lib/events.lua: the partitions of event_logs, those of the setup and those that re-partitioning
-- makes, each as the check that it is there with its bound.
local bounds = require "partdemo.bounds"
local catalog = require "partdemo.catalog"
local check = require "partdemo.check"
local engine = require "partdemo.engine"
local fail = require "partdemo.fail"
local report = require "partdemo.report"

local function partition(name, from, to)
  return check.partition { "event_logs_" .. name, of = "event_logs", from = from, to = to }
end

-- The months of the setup, the weeks that split.lua makes of one, and April, which add.lua takes out of the default
-- partition.
local months = {
  { name = "event_logs_2024_01", from = "2024-01-01", to = "2024-02-01" },
  { name = "event_logs_2024_02", from = "2024-02-01", to = "2024-03-01", weeks = true },
  { name = "event_logs_2024_03", from = "2024-03-01", to = "2024-04-01" },
  { name = "event_logs_2024_04", from = "2024-04-01", to = "2024-05-01", is_dropped = true },
}

local MIDNIGHT = " 00:00:00" -- of a bound; bounds of one format compare as texts

-- The ranges of event_logs, as { name, from, to }.
local function ranges(conn)
  local found = {}
  for _, row in ipairs(catalog.query(conn, "bounds", "event_logs")) do
    local parts = row.name == "event_logs" and bounds.parts(row.bound) or {}
    local from, to = parts.from and parts.from[1], parts.to and parts.to[1]
    if type(from) == "string" and type(to) == "string" then
      found[#found + 1] = { name = row.partition, from = from, to = to }
    end
  end
  return found
end

-- The first range with several months in it, as online/merge makes them, where to cut it, and the names of its parts
-- when they are whole months; nil when there is none.
local function several_months(conn)
  for _, range in ipairs(ranges(conn)) do
    local cuts, names = {}, {}
    for _, month in ipairs(months) do
      if range.from < month.from and month.from .. MIDNIGHT < range.to then
        cuts[#cuts + 1] = month.from
      end
      if range.from <= month.from .. MIDNIGHT and month.to .. MIDNIGHT <= range.to then
        names[#names + 1] = month.name
      end
    end
    if #cuts > 0 then
      return range.name, table.concat(cuts, ","), #names == #cuts + 1 and table.concat(names, ",")
    end
  end
end

-- The partitions that lie within the month when some of them are neither the month itself nor weeks of split.lua, as
-- online/split leaves them, and whether it is one that has all of it.
local function pieces(conn, month)
  local found, foreign, is_all = {}, false, false
  for _, range in ipairs(ranges(conn)) do
    if range.from >= month.from and range.to <= month.to .. MIDNIGHT then
      found[#found + 1] = range.name
      local is_week = month.weeks and range.name:find "^event_logs_2024_02_week[1-4]$"
      foreign = foreign or not (range.name == month.name or is_week)
      is_all = range.from == month.from .. MIDNIGHT and range.to == month.to .. MIDNIGHT
    end
  end
  return foreign and found or {}, is_all
end

local whole = check.custom {
  say = "no month of event_logs is in pieces that online/split made",
  run = function(conn)
    local several = several_months(conn)
    if several then
      return false, several .. " has several months"
    end
    for _, month in ipairs(months) do
      local found = pieces(conn, month)
      if #found > 0 then
        return false, ("%s is %s"):format(month.name, table.concat(found, ", "))
      end
    end
    return true
  end,
}

-- Gives a partition another name, and its indexes, which have its own in theirs.
local function rename(conn, name, new)
  for _, index in ipairs(catalog.query(conn, "index_names", name, name, new)) do
    conn:exec(("ALTER INDEX %s RENAME TO %s"):format(index.name, index.other))
  end
  conn:exec(("ALTER TABLE %s RENAME TO %s"):format(name, new))
end

-- The check that a partition, which is to go, has nothing that would be lost with it. What runs have on it goes anyway.
local function own(name, privileges_of)
  return check.nothing_own { name, privileges_of = privileges_of, but_runs = true }
end

-- A part of April is about to go, and its rows to the default partition: not if it has something of its own.
local function has_nothing_own(ctx, name)
  local ok, why = own(name, "event_logs_default"):run(ctx)
  if not ok then
    fail.raise("check", ("%s cannot be given back to the default partition"):format(name), {
      detail = why,
      hint = "Note it and remove it first, or detach the partition.",
    })
  end
end

-- A step: splits and merges until each month is one partition of its name. April goes next, so any part of it will do.
local function merge_pieces(ctx)
  local several, cuts, names = several_months(ctx.conn)
  while several do
    engine.run_nested(
      ctx,
      "online/split",
      { table = "event_logs", partition = several, at = cuts, names = names or nil }
    )
    several, cuts, names = several_months(ctx.conn)
  end
  for _, month in ipairs(months) do
    local found, is_all = pieces(ctx.conn, month)
    if #found == 1 and month.is_dropped then
      has_nothing_own(ctx, found[1])
    end
    if #found == 1 and (is_all or month.is_dropped) then
      rename(ctx.conn, found[1], month.name)
    elseif #found == 1 then
      fail.raise("check", ("%s is all that is left of %s"):format(found[1], month.name), {
        hint = "Attach the other partitions again, or take this one away.",
      })
    elseif #found > 1 then
      engine.run_nested(ctx, "online/merge", {
        table = "event_logs",
        partitions = table.concat(found, ","),
        name = month.name,
      })
    end
  end
end

local january = partition("2024_01", "2024-01-01", "2024-02-01")

-- Tables that have the columns of event_logs and rows of January alone, as archives of online/detach do.
local function archives(conn)
  local found = {}
  local all =
    "SELECT coalesce(bool_and(created_at >= '2024-01-01' AND created_at < '2024-02-01'), false) AS are FROM %s"
  for _, row in ipairs(catalog.query(conn, "tables_like", "event_logs", "event_logs_old")) do
    if row.name ~= "event_logs_archive" and row.name ~= "event_logs_2024_01" then
      found[#found + 1] = conn:exec(all:format(row.name))[1].are and row.name or nil
    end
  end
  return found
end

-- January is there or an archive of the name that detach gives it. Archives of other names are named.
local archived = check.custom {
  say = "January is a partition, a table or event_logs_archive",
  run = function(conn, _, ctx)
    local there = catalog.relation(conn, "event_logs_2024_01")
    for _, name in ipairs(there and not ctx.memory.archives_named and archives(conn) or {}) do
      report.note(("%s has rows of January alone, as an archive of online/detach has"):format(name))
    end
    ctx.memory.archives_named = true
    return there ~= nil or catalog.relation(conn, "event_logs_archive") ~= nil
  end,
}

-- A step: says how January comes back from an archive of another name.
local function refuse_other_archive(ctx)
  local remedies = {}
  for i, name in ipairs(archives(ctx.conn)) do
    remedies[i] = ("ALTER TABLE %s RENAME TO event_logs_archive;"):format(name)
  end
  fail.raise("check", "there is neither event_logs_2024_01 nor event_logs_archive", {
    detail = #remedies > 0 and table.concat(remedies, "\n") or nil,
    hint = #remedies > 0
        and "A table above has rows of January alone: under that name cleanup makes January of it."
      or "The rows of January have to be in event_logs_archive.",
  })
end

return {
  months = months,
  own = own,
  whole = whole,
  archived = archived,
  refuse_other_archive = refuse_other_archive,
  merge_pieces = merge_pieces,
  january = january,
  february = partition("2024_02", "2024-02-01", "2024-03-01"),
  week1 = partition("2024_02_week1", "2024-02-01", "2024-02-08"),
  week2 = partition("2024_02_week2", "2024-02-08", "2024-02-15"),
  week3 = partition("2024_02_week3", "2024-02-15", "2024-02-22"),
  week4 = partition("2024_02_week4", "2024-02-22", "2024-03-01"), -- eight days: 2024 is a leap year
  april = partition("2024_04", "2024-04-01", "2024-05-01"),
  others = check.partition { "event_logs_default", of = "event_logs", default = true },
}
