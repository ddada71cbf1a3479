-- The commands, by name. Each takes what args.parse() gave; a failure is raised.
local args = require "partdemo.args"
local check = require "partdemo.check"
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local json = require "partdemo.json"
local params = require "partdemo.params"
local report = require "partdemo.report"
local runreport = require "partdemo.runreport"
local scenario = require "partdemo.scenario"
local text = require "partdemo.text"

local commands = {}

local function usage(message, command)
  fail.raise(
    "usage",
    message,
    { hint = ("'partdemo help %s' shows how to use it."):format(command) }
  )
end

-- A mistake in .env is no reason not to list scenarios: the commands that connect report it.
local function root_of(parsed)
  local config = require "partdemo.config"
  local settings = config.resolve { dotenv = ".env" }
  return files.root(parsed.options.root or settings and settings.options.PARTDEMO_ROOT)
end

-- The only argument of a command, which is one of its choices.
local function one_choice(parsed)
  local command, word = parsed.command, parsed.words[1]
  for _, choice in ipairs(command.choices) do
    if word == choice and #parsed.words == 1 then
      return word
    end
  end
  usage(
    ("%s takes one of %s%s"):format(
      command.name,
      table.concat(command.choices, ", "),
      word and text.did_you_mean(word, command.choices) or ""
    ),
    command.name
  )
end

local function no_arguments(parsed)
  if #parsed.words > 0 then
    usage(("%s takes no argument"):format(parsed.command.name), parsed.command.name)
  end
end

local function seed_of(parsed)
  local word = parsed.options.seed or "1"
  local seed = math.tointeger(tonumber(word))
  return seed or usage("--seed takes an integer", parsed.command.name)
end

-- Asks on the terminal; nil when there is none to ask.
local function asker()
  local sys = require "partdemo.sys"
  if not sys.isatty(0) then
    return nil
  end
  return function(question)
    io.stderr:write(question, " [y/N] ")
    local answer = io.stdin:read "l"
    return answer ~= nil and answer:lower():match "^%s*y" ~= nil
  end
end

function commands.run(parsed)
  local name = table.remove(parsed.words, 1)
  if not name then
    usage("run needs the name of a scenario", "run")
  end
  local root = root_of(parsed)
  local loaded = scenario.load(root, name)
  local target = require "partdemo.target"
  local ctx = {
    scenario = loaded,
    root = root,
    params = params.resolve(name, loaded.params, parsed.params, parsed.words),
    seed = seed_of(parsed),
    -- Keeps unique values apart from those of earlier runs; with --seed the rows are to be the same.
    run_tag = parsed.options.seed and 0
      or os.time() * 1000000 + math.floor(require("partdemo.sched").now() * 1e6) % 1000000,
    yes = parsed.options.yes,
    ask = asker(),
  }
  if parsed.options.under then
    ctx.rehearsal = require("partdemo.rehearsals").of_command(ctx, parsed.options)
    ctx.rehearses = true
  end
  if require("partdemo.steps").check_mixes(ctx) then
    report.use_lines()
  end
  local described
  local settings
  ctx.conn, described, settings, ctx.keywords = target.connect(parsed.options)
  ctx.settings, ctx.options = settings.params, settings.options
  report.say(report.fold("target: " .. described, 2))
  if parsed.options["dry-run"] then
    require("partdemo.dryrun").run(ctx)
    return
  end
  target.lock(ctx.conn)
  local engine = require "partdemo.engine"
  local ok, e = fail.call(function()
    engine.run(ctx)
    if ctx.rehearsal then
      ctx.rehearsal:conclude()
    end
  end)
  if not ok then
    require("partdemo.sqlfile").roll_back(ctx.conn)
  end
  if report.is_json() then
    local document = runreport.document(ctx)
    document.error = not ok and table.concat(report.error_lines(e), "\n") or nil
    report.json(document)
  end
  ctx.conn:close()
  if not ok then
    error(e, 0)
  end
end

-- What `list` shows of a scenario or a mix: its name and summary.
local function listed(root, name, load, why)
  local ok, loaded = pcall(load, root, name)
  return { name, ok and loaded.summary or ("cannot be loaded: '%s' says why"):format(why) }
end

function commands.list(parsed)
  no_arguments(parsed)
  local root, of_mixes = root_of(parsed), parsed.options.mixes
  local mix = require "partdemo.mix"
  local names = of_mixes and mix.names(root) or files.scenarios(root)
  if parsed.options.quiet and not report.is_json() then
    for _, name in ipairs(names) do -- none is loaded: shells ask for them at each Tab
      report.output(name .. "\n")
    end
    return
  end
  local rows, documents = {}, json.array {}
  for i, name in ipairs(names) do
    rows[i] = of_mixes and listed(root, name, mix.load, "partdemo run load --mix")
      or listed(root, name, scenario.load, "partdemo check")
    documents[i] = { name = name, summary = rows[i][2] }
  end
  if report.is_json() then
    report.json { [of_mixes and "mixes" or "scenarios"] = documents }
  else
    local columns = { { of_mixes and "MIX" or "SCENARIO" }, { "WHAT IT DOES", cut = true } }
    report.output(report.table { columns = columns, rows = rows } .. "\n")
  end
end

