---@meta partdemo.interrupt
-- SIGINT and SIGTERM. Each raises an error of kind "interrupt" in the main task, also out of an endless loop; the
-- third one ends the process. Source: src/bind/interrupt.c.
local interrupt = {}

-- Keeps one signal away until the value is closed: `local shield <close> = interrupt.shield()`.
---@return partdemo.Shield
function interrupt.shield() end

---@class partdemo.Shield

-- The number of the signal that asked the program to stop; nil when none did.
---@return integer?
function interrupt.pending() end

-- Takes the signals so far as answered: what they asked for is done.
function interrupt.accept() end

return interrupt
