-- The locks that a statement takes on tables that others use, told from its text, and from the catalog if there is
-- one to ask. Source: PostgreSQL's documentation, "Explicit Locking", and each command's page.
local locks = {}

local AE, SRE, S = "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE"
local SUE, RE, AS = "SHARE UPDATE EXCLUSIVE", "ROW EXCLUSIVE", "ACCESS SHARE"

local writers, all = "blocks writers", "blocks readers and writers"
local ddl, nobody = "blocks other DDL", "blocks nobody"

local blocks =
  { [AE] = all, [SRE] = writers, [S] = writers, [SUE] = ddl, [RE] = nobody, [AS] = nobody }

-- Patterns over the statement in upper case, first match wins: locks, each { mode, on, ... }. On %1 is the table of
-- the first capture; "KIND %1" are others that belong to it (see src/sql/lock_company.sql), in the words of
-- `unknown` when there is no catalog to ask. A text instead of locks: there are none.
local rules = {
  { "^CREATE [UNLOGGED ]*TABLE (%S+) PARTITION OF (%S+)", { AE, "%2", "default %2" } },
  { "^CREATE [UNLOGGED ]*TABLE .-%( ?LIKE (%S+)", { AS, "%1" } },
  { "^CREATE TABLE", "none that others need" },
  { "^CREATE TEMP", "none that others need" },
  { "^CREATE UNLOGGED", "none that others need" },
  { "^CREATE FUNCTION", "none" },
  { "^CREATE OR REPLACE FUNCTION", "none" },
  { "^CREATE OR REPLACE VIEW (%S+)", { AE, "%1" } },
  { "^CREATE UNIQUE INDEX CONCURRENTLY .- ON (%S+)", { SUE, "%1" } },
  { "^CREATE INDEX CONCURRENTLY .- ON (%S+)", { SUE, "%1" } },
  { "^CREATE INDEX .-ON ONLY (%S+)", { S, "%1" } },
  { "^CREATE UNIQUE INDEX .-ON ONLY (%S+)", { S, "%1" } },
  { "^CREATE .-INDEX .-ON (%S+)", { S, "%1", "parts %1" } },
  { "^CREATE .-TRIGGER .-ON (%S+)", { SRE, "%1", "parts %1" } },
  { "^CREATE POLICY .-ON (%S+)", { AE, "%1" } },
  { "^CREATE", "none" },
  {
    "^ALTER TABLE (%S+) ATTACH PARTITION (%S+) DEFAULT",
    { SUE, "%1" },
    { AE, "%2", "shared %1 %2" },
    { SRE, "referred %1" },
  },
  {
    "^ALTER TABLE (%S+) ATTACH PARTITION (%S+)",
    { SUE, "%1" },
    { AE, "%2", "default %1", "shared %1 %2" },
    { SRE, "referred %1" },
  },
  {
    "^ALTER TABLE (%S+) DETACH PARTITION (%S+) CONCURRENTLY",
    { SUE, "%1" },
    { AE, "%2 at the end" },
  },
  { "^ALTER TABLE (%S+) DETACH PARTITION (%S+) FINALIZE", { SUE, "%1" }, { AE, "%2" } },
  {
    "^ALTER TABLE (%S+) DETACH PARTITION (%S+)",
    { AE, "%1", "%2", "default %1" },
    { SRE, "referred %2" },
  },
  { "^ALTER TABLE ONLY (%S+) VALIDATE", { SUE, "%1" } },
  { "^ALTER TABLE (%S+) VALIDATE", { SUE, "%1" } },
  {
    "^ALTER TABLE (%S+) ADD CONSTRAINT .- FOREIGN KEY .-REFERENCES (%S+)",
    { SRE, "%1", "parts %1", "%2", "parts %2" },
    { AE, "adopted %1 %2" },
  },
  { "^ALTER TABLE (%S+) ENABLE ALWAYS TRIGGER", { SRE, "%1", "parts %1" } },
  { "^ALTER TABLE (%S+) ENABLE TRIGGER", { SRE, "%1", "parts %1" } },
  { "^ALTER TABLE (%S+) DISABLE TRIGGER", { SRE, "%1", "parts %1" } },
  {
    "^ALTER TABLE IF EXISTS (%S+) DROP CONSTRAINT IF EXISTS (%S+)",
    { AE, "%1", "parts %1", "key %1 %2" },
  },
  { "^ALTER TABLE (%S+) DROP CONSTRAINT IF EXISTS (%S+)", { AE, "%1", "parts %1", "key %1 %2" } },
  { "^ALTER TABLE (%S+) DROP CONSTRAINT (%S+)", { AE, "%1", "parts %1", "key %1 %2" } },
  { "^ALTER TABLE IF EXISTS (%S+)", { AE, "%1" } },
  { "^ALTER TABLE ONLY (%S+)", { AE, "%1" } },
  { "^ALTER TABLE (%S+)", { AE, "%1" } },
  { "^ALTER INDEX (%S+) ATTACH PARTITION (%S+)", { SUE, "%1" }, { AE, "%2" } },
  { "^ALTER INDEX (%S+)", { SUE, "%1" } },
  { "^ALTER SEQUENCE (%S+) RENAME", { AE, "%1" } },
  { "^ALTER SEQUENCE (%S+)", { SRE, "%1" } },
  { "^ALTER STATISTICS", "none" },
  { "^DROP TABLE IF EXISTS (.+)$", { AE, "%1", "parent %1", "referred %1" } },
  { "^DROP TABLE (.+)$", { AE, "%1", "parent %1", "referred %1" } },
  { "^DROP INDEX CONCURRENTLY IF EXISTS (%S+)", { SUE, "table %1" } },
  { "^DROP INDEX CONCURRENTLY (%S+)", { SUE, "table %1" } },
  { "^DROP INDEX IF EXISTS (%S+)", { AE, "table %1" } },
  { "^DROP INDEX (%S+)", { AE, "table %1" } },
  { "^DROP TRIGGER .-ON (%S+)", { AE, "%1", "parts %1" } },
  { "^TRUNCATE (.+)$", { AE, "%1" } },
  { "^LOCK TABLE ONLY (.-) IN (.-) MODE", { "%2", "%1" } },
  { "^LOCK TABLE (.-) IN (.-) MODE", { "%2", "%1", "parts %1" } },
  { "^VACUUM FULL", { AE, "each table" } },
  { "^VACUUM", { SUE, "each table" } },
  { "^ANALYZE (%S+)", { SUE, "%1", "parts %1" } },
  { "^COMMENT ON TABLE (%S+)", { SUE, "%1" } },
  { "^INSERT INTO (%S+)", { RE, "%1" } },
  { "^UPDATE (%S+)", { RE, "%1" } },
  { "^DELETE FROM (%S+)", { RE, "%1" } },
  { "^MERGE INTO (%S+)", { RE, "%1" } },
  { "^SELECT PARTDEMO%.", "none that others need" },
  { "^SELECT SET_CONFIG.* FROM ", { AS, "what it reads" } },
  { "^SELECT SET_CONFIG", "none" },
  { "^SELECT PG_.* FROM ", { AS, "what it reads" } },
  { "^SELECT PG_", "none" },
  { "^WITH", { RE, "what it writes, if anything" } },
  { "^SELECT", { AS, "what it reads" } },
  { "^DO", "depends on the block" },
}

