---@meta partdemo.impactreport
-- An impact document for people. Source: src/lua/impactreport.lua.
local impactreport = {}

---@param d table  of impact.document()
---@param short? boolean  no more than the verdict, the timeline and the phases
function impactreport.print(d, short) end

-- Its timeline, in at most so many columns beside the labels.
---@param d table
---@param width integer
---@return string[]
function impactreport.timeline(d, width) end

return impactreport
