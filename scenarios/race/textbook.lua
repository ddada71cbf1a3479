-- scenarios/race/textbook.lua: one side of the race, on the copy that `partdemo run race --keep` leaves.
local check = require "partdemo.check"
local race = require "lib.race"

---@type partdemo.Scenario
return {
  summary = "The textbook split of February in one transaction, on race.textbook",

  before = check.table "race.textbook",
  hint = "'partdemo run race' makes the copies and runs this on one of them.",
  steps = {
    { sql = "race/textbook.sql", say = "Detach, create, insert, drop" },
  },
  after = race.is_split "textbook",
}
