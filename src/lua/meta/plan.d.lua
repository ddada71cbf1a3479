---@meta partdemo.plan
-- Plans as EXPLAIN (FORMAT JSON) writes them. Source: src/bind/plan.c over src/core/plan.h.
local plan = {}

-- A node of a plan; what EXPLAIN did not write is an absent key.
---@class partdemo.PlanNode
---@field parent? integer  its number in the list; absent: the root
---@field depth integer  of the root: 0
---@field type string  "Seq Scan", "Append", ...
---@field schema? string
---@field relation? string
---@field alias? string
---@field relations? string  of a foreign join or aggregate
---@field index? string
---@field filter? string
---@field index_cond? string
---@field recheck_cond? string
---@field tid_cond? string
---@field hash_cond? string
---@field merge_cond? string
---@field join_filter? string
---@field one_time_filter? string
---@field run_condition? string
---@field relationship? string  "Outer", "Inner", "Member", "InitPlan", "SubPlan", ...
---@field subplan? string
---@field join_type? string
---@field strategy? string
---@field partial_mode? string
---@field operation? string  of a ModifyTable
---@field cte? string
---@field function? string
---@field loops? number  0: never executed
---@field rows? number  in each loop
---@field plan_rows? number
---@field cost? number
---@field first_ms? number
---@field total_ms? number  in each loop
---@field filtered? number  rows removed by the filter, in each loop
---@field subplans_removed? integer
---@field workers? integer
---@field workers_planned? integer
---@field hit? integer  pages, those of the nodes below included
---@field read? integer
---@field dirtied? integer
---@field written? integer
---@field local_hit? integer
---@field local_read? integer
---@field local_dirtied? integer
---@field local_written? integer
---@field temp_read? integer
---@field temp_written? integer
---@field parallel? boolean
---@field inner_unique? boolean
---@field async? boolean
---@field disabled? boolean
---@field targets? { schema?: string, relation?: string, alias?: string }[]  tables that a ModifyTable lists

---@class partdemo.PlanNodes
---@field [integer] partdemo.PlanNode  parents first
---@field planning_ms? number
---@field execution_ms? number

-- The nodes of a plan, or nil and why it is none.
---@param json string
---@return partdemo.PlanNodes?
---@return partdemo.Error? err
function plan.parse(json) end

return plan
