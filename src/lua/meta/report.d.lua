---@meta partdemo.report
-- What is printed where: results on stdout; progress, notices and errors on stderr. With --format json stdout has
-- the document alone, and text for people goes to stderr. Source: src/lua/report.lua.
local report = {}

---@param options { format?: string, quiet?: boolean, brief?: boolean, verbose?: boolean, color?: string }
function report.configure(options) end

---@return boolean
function report.is_json() end

---@return boolean
function report.is_verbose() end

---@return boolean
function report.is_brief() end

-- Calls f(...) and gives the lines that it would have said.
---@param f function
---@param ... any
---@return string[]
function report.gather(f, ...) end

-- Calls f(...), during which say() and detail() say nothing.
---@param f function
---@param ... any
---@return any ...
function report.hush(f, ...) end

-- Columns to fit into; 0: no limit.
---@return integer
function report.width() end

-- A line folded to the width of the terminal; lines after the first are indented.
---@param line string
---@param indent? integer  else two more than the line's own
---@return string
function report.fold(line, indent) end

-- The text in a colour when the stream for people has colours.
---@param s string
---@param colour? "red"|"green"|"yellow"|"blue"|"cyan"|"gray"|"bold"
---@return string
function report.paint(s, colour) end

-- A line that --quiet leaves out.
---@param line? string
function report.say(line) end

-- The same of something below a step, folded.
---@param message string
function report.below(message) end

-- Keeps back the lines of say() until release().
function report.hold() end

-- Says the heading, then what was kept back.
---@param heading? string
function report.release(heading) end

-- A line that --quiet and --brief leave out.
---@param line? string
function report.detail(line) end

-- A line that is always there.
---@param line string
function report.result(line) end

-- What was asked for, on stdout in any format; no line end is added.
---@param s string
function report.output(s) end

-- A scenario's print().
---@param ... any
function report.print(...) end

-- A notice on stderr, which --quiet leaves out.
---@param line string
function report.note(line) end

---@param line string
function report.warn(line) end

-- A line on a terminal that the next output replaces.
---@param line string
function report.status(line) end

-- A table in the width and colours of the stream.
---@param spec partdemo.TableSpec
---@return string
function report.table(spec) end

---@param document table
function report.json(document) end

-- From now on stdout is JSON with one document a line, of which the result is the last; text for people goes to stderr.
function report.use_lines() end

-- A document of its own that is read while the program runs.
---@param document table
function report.event(document) end

-- Raises when something could not be written.
function report.flush() end

---@param e any
---@return string[]
function report.error_lines(e) end

---@param e any
function report.error(e) end

-- The end of all output. Raises when something could not be written.
function report.finish() end

-- Text for people goes to stderr from now on, or nowhere unless it is shown.
---@param shown? boolean
function report.divert(shown) end

return report
