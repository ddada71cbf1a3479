-- What a rehearsal comes to: one sentence, and what makes it fail.
local json = require "partdemo.json"
local ledger = require "partdemo.ledger"
local text = require "partdemo.text"

local verdict = {}

local NOTICED = 20 -- milliseconds: shorter waits are no stall, whatever was usual

-- A limit that was exceeded, in words.
function verdict.limit_words(found)
  if found.limit == "max-stall" then
    return ("operations waited %s, --max-stall is %s"):format(
      text.seconds(found.value),
      text.seconds(found.allowed)
    )
  elseif found.limit == "max-p99" then
    return ("more than 1 %% of the operations waited longer than --max-p99, %s"):format(
      text.seconds(found.allowed)
    )
  end
  return ("%s, --max-errors is %s"):format(
    text.count(found.value, "unexpected error"),
    text.number(found.allowed)
  )
end

local function outcome_words(found)
  if found.error then
    return "not reconciled: " .. found.error
  elseif not found.ok then
    local words = {}
    for _, row in ipairs(found.tables) do
      local wrong = ledger.describe(row)
      words[#words + 1] = wrong and ("%s: %s"):format(text.printable(row.table), wrong) or nil
    end
    if found.own and not found.own.ok then
      words[#words + 1] = "the mix's own check: " .. (found.own.detail or "failed")
    end
    return table.concat(words, "; ")
  end
  if #found.tables == 0 and not found.own then
    return "not checked"
  end
  local undecided = 0
  for _, row in ipairs(found.tables) do
    undecided = undecided + row.undecided
  end
  if undecided > 0 then
    return ("all found, %s undecided"):format(text.count(undecided, "unknown outcome"))
  end
  return "all found"
end

-- Somebody else who held the writers up between two moments, for most of a stall; nil when there was nobody.
local function stranger(d, from_ms, to_ms, stall_ms)
  for _, holder in ipairs(d.holders) do
    local met = holder.from_ms < to_ms and holder.to_ms > from_ms
    if met and not holder.step and not holder.load and holder.longest_ms > stall_ms / 2 then
      return holder
    end
  end
end

local STOPS_WRITERS = {
  SHARE = true,
  ["SHARE ROW EXCLUSIVE"] = true,
  EXCLUSIVE = true,
  ["ACCESS EXCLUSIVE"] = true,
}

-- The lock that held most sessions up: the strongest on the table that they waited for. One that nobody was seen to
-- wait for may have held somebody up between two samples, unless no writer waits for such a lock.
local function held_up_by(step)
  local found
  for _, lock in ipairs(step.locks) do
    local may = lock.waiters > 0 or STOPS_WRITERS[lock.mode]
    if may and (not found or lock.waiters > found.waiters) then
      found = lock
    end
  end
  return found
end

-- What the stall of a step came from: its lock, whom it waited for, how many waited.
local function reasons(d, step)
  local words, lock = {}, held_up_by(step)
  local other = stranger(d, step.from_ms, step.to_ms, step.stall_ms)
  if lock and (not other or step.waits[1]) then
    words[1] = ("%s on %s"):format(lock.mode, text.printable(lock.table))
  end
  words[#words + 1] = other and ("behind pid %d"):format(other.pid) or nil
  words[#words + 1] = d.loop == "open" and ("%s queued"):format(text.number(step.backlog.peak))
    or "closed loop"
  return table.concat(words, ", ")
end

-- What waited longer after a step than anything before and in the steps; worst: their longest stall.
local function later(d, worst)
  local most, found = math.max(NOTICED, d.before.max_ms, worst and worst.stall_ms or 0), nil
  for _, step in ipairs(d.kept_up and d.steps or {}) do
    if step.after.max_ms > most then
      most, found = step.after.max_ms, step
    end
  end
  if not found then
    return ""
  end
  local ending = d.steps[found.n + 1] and d.steps[found.n + 1].from_ms or d.elapsed_ms
  local other = stranger(d, found.to_ms, ending, most)
  local whom = other and (" behind pid %d"):format(other.pid) or ""
  return ("; operations waited %s after step %d%s"):format(text.seconds(most / 1000), found.n, whom)
end

-- A step that did not do what it was to do.
local function ended_early(d)
  for _, step in ipairs(d.steps) do
    if step.cancelled or step.error then
      return ("; step %d %s"):format(step.n, step.cancelled and "was cancelled" or "failed")
    end
  end
  return ""
end

-- One sentence.
function verdict.sentence(d)
  local worst
  for _, step in ipairs(d.steps) do
    if not worst or step.stall_ms > worst.stall_ms then
      worst = step
    end
  end
  local first
  local usual = d.before.max_ms
  if not worst then
    first = ("no step was begun, operations waited at most %s"):format(
      text.seconds(d.before.max_ms / 1000)
    )
  elseif worst.stall_ms == 0 then
    first = "no operation was under way during the steps"
  elseif worst.stall_ms < NOTICED or worst.stall_ms < usual then
    first = ("%s waited at most %s in step %d, %s in the warm-up"):format(
      d.of,
      text.seconds(worst.stall_ms / 1000),
      worst.n,
      text.seconds(usual / 1000)
    )
  elseif not d.kept_up then
    first = ("%s waited at most %s in step %d, but the server had not kept up with %g operations/s before"):format(
      d.of,
      text.seconds(worst.stall_ms / 1000),
      worst.n,
      d.rate
    )
  else
    first = ("%s stalled %s in step %d (%s)"):format(
      d.of,
      text.seconds(worst.stall_ms / 1000),
      worst.n,
      reasons(d, worst)
    )
  end
  first = first .. later(d, worst) .. ended_early(d)
  local acknowledged = d.reconciliation.acknowledged
  if d.of == "readers" then
    return ("%s; %s answered"):format(first, text.count(acknowledged, "read"))
  end
  local followed = d.reconciliation.followed
  local part = followed > 0
      and followed < acknowledged
      and (", %s of them followed"):format(text.number(followed))
    or ""
  return ("%s; %s acknowledged%s, %s"):format(
    first,
    text.count(acknowledged, "write"),
    part,
    outcome_words(d.reconciliation)
  )
end

-- Limits held against the exact log, and everything else that is wrong, in words.
function verdict.failures(r, d, all)
  local list, limits = json.array {}, json.array {}
  local options = r.options
  local from = r.steps[1] and r.steps[1].from
  local function judge(limit, allowed, value)
    local exceeded = value > allowed
    limits[#limits + 1] = { limit = limit, allowed = allowed, value = value, exceeded = exceeded }
    if exceeded then
      list[#list + 1] = verdict.limit_words { limit = limit, allowed = allowed, value = value }
    end
  end
  if from and options.max_stall then
    judge("max-stall", options.max_stall, r.log:waits(from, math.huge, "met", all).max)
  end
  if from and options.max_p99 then
    judge("max-p99", options.max_p99, r.log:waits(from, math.huge, "met").p99)
  end
  judge("max-errors", options.max_errors or 0, d.unexpected)
  for _, limit in ipairs(limits) do -- as all times of the document
    if limit.limit ~= "max-errors" then
      limit.allowed, limit.value = limit.allowed * 1000, limit.value * 1000
    end
  end
  if not r.found.ok then
    list[#list + 1] = outcome_words(r.found)
  end
  return list, limits
end

return verdict
