---@meta partdemo.gen
-- Generators of columns, rows of them, and random numbers: a `copy` step and the entries of a mix take rows, which are made
-- in C, without Lua code for a row. Where a generator is an argument, a string, a number
-- or a boolean stands for a constant. Ranges of numbers include both ends; ranges of dates and times are those
-- of a partition: from included, to excluded. Same seed and client: same values. A wrong argument raises a
-- string with its number.
--
-- ```lua
-- local gen = require "partdemo.gen"
--
-- local order = gen.row {
--   { "placed_on", gen.date("2024-01-01", "2024-04-01", { recent = 2 }) },
--   { "region", gen.pick { { "EU", 60 }, { "US", 40 } } },
--   { "quantity", gen.int(1, 10) },
--   { "unit_price", gen.price(5, 500) },
--   { "total", gen.product("quantity", "unit_price") },
--   { "note", gen.null_some(0.9, gen.text(3, 8, { "gift", "urgent", "call", "first" })) },
-- }
-- ```
--
-- Source: src/bind/gen*.c over src/core/gen.h, where the types are said too.
local gen = {}

-- What makes the values of one column, of one PostgreSQL type. It is said at each function.
---@class partdemo.Generator
local Generator = {}

-- An argument that is a generator, or a constant.
---@alias partdemo.Value partdemo.Generator|string|number|boolean

-- Of gen.key alone: the keys to choose from, at least one. Rows that use it are made anew by row:bound().
---@param type "smallint"|"integer"|"bigint"|"text"|"uuid"|"character varying"|"date"|"timestamp"
---@param values (string|number)[]  in PostgreSQL's text form, up to 1024 bytes each
function Generator:set(type, values) end

-- The same value each time: a string is text, a number integer, bigint or double precision, a boolean boolean.
---@param value partdemo.Value
---@return partdemo.Generator
function gen.constant(value) end

-- An integer, uniform: `gen.int(1, 10000)`.
---@param min integer
---@param max integer  included
---@return partdemo.Generator
function gen.int(min, max) end

-- A bigint, uniform.
---@param min integer
---@param max integer  included
---@return partdemo.Generator
function gen.bigint(min, max) end

-- A double precision, uniform.
---@param min number
---@param max number  excluded
---@return partdemo.Generator
function gen.float(min, max) end

-- A numeric, uniform. min and max have no more than `scale` digits after the point.
---@param min number
---@param max number  included
---@param scale? integer  digits after the point, 0 to 15 (2)
---@return partdemo.Generator
function gen.decimal(min, max, scale) end

-- A numeric with two digits after the point, uniform: `gen.price(4.99, 1500)`.
---@param min number
---@param max number  included
---@return partdemo.Generator
function gen.price(min, max) end

-- A boolean.
---@param p? number  probability of true (0.5)
---@return partdemo.Generator
function gen.bool(p) end

-- One of the items: equally likely, or by weight when every item is `{ value, weight }`. All are of the same type, or all
-- integers and numerics.
--
-- ```lua
-- gen.pick { { "active", 80 }, { "inactive", 15 }, { "suspended", 5 } }
-- ```
---@param items partdemo.Value[]|{ [1]: partdemo.Value, [2]: number }[]  at least one; a weight is above 0
---@return partdemo.Generator
function gen.pick(items) end

-- NULL with probability p, else a value of the generator: `gen.null_some(0.05, gen.int(1, 50))`.
---@param p number  0 to 1
---@param value partdemo.Value
---@return partdemo.Generator
function gen.null_some(p, value) end

-- A date: uniform, or with `recent` late ones more often.
--
-- ```lua
-- gen.date("2024-01-01", "2025-01-01", { recent = 2 })
-- ```
---@param from string  "2024-01-31"; included
---@param to string  excluded
---@param options? { recent?: number }  recent = k: the latest of 1 + k uniform dates (0)
---@return partdemo.Generator
function gen.date(from, to, options) end

