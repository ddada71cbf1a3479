---@meta partdemo.relations
-- The relations of a plan with their trees. Source: src/lua/relations.lua, src/sql/explain_relations.sql.
local relations = {}

---@class partdemo.PlanRelation
---@field oid integer
---@field schema string  "pg_temp" for a temporary table, as EXPLAIN writes it
---@field relname string
---@field name string  quoted and qualified if need be
---@field qualified string
---@field kind string  pg_class.relkind
---@field parent? integer  OID
---@field bound? string
---@field strategy? "range"|"list"|"hash"
---@field key? string
---@field columns? { column?: string, type?: string }[]  of the key, quoted if need be; an expression has no column
---@field children partdemo.PlanRelation[]

---@class partdemo.PlanRelations
---@field list partdemo.PlanRelation[]
---@field by_oid table<integer, partdemo.PlanRelation>
---@field by_name table<string, partdemo.PlanRelation>
---@field leaf_lists table<integer, partdemo.PlanRelation[]>
local Relations = {}

-- What the nodes name and what is locked (a JSON array of OIDs), with all above and below in their trees.
---@param conn partdemo.Conn
---@param nodes partdemo.PlanNodes
---@param locked string
---@return partdemo.PlanRelations
function relations.read(conn, nodes, locked) end

-- Whether two readings found the same relations in the same trees.
---@param a partdemo.PlanRelations
---@param b partdemo.PlanRelations
---@return boolean
function relations.same(a, b) end

---@param schema? string
---@param name string
---@return partdemo.PlanRelation?
function Relations:named(schema, name) end

---@param relation partdemo.PlanRelation
---@return partdemo.PlanRelation[]
function Relations:leaves(relation) end

-- Itself and all above it.
---@param relation partdemo.PlanRelation
---@return partdemo.PlanRelation[]
function Relations:path(relation) end

return relations
