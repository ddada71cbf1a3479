---@meta partdemo.bound
-- The bounds of the partitions of one table: parsing, order, gaps and overlaps. What order typed values have
-- the server says (partdemo.bounds). Source: src/bind/bound.c over src/core/boundset.h.
local bound = {}

---@class partdemo.BoundSet
local BoundSet = {}

-- Parses bounds as pg_get_expr(relpartbound) writes them; of one strategy and as many key columns.
---@param texts string[]
---@return partdemo.BoundSet?
---@return partdemo.Error? err  names the text and the character
function bound.set(texts) end

-- The values of a key column (a list has one column), as text; one that is there twice is told twice.
---@param column integer  from 1
---@return string[]
function BoundSet:values(column) end

-- Gives the values of a key column their ranks, from 1; equal values have equal ranks. Without them values are
-- compared as texts.
---@param column integer
---@param ranks table<string, integer>
function BoundSet:rank(column, ranks) end

-- The numbers of the bounds in order: ascending, hash by modulus and remainder, DEFAULT last.
---@return integer[]
function BoundSet:order() end

-- Whether the bounds tile. share: of the rows that hash partitions take; of `modulus` remainders `missing` are
-- in none, the first of them in `remainders` (modulus 0: too many to look at each).
---@return { default: boolean, gaps: { after: integer, before: integer, from: string, to: string }[], overlaps: { [1]: integer, [2]: integer }[], modulus: integer, missing: integer, remainders: integer[], share: number }
function BoundSet:tiling() end

-- A bound as PostgreSQL writes it.
---@param i integer
---@return string
function BoundSet:text(i) end

-- A value of a bound as text, or one of the words MINVALUE, MAXVALUE, NULL.
---@alias partdemo.BoundValue string|{ keyword: string }

-- A bound taken apart; it has the fields of its strategy.
---@class partdemo.BoundParts
---@field default? true  it is the default partition's
---@field from? partdemo.BoundValue[]  of a range, one for each key column; included
---@field to? partdemo.BoundValue[]  excluded
---@field from_text? string  "('2024-01-01', MINVALUE)"
---@field to_text? string  the same of the upper bound
---@field values? partdemo.BoundValue[]  of a list
---@field modulus? integer  of a hash
---@field remainder? integer  of a hash

-- A bound taken apart.
---@param i integer
---@return partdemo.BoundParts
function BoundSet:parts(i) end

-- Whether two are the same bound; lists in any order.
---@param i integer
---@param j integer
---@return boolean
function BoundSet:equal(i, j) end

return bound
