---@meta partdemo.verdict
-- What a rehearsal comes to. Source: src/lua/verdict.lua.
local verdict = {}

-- A limit that was exceeded, in words. Seconds, or a count of errors.
---@param found { limit: string, allowed: number, value: number }
---@return string
function verdict.limit_words(found) end

---@param d partdemo.Impact
---@return string
function verdict.sentence(d) end

-- What makes the rehearsal fail, and all limits as the document has them.
---@param r partdemo.Rehearsal
---@param d partdemo.Impact
---@param all boolean[]  the entries that write
---@return string[] failures
---@return { limit: string, allowed: number, value: number, exceeded: boolean }[] limits
function verdict.failures(r, d, all) end

return verdict
