---@meta partdemo.impact
-- What a rehearsal saw, as data. Source: src/lua/impact.lua.
local impact = {}

-- The "impact" of the JSON document. Fields that end in _ms are milliseconds; moments, milliseconds since the begin of
-- the load.
---@class partdemo.Impact
---@field verdict string  one sentence
---@field failures string[]  why the rehearsal failed; empty when it did not
---@field mix string
---@field of "writers"|"readers"  whose waits are stalls: readers when the mix writes nothing
---@field loop "open"|"closed"  closed: a stall hides the operations that would have come meanwhile
---@field rate number  operations a second; 0 = closed loop
---@field sustained? number  operations a second in the closed loop that the rate was found by
---@field clients integer
---@field elapsed_ms number
---@field operations integer
---@field dropped integer  records that there was no memory for
---@field unanswered integer  operations that were due when the load ended; what they waited counts until then
---@field before partdemo.ImpactTimes  of what was over before the first step
---@field after? partdemo.ImpactTimes  of what was due after the last one
---@field backlog_before integer  operations due and unanswered at once, at most
---@field kept_up boolean  false: an open loop's rate was too much for the server already before the first step
---@field steps partdemo.ImpactStep[]
---@field change? partdemo.ImpactChange  the steps taken together; absent when none was begun
---@field holders partdemo.ImpactHolder[]  sessions that others waited for, the longest first
---@field errors partdemo.ImpactErrors[]  of the whole run
---@field unexpected integer  errors that no step and no entry allows
---@field timeline { bucket_ms: number, writes: integer[], failed: integer[], wait_ms: number[] }  wait: the longest of what was due in the bucket
---@field reconciliation { ok: boolean, acknowledged: integer, followed: integer, tables: partdemo.Reconciled[], unfollowed: string[], own?: { ok: boolean, detail?: string }, error?: string }
---@field limits { limit: string, allowed: number, value: number, exceeded: boolean }[]  milliseconds, or a count for max-errors
---@field sampler { samples: integer, mean_ms: number, max_ms: number, cpu_percent?: number, lost: integer, hidden: boolean }
---@field self { lag_p99_ms: number, cpu_percent: number }  how late operations were sent although a client was free; of a processor, for each thread of the load
---@field notes string[]  what makes the numbers mean something else than they seem to

-- From the moment an operation was due.
---@class partdemo.ImpactTimes
---@field count integer
---@field p50_ms number
---@field p99_ms number
---@field max_ms number

---@class partdemo.ImpactErrors
---@field entry string
---@field sqlstate string
---@field count integer
---@field expected boolean
---@field expected_count? integer  of the whole run: how many of them met a step that allows them

---@class partdemo.ImpactStep
---@field n integer
---@field say string
---@field scenario string
---@field file? string
---@field from_ms number
---@field to_ms number
---@field ms number
---@field cancelled boolean  at a limit
---@field error? string
---@field locks { mode: string, table: string, waiters: integer }[]  the strongest first; waiters: others that waited at once for the step on that table
---@field waits { mode: string, table: string, ms: number, pid: integer, application?: string, query?: string }[]  of the step for a lock, and behind whom
---@field blocked { most: integer, longest_ms: number }  other sessions that waited for locks
---@field stall_ms number  the longest wait of a write that waited most in this step
---@field stall_from_ms? number  when that one was due
---@field gaps { table: string, ms: number, from_ms: number, to_ms: number, before_ms: number }[]  the longest time without an acknowledged write
---@field before partdemo.ImpactTimes  since the step before
---@field during partdemo.ImpactTimes  of what waited at some time of the step
---@field after partdemo.ImpactTimes  until the next step
---@field retries integer
---@field errors partdemo.ImpactErrors[]
---@field unexpected integer
---@field backlog { peak: integer, peak_at_ms: number, drain_ms?: number }  drain: from the peak to what was ordinary before; absent = never
---@field wal_bytes? number  by all sessions
---@field temp_bytes? number

-- From the begin of the first step to the end of the last.
---@class partdemo.ImpactChange
---@field ms number
---@field stall_ms number  the longest of the steps
---@field during partdemo.ImpactTimes
---@field backlog { peak: integer }  operations due and unanswered at once, at most
---@field blocked { most: integer, longest_ms: number }  other sessions that waited for locks
---@field errors integer  expected or not
---@field ended boolean  no step failed or was cancelled
---@field wal_bytes? number  by all sessions

---@class partdemo.ImpactHolder
---@field pid integer  0: a prepared transaction
---@field application? string  absent, as the query: the role may not see it
---@field query? string
---@field step boolean  it is the session of a step
---@field load boolean  it is one of the load
---@field from_ms number
---@field to_ms number
---@field longest_ms number  that one session waited for it
---@field most integer  sessions that waited at once, also behind one another
---@field on string[]
---@field wanted string[]

---@param rehearsal partdemo.Rehearsal  that has ended
---@return partdemo.Impact
function impact.document(rehearsal) end

return impact
