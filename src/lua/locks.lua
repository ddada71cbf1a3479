-- The strongest lock that a statement takes on tables that others use, told from its text. Source:
-- PostgreSQL's documentation, "Explicit Locking", and each command's page.
local locks = {}

local AE, SRE, S = "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE"
local SUE, RE, AS = "SHARE UPDATE EXCLUSIVE", "ROW EXCLUSIVE", "ACCESS SHARE"

local writers, all = "blocks writers", "blocks readers and writers"
local ddl, nobody = "blocks other DDL", "blocks nobody"

local blocks =
  { [AE] = all, [SRE] = writers, [S] = writers, [SUE] = ddl, [RE] = nobody, [AS] = nobody }

-- Patterns over the statement in upper case, first match wins: a lock and on what, and another one if there is a
-- second. %1 is the table.
local rules = {
  { "^CREATE TABLE (%S+) PARTITION OF (%S+)", AE, "%2 and its default partition" },
  { "^CREATE TABLE .-%( ?LIKE (%S+)", AS, "%1" },
  { "^CREATE TABLE", nil, "new tables only" },
  { "^CREATE TEMP", nil, "new tables only" },
  { "^CREATE UNLOGGED", nil, "new tables only" },
  { "^CREATE FUNCTION", nil, "no table" },
  { "^CREATE OR REPLACE FUNCTION", nil, "no table" },
  { "^CREATE UNIQUE INDEX CONCURRENTLY .- ON (%S+)", SUE, "%1" },
  { "^CREATE INDEX CONCURRENTLY .- ON (%S+)", SUE, "%1" },
  { "^CREATE INDEX .-ON ONLY (%S+)", S, "%1" },
  { "^CREATE UNIQUE INDEX .-ON ONLY (%S+)", S, "%1" },
  { "^CREATE .-INDEX .-ON (%S+)", S, "%1 and any partitions" },
  { "^CREATE .-TRIGGER .-ON (%S+)", SRE, "%1 and any partitions" },
  { "^CREATE", nil, "no table" },
  { "^ALTER TABLE (%S+) ATTACH PARTITION (%S+) DEFAULT", SUE, "%1", AE, "%2" },
  { "^ALTER TABLE (%S+) ATTACH PARTITION (%S+)", SUE, "%1", AE, "%2 and the default partition" },
  { "^ALTER TABLE (%S+) DETACH PARTITION (%S+) CONCURRENTLY", SUE, "%1", AE, "%2 at the end" },
  { "^ALTER TABLE (%S+) DETACH PARTITION (%S+)", AE, "%1, %2 and the default partition" },
  { "^ALTER TABLE ONLY (%S+) VALIDATE", SUE, "%1" },
  { "^ALTER TABLE (%S+) VALIDATE", SUE, "%1" },
  { "^ALTER TABLE IF EXISTS (%S+)", AE, "%1" },
  { "^ALTER TABLE ONLY (%S+)", AE, "%1" },
  { "^ALTER TABLE (%S+)", AE, "%1" },
  { "^ALTER INDEX (%S+) ATTACH PARTITION (%S+)", SUE, "%1", AE, "%2" },
  { "^ALTER INDEX (%S+)", SUE, "%1" },
  { "^ALTER SEQUENCE (%S+)", SRE, "%1" },
  { "^DROP TABLE IF EXISTS (.+)$", AE, "%1, and the parent of a partition" },
  { "^DROP TABLE (.+)$", AE, "%1, and the parent of a partition" },
  { "^DROP INDEX CONCURRENTLY", SUE, "the index's table" },
  { "^DROP INDEX", AE, "the index's table" },
  { "^DROP TRIGGER .-ON (%S+)", AE, "%1" },
  { "^TRUNCATE (.+)$", AE, "%1" },
  { "^LOCK TABLE ONLY (.-) IN (.-) MODE", "%2", "%1" },
  { "^LOCK TABLE (.-) IN (.-) MODE", "%2", "%1 and any partitions" },
  { "^VACUUM FULL", AE, "each table" },
  { "^VACUUM", SUE, "each table" },
  { "^ANALYZE (%S+)", SUE, "%1 and any partitions" },
  { "^COMMENT ON TABLE (%S+)", SUE, "%1" },
  { "^INSERT INTO (%S+)", RE, "%1" },
  { "^UPDATE (%S+)", RE, "%1" },
  { "^DELETE FROM (%S+)", RE, "%1" },
  { "^MERGE INTO (%S+)", RE, "%1" },
  { "^WITH", RE, "what it writes, if anything" },
  { "^SELECT", AS, "what it reads" },
  { "^DO", nil, "depends on the block" },
}

local function plain(sql)
  sql = sql
    :gsub("%-%-[^\n]*", " ")
    :gsub("/%*.-%*/", " ")
    :gsub("%s+", " ")
    :gsub("^ ", "")
    :gsub("[; ]+$", "")
  return sql
end

-- What a rule says of a statement that it matches; nil when it does not.
local function told_by(rule, statement, upper)
  local captures = { upper:match(rule[1]) }
  if #captures == 0 then
    return nil
  end
  -- The names as they are written, not in upper case.
  local function name(n)
    local word = captures[tonumber(n)] or ""
    local at = upper:find(word, 1, true)
    return (statement:sub(at, at + #word - 1):gsub("[(;,]$", ""))
  end
  local told = {}
  for i = 2, 4, 2 do
    local on = rule[i + 1] and rule[i + 1]:gsub("%%(%d)", name)
    local mode = rule[i]
      and rule[i]:gsub("%%(%d)", function(n)
        return captures[tonumber(n)]
      end)
    told[#told + 1] = mode and ("%s on %s (%s)"):format(mode, on, blocks[mode] or ddl) or on
  end
  return table.concat(told, "; ")
end

-- "ACCESS EXCLUSIVE on event_logs (blocks readers and writers)", or what it touches instead.
---@param sql string
---@return string
function locks.describe(sql)
  local statement = plain(sql)
  local upper = statement:upper()
  for _, rule in ipairs(rules) do
    local told = told_by(rule, statement, upper)
    if told then
      return told
    end
  end
  return "no lock on a table"
end

return locks
