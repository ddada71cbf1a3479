---@meta partdemo.online_probe
-- Small writes that are timed while rows are copied, on a connection of their own. Source: src/lua/online_probe.lua,
-- sql/online/probe.sql.
local probe = {}

---@class partdemo.Probe
---@field lost? partdemo.Error  why it does not write any more
local Probe = {}

-- Makes its table and begins to write, every 40 ms; one that cannot connect is lost from the start. To be stopped
-- in every outcome.
---@param ctx partdemo.Context
---@return partdemo.Probe
function probe.start(ctx) end

-- From one write to the next; the usual 40 ms when nil.
---@param seconds? number
function Probe:set_interval(seconds) end

-- Of the last four seconds, in seconds; a write that still waits counts with what it has waited.
---@return number
function Probe:p99() end

-- Writes that were answered in these four seconds, each longer one as those whom it would have kept waiting.
---@return integer
function Probe:count() end

-- From now on only later writes are looked back at.
function Probe:forget() end

-- Ends the write that is under way, at the server too, and closes the connection: within three seconds or so. Not to
-- be interrupted: under interrupt.shield().
function Probe:stop() end

return probe
