-- tests/bench/plain_tables.lua: the four plain tables as setup has them right before the migrations.
local setup = require "setup"

local steps = {}
for _, step in ipairs(setup.steps) do
  if not step.confirm and not (step.sql and step.sql:find "^0[1-4]_") then
    steps[#steps + 1] = step
  end
end

return {
  summary = "Create and fill the plain tables that setup migrates",
  params = {
    {
      name = "rows",
      type = "integer",
      default = 0,
      min = 0,
      help = "rows to generate besides the seed's 1,100",
    },
  },
  steps = steps,
}
