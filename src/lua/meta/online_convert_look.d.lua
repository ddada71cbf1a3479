---@meta partdemo.online_convert_look
-- What a conversion is to make. Source: src/lua/online_convert_look.lua.
local look = {}

---@class partdemo.OnlineConversion
---@field run partdemo.OnlineRun
---@field source table  the plain table, as src/sql/online_source.sql has it
---@field sources table[]  it alone
---@field by string  the key as PARTITION BY has it
---@field key string[]  its columns, quoted
---@field hist partdemo.OnlineTarget  what the plain table becomes
---@field targets partdemo.OnlineTarget[]  the further partitions
---@field new { name: string, final: string, full_name: string, key: string[] }  the new table, name and full_name until the swap; its key's columns
---@field not_null { name: string, column: string }[]  columns that become NOT NULL
---@field outside? string  the condition of rows that cannot be in its partition
---@field promise? string  the CHECK that lets PostgreSQL attach it without a scan
---@field lines string[]  its definition when the run began
---@field way_back? partdemo.OnlineWayBack  with --keep-old, from the swap on
---@field lines_after? string[]  the definition of the partitioned table when the way back was kept
---@field lines_of_hist? string[]  and that of the old one in it
---@field lines_of_others? table<string, string[]>  and those of the other leaves, by their OIDs

-- What --undo has to give to the old table again, as SQL.
---@class partdemo.OnlineWayBack
---@field narrow { build: string, take: string }[]  unique indexes that were made wider: how to build each, and let it take its place
---@field names string[]  names of indexes and statistics
---@field triggers string[]

-- Parameters of the scenario.
---@type partdemo.Param[]
look.params = {}

-- The words, to be kept with the run.
---@param params partdemo.Params
---@return string
function look.arguments(params) end

-- What will be made. Raises what is in the way.
---@param ctx partdemo.Context
---@return partdemo.OnlineConversion
function look.at(ctx) end

-- The same of a run that was begun before.
---@param this partdemo.OnlineRun
---@return partdemo.OnlineConversion
function look.restore(this) end

-- Raises when rows are out of the bound, with the query that lists them.
---@param ctx partdemo.Context
---@param change partdemo.OnlineConversion
---@param hint string
function look.refuse_outside(ctx, change, hint) end

-- Says what will be, and what it means for those who use the table.
---@param ctx partdemo.Context
---@param change partdemo.OnlineConversion
function look.introduce(ctx, change) end

---@param conn partdemo.Conn
---@param params partdemo.Params
---@return boolean
---@return string? detail
function look.is_done(conn, params) end

return look
