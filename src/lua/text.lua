-- Wording shared by every message: plurals, times, sizes, and "did you mean".
local text = {}

---@param n integer
---@param one string
---@param many? string
---@return string
function text.count(n, one, many)
  return ("%s %s"):format(text.number(n), n == 1 and one or many or one .. "s")
end

-- 1234567 -> "1,234,567"
function text.number(n)
  local digits = ("%d"):format(n)
  local sign, rest = digits:match "^(%-?)(%d+)$"
  rest = rest:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. rest
end

-- Seconds as a person reads them: "0.41 ms", "12 ms", "3.20 s", "2 min 5 s".
function text.seconds(s)
  local ms = s * 1000
  if ms < 10 then
    return ("%.2f ms"):format(ms)
  elseif ms < 1000 then
    return ("%.0f ms"):format(ms)
  elseif s < 99.995 then
    return ("%.2f s"):format(s)
  end
  local whole = math.floor(s + 0.5)
  return ("%d min %d s"):format(whole // 60, whole % 60)
end

-- Bytes as psql's pg_size_pretty() writes them.
function text.bytes(n)
  for _, unit in ipairs { "bytes", "kB", "MB", "GB" } do
    if n < 10240 then
      return ("%.0f %s"):format(n, unit)
    end
    n = n / 1024
  end
  return ("%.0f TB"):format(n)
end

local units = { ms = 0.001, s = 1, m = 60, min = 60, h = 3600 }

-- "500ms", "30s", "2m", "1h" -> seconds; nil when it is not a duration.
function text.duration(value)
  local number, unit = tostring(value):match "^(%d+%.?%d*)%s*(%a+)$"
  return number and units[unit] and tonumber(number) * units[unit]
end

-- The number of single-character edits, a swap of neighbours being one, that make a into b.
local function distance(a, b)
  local before, last = {}, {}
  for j = 0, #b do
    last[j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + same)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before, last = last, row
  end
  return last[#b]
end

-- The only name of `names` that begins with `word`, of three characters at least.
local function only_beginning(word, names)
  local found
  for _, name in ipairs(#word >= 3 and names or {}) do
    if name:sub(1, #word):lower() == word:lower() then
      if found then
        return nil
      end
      found = name
    end
  end
  return found
end

-- The name of `names` that is nearest to `wrong`, or the only one that begins with it; nil when none is near. One that
-- shares nothing with it is not, however short both are.
function text.nearest(wrong, names)
  local best, least = nil, math.max(1, #wrong // 3) + 1
  for _, name in ipairs(names) do
    local d = distance(wrong:lower(), name:lower())
    if d < least and d < #wrong then
      best, least = name, d
    end
  end
  return best or only_beginning(wrong, names)
end

-- ", did you mean 'x'?" or ""
function text.did_you_mean(wrong, names)
  local near = text.nearest(wrong, names)
  return near and (", did you mean '%s'?"):format(near) or ""
end

-- The first few of rows[i][key] on one line (or with another separator), and how many more there are.
function text.few(rows, key, limit, separator)
  limit, separator = limit or 3, separator or "; "
  local words = {}
  for i = 1, math.min(#rows, limit) do
    words[i] = text.printable(rows[i][key])
  end
  if #rows > limit then
    words[#words + 1] = ("and %s more"):format(text.number(#rows - limit))
  end
  return table.concat(words, separator)
end

local short = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

-- Text from elsewhere as it can be shown: control characters, which a terminal would obey, escaped.
function text.printable(s)
  s = s:gsub("[%z\1-\31\127]", function(c)
    return short[c] or ("\\x%02x"):format(c:byte())
  end)
  s = s:gsub("\xc2[\x80-\x9f]", function(c)
    return ("\\u%04x"):format(utf8.codepoint(c))
  end)
  return s
end

-- Sorted keys of a table.
function text.keys(t)
  local keys = {}
  for key in pairs(t) do
    keys[#keys + 1] = tostring(key)
  end
  table.sort(keys)
  return keys
end

-- First and last code points of signs that take two columns of a terminal, and of those that take none.
local wide = {
  { 0x1100, 0x115F },
  { 0x2E80, 0xA4CF },
  { 0xAC00, 0xD7A3 },
  { 0xF900, 0xFAFF },
  { 0xFE30, 0xFE6F },
  { 0xFF01, 0xFF60 },
  { 0xFFE0, 0xFFE6 },
  { 0x1F300, 0x1F64F },
  { 0x1F900, 0x1FAFF },
  { 0x20000, 0x3FFFD },
} -- stylua: ignore
local empty = { { 0x0300, 0x036F }, { 0x200B, 0x200F }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F } }

local function within(code, ranges)
  for _, range in ipairs(ranges) do
    if code >= range[1] and code <= range[2] then
      return true
    end
  end
  return false
end

-- Columns of a terminal that the first n characters of a text take.
function text.columns(s, n)
  local columns = 0
  if not utf8.len(s) then
    return math.min(n, #s)
  end
  for _, code in utf8.codes(s) do
    if n == 0 then
      break
    end
    n = n - 1
    columns = columns + (within(code, wide) and 2 or within(code, empty) and 0 or 1)
  end
  return columns
end

-- Text in which control characters are shown as \xNN, so that a name cannot drive the terminal or break the
-- line. C1 controls, line separators and signs that turn the direction of what follows too.
function text.visible(s)
  local function escaped(bytes)
    return (bytes:gsub(".", function(byte)
      return ("\\x%02x"):format(byte:byte())
    end))
  end
  local function named(sign)
    return ("<U+%04X>"):format(utf8.codepoint(sign))
  end
  s = s:gsub("[%c\127]", escaped):gsub("\xC2[\x80-\x9F]", escaped)
  return (s:gsub("\xE2\x80[\x8E\x8F\xA8-\xAE]", named):gsub("\xE2\x81[\xA6-\xA9]", named))
end

-- Cuts text to `width` characters, with "..." at the end when something was cut.
function text.cut(s, width)
  local len = utf8.len(s) or #s
  if len <= width then
    return s
  end
  local last = utf8.len(s) and utf8.offset(s, math.max(width - 2, 1)) or width - 2
  return s:sub(1, last - 1) .. "..."
end

local function fold_line(s, width, indent)
  if width == 0 or (utf8.len(s) or #s) <= width then
    return s
  end
  local lines, line = {}, s:match "^%s*%S*"
  for gap, word in s:sub(#line + 1):gmatch "(%s+)(%S+)" do
    if (utf8.len(line .. gap .. word) or #line + #gap + #word) > width then
      lines[#lines + 1] = line
      line = (" "):rep(indent) .. word
    else
      line = line .. gap .. word
    end
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

-- Folds lines between words at `width` characters (0: not at all); all but the very first begin with
-- `indent` blanks. Blanks within a line stay.
function text.fold(s, width, indent)
  local folded = {}
  for line in (s .. "\n"):gmatch "(.-)\n" do
    line = #folded > 0 and (" "):rep(indent) .. line or line
    folded[#folded + 1] = fold_line(line, width, indent)
  end
  return table.concat(folded, "\n")
end

-- Pads with blanks on the right, by characters.
function text.pad(s, width)
  return s .. (" "):rep(width - (utf8.len(s) or #s))
end

return text
