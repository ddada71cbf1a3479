---@meta partdemo.impact
-- What a rehearsal saw, as data. Source: src/lua/impact.lua.
local impact = {}

-- The "impact" of the JSON document: verdict, steps, holders, timeline, reconciliation, limits, failures, ...; times in
-- milliseconds.
---@param rehearsal partdemo.Rehearsal  that has ended
---@return table
function impact.document(rehearsal) end

-- A limit that was exceeded, in words.
---@param found { limit: string, allowed: number, value: number }
---@return string
function impact.limit_words(found) end

return impact
