-- Reads conditions as EXPLAIN writes them: wholly parenthesised, with every cast spelt out.
local expression = {}

-- Tokens: { text, kind = "string"|"word"|"number"|"op"|"punct", at, after }.
local patterns = {
  { "string", "^[EBXNU]?'" },
  { "word", '^"' },
  { "word", "^[%a_\128-\255][%w_$\128-\255]*" },
  { "number", "^%d[%w.]*" },
  { "param", "^%$%d+" },
  { "punct", "^[%(%)%[%],.;]" },
  { "op", "^::" },
  { "op", "^[%+%-%*/<>=~!@#%%^&|`?:]+" },
}

-- The end of what begins with a quote at `from`; a doubled quote is part of it.
local function end_of_quoted(s, from)
  local quote = s:match("['\"]", from)
  local at = s:find(quote, from, true)
  while true do
    local last = s:find(quote, at + 1, true)
    if not last then
      return #s
    elseif s:sub(last + 1, last + 1) ~= quote then
      return last
    end
    at = last + 1
  end
end

function expression.tokens(s)
  local list, at = {}, 1
  while true do
    at = s:find("%S", at)
    if not at then
      return list
    end
    local last, kind = at, "other"
    for _, each in ipairs(patterns) do
      local _, found = s:find(each[2], at)
      if found then
        kind = each[1]
        last = s:sub(found, found):find "['\"]" and end_of_quoted(s, at) or found
        break
      end
    end
    list[#list + 1] = { text = s:sub(at, last), kind = kind, at = at, after = last + 1 }
    at = last + 1
  end
end

local opening = { ["("] = 1, ["["] = 1, [")"] = -1, ["]"] = -1 }

-- Without the parentheses around all of it.
function expression.bare(s)
  s = s:match "^%s*(.-)%s*$"
  while s:sub(1, 1) == "(" do
    local depth, closes = 0, nil
    for _, token in ipairs(expression.tokens(s)) do
      depth = depth + (token.kind == "punct" and opening[token.text] or 0)
      if depth == 0 then
        closes = token.at
        break
      end
    end
    if closes ~= #s then
      return s
    end
    s = s:sub(2, -2):match "^%s*(.-)%s*$"
  end
  return s
end

-- The parts between a word (AND, OR) that stands outside of parentheses.
function expression.split(s, word)
  s = expression.bare(s)
  local parts, depth, from = {}, 0, 1
  for _, token in ipairs(expression.tokens(s)) do
    depth = depth + (token.kind == "punct" and opening[token.text] or 0)
    if depth == 0 and token.kind == "word" and token.text == word then
      parts[#parts + 1] = expression.bare(s:sub(from, token.at - 1))
      from = token.after
    end
  end
  parts[#parts + 1] = expression.bare(s:sub(from))
  return parts
end

-- left, operator, right of a comparison; nil when it is none. The operator of "= ANY (...)" is "= ANY".
function expression.comparison(s)
  s = expression.bare(s)
  local depth = 0
  local tokens = expression.tokens(s)
  for i, token in ipairs(tokens) do
    depth = depth + (token.kind == "punct" and opening[token.text] or 0)
    if depth == 0 and token.kind == "op" and token.text ~= "::" and i > 1 then
      local next_token = tokens[i + 1]
      local operator, from = token.text, token.after
      if next_token and (next_token.text == "ANY" or next_token.text == "ALL") then
        operator, from = operator .. " " .. next_token.text, next_token.after
      end
      return expression.bare(s:sub(1, token.at - 1)), operator, expression.bare(s:sub(from))
    elseif depth == 0 and token.kind == "word" and token.text == "IS" and i > 1 then
      return expression.bare(s:sub(1, token.at - 1)), s:sub(token.at), ""
    end
  end
end

-- "x::type" -> x, type; the expression itself when it has no cast outside of parentheses.
function expression.cast(s)
  s = expression.bare(s)
  local depth, at = 0, nil
  for _, token in ipairs(expression.tokens(s)) do
    depth = depth + (token.kind == "punct" and opening[token.text] or 0)
    if depth == 0 and token.text == "::" then
      at = token.at
    end
  end
  if at then
    return expression.bare(s:sub(1, at - 1)), s:sub(at + 2)
  end
  return s
end

-- The text of a literal ('2024-01-01', 7, '7'::numeric); nil when it is none.
function expression.literal(s)
  local value = expression.cast(s)
  local tokens = expression.tokens(value)
  if #tokens == 1 and tokens[1].kind == "string" then
    return (value:match "^'(.*)'$" or ""):gsub("''", "'"), true
  elseif #tokens == 1 and tokens[1].kind == "number" then
    return value, false
  end
end

-- name, arguments of a function call that is all of the expression.
function expression.call(s)
  s = expression.bare(s)
  local name, inside = s:match "^([%w_.]+)(%(.*%))$"
  if name and expression.bare(inside) ~= inside then
    local bare = inside:sub(2, -2)
    local arguments, depth, from = {}, 0, 1
    for _, token in ipairs(expression.tokens(bare)) do
      depth = depth + (token.kind == "punct" and opening[token.text] or 0)
      if depth == 0 and token.text == "," then
        arguments[#arguments + 1] = expression.bare(bare:sub(from, token.at - 1))
        from = token.after
      end
    end
    arguments[#arguments + 1] = expression.bare(bare:sub(from))
    return name, arguments
  elseif name then
    return name, {}
  end
end

-- Without `alias.` before columns.
function expression.without_alias(s, alias)
  local quoted = '"' .. alias:gsub('"', '""') .. '"'
  local out, tokens, at = {}, expression.tokens(s), 1
  for i, token in ipairs(tokens) do
    local follows = tokens[i + 1]
    if
      token.kind == "word"
      and (token.text == alias or token.text == quoted)
      and follows
      and follows.text == "."
      and token.at >= at
    then
      out[#out + 1] = s:sub(at, token.at - 1)
      at = follows.after
    end
  end
  out[#out + 1] = s:sub(at)
  return table.concat(out)
end

-- Whether a name, quoted if need be, is one of the columns that stand in the expression by themselves.
function expression.mentions(s, name)
  local tokens = expression.tokens(s)
  for i, token in ipairs(tokens) do
    if token.kind == "word" and token.text == name then
      local before, after = tokens[i - 1], tokens[i + 1]
      if not (before and before.text == ".") and not (after and after.text == "(") then
        return true
      end
    end
  end
  return false
end

-- Names of the functions that are called in it.
function expression.functions(s)
  local names, tokens = {}, expression.tokens(s)
  for i, token in ipairs(tokens) do
    if token.kind == "word" and tokens[i + 1] and tokens[i + 1].text == "(" then
      names[#names + 1] = token.text
    end
  end
  return names
end

return expression
