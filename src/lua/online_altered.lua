-- What somebody gives to a table while a run lasts: the copies do not have it, and it would be lost in the swap.
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local online_table = require "partdemo.online_table"
local sql = require "partdemo.online_sql"
local whole = require "partdemo.online_whole"

local altered = {}

local hints = {
  copies = "The copies do not have it: take it back and run the same command again; "
    .. "--abort removes every trace.",
  convert = "The new table does not have it: --abort removes every trace, then begin again.",
}

-- Raises what cannot be carried over, as at the beginning of the run. On the way back nothing is asked of a key.
local function refuse(ctx, change, source)
  if not change.whole and not change.hist then
    return online_table.refuse(ctx, source)
  end
  local shape = { key = change.new.key or json.array {}, expressions = false }
  online_table.refuse_whole(ctx, source, shape, { widen = true, copied = change.whole })
  if change.whole and not change.new.kept then
    whole.refuse_own(ctx, change.members, true)
  end
end

-- Raises when a table of the change is not defined any more as when the run began, or has something that cannot be
-- carried over.
function altered.refuse(ctx, change)
  for _, source in ipairs(change.sources) do
    local lines = online_table.lines(ctx, source.oid)
    local found = change.whole and whole.difference(change, change.lines, lines)
      or online_table.difference(change.lines, lines)
    if #found > 0 then
      fail.raise("check", ("%s was altered since the run began"):format(source.source), {
        detail = table.concat(found, "\n"),
        hint = change.hist and hints.convert or hints.copies,
      })
    end
    refuse(ctx, change, source)
  end
end

-- Before the statements of a try to swap are made: the session notes what hangs on the table, and the swap backs out
-- when that is another thing by the time that it has its locks.
function altered.note_what_hangs(ctx, change)
  sql.remark(ctx, "Note what hangs on the table")
  local query =
    "SELECT set_config('partdemo.hangs', partdemo.hangs(sources, parent), false) FROM partdemo.runs WHERE id = %d"
  sql.exec(ctx, query:format(change.run.id))
end

-- The same; raises as altered.refuse().
function altered.before_swap(ctx, change)
  altered.note_what_hangs(ctx, change)
  if not ctx.plan then
    altered.refuse(ctx, change)
  end
end

return altered
