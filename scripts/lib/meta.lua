-- Reads the meta files, src/lua/meta/*.d.lua: what they say of modules, functions, classes and aliases.
local meta = {}

-- "TYPE  words": two blanks stand between a type and what is said of it.
local function typed(s)
  local type_name, words = s:match "^(.-)%s%s+(.*)$"
  return type_name or s, words
end

local readers = {}

function readers.class(block, rest)
  block.class, block.parent = rest:match "^([%w_.]+):?%s*([%w_.]*)"
  block.fields = {}
end

function readers.field(block, rest)
  local key, optional, of = rest:match "^(%[.-%])(%??)%s+(.*)$"
  if not key then
    key, optional, of = rest:match "^([%w_]+)(%??)%s+(.*)$"
  end
  local field = { name = key, optional = optional == "?" }
  field.type, field.words = typed(of)
  block.fields[#block.fields + 1] = field
end

function readers.param(block, rest)
  local name, optional, of = rest:match "^([%w_.]+)(%??)%s+(.*)$"
  local param = { name = name, optional = optional == "?" }
  param.type, param.words = typed(of)
  block.params[#block.params + 1] = param
end

readers["return"] = function(block, rest)
  local result = {}
  result.type, result.words = typed(rest)
  -- "---@return boolean ok": a name after the type, which has no blank outside of brackets.
  local type_name, name = result.type:match '^([%w_.%[%]?<>|"]+) ([%w_.]+)$'
  if type_name then
    result.type, result.name = type_name, name
  end
  block.results[#block.results + 1] = result
end

function readers.alias(block, rest)
  block.alias, block.of = rest:match "^([%w_.]+)%s+(.*)$"
end

readers["type"] = function(block, rest)
  block.type = typed(rest)
end

local function new_block()
  return { text = {}, params = {}, results = {} }
end

-- A comment line goes into the block.
local function add(block, line)
  local tag, rest = line:match "^%-%-%-@([%w_]+)%s*(.*)$"
  if tag == "meta" then
    block.meta = rest
  elseif tag then
    if readers[tag] then
      readers[tag](block, rest)
    end
  else
    block.text[#block.text + 1] = line:match "^%-%- ?(.*)$"
  end
end

-- The blocks of a file in order: { text = lines, and class, parent, fields | alias, of | meta |
-- name, owner, kind = "function"|"method"|"value", params, results, type }.
function meta.read(path)
  local blocks, block, classes, latest = {}, new_block(), {}, nil
  local function close()
    if next(block.text) or block.class or block.alias or block.kind or block.meta then
      blocks[#blocks + 1] = block
    end
    latest = block.class and block or latest
    block = new_block()
  end
  for line in io.lines(path) do
    local owner, mark, name, arguments = line:match "^function ([%w_]+)([.:])([%w_]+)%((.-)%)"
    local value_owner, value = line:match "^([%w_]+)%.([%w_]+) = "
    local variable = line:match "^local ([%w_]+) = "
    if line:find "^%-%-%-%-%-%-+$" then
      close()
    elseif line:find "^%-%-" then
      add(block, line)
    elseif owner then
      block.kind = mark == ":" and "method" or "function"
      block.owner, block.name, block.arguments = classes[owner] or owner, name, arguments
      close()
    elseif value then
      block.kind, block.owner, block.name = "value", value_owner, value
      close()
    else
      close()
      if variable and latest then
        classes[variable], latest = latest.class, nil
      end
    end
  end
  close()
  return blocks
end

-- The classes and aliases of all files by name; each knows its file.
function meta.all(folder)
  local types = {}
  local listing = assert(io.popen(("ls %s/*.d.lua"):format(folder)))
  for path in listing:lines() do
    for _, block in ipairs(meta.read(path)) do
      block.path = path
      types[block.class or block.alias or ""] = block
    end
  end
  listing:close()
  return types
end

return meta
