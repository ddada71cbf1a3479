-- What a scenario of an online change is made of besides its own steps: parameters, --abort and --undo, the check.
local back = require "partdemo.online_back"
local catalog = require "partdemo.catalog"
local check = require "partdemo.check"
local fail = require "partdemo.fail"
local online = require "partdemo.online"
local plan = require "partdemo.online_plan"
local report = require "partdemo.report"
local run = require "partdemo.online_run"

local steps = {}

-- Parameters of online scenarios: which partition, and what all of them have.
steps.partition = { name = "partition", type = "string", help = "its partition, as in SQL" }

local first = { name = "table", type = "string", help = "the table, as in SQL" }

local all_have = {
  {
    name = "stall",
    type = "duration",
    default = "50ms",
    help = "how long others may wait for a try to change the partitions",
  },
  {
    name = "patience",
    type = "duration",
    default = "10m",
    help = "how long to wait for locks, old snapshots, replicas and a log that does not shrink",
  },
  {
    name = "abort",
    type = "boolean",
    default = false,
    help = "remove every trace of a run that has not swapped",
  },
}

-- Parameters of those that copy rows.
local paced = {
  {
    name = "lag",
    type = "duration",
    words = { "0" },
    default = "10s",
    help = "how far replicas may be behind before the copy waits for them; 0 does not look",
  },
  {
    name = "p99",
    type = "duration",
    words = { "auto", "0" },
    default = "auto",
    help = "p99 of small writes above which the copy gives way; auto: by what it was before; 0 does not look",
  },
}

-- Parameters of those that can be undone.
local undoable = {
  {
    name = "keep_old",
    type = "boolean",
    default = false,
    help = "keep what was replaced, and what --undo needs, until the same command comes without it",
  },
  {
    name = "undo",
    type = "boolean",
    default = false,
    help = "swap back what is kept; no row that was written since is lost",
  },
}

-- A scenario's own parameters among those that all have. kind: copies and can_undo say which others it has.
function steps.params(own, kind)
  local all = { first }
  local others = { kind.copies and paced or {}, kind.can_undo and undoable or {} }
  for _, list in ipairs { own, all_have, table.unpack(others) } do
    table.move(list, 1, #list, #all + 1, all)
  end
  return all
end

-- The steps of --undo: the change is turned round, then those from draining on do the rest.
function steps.way_back(operation)
  return {
    {
      call = function(ctx)
        back.turn(ctx, operation)
      end,
      say = "Turn round: what was replaced takes its place again",
    },
    { call = online.drain, say = "Apply to it what changed since" },
    { call = online.promise, say = "Make sure that no partition is scanned under a lock" },
    { call = online.verify, say = "Compare" },
    { call = online.swap, say = "Swap back" },
    { call = online.settle, say = "Validate foreign keys, compare definitions" },
    { call = online.finish, say = "Drop what is replaced now and what the run made for itself" },
  }
end

-- Raises that something is gone, if that is why a step failed.
local function raise_lost(ctx, e)
  local lost = type(e) == "table"
    and e.kind ~= "interrupt"
    and ctx.conn:status() == "idle"
    and run.lost(ctx)
  if lost then
    fail.raise("check", lost, {
      detail = e.message,
      hint = "Somebody dropped or detached it meanwhile. --abort removes every trace of the run.",
    })
  end
end

local GIVES_UP =
  "The run is kept at the phase '%s'. --undo goes on with it, --abort gives up the way back."

local kept = {
  [true] = "The run is kept at the phase '%s'. The same command goes on with it, --abort removes every trace. "
    .. "Of a run on the demo's tables 'partdemo run cleanup' does so, too.",
  [false] = "The run is kept at the phase '%s': the same command goes on with it.",
}

-- A step's function that says what is left when it fails: a run that nobody ends captures for ever.
local function telling(call)
  return function(ctx)
    local ok, e = fail.call(call, ctx)
    if not ok then
      if ctx.online then
        raise_lost(ctx, e)
        local this = ctx.online.run
        local can = run.can_abort(this)
        report.note((can and this.details.turned and GIVES_UP or kept[can]):format(this.phase))
      end
      error(e, 0)
    end
  end
end

-- place: see plan.of().
local function add_step(all, step, place, when, ...)
  local copied = { unless = { ... } }
  for name, value in pairs(step) do
    copied[name] = value
  end
  copied.call, copied.when = telling(step.call), when
  copied.plan = plan.of(step.call, place)
  all[#all + 1] = copied
end

-- The steps of a scenario, and those that --abort and, if there is a way back, --undo take instead. With --keep-old
-- keep, by default that of changes that copy, stands in for the last one.
function steps.of(abort, list, undo, keep)
  local all, others = {}, undo and { "abort", "undo" } or { "abort" }
  for i, step in ipairs(list) do
    local unless = { table.unpack(others) }
    unless[#unless + 1] = undo and i == #list and "keep_old" or nil
    add_step(all, step, i == 1 and "begin" or nil, step.when, table.unpack(unless))
  end
  if undo then
    keep = keep or { call = back.keep, say = "Keep what was replaced, and bring it up to date" }
    add_step(all, keep, nil, "keep_old", "abort", "undo")
  end
  for i, step in ipairs(undo or {}) do
    add_step(all, step, i == 1 and "first" or nil, "undo", "abort")
  end
  local say = "Remove every trace of the run"
  all[#all + 1] = { call = abort, plan = plan.of(abort, "first"), say = say, when = "abort" }
  return all
end

-- Before any step of --abort, when no run is found: says so. Raises when there is no such table, either.
local function tell_no_run(conn, operation, params)
  local part = params.partition or params.partitions
  local of = part and ("%s of %s"):format(part, params.table) or params.table
  if not catalog.relation(conn, params.table) then
    fail.raise("check", ("there is no table %s, and no run on it to abort"):format(params.table))
  end
  report.note(("there is no run of online/%s on %s to abort"):format(operation, of))
end

-- The check after an online scenario: no run is left, and is_done(conn, params) holds unless it was aborted. After
-- --undo is_undone(conn, params), by default that what was replaced is in its place.
function steps.done(operation, say, is_done, is_undone)
  return check.custom {
    say = function(params)
      return params.abort and "no run is left"
        or params.undo and "what was replaced is in its place again"
        or check.fill_in(say, params)
    end,
    run = function(conn, params, ctx)
      run.set_session(conn) -- the look comes before any step has prepared the session
      if ctx.online_table then
        params = setmetatable({ table = ctx.online_table }, { __index = params })
      end
      local this = run.find(conn, operation, params)
      local may_stay = params.keep_old and not params.undo and not params.abort
      local is_kept = this ~= nil and this.phase == "kept"
      local keeps = is_kept and may_stay and run.captures(conn, this)
      if this and not keeps then
        return false, ("a run is at the phase '%s'"):format(this.phase)
      elseif params.abort then
        if #(ctx.done or {}) == 0 then -- nil in a dry run
          tell_no_run(conn, operation, params)
        end
        return true
      elseif params.undo then
        return (is_undone or back.is_undone)(conn, params)
      elseif params.keep_old and not keeps then
        return false, "nothing is kept"
      end
      return is_done(conn, params)
    end,
  }
end

return steps
