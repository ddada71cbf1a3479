---@meta partdemo.bounds
-- What partition bounds mean to the server: reading them, and finding gaps. Source: src/lua/bounds.lua.
local bounds = {}

-- The bound of check.partition's arguments in PostgreSQL's words.
---@param a table
---@return string
function bounds.describe(a) end

-- A bound with midnights as plain dates: "2024-02-01" for "2024-02-01 00:00:00".
---@param s string
---@return string
function bounds.short(s) end

-- Whether the partition `found` of `parent` has that bound; values are compared as the key's type.
---@param conn partdemo.Conn
---@param parent partdemo.Relation
---@param found partdemo.Relation
---@param a table  of check.partition
---@return boolean
function bounds.same(conn, parent, found, a) end

-- Puts the partitions of every level in the order of their bounds, those whose detach is pending last.
---@param conn partdemo.Conn
---@param levels { oid: integer, strategy: string, partitions: { name: string, bound?: string, detach_pending: boolean }[] }[]
function bounds.sort(conn, levels) end

-- Gaps, overlaps, tables without a partition, pending detaches: a text each.
---@param conn partdemo.Conn
---@param levels { oid: integer, name: string, strategy: string, key: string, partitions: { name: string, bound?: string, detach_pending: boolean }[] }[]
---@return string[]
function bounds.findings(conn, levels) end

-- What is wrong with the bounds of a table and of everything below it, a text each: gaps, overlaps, partitioned tables
-- without a partition, pending detaches. Empty when nothing is, and when there is no such table.
---@param conn partdemo.Conn
---@param name string
---@return string[]
function bounds.gaps(conn, name) end

-- A bound as the catalog writes it, in parts.
---@param written_bound string  as partdemo.Tree and partdemo.Relation have it
---@return partdemo.BoundParts
function bounds.parts(written_bound) end

-- A value of parts() equal to another, as a key column has it; words such as MINVALUE are compared as words.
---@param conn partdemo.Conn
---@param key { type?: string, equal: string }  a row of key_types; without a type as texts
---@param have partdemo.BoundValue
---@param want partdemo.BoundValue
---@return boolean
function bounds.equal(conn, key, have, want) end

return bounds
