-- How a rehearsal is asked for: by --under on the command line, or by a `rehearse` step, which rehearses another
-- scenario.
local check = require "partdemo.check"
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local mix = require "partdemo.mix"
local rehearse = require "partdemo.rehearse"
local report = require "partdemo.report"
local text = require "partdemo.text"

local rehearsals = {}

local MOST_RATE = 200000 -- operations a second: a rehearsal keeps each of them in memory until its end
local MOST_CLIENTS = 10000

-- The options of rehearse.new(). given: what was said, by the names that spell(name) has for messages; refuse(message)
-- raises.
local function options(given, spell, refuse)
  local function positive(name, read, what)
    local value = given(name) and read(given(name))
    if given(name) and not (value and value >= 0 and value < math.huge) then
      refuse(("%s takes %s"):format(spell(name), what))
    end
    return value or nil
  end
  local function time(name)
    return positive(name, text.duration, "a duration such as 500ms or 3s")
  end
  local function whole(name)
    return positive(name, function(word)
      return math.tointeger(tonumber(word))
    end, "a count")
  end
  local rate, clients = positive("rate", tonumber, "a number"), whole "clients"
  if rate and given "max" then
    refuse(("%s and %s exclude each other"):format(spell "rate", spell "max"))
  elseif rate and (rate <= 0 or rate > MOST_RATE) then
    refuse(("%s is more than 0 and at most %d"):format(spell "rate", MOST_RATE))
  elseif clients and (clients < 1 or clients > MOST_CLIENTS) then
    refuse(("%s is from 1 to %d"):format(spell "clients", MOST_CLIENTS))
  end
  return {
    mix = given "under",
    on = given "on",
    rate = rate,
    max = given "max",
    clients = clients or 8,
    warmup = time "warmup" or 3,
    cooldown = time "cooldown" or 3,
    max_stall = time "max-stall",
    max_p99 = time "max-p99",
    max_errors = whole "max-errors",
  }
end

-- The rehearsal of `run --under`, from the options of the command line. Raises a usage failure.
function rehearsals.of_command(ctx, given)
  return rehearse.new(
    ctx,
    options(function(name)
      return given[name]
    end, function(name)
      return "--" .. name
    end, function(message)
      fail.raise("usage", message, { hint = "'partdemo help run' shows how to use it." })
    end)
  )
end

-- The options of a step, and the step with the run's parameters in it. A rate of 0 is none.
local function of_step(ctx, step)
  local filled = check.fill_in(step, ctx.params)
  filled.under = files.mix(ctx.scenario.directory, filled.under)
  if tonumber(filled.rate) == 0 then
    filled.rate = nil
  end
  filled.max = filled.max == true or filled.max == "true" or nil
  local made = options(function(name)
    return filled[name:gsub("%-", "_")]
  end, function(name)
    return (name:gsub("%-", "_"))
  end, function(message)
    fail.raise("usage", ("%s: %s"):format(filled.as, message))
  end)
  return made, filled
end

-- Refuses a step that cannot be done, with the run's parameters known and without a server.
function rehearsals.check(ctx, step)
  local made = of_step(ctx, step)
  mix.load(ctx.root, made.mix, made.on)
end

-- What a step rehearses, as the command line that does the same.
function rehearsals.describe(ctx, step)
  local made, filled = of_step(ctx, step)
  local words = { "run", filled.rehearse }
  for _, name in ipairs(text.keys(filled.params or {})) do
    words[#words + 1] = ("--%s '%s'"):format(name, filled.params[name])
  end
  words[#words + 1] = "--under " .. made.mix
  words[#words + 1] = made.max and "--max" or made.rate and ("--rate %g"):format(made.rate)
  words[#words + 1] = ("--clients %d"):format(made.clients)
  words[#words + 1] = ("--warmup %gs --cooldown %gs"):format(made.warmup, made.cooldown)
  local line = table.concat(words, " ")
  for _, name in ipairs(text.keys(made.on or {})) do
    line = ("%s, with %s for %s"):format(line, made.on[name], name)
  end
  return line
end

-- Performs a `rehearse` step: its impact is in ctx.impacts, also when it fails or is interrupted.
function rehearsals.run(ctx, step, run_scenario)
  local made, filled = of_step(ctx, step)
  -- Those that do not say how fast are as fast as the first one, so that they can be compared.
  made.rate = made.rate or not made.max and ctx.memory.rate or nil
  made.short = not report.is_verbose()
  local rehearsal
  local function perform()
    run_scenario(ctx, filled.rehearse, filled.params or {}, function(nested)
      rehearsal = rehearse.new(nested, made)
      return rehearsal
    end)
  end
  local ok, e
  if report.is_brief() then -- the phases of the report are the steps
    ok, e = fail.call(report.hush, perform)
  else
    ok, e = fail.call(perform)
  end
  local document = rehearsal and rehearsal.document
  ctx.impacts[filled.as] = document
  if not ok then
    error(e, 0)
  elseif not document then
    fail.raise("check", ("%s was done already: nothing was rehearsed"):format(filled.rehearse))
  end
  ctx.memory.rate = ctx.memory.rate or document.rate > 0 and document.rate or nil
  rehearsal:conclude()
end

return rehearsals
