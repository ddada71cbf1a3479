-- Results of tests on stdout: as TAP 13 while they come, or as one JSON document at the end.
local json = require "partdemo.json"
local report = require "partdemo.report"
local text = require "partdemo.text"

local tap = {}

local methods = {}
local meta = { __index = methods, __name = "partdemo.tap" }

-- as_json: one document at the end instead of lines.
function tap.new(as_json)
  local out = { json = as_json, count = 0, failed = 0, files = {} }
  if not as_json then
    report.output "TAP version 13\n"
  end
  return setmetatable(out, meta)
end

function methods:lines(s)
  if not self.json then
    report.output(s)
    report.flush()
  end
end

-- A line that says nothing about a test.
function methods:comment(line)
  self:lines(("# %s\n"):format(text.printable(line)))
end

-- What comes now belongs to this file.
function methods:file(path)
  self:comment(path)
  self.files[#self.files + 1] = { file = path, ok = true, tests = json.array {} }
end

-- What was wrong, as keys and values in order.
local function diagnostics(row)
  local e = row.error
  if type(e) ~= "table" then
    e = { message = e and tostring(e) }
  end
  local place = row.place or {}
  local found = {
    { "message", e.message or not row.error and "the check does not hold" or "unknown error" },
    { "detail", row.detail or e.detail },
    { "hint", e.hint },
    { "context", e.context },
    { "sqlstate", e.sqlstate },
    { "file", e.file or place.file or row.path },
    { "line", e.file and e.line or place.line },
  }
  local kept = {}
  for _, pair in ipairs(found) do
    kept[#kept + 1] = pair[2] and pair or nil
  end
  return kept
end

local function yaml(pairs_)
  local lines = { "  ---" }
  for _, pair in ipairs(pairs_) do
    local key, value = pair[1], pair[2]
    if type(value) == "string" and value:find "\n" then
      lines[#lines + 1] = ("  %s: |-"):format(key)
      for line in value:gmatch "[^\n]+" do
        lines[#lines + 1] = "    " .. text.printable(line)
      end
    else
      value = type(value) == "string" and json.encode(text.printable(value)) or tostring(value)
      lines[#lines + 1] = ("  %s: %s"):format(key, value)
    end
  end
  lines[#lines + 1] = "  ...\n"
  return table.concat(lines, "\n")
end

-- A test. row: name, ok, kind, and for one that failed detail, error, place = { file, line }, path.
function methods:result(row)
  self.count = self.count + 1
  self.failed = self.failed + (row.ok and 0 or 1)
  local name = text.printable(row.name)
  local document = { name = row.name, kind = row.kind, ok = row.ok, detail = row.detail }
  self:lines(
    ("%s %d - %s\n"):format(row.ok and "ok" or "not ok", self.count, (name:gsub("#", "\\#")))
  )
  if not row.ok then
    local found = diagnostics(row)
    self:lines(yaml(found))
    for _, pair in ipairs(found) do
      document[pair[1]] = pair[2]
    end
  end
  local file = self.files[#self.files]
  file.ok = file.ok and row.ok
  file.tests[#file.tests + 1] = document
end

function methods:print_document(why)
  report.json {
    ok = self.failed == 0 and not why,
    tests = self.count,
    failed = self.failed,
    bail_out = why,
    files = json.array(self.files),
  }
end

-- The plan, or the document.
function methods:finish()
  self:lines(("1..%d\n"):format(self.count))
  if self.json then
    self:print_document()
  end
end

-- The end before the end.
function methods:bail(why)
  self:lines(("Bail out! %s\n"):format(text.printable(why)))
  if self.json then
    self:print_document(why)
  end
end

return tap
