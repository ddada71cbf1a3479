---@meta partdemo.gen
-- Generators of columns, rows of them, and random numbers. Where a generator is an argument, a string, a number
-- or a boolean stands for a constant. Ranges of numbers include both ends; ranges of dates and times are those
-- of a partition: from included, to excluded. Same seed and client: same values. A wrong argument raises a
-- string with its number. Source: src/bind/gen*.c over src/core/gen.h, where the types are said too.
local gen = {}

---@class partdemo.Generator
local Generator = {}

---@alias partdemo.Value partdemo.Generator|string|number|boolean

-- Of gen.key alone: the keys to choose from, at least one. Rows that use it are made anew by row:bound().
---@param type "smallint"|"integer"|"bigint"|"text"|"uuid"|"character varying"|"date"|"timestamp"
---@param values (string|number)[]  in PostgreSQL's text form, up to 1024 bytes each
function Generator:set(type, values) end

---@param value partdemo.Value
---@return partdemo.Generator
function gen.constant(value) end

-- integer, uniform
---@param min integer
---@param max integer
---@return partdemo.Generator
function gen.int(min, max) end

-- bigint, uniform
---@param min integer
---@param max integer
---@return partdemo.Generator
function gen.bigint(min, max) end

-- double precision, uniform, max excluded
---@param min number
---@param max number
---@return partdemo.Generator
function gen.float(min, max) end

-- numeric, uniform; min and max have no more than `scale` digits after the point
---@param min number
---@param max number
---@param scale? integer  0 to 15, 2 by default
---@return partdemo.Generator
function gen.decimal(min, max, scale) end

-- numeric with two digits after the point, uniform
---@param min number
---@param max number
---@return partdemo.Generator
function gen.price(min, max) end

-- boolean
---@param p? number  probability of true, 0.5 by default
---@return partdemo.Generator
function gen.bool(p) end

-- One of the items; equally likely, or by weight when every item is { value, weight }. All of the same type, or all
-- integers and numerics.
---@param items partdemo.Value[]|{ [1]: partdemo.Value, [2]: number }[]
---@return partdemo.Generator
function gen.pick(items) end

-- NULL with probability p, else a value of the generator
---@param p number
---@param value partdemo.Value
---@return partdemo.Generator
function gen.null_some(p, value) end

-- date
---@param from string  "2024-01-31"
---@param to string  excluded
---@param options? { recent?: number }  recent = k: the latest of 1 + k uniform dates (0)
---@return partdemo.Generator
function gen.date(from, to, options) end

-- timestamp
---@param from string  "2024-01-31" or "2024-01-31 12:34:56.789"
---@param to string  excluded
---@param options? { recent?: number, precision?: integer }  precision: digits of a second, 0 to 6 (6)
---@return partdemo.Generator
function gen.timestamp(from, to, options) end

-- timestamp with time zone; from and to are in UTC
---@param from string
---@param to string  excluded
---@param options? { recent?: number, precision?: integer }
---@return partdemo.Generator
function gen.timestamptz(from, to, options) end

-- inet
---@param network? string  "10.0.0.0/8", "2001:db8::/32"; else any public-looking IPv4 address
---@return partdemo.Generator
function gen.inet(network) end

-- uuid, version 4
---@return partdemo.Generator
function gen.uuid() end

-- text of min to max letters of an alphabet, or of min to max words of a list with blanks between
---@param min integer
---@param max integer
---@param alphabet? string|string[]  "a" to "z" by default
---@return partdemo.Generator
function gen.text(min, max, alphabet) end

-- text: %s takes any value, %d and %05d an integer, %% is a percent sign; NULL as soon as one argument is
---@param format string
---@param ... partdemo.Value
---@return partdemo.Generator
function gen.format(format, ...) end

-- jsonb: an object with the keys in that order; NULL values are null
---@param fields { [1]: string, [2]: partdemo.Value }[]
---@return partdemo.Generator
function gen.json(fields) end

-- integer, or bigint if need be: counts for each client; from start again after last
---@param options? { start?: integer, step?: integer, last?: integer }  1, 1, no end
---@return partdemo.Generator
function gen.serial(options) end

-- text that no other client and no other run makes: %s becomes RUN_CLIENT_NUMBER in base 36, at most 35
-- characters. Runs differ by the context's run_tag; with --seed that is 0, and values repeat.
---@param format? string  "%s" by default
---@return partdemo.Generator
function gen.unique(format) end

-- integer, or bigint if need be: min to min + n - 1, rank k with a probability in proportion to k^-theta
---@param n integer
---@param theta number
---@param min? integer  1 by default
---@return partdemo.Generator
function gen.zipf(n, theta, min) end

-- double precision, or with a scale (0 to 15) numeric; min and max cut the tails off
---@param options { mean: number, sd: number, min?: number, max?: number, scale?: integer }
---@return partdemo.Generator
function gen.normal(options) end

-- min plus an exponential of that mean: double precision, or with a scale (0 to 15) numeric, which needs a max
---@param options { mean: number, min?: number, max?: number, scale?: integer }  min is 0 by default
---@return partdemo.Generator
function gen.exponential(options) end

-- The value of a column further left in the same row
---@param name string
---@return partdemo.Generator
function gen.column(name) end

-- The exact product of 2 to 16 such columns, integer or numeric; NULL as soon as one is
---@param name string
---@param ... string
---@return partdemo.Generator
function gen.product(name, ...) end

-- A value that is in table.column; the keys have to be set (row:keys, Generator:set) before rows are made.
---@param table string
---@param column string
---@param options? { theta?: number }  above 0 the first keys are preferred as gen.zipf does (0)
---@return partdemo.Generator
function gen.key(table, column, options) end

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

---@param min integer
---@param max integer  both ends included
---@return integer
function Rng:int(min, max) end

---@return number  from 0 to 1, 1 excluded
function Rng:float() end

---@generic T
---@param list T[]  not empty
---@return T
function Rng:random_element(list) end

---@param min integer
---@param max integer  both ends included
---@return integer
function Rng:random_int(min, max) end

---@param from string  "2024-01-31"
---@param to string  excluded
---@return string
function Rng:random_date(from, to) end

---@param min number
---@param max number  both ends included
---@return number  whole cents
function Rng:random_price(min, max) end

-- The methods as functions.

---@generic T
---@param rng partdemo.Rng
---@param list T[]
---@return T
function gen.random_element(rng, list) end

---@param rng partdemo.Rng
---@param min integer
---@param max integer
---@return integer
function gen.random_int(rng, min, max) end

---@param rng partdemo.Rng
---@param from string
---@param to string
---@return string
function gen.random_date(rng, from, to) end

---@param rng partdemo.Rng
---@param min number
---@param max number
---@return number
function gen.random_price(rng, min, max) end

return gen
