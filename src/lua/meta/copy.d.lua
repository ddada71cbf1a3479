---@meta partdemo.copy
-- Generated rows straight into COPY ... (FORMAT binary). Source: src/bind/copy.c.
--
--     local types = conn:exec("SELECT a, b FROM t LIMIT 0").types
--     local copier <close> = copy.new(conn, row:bound(types), seed, run)
--     conn:copy_in "COPY t (a, b) FROM STDIN (FORMAT binary)"
--     if copier:send(1000) then copier:finish() end
--     local result = conn:copy_end()
local copy = {}

-- Closed by `local k <close>` and by the collector.
---@class partdemo.Copier
local Copier = {}

---@param conn partdemo.Conn
---@param row partdemo.Row  of row:bound(types)
---@param seed integer
---@param run integer  the run's tag, for gen.unique
---@return partdemo.Copier
function copy.new(conn, row, seed, run) end

-- Generates and sends n more rows. false: the server has ended the COPY, and conn:copy_end() raises why.
---@param n integer
---@return boolean
function Copier:send(n) end

-- Sends the mark that ends the rows; conn:copy_end() comes next.
---@return boolean
function Copier:finish() end

return copy
