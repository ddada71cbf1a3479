-- The partition keys that a table's leaves are chosen by, and what conditions say of them.
local expression = require "partdemo.expression"

local partkey = {}

-- A cast that changes nothing: the server sees through it.
local function relabels(key, type)
  return key.type == "character varying" and type == "text"
end

-- How a side of a comparison has a key column: "bare", "inside" an expression, or nil.
local function role(side, key)
  local inner, type = expression.cast(side)
  if side == key.name or (inner == key.name and type and relabels(key, type)) then
    return "bare"
  end
  return key.found_in(side) and "inside" or nil
end

-- { key, role, left, operator, right } with the key on the left; nil when no key column is in it.
local mirrored = { ["<"] = ">", [">"] = "<", ["<="] = ">=", [">="] = "<=" }
function partkey.about(condition, keys)
  for _, key in ipairs(keys) do
    if key.found_in(condition) then
      local left, operator, right = expression.comparison(condition)
      if not left then
        return { key = key, role = "inside", text = condition }
      end
      if not role(left, key) then
        left, right, operator = right, left, mirrored[operator] or operator
      end
      return {
        key = key,
        role = role(left, key),
        both = role(right, key) ~= nil,
        left = left,
        operator = operator,
        right = right,
        text = condition,
      }
    end
  end
end

-- An expression of a key as EXPLAIN writes it: without collation and operator class.
local function plain_expression(s)
  s = s:gsub("%s+COLLATE%s+.*$", ""):gsub('^(.*%))%s+[%w_."]+$', "%1")
  return expression.bare(s)
end

-- The parts of the keys of the table and of the partitioned tables below it, highest first: columns, and
-- expressions as EXPLAIN writes them.
function partkey.of(each)
  local keys, seen = {}, {}
  local function add(relation)
    local _, written = expression.call(("key(%s)"):format(relation.key or ""))
    for place, column in ipairs(relation.columns or {}) do
      local is_expression = not column.column
      local name = column.column or plain_expression(written and written[place] or relation.key)
      if not seen[name] then
        seen[name] = true
        keys[#keys + 1] = {
          name = name,
          type = column.type,
          strategy = relation.strategy,
          of = relation,
          is_expression = is_expression,
          found_in = function(s)
            return is_expression and s:find(name, 1, true) ~= nil
              or not is_expression and expression.mentions(s, name)
          end,
        }
      end
    end
    for _, child in ipairs(relation.children) do
      if child.kind == "p" then
        add(child)
      end
    end
  end
  add(each.relation)
  return keys
end

-- A column of a key's expression that a condition compares by itself; the key.
function partkey.alone(parts, keys)
  for _, key in ipairs(keys) do
    local tokens = key.is_expression and expression.tokens(key.name) or {}
    for i, token in ipairs(tokens) do
      local before, after = tokens[i - 1], tokens[i + 1]
      local is_column = token.kind == "word"
        and not (before and before.text == "::")
        and not (after and after.text == "(")
      for _, part in ipairs(is_column and parts or {}) do
        if expression.mentions(part, token.text) then
          return token.text, key
        end
      end
    end
  end
end

return partkey
