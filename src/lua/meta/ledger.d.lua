---@meta partdemo.ledger
-- What a watched load wrote and the server acknowledged, held against the tables. Source: src/lua/ledger.lua.
local ledger = {}

---@class partdemo.LedgerPlan
---@field table string
---@field kind "i"|"u"|"d"
---@field key string  its columns, quoted
---@field counts boolean  the key is one integer
---@field columns string[]  quoted
---@field returning string  appended to the statement

---@class partdemo.LedgerTable
---@field name string
---@field key string
---@field counts boolean
---@field entries integer[]
---@field top? integer  the highest key before the load

---@class partdemo.Reconciled
---@field table string
---@field ok boolean
---@field error? string  it could not be read; then there are no counts
---@field key string
---@field keys integer  acknowledged ones
---@field lost integer
---@field doubled integer
---@field resurrected integer  deleted, and there
---@field stale integer  not the last acknowledged value
---@field misplaced integer  in a leaf whose bound they do not satisfy
---@field unknown integer  operations whose outcome is unknown
---@field committed? integer  unknown inserts that are there
---@field undecided integer  unknown outcomes that reading does not tell
---@field examples? string  keys

-- By entry, whether a rehearsal looks at its waits: those that write, as a Lua function is taken to, or all when none
-- does; and whether any does.
---@param entries partdemo.MixEntry[]
---@return boolean[]
---@return boolean any
function ledger.writers(entries) end

-- What each entry has to return, false for those that are not followed; and why writes are not followed.
---@param conn partdemo.Conn
---@param loaded partdemo.LoadedMix
---@return (partdemo.LedgerPlan|false)[]
---@return string[]
function ledger.plan(conn, loaded) end

---@param plans (partdemo.LedgerPlan|false)[]
---@return partdemo.LedgerTable[]
function ledger.tables(plans) end

-- Fills `top`.
---@param conn partdemo.Conn
---@param tables partdemo.LedgerTable[]
function ledger.mark(conn, tables) end

---@param conn partdemo.Conn
---@param log partdemo.OpLog
---@param plans (partdemo.LedgerPlan|false)[]
---@param tables partdemo.LedgerTable[]
---@param moved table<string, string[]>  where rows of a table may have gone
---@param unknown table<integer, integer>  operations of unknown outcome by entry
---@return { ok: boolean, tables: partdemo.Reconciled[] }
function ledger.reconcile(conn, log, plans, tables, moved, unknown) end

-- What is wrong, in words; nil when nothing is.
---@param row partdemo.Reconciled
---@return string?
function ledger.describe(row) end

return ledger
