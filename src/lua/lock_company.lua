-- Which tables a statement locks besides those that it names, for locks.describe(): from the catalog, and from what
-- the statements before it in a plan would have changed. Tables that the plan itself makes are nobody else's until it
-- swaps them in.
local catalog = require "partdemo.catalog"
local locks = require "partdemo.locks"

local company = {}

local methods = {}
local meta = { __index = methods }

function company.new(conn)
  -- known: by name, lists of names by kind; full: names with their schemas; own: a set; was, now: the names of the
  -- catalog by the plan's, and back.
  local this = { conn = conn, known = {}, full = {}, own = {}, gone = {}, was = {}, now = {} }
  return setmetatable(this, meta)
end

-- Schemas that runs make; others may have one whose name begins like theirs.
local own_schemas = { "^partdemo%.", "^partdemo_old_%d+%.", "^partdemo_undone_%d+%." }

-- Whether nobody else uses the table, or there is none of this name any more.
function methods:is_own(name)
  for _, schema in ipairs(own_schemas) do
    if name:find(schema) then
      return true
    end
  end
  return self.own[name] or self.gone[name] or false
end

-- Notes that nobody else uses the tables, yet.
function methods:keep(names)
  for _, name in ipairs(names) do
    self.own[name] = true
  end
end

local function kinds_of(self, name)
  if not self.known[name] then
    local kinds = {}
    for _, row in ipairs(catalog.query(self.conn, "lock_company", self.was[name] or name)) do
      kinds[row.kind] = kinds[row.kind] or {}
      table.insert(kinds[row.kind], self.now[row.name] or row.name)
    end
    self.known[name] = kinds
  end
  return self.known[name]
end

-- A name as the plan's statements have it mostly, with the schema that it has in the catalog: which table bears it by
-- then is another matter.
function methods:name(name)
  if not self.full[name] then
    self.full[name] = name
    local rows = name:find(".", 1, true) and {} or catalog.query(self.conn, "lock_company", name)
    for _, row in ipairs(rows) do
      self.full[name] = row.kind == "self" and row.name or self.full[name]
    end
  end
  return self.full[name]
end

-- Names of the tables of this kind (see src/sql/lock_company.sql) that belong to the one of this name.
function methods:of(name, kind)
  return kinds_of(self, self:name(name))[kind] or {}
end

-- Those of the tables to which one of the partitions has a foreign key of its own. When that becomes a part of the
-- parent's, the triggers on the other table that were its own are dropped.
function methods:adopted(parts, tables)
  local found = {}
  for _, part in ipairs(parts) do
    for _, referred in ipairs(self:of(part, "referred")) do
      for _, each in ipairs(tables) do
        found[#found + 1] = self:name(each) == referred and referred or nil
      end
    end
  end
  return found
end

-- Every mention of a table gets another name.
local function mention(self, name, new)
  for _, kinds in pairs(self.known) do
    for _, list in pairs(kinds) do
      for i = #list, 1, -1 do
        if list[i] == name then
          list[i] = new
        end
      end
    end
  end
end

local function rename(self, name, new)
  local kinds, was = kinds_of(self, name), self.was[name] or name
  mention(self, name, new)
  self.own[name], self.own[new] = nil, self:is_own(name) or nil
  self.gone[name], self.gone[new] = true, nil
  self.known[name], self.known[new] = {}, kinds
  self.was[name], self.was[new], self.now[was] = nil, was, new
end

local function add(self, name, kind, other)
  local kinds = kinds_of(self, name)
  kinds[kind] = kinds[kind] or {}
  for _, each in ipairs(kinds[kind]) do
    if each == other then
      return
    end
  end
  table.insert(kinds[kind], other)
end

local function take(self, name, kind, other)
  local list = self:of(name, kind)
  for i = #list, 1, -1 do
    if list[i] == other then
      table.remove(list, i)
    end
  end
end

-- Schema and name of a name as it is written in SQL; without a schema nil and the name.
local function parted(name)
  local schema, bare = name:match '^(".-")%.(.*)$'
  if not schema then
    schema, bare = name:match '^([^".]*)%.(.*)$'
  end
  return schema, bare or name
end

-- A name as the catalog writes it: without quotes that it does not need.
local function plainly(name)
  local schema, bare = parted(name)
  bare = bare:match '^"([a-z_][a-z0-9_]*)"$' or bare
  return schema and (schema:match '^"([a-z_][a-z0-9_]*)"$' or schema) .. "." .. bare or bare
end

-- What statements do to names and partitions, by patterns over their text (see locks.lua).
local followed = {
  {
    "^CREATE[UNLOGGED ]* TABLE (%S+) PARTITION OF (%S+)",
    function(self, name, parent)
      self.own[name] = true
      add(self, parent, "parts", name)
    end,
  },
  {
    "^CREATE[UNLOGGED ]* TABLE (%S+)",
    function(self, name)
      self.own[name] = true
    end,
  },
  {
    "^CREATE U?N?I?Q?U?E? ?INDEX (%S+) ON (%S+)",
    function(self, index, name)
      self.own[(parted(name) or "") .. "." .. index] = self:is_own(name) or nil
    end,
  },
  {
    "^ALTER TABLE (%S+) ADD CONSTRAINT (%S+) FOREIGN KEY .-REFERENCES ([^%s%(]+)",
    function(self, name, key, other)
      add(self, name, "referred", self:name(other))
      add(self, name, "key " .. key, self:name(other))
    end,
  },
  {
    "^ALTER TABLE (%S+) ADD CONSTRAINT (%S+)",
    function(self, name, index)
      self.own[(parted(name) or "") .. "." .. index] = self:is_own(name) or nil
    end,
  },
  {
    "^ALTER TABLE (%S+) RENAME TO (%S+)",
    function(self, name, new)
      local schema = parted(name)
      rename(self, name, schema and schema .. "." .. new or new)
    end,
  },
  {
    "^ALTER TABLE (%S+) SET SCHEMA (%S+)",
    function(self, name, schema)
      local _, bare = parted(name)
      rename(self, name, schema .. "." .. bare)
    end,
  },
  {
    "^ALTER TABLE (%S+) DETACH PARTITION (%S+)",
    function(self, parent, name)
      for _, each in ipairs { parent, name } do
        kinds_of(self, each)
      end
      take(self, parent, "parts", name)
      take(self, parent, "default", name)
      kinds_of(self, name).parent = nil
    end,
  },
  {
    "^ALTER TABLE (%S+) ATTACH PARTITION (%S+) (%S+)",
    function(self, parent, name, bound)
      add(self, parent, "parts", name)
      add(self, name, "parent", parent)
      if bound == "DEFAULT" then
        add(self, parent, "default", name)
      end
    end,
  },
  {
    "^UPDATE partdemo%.runs SET phase = 'swapped'",
    function(self)
      self.swaps = true
    end,
  },
  {
    "^COMMIT",
    function(self)
      if self.swaps then
        self.own, self.swaps = {}, false
      end
    end,
  },
  {
    "^ALTER TABLE (%S+) DROP CONSTRAINT I?F? ?E?X?I?S?T?S? ?(%S+)",
    function(self, name, key)
      for _, other in ipairs(self:of(name, "key " .. key)) do
        take(self, name, "referred", other)
      end
    end,
  },
}

-- Takes into account what a statement would have changed.
function methods:follow(statement)
  local plain = locks.plain(statement)
  for _, each in ipairs(followed) do
    local captures = { plain:match(each[1]) }
    if captures[1] then
      for i, capture in ipairs(captures) do
        captures[i] = plainly(locks.show(capture))
      end
      return each[2](self, table.unpack(captures))
    end
  end
end

return company
