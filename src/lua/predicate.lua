-- Why the leaves of a table were pruned, or were not: from the conditions of its scans against its
-- partition key. Says nothing where it cannot be certain.
local catalog = require "partdemo.catalog"
local expression = require "partdemo.expression"
local json = require "partdemo.json"
local partkey = require "partdemo.partkey"
local rewrite = require "partdemo.rewrite"
local text = require "partdemo.text"

local predicate = {}

-- What the server writes for functions in words.
local stable_words = {
  CURRENT_DATE = true,
  CURRENT_TIMESTAMP = true,
  LOCALTIMESTAMP = true,
  CURRENT_TIME = true,
  LOCALTIME = true,
}

-- The conditions of a scan, one by one, without its alias.
local function conditions_of(scan)
  local list, seen = {}, {}
  for _, name in ipairs { "index_cond", "recheck_cond", "tid_cond", "filter" } do
    local condition = scan.node[name]
    for _, part in ipairs(condition and expression.split(condition, "AND") or {}) do
      part = expression.without_alias(part, scan.alias)
      if not seen[part] then
        seen[part] = true
        list[#list + 1] = part
      end
    end
  end
  return list
end

-- Volatility of the functions in an expression: "v" when one is volatile, "s" when one is stable, "i" when
-- none is, nil when it is not known.
local function volatility(conn, s)
  local names = expression.functions(s)
  local worst = "i"
  for _, token in ipairs(expression.tokens(s)) do
    if token.kind == "word" and stable_words[token.text] then
      worst = "s"
    end
  end
  if #names == 0 then
    return worst
  end
  local known, which = {}, nil
  for _, row in ipairs(catalog.query(conn, "function_volatility", json.encode(json.array(names)))) do
    known[row.name] = row.volatility
  end
  for _, name in ipairs(names) do
    if known[name] == "v" then
      return "v", name
    elseif known[name] == "s" then
      worst, which = "s", which or name
    elseif not known[name] then
      return nil
    end
  end
  return worst, which
end

-- Join conditions that have a key column of the table in them; the node's type.
local function joined_by(nodes, each, keys)
  for _, node in ipairs(nodes) do
    for _, name in ipairs { "hash_cond", "merge_cond", "join_filter" } do
      for _, key in ipairs(keys) do
        local condition = node[name]
        if condition then
          local plain = expression.without_alias(condition, each.alias)
          for _, scan in ipairs(each.found) do
            plain = expression.without_alias(plain, scan.alias)
          end
          if key.found_in(plain) then
            return node.type, key
          end
        end
      end
    end
  end
end

local comparisons = { ["="] = true, ["<"] = true, ["<="] = true, [">"] = true, [">="] = true }

-- A subquery that is run for the rows: until PostgreSQL 16 the text does not tell what it is compared with.
local function is_subplan(condition)
  return condition:find "SubPlan %d" ~= nil
end

local FILTERED_BY_SUBQUERY =
  "the values come from a subquery that is run while the rows are filtered"

-- Why a condition of several alternatives chooses no leaf, when one of them does not.
local function useless_alternative(part, keys)
  local arms = expression.split(part, "OR")
  local subplan
  for _, arm in ipairs(#arms > 1 and arms or {}) do
    local has_key, has_subplan = false, false
    for _, condition in ipairs(expression.split(arm, "AND")) do
      if is_subplan(condition) then
        has_subplan = true
      else
        has_key = has_key or partkey.about(condition, keys) ~= nil
      end
    end
    if not has_key and not has_subplan then
      return ("one side of OR says nothing about the key: %s"):format(rewrite.shorten(arm))
    end
    subplan = subplan or has_subplan and not has_key
  end
  return subplan and "one side of OR is a subquery that is run while the rows are filtered" or nil
end

-- The hint of rewrite.hint(), unless a day of it does not begin at one midnight.
local function hint_for(about, facts)
  local hint = rewrite.hint(about)
  if not hint or about.key.type ~= "timestamp with time zone" then
    return hint
  end
  local days = json.array {}
  for day in hint:gmatch "'(%d+%-%d%d%-%d%d)'" do
    days[#days + 1] = day
  end
  return catalog.first(facts.conn, "midnights", json.encode(days)).certain and hint or nil
end

-- Why one condition on the key excludes nothing: reason, hint; nil when that is not certain.
local function why_useless(about, facts)
  local key, shown = about.key, rewrite.shorten(about.text)
  if about.role == "inside" and is_subplan(about.text) then
    return FILTERED_BY_SUBQUERY
  elseif about.role == "inside" or about.both then
    if not about.left or about.both then
      return nil
    end
    local inner, type = expression.cast(about.left)
    if inner == key.name and type then
      return ("the key is cast: %s::%s; leaves are chosen by %s itself"):format(
        key.name,
        rewrite.type_name(type),
        key.name
      ),
        hint_for(about, facts)
    end
    return ("the key is inside an expression: %s"):format(rewrite.shorten(about.left)),
      hint_for(about, facts)
  elseif about.operator:find "~" then
    return ("a pattern (%s) is no comparison that leaves are chosen by: %s"):format(
      about.operator == "~~" and "LIKE" or about.operator,
      shown
    )
  elseif about.operator == "<>" or about.operator == "<> ALL" then
    return ("%s excludes no leaf"):format(shown)
  elseif about.operator:find "^IS NOT NULL" then
    return ("%s excludes no leaf"):format(shown)
  elseif key.strategy == "hash" and about.operator:find "^[<>]" then
    return "hash partitions are chosen by equality only: " .. shown
  end
  local kind, name = volatility(facts.conn, about.right)
  if kind == "v" then
    return ("%s() is volatile: its value may differ from row to row, so it chooses no leaf"):format(
      name
    )
  elseif is_subplan(about.right) then
    return FILTERED_BY_SUBQUERY
  end
end

local function missing_key(abouts, keys)
  local top = {}
  for _, key in ipairs(keys) do
    if key.of == keys[1].of then
      top[#top + 1] = key
    end
  end
  if #top < 2 then
    return nil
  end
  local has = {}
  for _, about in ipairs(abouts) do
    if about.role == "bare" then
      has[about.key.name] = about.operator
    end
  end
  if keys[1].strategy == "range" and not has[top[1].name] and next(has) then
    return ("the first column of the key (%s) is in no condition"):format(top[1].name)
  elseif keys[1].strategy == "hash" and next(has) then
    for _, key in ipairs(top) do
      if not has[key.name] then
        return ("hash partitions are chosen by all columns of the key: %s is in no condition"):format(
          key.name
        )
      end
    end
  end
end

-- Every leaf was kept: why.
local function why_all(each, nodes, facts, parts, keys)
  if not facts.pruning_on then
    return "enable_partition_pruning is off", "SET enable_partition_pruning = on;"
  end
  local abouts, filtered = {}, false
  for _, part in ipairs(parts) do
    local useless = useless_alternative(part, keys)
    if useless then
      return useless
    end
    filtered = filtered or is_subplan(part)
    local about = #expression.split(part, "OR") == 1 and partkey.about(part, keys)
    if about then
      abouts[#abouts + 1] = about
    elseif partkey.about(part, keys) then
      return nil
    end
  end
  if #abouts == 0 then
    local join, key = joined_by(nodes, each, keys)
    if join then
      local why = "%s is only compared with another table's column, in a %s: "
        .. "its values are not known when leaves are chosen"
      return why:format(key.name, join)
    elseif #parts == 0 and #each.scans > 0 then
      return ("no condition on the key (%s)"):format(expression.bare(each.relation.key))
    elseif filtered then
      return FILTERED_BY_SUBQUERY
    elseif #parts > 0 then
      local column, whole = partkey.alone(parts, keys)
      if column then
        local why = "the key is an expression (%s): leaves are not chosen by %s alone"
        return why:format(whole.name, column)
      end
      return ("the key (%s) is in no condition"):format(expression.bare(each.relation.key))
    end
    return nil
  end
  for _, about in ipairs(abouts) do
    if
      not facts.analyze
      and facts.generic
      and about.role == "bare"
      and about.right:find "^%$%d+"
    then
      return "a generic plan: the leaves are chosen when the execution starts, by the values of parameters"
    end
  end
  local missing = missing_key(abouts, keys)
  if missing then
    return missing
  end
  for _, about in ipairs(abouts) do
    local reason, hint = why_useless(about, facts)
    if reason then
      return reason, hint
    end
  end
  for _, about in ipairs(abouts) do
    if
      about.role ~= "bare"
      or not comparisons[about.operator]
      or not expression.literal(about.right)
      or about.key.of ~= each.relation
    then
      return nil
    end
  end
  return "every leaf may have rows that match"
end

local function startup_reason(parts, keys, facts)
  for _, part in ipairs(parts) do
    local about = partkey.about(part, keys)
    if about and about.role == "bare" and about.right then
      local kind, name = volatility(facts.conn, about.right)
      if kind == "s" then
        return name
            and ("%s() is stable: its value is known when the execution starts, not when it is planned"):format(
              name
            )
          or "the value is known when the execution starts, not when it is planned"
      elseif facts.generic and about.right:find "%$%d" then -- else $0 is the value of a subquery
        return "a generic plan: the values of parameters are known when the execution starts"
      end
    end
  end
  if facts.generic then
    return "a generic plan: the values of parameters are known when the execution starts"
  end
  return "the value is known when the execution starts, not when it is planned"
end

-- The conditions that have the key in them, in few words.
local function on_key(parts, keys)
  local shown = {}
  for _, part in ipairs(parts) do
    if partkey.about(part, keys) then
      shown[#shown + 1] = rewrite.shorten(part)
    end
  end
  return shown
end

-- { conditions on the key as shown, ... }, reason, hint for a table whose leaves are decided.
function predicate.explain(each, nodes, facts)
  local scan = each.scans[1]
  local parts = scan and conditions_of(scan) or {}
  local shown = {}
  if not each.partitioned then
    for i, part in ipairs(parts) do
      shown[i] = rewrite.shorten(part)
    end
    return shown
  end
  local keys = partkey.of(each)
  shown = on_key(parts, keys)
  local in_loops = false -- a join's condition is in the scan of the real plan only
  if #shown == 0 and each.found[1] then
    shown = on_key(conditions_of(each.found[1]), keys)
    in_loops = #shown > 0
  end
  local counts = each.counts
  if #each.leaves == 0 then
    return shown, "it has no leaf"
  elseif each.unseen and each.only then
    return shown, "ONLY is the table without its leaves: it has no row of its own"
  elseif each.unseen then
    for _, node in ipairs(nodes) do
      if node.one_time_filter == "false" then
        return shown, "the condition can never be true"
      end
    end
    return shown, "the result does not depend on it: the planner left it out"
  elseif counts.startup > 0 then
    return shown, startup_reason(parts, keys, facts)
  elseif counts.runtime > 0 then
    return shown, "the value comes from another part of the plan while it runs"
  elseif each.in_loops then
    local why = "pruned at run time in each loop: %s scanned %s leaves, not %s"
    local done = each.in_loops
    return shown,
      why:format(
        text.count(done.loops, "loop"),
        text.number(done.scans),
        text.number(done.possible)
      )
  elseif counts.plan > 0 or #each.leaves < 2 then
    return shown
  elseif counts.scanned == 0 and facts.analyze then
    return shown, ("never executed: %s"):format(text.count(#each.leaves, "leaf", "leaves"))
  elseif in_loops and facts.pruning_on then
    return shown
  end
  local reason, hint = why_all(each, nodes, facts, parts, keys)
  return shown, reason, hint
end

return predicate
