-- The archive of a detached partition: a table that gets its rows, with proof.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local sql = require "partdemo.online_sql"
local text = require "partdemo.text"

local archive = {}

-- The archive's name, quoted; nil when none was asked for.
function archive.name(ctx)
  local given = ctx.params.archive
  if given == "" then
    if ctx.params.drop then
      fail.raise(
        "usage",
        "--drop needs --archive: rows are dropped only when another table has them",
        {
          hint = "Without --drop the partition stays as a table of its own.",
        }
      )
    end
    return nil
  end
  local ok, found = fail.call(catalog.first, ctx.conn, "online_new_name", given)
  if not ok then
    catalog.raise(found, given)
  elseif found.parts > 2 then
    fail.raise("usage", ("not the name of a table: %s"):format(given), {
      hint = 'Names are written as in SQL: orders, sales.orders, public."Odd Name".',
    })
  elseif not found.has_place then
    fail.raise("check", ("there is no schema for %s"):format(given), {
      hint = "Nothing was changed. Make it, or give another name.",
    })
  end
  return found.name
end

-- Whether there is such an archive. Raises when it lacks columns, or has rows that it should not have yet.
function archive.is_there(ctx, source, name)
  if not source.key then
    fail.raise(
      "check",
      ("%s has no primary key and no unique index of NOT NULL columns"):format(source.source),
      {
        hint = "Its rows have no name, so they cannot be copied in batches: detach without --archive.",
      }
    )
  end
  local there = catalog.relation(ctx.conn, name)
  if not there then
    return false
  end
  for _, own in ipairs { { source.oid, "partition" }, { source.parent_oid, "table" } } do
    if there.oid == own[1] then
      fail.raise("usage", ("--archive: %s is the %s itself"):format(name, own[2]))
    end
  end
  local already = ctx.conn:exec(
    ("SELECT EXISTS (SELECT %s FROM %s WHERE %s) AS any"):format(
      source.all_columns,
      name,
      source.constraint
    )
  )[1].any
  if already then
    fail.raise(
      "check",
      ("%s holds rows within the bound of %s already"):format(name, source.source),
      {
        hint = "What was archived could not be told from what was there.",
      }
    )
  end
  return true
end

-- With --drop: raises what would keep the partition from being dropped in the end, and warns of what the archive will
-- not have of it.
function archive.foresee(ctx, source, name)
  if not ctx.params.drop then
    return
  end
  local dependents = {}
  for i, row in ipairs(catalog.query(ctx.conn, "online_dependents", source.oid)) do
    dependents[i] = row.what
  end
  if #dependents > 0 then
    fail.raise("check", ("%s could not be dropped in the end"):format(source.source), {
      detail = table.concat(dependents, "\n"),
      hint = "These depend on it. Nothing was changed. Drop them, or detach without --drop.",
    })
  end
  local lacks = catalog.query(ctx.conn, "online_archive_lacks", source.oid, name)
  if #lacks > 0 then
    report.warn(("dropped with it, what %s will not have of %s:"):format(name, source.source))
  end
  for _, row in ipairs(lacks) do
    report.note(report.fold(("  %s: %s"):format(row.kind, row.names), 4))
  end
end

-- Makes the archive. Nobody may see more in it than in the partition, whatever default privileges say.
function archive.make(ctx, vars)
  local new = { name = vars.archive, full_name = vars.archive }
  sql.transaction(ctx, nil, function()
    sql.run(ctx, "archive_make", vars)
    for _, row in ipairs(online_table.definition(ctx, ctx.online.source, new, "bare")) do
      if row.statement:find "^REVOKE" or row.statement:find "ROW LEVEL SECURITY$" then
        sql.exec(ctx, row.statement)
      end
    end
  end)
end

-- Compares the detached table with its rows in the archive; raises when they differ.
function archive.prove(ctx, vars)
  local found = sql.run(ctx, "archive_verify", vars)[1]
  if not found.same or found.source_rows ~= found.target_rows then
    fail.raise(
      "check",
      ("%s is not what %s holds: nothing was dropped"):format(vars.archive, vars.source),
      {
        detail = ("%s in the partition, %s in the archive"):format(
          text.count(found.source_rows, "row"),
          text.number(found.target_rows)
        ),
        hint = "Somebody wrote to one of them meanwhile. --abort takes the rows out of the archive and attaches "
          .. "the partition again.",
      }
    )
  end
  report.say(("      %s, count and content equal"):format(text.count(found.source_rows, "row")))
end

-- Before the partition is attached again and others may write to it: takes the copies out of an archive that was there
-- before. The run begins to copy anew, should it go on.
function archive.take_out(ctx, vars)
  local run = ctx.online.run
  local is_there = run.details.archive and catalog.relation(ctx.conn, run.details.archive)
  if not is_there or not run.details.archive_was_there or run.copied == 0 then
    return
  end
  sql.briefly(ctx, "the end of the copies", { ctx.online.source.oid }, function()
    sql.exec(ctx, ("LOCK TABLE ONLY %s IN SHARE MODE"):format(vars.source))
    local alone = sql.look(ctx, "archive_alone", vars)[1].rows
    if alone > 0 then
      local message = "%s holds %s within the bound that %s does not have"
      fail.raise("check", message:format(vars.archive, text.count(alone, "row"), vars.source), {
        detail = ("SELECT * FROM %s AS t WHERE (%s) shows them among the copies."):format(
          vars.archive,
          vars.constraint
        ),
        hint = "Nothing was changed. They are copies of rows that were deleted meanwhile, or somebody else's: delete "
          .. "them or move them to another table, then repeat --abort.",
      })
    end
    sql.run(ctx, "archive_take_out", vars)
  end)
end

-- Drops an archive that the run made.
function archive.drop(ctx)
  local details = ctx.online.run.details
  local is_own = details.archive and not details.archive_was_there
  if is_own and catalog.relation(ctx.conn, details.archive) then
    sql.exec(ctx, "DROP TABLE " .. details.archive)
  end
end

return archive