local unknown = {
  parts = "any partitions",
  default = "the default partition",
  parent = "the parent of a partition",
  table = "the index's table",
}

local hidden =
  { [" "] = "\1", ["("] = "\2", [","] = "\3", [";"] = "\4", ["\t"] = "\5", ["\n"] = "\6" }
local shown = {}
for character, control in pairs(hidden) do
  shown[control] = character
end

function locks.show(s)
  return (s:gsub("[\1-\6]", shown))
end
local show = locks.show

-- What begins where a comment or quotes can begin: ends after it, and what it becomes.
local function passage(sql, from)
  local begins = sql:sub(from, from + 1)
  if begins == "--" then
    return sql:find("\n", from, true) or #sql + 1, " "
  elseif begins == "/*" then
    local _, last = sql:find("*/", from + 2, true)
    return (last or #sql) + 1, " "
  end
  local quote = begins:sub(1, 1)
  local last = quote:find "['\"]" and (sql:find(quote, from + 1, true) or #sql) or from
  local tag = sql:match("^%$[%w_]*%$", from)
  if tag then
    local closes = sql:find(tag, from + #tag, true)
    last = closes and closes + #tag - 1 or #sql
  end
  local written = sql:sub(from, last)
  return last + 1, quote == '"' and written:gsub("[ (,;\t\n]", hidden) or written
end

-- A statement without comments, each white space as one blank. In quoted names characters that the patterns take for
-- their end are control characters; locks.show() makes them what they were.
function locks.plain(sql)
  local parts, at = {}, 1
  while at <= #sql do
    local from = sql:find("['\"$/-]", at) or #sql + 1
    parts[#parts + 1] = sql:sub(at, from - 1)
    at = from
    if from <= #sql then
      at, parts[#parts + 1] = passage(sql, from)
    end
  end
  return (table.concat(parts):gsub("%s+", " "):gsub("^ ", ""):gsub("[; ]+$", ""))
end

-- The captures of a pattern over the statement in upper case, as they are written; nil when it does not match.
local function captured(statement, upper, pattern)
  local places = pattern:gsub("%b()", function(capture)
    return "()" .. capture:sub(2, -2) .. "()"
  end)
  local found, captures = { upper:match(places) }, {}
  for i = 1, #found - 1, 2 do
    captures[#captures + 1] =
      statement:sub(found[i], found[i + 1] - 1):gsub("%(.*$", ""):gsub("[;,]$", "")
  end
  return #found > 0 and captures or nil
end

local MOST_NAMES = 4 -- of others that belong to a table

-- Words of a rule about two tables, for a company.
local pairs_of = {
  ["key %1 %2"] = function(company, name, key)
    return company:of(name, "key " .. key)
  end,
  ["adopted %1 %2"] = function(company, name, other)
    return company:adopted(company:of(name, "parts"), { other })
  end,
  ["shared %1 %2"] = function(company, name, part)
    return company:adopted({ part }, company:of(name, "referred"))
  end,
}

-- The tables of one lock, in words, and all of their names. named: those that have a stronger one from the same
-- statement; these are added.
local function tables_of(lock, captures, company, named)
  local words, names = {}, {}
  local function add(name)
    name = company and company:name(name) or name
    if not named[name] and not (company and company:is_own(name)) then
      words[#words + 1], named[name] = name, true
      names[#names + 1] = name
    end
  end
  local function add_all(more)
    for _, name in ipairs(more) do
      add(name)
    end
  end
  local function add_others(name, kind)
    local others = company:of(name, kind)
    if #others > MOST_NAMES and kind == "parts" then
      words[#words + 1] = ("its %d partitions"):format(#others)
      table.move(others, 1, #others, #names + 1, names)
    else
      add_all(others)
    end
  end
  for i = 2, #lock do
    local kind, n = lock[i]:match "^(%l*) ?%%(%d)$"
    local name = n and captures[tonumber(n)]
    if pairs_of[lock[i]] then
      add_all(company and pairs_of[lock[i]](company, show(captures[1]), show(captures[2])) or {})
    elseif not name then
      words[#words + 1] = lock[i]:gsub("%%(%d)", function(m)
        return show(captures[tonumber(m)])
      end)
    elseif kind ~= "" and not company then
      words[#words + 1] = unknown[kind]
    else
      for each in (name .. ", "):gmatch "(.-), ?" do
        each = show(each:gsub("^ONLY ", ""))
        if kind == "" then
          add(each)
        else
          add_others(each, kind)
        end
      end
    end
  end
  return words, names
end

local function joined(words)
  local last = words[#words]
  words = table.move(words, 1, #words - 1, 1, {})
  return #words > 0 and table.concat(words, ", ") .. " and " .. last or last
end

local rank = { [AS] = 1, [RE] = 2, [SUE] = 3, [S] = 4, [SRE] = 5, [AE] = 6 }

-- The locks of a rule, of which each table's strongest is named.
local function told_by(rule, captures, company)
  local list, named = {}, {}
  for i = 2, #rule do
    local mode = rule[i][1]:gsub("%%(%d)", function(n)
      return captures[tonumber(n)]:upper()
    end)
    list[i - 1] = { mode = mode, blocks = blocks[mode] ~= nobody, rule = rule[i], place = i }
  end
  local by_strength = table.move(list, 1, #list, 1, {})
  table.sort(by_strength, function(a, b)
    local x, y = rank[a.mode] or 0, rank[b.mode] or 0
    return x > y or x == y and a.place < b.place
  end)
  for _, each in ipairs(by_strength) do
    each.tables, each.names = tables_of(each.rule, captures, company, named)
  end
  return list
end

-- The locks of a statement; words, when it takes none or nobody knows.
function locks.find(sql, company)
  local statement = locks.plain(sql)
  local upper = statement:upper()
  for _, rule in ipairs(rules) do
    local captures = captured(statement, upper, rule[1])
    if captures then
      return type(rule[2]) == "string" and rule[2] or told_by(rule, captures, company)
    end
  end
  return "none"
end

-- "ACCESS EXCLUSIVE on event_logs (blocks readers and writers)", or the words.
function locks.words(found)
  local told = {}
  for _, each in ipairs(type(found) == "table" and found or {}) do
    if #each.tables > 0 then
      told[#told + 1] = ("%s on %s (%s)"):format(
        each.mode,
        joined(each.tables),
        blocks[each.mode] or ddl
      )
    end
  end
  return #told > 0 and table.concat(told, "; ")
    or type(found) == "string" and found
    or "none that others need"
end

-- The strongest lock on each table of several statements, weakest first; without those that block nobody.
function locks.strongest(list)
  local strongest, order, by_mode = {}, {}, {}
  for _, found in ipairs(list) do
    for _, each in ipairs(type(found) == "table" and found or {}) do
      for _, name in ipairs(each.blocks and each.tables or {}) do
        if not strongest[name] then
          order[#order + 1] = name
        end
        if (rank[each.mode] or 0) > (rank[strongest[name]] or 0) then
          strongest[name] = each.mode
        end
      end
    end
  end
  for _, name in ipairs(order) do
    local mode = strongest[name]
    if not by_mode[mode] then
      by_mode[mode] = { mode = mode, tables = {} }
      by_mode[#by_mode + 1] = by_mode[mode]
    end
    table.insert(by_mode[mode].tables, name)
  end
  table.sort(by_mode, function(a, b)
    return (rank[a.mode] or 0) < (rank[b.mode] or 0)
  end)
  return by_mode
end

function locks.describe(sql, company)
  return locks.words(locks.find(sql, company))
end

return locks
