-- Finds scenarios, SQL files and the folder that holds the shipped ones.
local fail = require "partdemo.fail"
local sys = require "partdemo.sys"
local text = require "partdemo.text"

local files = {}

local function is_root(directory)
  return sys.kind(directory .. "/scenarios") == "directory"
end

local function directory_of(path)
  return path:match "^(.*)/[^/]*$" or "."
end
files.directory_of = directory_of

-- The folder with scenarios/ and sql/: --root, PARTDEMO_ROOT, beside the installed binary, the working
-- directory, the source tree.
---@param given? string  the value of --root or PARTDEMO_ROOT
function files.root(given)
  if given then
    if not is_root(given) then
      fail.raise("usage", ("%s holds no scenarios/ folder"):format(given), {
        hint = "--root and PARTDEMO_ROOT name the folder that has scenarios/ and sql/ in it.",
      })
    end
    return given
  end
  local program = sys.program()
  local candidates = { "", ".", sys.source_dir }
  candidates[1] = program and directory_of(directory_of(program)) .. "/share/partdemo" or "."
  for _, candidate in ipairs(candidates) do
    if is_root(candidate) then
      return candidate
    end
  end
  fail.raise("usage", "the scenarios are nowhere to be found", {
    hint = "--root DIR names the folder that has scenarios/ and sql/ in it.",
  })
end

-- Names of the shipped scenarios, sorted: every .lua file in scenarios/ and in scenarios/online/. Other subfolders hold
-- modules, mixes, and what a scenario runs as a part of itself (race).
function files.scenarios(root)
  local names = {}
  local function add(folder, prefix)
    for _, name in ipairs(sys.list(folder) or {}) do
      local base = name:match "^([^.].*)%.lua$"
      if base then
        names[#names + 1] = prefix .. base
      end
    end
  end
  add(root .. "/scenarios", "")
  add(root .. "/scenarios/online", "online/")
  table.sort(names)
  return names
end

-- The path of a scenario that was given by name or by path.
function files.scenario(root, given)
  if given:find "%.lua$" then
    if not sys.kind(given) then
      fail.raise("usage", given .. ": there is no such file")
    end
    return given
  end
  local path = ("%s/scenarios/%s.lua"):format(root, given)
  if given == "" or given:find("..", 1, true) or not sys.kind(path) then
    if sys.kind(given) == "directory" then
      fail.raise("usage", given .. ": is a directory, not a scenario")
    end
    local names = files.scenarios(root)
    fail.raise(
      "usage",
      ("unknown scenario '%s'%s"):format(given, text.did_you_mean(given, names)),
      {
        hint = "'partdemo list' lists the scenarios; a path ends in .lua.",
      }
    )
  end
  return path
end

-- The path of an SQL file that a scenario names: beside the scenario, else under sql/; nil when absent.
function files.sql(root, scenario_directory, name)
  for _, folder in ipairs { scenario_directory, root .. "/sql" } do
    local path = folder .. "/" .. name
    if sys.kind(path) then
      return path
    end
  end
end

-- A mix that a scenario names by a path: beside the scenario if it is there, else the path itself.
function files.mix(scenario_directory, given)
  local path = scenario_directory .. "/" .. given
  return given:find "%.lua$" and sys.kind(path) and path or given
end

-- The bytes of a file, or nil and a message. Nothing else is opened: a pipe without a writer, or a device
-- without an end, would hold the program for ever.
function files.read(path)
  local kind = sys.kind(path)
  if kind and kind ~= "file" then
    return nil, path .. (kind == "directory" and ": is a directory" or ": is not a regular file")
  end
  local file, why = io.open(path, "rb")
  if not file then
    return nil, why
  end
  local bytes
  bytes, why = file:read "a"
  file:close()
  return bytes, why and ("%s: %s"):format(path, why)
end

return files
