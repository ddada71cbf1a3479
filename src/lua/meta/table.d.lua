---@meta partdemo.table
-- Tables and trees as text, by libsmartcols. Source: src/bind/table.c over src/core/table.h.
local table_ = {}

---@class partdemo.Column
---@field [1] string  heading
---@field right? boolean  numbers
---@field tree? boolean  shows the tree's branches
---@field cut? boolean  may be cut to fit the width

---@alias partdemo.Cell string|number|{ [1]: string|number, colour?: string }

---@class partdemo.TableRow
---@field [integer] partdemo.Cell
---@field children? partdemo.TableRow[]  rows below it

---@class partdemo.TableSpec
---@field columns partdemo.Column[]
---@field rows partdemo.TableRow[]
---@field width? integer  0: no limit
---@field ascii? boolean
---@field colour? boolean
---@field noheadings? boolean

---@param spec partdemo.TableSpec
---@return string
function table_.render(spec) end

return table_