local function describe_param(param)
  local words = { table.concat({ param.type, table.unpack(param.words or {}) }, " or ") }
  if param.default == "" then
    words[#words + 1] = "optional"
  elseif param.default ~= nil then
    words[#words + 1] = "default " .. tostring(param.default)
  elseif param.type ~= "boolean" then
    words[#words + 1] = "required"
  end
  return { params.option(param.name), param.help, table.concat(words, ", ") }
end

-- What describe shows, as its JSON document.
local function description(loaded)
  local values, list = {}, json.array {}
  for i, param in ipairs(loaded.params) do
    values[param.name] = param.default
    if param.default == "" then -- its place in a text is no empty one
      values[param.name] = ("${%s}"):format(param.name)
    end
    list[i] = {
      name = param.name,
      option = params.option(param.name),
      type = param.type,
      help = param.help,
      default = param.default,
      words = param.words and json.array(param.words),
    }
  end
  local function said(checks)
    local lines = json.array {}
    for i, each in ipairs(checks) do
      lines[i] = each:describe(values)
    end
    return lines
  end
  local steps = json.array {}
  for i, step in ipairs(loaded.steps) do
    local when = type(step) == "table" and step.when
    steps[i] = {
      say = check.fill_in(scenario.step_title(step), values),
      file = scenario.step_file(step),
      when = when and params.option(when) or nil,
    }
  end
  return {
    scenario = loaded.name,
    path = loaded.path,
    summary = loaded.summary,
    needs = json.array(loaded.needs),
    params = list,
    before = said(loaded.before),
    steps = steps,
    after = said(loaded.after),
  }
end

function commands.describe(parsed)
  if #parsed.words ~= 1 then
    usage("describe needs the name of one scenario", "describe")
  end
  local loaded = scenario.load(root_of(parsed), parsed.words[1])
  if parsed.options.quiet then -- the shells complete these
    for _, param in ipairs(loaded.params) do
      local value = param.type ~= "boolean" and " " .. param.type:upper() or ""
      report.output(params.option(param.name) .. value .. "\n")
    end
    return
  end
  local this = description(loaded)
  if report.is_json() then
    report.json(this)
    return
  end
  report.output(report.fold(("%s: %s"):format(this.scenario, this.summary), 2) .. "\n")
  report.output(this.path .. "\n")
  if #this.needs > 0 then
    report.output("needs: " .. table.concat(this.needs, ", ") .. "\n")
  end
  if #loaded.params > 0 then
    local rows = {}
    for i, param in ipairs(loaded.params) do
      rows[i] = describe_param(param)
    end
    report.output("\nParameters\n")
    report.output(
      report.table { columns = { { "" }, { "" }, { "" } }, rows = rows, noheadings = true } .. "\n"
    )
  end
  local function list(heading, items, line)
    if #items > 0 then
      report.output(("\n%s\n"):format(heading))
    end
    for i, item in ipairs(items) do
      report.output(report.fold("  " .. (line and line(item, i) or item), 5) .. "\n")
    end
  end
  list("Before", this.before)
  list("Steps", this.steps, function(step, i)
    local file = step.file and ("  (%s)"):format(step.file) or ""
    local only = step.when and ("  (with %s)"):format(step.when) or ""
    return ("%d. %s%s%s"):format(i, step.say, file, only)
  end)
  list("After", this.after)
end

function commands.check(parsed)
  if #parsed.words == 0 then
    usage("check needs the path of a scenario or a mix", "check")
  end
  local root, documents = root_of(parsed), json.array {}
  local bad = 0
  for i, path in ipairs(parsed.words) do
    local ok, e = pcall(scenario.load, root, path)
    local is_mix = type(e) == "table" and e.is_mix
    if is_mix then
      ok, e = pcall(require("partdemo.mix").load, root, path)
    end
    documents[i] = { path = path, ok = ok, is_mix = is_mix or false }
    if ok then
      report.say(path .. (is_mix and ": ok, a mix" or ": ok"))
    elseif type(e) == "table" and e.class == "usage" then
      bad = bad + 1
      documents[i].error = table.concat(report.error_lines(e), "\n")
      report.error(e)
    else
      error(e, 0)
    end
  end
  if report.is_json() then
    report.json { files = documents }
  end
  if bad > 0 then
    fail.raise("usage", ("%s of %d cannot be run"):format(text.count(bad, "file"), #parsed.words))
  end
end

function commands.explain(parsed)
  require("partdemo.cmd_explain").run(parsed)
end

function commands.tree(parsed)
  require("partdemo.cmd_tree").tree(parsed)
end

function commands.stats(parsed)
  require("partdemo.cmd_tree").stats(parsed)
end

function commands.test(parsed)
  if #parsed.words == 0 then
    usage("test needs the path of a flow", "test")
  end
  require("partdemo.cmd_test").run(parsed, root_of(parsed), seed_of(parsed))
end

function commands.compare(parsed)
  if #parsed.words ~= 2 then
    usage("compare takes two files", "compare")
  end
  require("partdemo.cmd_compare").run(parsed.words)
end

function commands.server(parsed)
  require("partdemo.cmd_server").run(one_choice(parsed), parsed.options, asker())
end

function commands.env(parsed)
  no_arguments(parsed)
  require("partdemo.cmd_env").run(parsed.options)
end

function commands.completion(parsed)
  report.output(require("partdemo.completion")[one_choice(parsed)]())
end

function commands.help(parsed)
  local help = require "partdemo.help"
  if parsed.options.man then
    report.output(help.man())
  elseif #parsed.words == 0 then
    report.output(help.general())
  elseif #parsed.words == 1 then
    report.output(help.command(args.parse({ parsed.words[1] }).command))
  else
    usage("help takes the name of one command", "help")
  end
end

return commands
