---@meta partdemo.loadwatch
-- Shows how a load goes. Source: src/lua/loadwatch.lua.
local loadwatch = {}

-- Waits for the end of a run that was told to go: a line on stderr, at most ten times a second on a terminal and each
-- second elsewhere; with shape.jsonl an event on stdout each second:
-- {"event":"second","elapsed_s","ops","errors","retries","reconnects","connected","backlog","lag_ms","rate","p50_ms",
-- "p99_ms","max_ms"}. Counts are those since the beginning; rate and times are of the last second, and the times are
-- absent when nothing was acknowledged in it. A Ctrl-C drains the run, the second stops it.
---@param run partdemo.Load
---@param shape partdemo.LoadShape
function loadwatch.wait(run, shape) end

return loadwatch
