---@meta _
-- The operation log of a watched load, of Load:log(). No module has it. Times are seconds since Load:go(); a wait is
-- from when an operation was due to its answer, and one that was never answered waited until the end. `entries`
-- chooses entries of the mix, by number; nil: all. Source: src/bind/oplog.c over src/core/impact.h.

---@class partdemo.OpLog
local OpLog = {}

---@alias partdemo.OpPart "met"|"over"|"due"  waited at some time of the span; due and over within it; due within it

---@class partdemo.OpWaits
---@field count integer
---@field acknowledged integer
---@field failed integer
---@field unknown integer  the connection was lost at the commit
---@field unsent integer  due, and never begun
---@field retries integer
---@field p50 number
---@field p99 number
---@field max number
---@field worst_due? number  when the one that waited longest was due

---@param from number
---@param to number
---@param part partdemo.OpPart
---@param entries? boolean[]
---@return partdemo.OpWaits
function OpLog:waits(from, to, part, entries) end

-- The longest wait for each span; an operation counts for the span in which it waited longest.
---@param spans { [1]: number, [2]: number }[]
---@param entries? boolean[]
---@return { wait: number, due: number? }[]
function OpLog:stalls(spans, entries) end

-- Failed and unknown operations.
---@param from number
---@param to number
---@param part partdemo.OpPart
---@param entries? boolean[]
---@return { entry: integer, sqlstate: string, count: integer }[]
function OpLog:errors(from, to, part, entries) end

-- The longest time without an acknowledged operation that overlaps the span; within: only what lies in it.
---@param from number
---@param to number
---@param entries? boolean[]
---@param within? boolean
---@return number from
---@return number to
function OpLog:gap(from, to, entries, within) end

-- Operations that were due and not answered. drained: when they were down to `calm` after the peak; absent = never.
---@param from number
---@param to number
---@param calm integer
---@return { peak: integer, peak_at: number, drained: number? }
function OpLog:backlog(from, to, calm) end

-- Buckets from 0 to the end. wait: the longest of the operations that were due in it.
---@param width number
---@param entries? boolean[]
---@return { acknowledged: integer, failed: integer, wait: number }[]
function OpLog:timeline(width, entries) end

-- The rows that an entry's acknowledged operations returned, in COPY's text format.
---@param entry integer
---@return string
function OpLog:ledger(entry) end

---@return integer operations
---@return integer dropped  that there was no memory for
---@return number seconds  from begin to end
function OpLog:size() end