-- A timestamp: uniform, or with `recent` late ones more often.
--
-- ```lua
-- gen.timestamp("2024-02-01", "2024-03-01", { precision = 3 })
-- ```
---@param from string  "2024-01-31" or "2024-01-31 12:34:56.789"; included
---@param to string  excluded
---@param options? { recent?: number, precision?: integer }  recent: as for gen.date; precision: digits of a second, 0 to 6 (6)
---@return partdemo.Generator
function gen.timestamp(from, to, options) end

-- A timestamp with time zone, as gen.timestamp.
---@param from string  in UTC
---@param to string  in UTC, excluded
---@param options? { recent?: number, precision?: integer }  as for gen.timestamp
---@return partdemo.Generator
function gen.timestamptz(from, to, options) end

-- An inet: an address of a network.
---@param network? string  "10.0.0.0/8", "2001:db8::/32"; else any public-looking IPv4 address
---@return partdemo.Generator
function gen.inet(network) end

-- A uuid, version 4.
---@return partdemo.Generator
function gen.uuid() end

-- A text of min to max letters of an alphabet, or of min to max words of a list with blanks between.
--
-- ```lua
-- gen.text(12, 12, "0123456789abcdef")
-- ```
---@param min integer  letters, or words
---@param max integer  included
---@param alphabet? string|string[]  the letters as one string, or the words as a list ("a" to "z")
---@return partdemo.Generator
function gen.text(min, max, alphabet) end

-- A text: %s takes any value, %d and %05d an integer, %% is a percent sign. NULL as soon as one argument is.
--
-- ```lua
-- gen.format("%s@%s", gen.text(5, 9), gen.pick { "example.com", "example.org" })
-- ```
---@param format string
---@param ... partdemo.Value
---@return partdemo.Generator
function gen.format(format, ...) end

-- A jsonb: an object with the keys in that order. A value that is NULL is null in it.
--
-- ```lua
-- gen.json { { "page", gen.pick { "/home", "/cart" } }, { "duration_ms", gen.int(5, 30000) } }
-- ```
---@param fields { [1]: string, [2]: partdemo.Value }[]  keys and their values
---@return partdemo.Generator
function gen.json(fields) end

-- An integer, or a bigint if need be, that counts for each client by itself; after `last` it begins at `start` again.
---@param options? { start?: integer, step?: integer, last?: integer }  start (1), step (1), last (no end)
---@return partdemo.Generator
function gen.serial(options) end

-- A text that no other client and no other run makes: `gen.unique "ORD-%s"`. %s becomes RUN_CLIENT_NUMBER in base 36, at most
-- 35 characters. Runs with --seed are an exception: they repeat the values.
---@param format? string  with one %s ("%s")
---@return partdemo.Generator
function gen.unique(format) end

-- An integer, or a bigint if need be, from min to min + n - 1: few values are drawn often, most of them seldom, rank k with a
-- probability in proportion to k^-theta.
---@param n integer  how many different values
---@param theta number  0 is uniform; 0.8 to 1.2 is as much skew as traffic has
---@param min? integer  the value drawn most often (1)
---@return partdemo.Generator
function gen.zipf(n, theta, min) end

-- A normally distributed double precision, or with a scale numeric.
--
-- ```lua
-- gen.normal { mean = 120, sd = 40, min = 1, scale = 2 }
-- ```
---@param options { mean: number, sd: number, min?: number, max?: number, scale?: integer }  sd: the standard deviation; min and max cut the tails off; scale: digits after the point, 0 to 15
---@return partdemo.Generator
function gen.normal(options) end

-- min plus an exponentially distributed value: double precision, or with a scale, which needs a max, numeric.
--
-- ```lua
-- gen.exponential { mean = 90, min = 4.99, max = 2500, scale = 2 }
-- ```
---@param options { mean: number, min?: number, max?: number, scale?: integer }  mean: of what is added to min (0); scale: digits after the point, 0 to 15
---@return partdemo.Generator
function gen.exponential(options) end

