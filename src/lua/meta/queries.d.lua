---@meta partdemo.queries
-- Source: src/lua/queries.lua.
local queries = {}

-- Performs a query step. ctx.queries gets what came of each query. Raises a check failure, after all of them ran, when
-- the leaves are not those expected.
---@param ctx partdemo.Context
---@param step partdemo.QueryStep
---@param done { file?: string, statements?: integer }  filled
function queries.run(ctx, step, done) end

return queries
