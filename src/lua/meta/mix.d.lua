---@meta partdemo.mix
-- Workload mixes: partdemo.Mix in mixfile.d.lua is what a file returns. Source: src/lua/mix.lua.
local mix = {}

---@class partdemo.LoadedMix
---@field name string  as it was given
---@field path string
---@field root string
---@field summary string
---@field tables string[]  that it names or inserts into, each once
---@field others table<string, string>  tables that it uses instead of those that its file names
---@field entries partdemo.MixEntry[]
---@field reconcile? fun(conn: partdemo.Conn): boolean, string?

-- What a mix file may return besides its entries, for partdemo.schema.
---@type partdemo.Description
mix.description = {}

-- What an entry of a mix may have.
---@type partdemo.Description
mix.entry = {}

-- What the ledger of an entry may have.
---@type partdemo.Description
mix.ledger = {}

-- The names of the mixes in scenarios/mixes, sorted.
---@param root string
---@return string[]
function mix.names(root) end

-- Loads a mix by the name of one in scenarios/mixes, or by path. Raises all mistakes at once, as a failure of
-- class "usage". others: tables to use instead of those that the file names.
---@param root string
---@param given string
---@param others? table<string, string>
---@return partdemo.LoadedMix
function mix.load(root, given, others) end

-- Rows of a statement of an entry.
---@param each partdemo.MixEntry
---@param batch integer  of entries that do not say
---@return integer
function mix.batch(each, batch) end

-- Raises a failure of class "usage" when the mix cannot be run so: a function is to be pipelined, or a batch has more
-- parameters than a statement can have.
---@param loaded partdemo.LoadedMix
---@param shape { pipeline: integer, batch: integer }
function mix.check_shape(loaded, shape) end

-- What the worker threads need besides the file: statements, types, sampled keys, as JSON. Raises when the server
-- does not take a statement, or generated values might not fit a column. seed: of the sample of keys; plans: what the
-- statements have to return.
---@param conn partdemo.Conn
---@param loaded partdemo.LoadedMix
---@param options { batch: integer, seed: integer, plans?: (partdemo.LedgerPlan|false)[] }
---@return string
function mix.job(conn, loaded, options) end

-- Gives a row the sampled values of its key generators.
---@param of partdemo.Row
---@param samples { type: string, values: string[] }[]
function mix.set_keys(of, samples) end

return mix
