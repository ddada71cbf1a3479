---@meta partdemo.card
-- Draws what explain.run() found. Source: src/lua/card.lua.
local card = {}

-- What became of a leaf, in words, by partdemo.LeafState.state.
---@type table<string, string>
card.states = {}

-- In the width and colours of the stream for people; no line end after the last line.
---@param found partdemo.Card
---@return string
function card.render(found) end

return card
