-- What stands on docs/lua-api.md, which scripts/api-reference makes.
-- What is public, in the order of the page. A module stands with its functions and the methods of its classes, but for
-- those that are left out; types are classes and aliases, which can be anywhere in the meta files.
local sections = {
  {
    title = "A scenario",
    types = {
      "Scenario",
      "Param",
      "Step",
      "StepCommon",
      "SqlStep",
      "CopyStep",
      "LoadStep",
      "QueryStep",
      "Expected",
      "ExpectedLeaves",
      "RunStep",
      "RehearseStep",
      "ImpactsStep",
      "CheckStep",
      "CallStep",
      "PlannedStatement",
      "FunctionStep",
    },
  },
  {
    title = "Checks",
    module = "check",
    types = { "CheckValue" },
    left_out = { fill_in = true, is = true, as_list = true, Check = true },
  },
  { title = "A mix", types = { "Mix", "MixEntry", "MixLedger" } },
  {
    title = "Generated rows",
    module = "gen",
    types = { "Value" },
    left_out = {
      random_element = true,
      random_int = true,
      random_date = true,
      random_price = true,
      ["generator:set"] = true,
      ["row:describe"] = true,
      ["row:keys"] = true,
      ["row:bound"] = true,
    },
  },
  {
    title = "What a function step gets",
    types = { "Context", "Params", "LoadedScenario", "StepResult", "CheckResult" },
  },
  { title = "Connections", module = "conn", types = { "Result" } },
  { title = "Errors", types = { "Error", "FailClass" } },
  { title = "Failing on purpose", module = "fail", left_out = { code = true } },
  {
    title = "Tables and their partitions",
    module = "catalog",
    types = { "Tree", "Relation" },
    left_out = { query = true, first = true, raise = true },
  },
  {
    title = "Bounds",
    module = "bounds",
    types = { "BoundParts", "BoundValue" },
    left_out = { describe = true, same = true, sort = true, findings = true },
  },
  {
    title = "Plans",
    module = "explain",
    types = { "ExplainOptions", "Card", "ExplainedTable" },
  },
  { title = "Time", module = "sched", left_out = { run = true } },
  { title = "JSON", module = "json" },
}

local intro = [[
What a scenario and a mix are written with. A scenario is a Lua 5.4 file that returns a table; [flows](flows.md) is the
way through a first one, this page has every field and function. `partdemo check FILE` says what is wrong with a
scenario without a server, and `partdemo describe FILE` what it would do.

- **In an editor**: open the clone in one with a Lua language server (LuaLS). `.luarc.json` points it at `src/lua/meta`,
  from which this page is made: it completes `check.` and `gen.`, and the fields of a table that is returned below a
  line `---@type partdemo.Scenario` or `---@type partdemo.Mix`. For files elsewhere, set `workspace.library` to that
  folder.
- **Types** are written as LuaLS does: `string|integer` is either, `string[]` a list, `table<string, integer>` a table
  from names to integers, `fun(x: string): boolean` a function. A duration is a string such as "500ms", "30s", "2m" or
  "1h".
- **Units**: times are in seconds and sizes in bytes unless it says otherwise. A value in parentheses is the default.
- **Errors**: a function raises what goes wrong, as an [Error](#error) for what the server or the user did and as a
  text for a mistake in the call; one that returns an error instead says so. An absent key stands for NULL and for "not
  given".]]

local others = [[
`require` also gives the modules of the program itself. They are described in `src/lua/meta`, but they change as the
program does: a scenario that uses one may have to change with it.]]

return { sections = sections, intro = intro, others = others }
