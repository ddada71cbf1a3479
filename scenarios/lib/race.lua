-- scenarios/lib/race.lua: what both sides of the race are split into.
local check = require "partdemo.check"

local race = {}

race.cuts = "2024-02-08,2024-02-15,2024-02-22"

-- The checks of a copy whose February is four weeks.
function race.is_split(copy)
  local function week(n, from, to)
    return check.partition {
      ("race.%s_2024_02_week%d"):format(copy, n),
      of = "race." .. copy,
      from = from,
      to = to,
    }
  end
  return {
    week(1, "2024-02-01", "2024-02-08"),
    week(2, "2024-02-08", "2024-02-15"),
    week(3, "2024-02-15", "2024-02-22"),
    week(4, "2024-02-22", "2024-03-01"), -- eight days: 2024 is a leap year
    check.absent(("race.%s_2024_02"):format(copy)),
    check.tiled("race." .. copy),
    check.indexed("race." .. copy),
    check.nothing_left("race." .. copy),
  }
end

-- The same of several copies.
function race.are_split(copies)
  local all = {}
  for _, copy in ipairs(copies) do
    local checks = race.is_split(copy)
    table.move(checks, 1, #checks, #all + 1, all)
  end
  return all
end

return race
