-- scenarios/lib/pieces.lua: the partitions that the setup makes of users_distributed, orders_by_region and sales_data,
-- and how what online changes made of them becomes these again: pieces are merged, what was merged is split.
local bounds = require "partdemo.bounds"
local catalog = require "partdemo.catalog"
local check = require "partdemo.check"
local engine = require "partdemo.engine"
local report = require "partdemo.report"

local electronics = { "electronics", "computers" }
local clothing = { "clothing", "shoes", "accessories" }

local tables = {
  {
    name = "users_distributed",
    { name = "users_distributed_p0", modulus = 4, remainder = 0 },
    { name = "users_distributed_p1", modulus = 4, remainder = 1 },
    { name = "users_distributed_p2", modulus = 4, remainder = 2 },
    { name = "users_distributed_p3", modulus = 4, remainder = 3 },
  },
  {
    name = "orders_by_region",
    key = "region",
    default = "orders_other",
    { name = "orders_north_america", values = { "US", "CA", "MX" } },
    { name = "orders_europe", values = { "UK", "DE", "FR", "IT", "ES" } },
    { name = "orders_asia_pacific", values = { "JP", "CN", "AU", "IN", "SG" } },
  },
  {
    name = "sales_2024_q1",
    key = "product_category",
    default = "sales_2024_q1_other",
    { name = "sales_2024_q1_electronics", values = electronics },
    { name = "sales_2024_q1_clothing", values = clothing },
  },
  {
    name = "sales_2024_q2",
    key = "product_category",
    default = "sales_2024_q2_other",
    { name = "sales_2024_q2_electronics", values = electronics },
    { name = "sales_2024_q2_clothing", values = clothing },
  },
}

-- Whether every row of the bound `inner` belongs to `outer`, too.
local function within(inner, outer)
  if inner.modulus and outer.modulus then
    return inner.modulus % outer.modulus == 0 and inner.remainder % outer.modulus == outer.remainder
  elseif not inner.values or not outer.values then
    return false
  end
  local has = {}
  for _, value in ipairs(outer.values) do
    has[value] = true
  end
  for _, value in ipairs(inner.values) do
    if not has[value] then
      return false
    end
  end
  return true
end

-- The partitions of the table: bounds in parts, with names as SQL has them.
local function partitions_of(conn, wanted)
  local found = {}
  for _, row in ipairs(catalog.query(conn, "bounds", wanted.name)) do
    if row.name == wanted.name and row.partition and not row.detach_pending then
      local parts = bounds.parts(row.bound)
      parts.name = row.partition
      found[#found + 1] = parts
    end
  end
  return found
end

local function names_of(list)
  local found = {}
  for i, each in ipairs(list) do
    found[i] = each.name
  end
  return table.concat(found, ",")
end

-- The pieces of `want` that become one first, and its name: all of a list, two neighbours of the largest modulus of a
-- hash. Nil when there are none.
local function to_merge(pieces, want)
  if not want.modulus then
    local place = {}
    for i, value in ipairs(want.values) do
      place[value] = i
    end
    table.sort(
      pieces,
      function(a, b) -- so that the values come in the setup's order, if that is possible
        return place[a.values[1]] < place[b.values[1]]
      end
    )
    return pieces, want.name
  end
  table.sort(pieces, function(a, b)
    return a.modulus > b.modulus
  end)
  local first = pieces[1]
  local half = first.modulus // 2
  for i = 2, #pieces do
    local other = pieces[i]
    if other.modulus == first.modulus and (other.remainder - first.remainder) % half == 0 then
      local is_all = half == want.modulus
      local name = is_all and want.name
        or ("%s_%d_of_%d"):format(want.name, first.remainder % half, half)
      return { first, other }, name
    end
  end
end

-- What brings one of the wanted partitions nearer, as { say, run(ctx) }; nil when there is nothing to do or nothing
-- that can be done.
local function next_step(conn, wanted)
  local found = partitions_of(conn, wanted)
  for _, want in ipairs(wanted) do
    local pieces, whole = {}, nil
    for _, each in ipairs(found) do
      local inside, around = within(each, want), within(want, each)
      pieces[#pieces + 1] = inside and each or nil
      whole = around and each or whole
    end
    local some, name
    if #pieces > 1 then
      some, name = to_merge(pieces, want)
    end
    if whole and #pieces == 1 then
      if whole.name ~= want.name then
        return {
          say = ("%s is %s"):format(want.name, whole.name),
          run = function(ctx)
            ctx.conn:exec(("ALTER TABLE %s RENAME TO %s"):format(whole.name, want.name))
          end,
        }
      end
    elseif some then
      return {
        say = ("%s is %s"):format(want.name, names_of(pieces)),
        run = function(ctx)
          engine.run_nested(
            ctx,
            "online/merge",
            { table = wanted.name, partitions = names_of(some), name = name }
          )
        end,
      }
    elseif whole then
      local parts, groups, count = {}, {}, 0
      for _, other in ipairs(wanted) do
        if within(other, whole) then
          parts[#parts + 1] = other
          groups[#parts] = other.values and table.concat(other.values, ",")
          count = count + (other.values and #other.values or 0)
        end
      end
      if whole.modulus or count == #whole.values then
        return {
          say = ("%s is in %s"):format(want.name, whole.name),
          run = function(ctx)
            engine.run_nested(ctx, "online/split", {
              table = wanted.name,
              partition = whole.name,
              values = table.concat(groups, ";", 1, math.max(#groups - 1, 0)),
              names = #parts == 2 and names_of(parts) or nil,
            })
          end,
        }
      end
    end
  end
end

local pieces = { tables = tables }

-- No partition is there in other pieces than those of the setup.
pieces.none = check.custom {
  say = "the partitions of the other tables are whole",
  run = function(conn)
    for _, wanted in ipairs(tables) do
      local step = next_step(conn, wanted)
      if step then
        return false, step.say
      end
    end
    return true
  end,
}

-- A step: makes them whole.
function pieces.undo(ctx)
  for _, wanted in ipairs(tables) do
    local step = next_step(ctx.conn, wanted)
    while step do
      step.run(ctx)
      step = next_step(ctx.conn, wanted)
    end
  end
end

local back =
  "BEGIN; ALTER TABLE %s DETACH PARTITION %s; INSERT INTO %s (%s) SELECT %s FROM %s; DROP TABLE %s; COMMIT;"

-- Notes the partitions that are none of the setup's, once, with the SQL that gives their rows to the default one.
pieces.others = check.custom {
  say = "partitions that are none of the setup's are named",
  run = function(conn, _, ctx)
    for _, wanted in ipairs(not ctx.memory.pieces_named and tables or {}) do
      for _, each in ipairs(wanted.default and partitions_of(conn, wanted) or {}) do
        local known = each.default
        for _, want in ipairs(wanted) do
          known = known or within(each, want) or within(want, each)
        end
        if not known then
          local name, of = each.name, wanted.name
          report.note(
            ("%s is none of the partitions that the setup makes of %s; this undoes it:"):format(
              name,
              of
            )
          )
          local columns = catalog.first(conn, "columns", of).list
          report.note("  " .. back:format(of, name, of, columns, columns, name, name))
        end
      end
    end
    ctx.memory.pieces_named = true
    return true
  end,
}

return pieces
