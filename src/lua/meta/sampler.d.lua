---@meta partdemo.sampler
-- Looks every 20 ms who waits for a lock and behind whom, on a connection of its own. Source: src/lua/sampler.lua.
local sampler = {}

-- A session that others waited for.
---@class partdemo.Holder
---@field pid integer
---@field application? string  absent: the role may not see it
---@field query? string
---@field first number  on the clock of sched.now()
---@field last number
---@field longest number  seconds that one session waited for it
---@field most integer  sessions that waited for it at once, also behind one another
---@field targets table<string, true>  tables, "transactionid" or "virtualxid"
---@field modes table<string, true>  wanted lock modes

-- What was seen during a step.
---@class partdemo.SeenStep
---@field held table<string, table<string, true>>  tables by the mode of the lock that the step had on them
---@field waits { holder: partdemo.Holder, mode: string, target: string, seconds: number }[]  of the step itself
---@field behind table<string, integer>  other sessions that waited at once for the step, by table
---@field most integer  other sessions that waited at once
---@field longest number  seconds

---@class partdemo.Sampler
---@field holders table<integer, partdemo.Holder>  by pid
---@field by_step table<integer, partdemo.SeenStep>
---@field samples integer
---@field spent number  seconds in its queries
---@field worst number  the longest of them
---@field cpu? number  seconds of processor time of the main thread while it ran
---@field lost integer  times that its connection was lost
---@field hidden boolean  the role may not see other roles' queries
local Sampler = {}

-- names: tables, with all below them. Raises when it cannot connect.
---@param settings partdemo.ConnParams
---@param keywords table<string, string>
---@param names string[]
---@return partdemo.Sampler
function sampler.new(settings, keywords, names) end

-- What is seen from now on belongs to that step; nil: to none.
---@param number? integer
---@param pid? integer  of the step's session
function Sampler:set_step(number, pid) end

-- Notes the locks that the step's own connection has.
---@param c partdemo.Conn
function Sampler:note_held(c) end

-- Takes one sample. Raises when the connection is lost.
function Sampler:sample() end

-- Its second connection, for other questions. Raises when there is none.
---@return partdemo.Conn
function Sampler:control() end

-- Bytes of WAL and of temporary files that the server has written so far; nil when it does not say.
---@return { wal: number, temp: integer }?
function Sampler:counters() end

-- Samples until finish(): the body of a task.
function Sampler:run() end

function Sampler:finish() end

return sampler
