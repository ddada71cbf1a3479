-- A partition that a detach took out comes back: what would keep it from that, and how it is done without a scan.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local report = require "partdemo.report"
local sql = require "partdemo.online_sql"
local text = require "partdemo.text"

local attach = {}

local TRIAL, BOUND = "partdemo_back", "partdemo_bound"

local function default_of(ctx)
  return catalog.first(ctx.conn, "online_default", ctx.online.source.parent_oid)
end

local function not_in(vars)
  return ("NOT (%s)"):format(vars.constraint)
end

local function count(ctx, rows, expression)
  report.status(("looking for rows of %s that are in the way"):format(rows))
  return sql.look(ctx, "attach_fits", { rows = rows, expression = expression })[1].rows
end

-- is_late: the run has begun to attach it.
local function refuse(message, detail, hint, is_late)
  fail.raise("check", message, {
    detail = detail,
    hint = ("%s %s, then repeat --abort."):format(
      is_late and "It is a table of its own still." or "Nothing was changed.",
      hint
    ),
  })
end

-- The partition that has the bound or a part of it: PostgreSQL itself says so, on temporary tables.
local function overlapping(ctx, source, default)
  if source.bound == "DEFAULT" then
    return default and { name = default.name, bound = "DEFAULT" }
  end
  local ok, found = fail.call(sql.trial, ctx.conn, nil, function()
    local like = "CREATE TEMP TABLE %s (LIKE %s INCLUDING GENERATED) PARTITION BY %s"
    local create = "CREATE TEMP TABLE %s_%d PARTITION OF %s %s"
    ctx.conn:exec(like:format(TRIAL, source.source, source.partition_by))
    ctx.conn:exec(create:format(TRIAL, 0, TRIAL, source.bound))
    local others = catalog.query(ctx.conn, "online_siblings", source.parent_oid, source.oid)
    for i, other in ipairs(others) do
      local ok, e = fail.call(ctx.conn.exec, ctx.conn, create:format(TRIAL, i, TRIAL, other.bound))
      if not ok and type(e) == "table" and e.sqlstate == "42P17" then
        return other
      elseif not ok then
        error(e, 0)
      end
    end
  end)
  if not ok and not (type(found) == "table" and found.sqlstate == "42501") then
    error(found, 0)
  end
  return ok and found or nil -- who may make no temporary tables learns it from ATTACH
end

-- Raises what would keep the partition from coming back. vars: those of the archive's files.
function attach.refuse(ctx, vars, is_late)
  local source, default = ctx.online.source, default_of(ctx)
  local name = source.source
  local other = overlapping(ctx, source, default)
  if other then
    local taken = "%s, %s, has taken a part of the bound of %s"
    refuse(
      taken:format(other.name, other.bound, name),
      ("%s was %s"):format(name, source.bound),
      "Detach that one or drop it",
      is_late
    )
  end
  local outside = count(ctx, name, vars.constraint)
  if outside > 0 then
    refuse(
      ("%s holds %s out of its bound %s"):format(name, text.count(outside, "row"), source.bound),
      ("SELECT * FROM %s AS t WHERE (%s) IS NOT TRUE;"):format(name, vars.constraint),
      "Delete them or move them to another table",
      is_late
    )
  end
  local elsewhere = default and count(ctx, default.name, not_in(vars)) or 0
  if elsewhere > 0 then
    local holds = elsewhere == 1 and "%s holds %s that belongs to %s"
      or "%s holds %s that belong to %s"
    local move = "WITH moved AS (DELETE FROM %s WHERE %s RETURNING %s) "
      .. "INSERT INTO %s (%s) SELECT %s FROM moved;"
    local columns = source.columns
    refuse(
      holds:format(default.name, text.count(elsewhere, "row"), name),
      move:format(default.name, vars.constraint, columns, name, columns, columns),
      "That moves them",
      is_late
    )
  end
end

local function drop_promise(ctx, relation, name)
  sql.exec(ctx, ("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s"):format(relation, name))
end

-- Rows that came meanwhile are named, and none is refused any more by what was promised.
local function take_promises_back(ctx, vars, default)
  sql.briefly(ctx, "the end of the promises", { ctx.online.source.oid }, function()
    drop_promise(ctx, vars.source, BOUND)
    if default then
      drop_promise(ctx, default.name, vars.promise)
    end
  end)
  attach.refuse(ctx, vars, true)
end

-- Attaches it without a scan under a lock: both it and a default partition promise by CHECKs.
function attach.again(ctx, vars)
  local source, details = ctx.online.source, ctx.online.run.details
  local default = default_of(ctx)
  local function promise(relation, name, expression)
    sql.briefly(ctx, "a promise", { source.oid }, function()
      drop_promise(ctx, relation, name)
      local add = "ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s) NOT VALID"
      sql.exec(ctx, add:format(relation, name, expression))
    end)
    local validate = ("ALTER TABLE %s VALIDATE CONSTRAINT %s"):format(relation, name)
    local ok, e = fail.call(sql.exec, ctx, validate)
    if not ok then
      if type(e) == "table" and e.sqlstate == "23514" then
        take_promises_back(ctx, vars, default)
      end
      error(e, 0)
    end
  end
  promise(vars.source, BOUND, vars.constraint)
  if default then
    promise(default.name, vars.promise, not_in(vars))
  end
  sql.briefly(ctx, "the attaching", { source.parent_oid, source.oid }, function()
    sql.run(ctx, "attach_back", vars)
    if default then
      sql.exec(ctx, ("ALTER TABLE %s DROP CONSTRAINT %s"):format(default.name, vars.promise))
    end
    local known = {}
    for _, name in ipairs(details.checks) do
      known[name] = true
    end
    for _, row in ipairs(catalog.query(ctx.conn, "online_checks", source.oid)) do
      if not known[row.name] then -- CONCURRENTLY left a CHECK of the bound
        sql.exec(ctx, ("ALTER TABLE %s DROP CONSTRAINT %s"):format(vars.source, row.name))
      end
    end
  end)
end

return attach
