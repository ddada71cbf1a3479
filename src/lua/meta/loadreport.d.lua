---@meta partdemo.loadreport
-- Source: src/lua/loadreport.lua.
local loadreport = {}

---@param result partdemo.LoadDone
function loadreport.print(result) end

-- Adds the fields of a load to a run's JSON document.
---@param document table
---@param result partdemo.LoadDone
function loadreport.fill(document, result) end

return loadreport