-- The value of a column further left in the same row.
---@param name string  of the column
---@return partdemo.Generator
function gen.column(name) end

-- The exact product of columns further left in the same row, integer or numeric; NULL as soon as one is.
---@param name string  of a column
---@param ... string  of 1 to 15 more
---@return partdemo.Generator
function gen.product(name, ...) end

-- A value that is in a column of a table, so that a mix reads and writes rows that are there. A sample of up to 10,000 is taken
-- before the load begins. For mixes: a `copy` step does not set the keys.
--
-- ```lua
-- gen.key("orders", "id", { theta = 0.9 })
-- ```
---@param table string
---@param column string  of type smallint, integer, bigint, text, uuid, character varying, date or timestamp
---@param options? { theta?: number }  above 0 some keys are preferred as gen.zipf does (0)
---@return partdemo.Generator
function gen.key(table, column, options) end

-- Columns by name, in order, each with its generator. gen.row makes one; a `copy` step and a mix use it.
---@class partdemo.Row
local Row = {}

-- A row: columns in that order, by name. Columns that are left out get the table's defaults.
---@param columns { [1]: string, [2]: partdemo.Value }[]
---@return partdemo.Row
function gen.row(columns) end

-- Names and PostgreSQL types; type is absent while keys are not set.
---@return { name: string, type?: string }[]
function Row:describe() end

-- The first n rows of that client, as texts by column; NULL is an absent key.
---@param seed integer
---@param client integer  0 to 4294967295
---@param n integer  0 to 10000000
---@param run? integer  the run's tag, 0 by default
---@return table<string, string>[]
function Row:sample(seed, client, n, run) end

-- Every gen.key in the row, once.
---@return { table: string, column: string, key: partdemo.Generator }[]
function Row:keys() end

-- The row again, with the keys that were set since it was made. Given types, its columns are sent as those; raises
-- an error that names the column when values might not fit its type.
---@param types? { [1]: integer, [2]: integer }[]  OID and modifier of each column, as in partdemo.Result
---@return partdemo.Row
function Row:bound(types) end

-- A stream of random numbers for scripts (xoshiro256**).
---@class partdemo.Rng
local Rng = {}

-- The same arguments give the same numbers.
---@param seed integer
---@param client? integer  0 by default
---@param purpose? integer  keeps streams of one client apart; 4 by default
---@return partdemo.Rng
function gen.rng(seed, client, purpose) end

-- A whole number, uniform.
---@param min integer
---@param max integer  both ends included
---@return integer
function Rng:int(min, max) end

-- A number, uniform.
---@return number  from 0 to 1, 1 excluded
function Rng:float() end

-- One of a list, equally likely.
---@generic T
---@param list T[]  not empty
---@return T
function Rng:random_element(list) end

-- The same as rng:int.
---@param min integer
---@param max integer  both ends included
---@return integer
function Rng:random_int(min, max) end

-- A date, uniform.
---@param from string  "2024-01-31"
---@param to string  excluded
---@return string  "2024-01-31"
function Rng:random_date(from, to) end

-- A price, uniform.
---@param min number
---@param max number  both ends included
---@return number  whole cents
function Rng:random_price(min, max) end

-- rng:random_element as a function.
---@generic T
---@param rng partdemo.Rng
---@param list T[]
---@return T
function gen.random_element(rng, list) end

-- rng:random_int as a function.
---@param rng partdemo.Rng
---@param min integer
---@param max integer
---@return integer
function gen.random_int(rng, min, max) end

-- rng:random_date as a function.
---@param rng partdemo.Rng
---@param from string
---@param to string
---@return string
function gen.random_date(rng, from, to) end

-- rng:random_price as a function.
---@param rng partdemo.Rng
---@param min number
---@param max number
---@return number
function gen.random_price(rng, min, max) end

return gen
