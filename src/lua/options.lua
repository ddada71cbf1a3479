-- The one table of commands and options: parsing, help, the man page and the completions come from it.
local options = {}

options.summary = "a PostgreSQL partitioning lab"

-- For the man page.
options.description = "Partitions PostgreSQL tables, and splits, merges, detaches and migrates partitions, by "
  .. "scenarios: lists of steps, most of them SQL files, with checks of the state before and after. 'run setup' "
  .. "makes four tables to learn on, and 'run lifecycle' shows everything that can be done with them. The "
  .. "scenarios of online/ change tables of yours while they are used, and 'run --under' rehearses any change "
  .. "while a load runs. When no server is named, a private PostgreSQL is started and used."

-- Options that every command takes. arg: the placeholder of the value; choices: what it may be; complete: what a
-- shell offers for it ("file", "directory", "mix").
-- stylua: ignore
options.global = {
  { long = "dsn", short = "d", arg = "CONNINFO", help = "server, as a URI or as 'host=... dbname=...'" },
  { long = "host", short = "h", arg = "HOST", help = "server's host, or the directory of its socket" },
  { long = "port", short = "p", arg = "PORT", help = "server's port" },
  { long = "user", short = "U", arg = "USER", help = "role to connect as" },
  { long = "pg-bin", arg = "DIR", complete = "directory", help = "the private server's binaries (the newest ones)" },
  { long = "state", arg = "DIR", complete = "directory", help = "where the private server and its data live" },
  { long = "root", arg = "DIR", complete = "directory", help = "the folder that holds scenarios/ and sql/" },
  { long = "format", arg = "FORMAT", choices = { "text", "json" }, help = "output format (text)" },
  { long = "color", arg = "WHEN", choices = { "auto", "always", "never" }, help = "use colour (auto)" },
  { long = "seed", arg = "N", help = "seed of the generated data (1; a load's own each time)" },
  { long = "quiet", short = "q", help = "print only failures and the result; of list, only names" },
  { long = "verbose", short = "v", help = "print the SQL text and the server's notices too" },
  { long = "help", help = "help for the command" },
  { long = "version", help = "print the version" },
}

options.commands = {
  {
    name = "run",
    args = "SCENARIO [--PARAM VALUE ...]",
    complete = "scenario",
    summary = "run a scenario",
    text = "A scenario is a list of steps, most of them SQL files, with checks before and after. SCENARIO is a "
      .. "name of 'partdemo list' or the path of a file. Its parameters become options: 'partdemo describe "
      .. "SCENARIO' lists them. A scenario whose end state is already there changes nothing. With --under the run "
      .. "is a rehearsal: clients of a workload mix read and write while the steps run, on the same tables; the "
      .. "report says who waited, for how long and behind which lock, and whether every acknowledged row is there. "
      .. "TIME is 500ms, 30s, 2m or 1h.",
    options = {
      {
        long = "dry-run",
        help = "print the steps, their SQL and the locks it takes; change nothing",
      },
      { long = "brief", help = "a line for each step, and what changed in the tables" },
      { long = "yes", short = "y", help = "do not ask before something is dropped" },
      {
        long = "under",
        arg = "MIX",
        complete = "mix",
        help = "rehearse, under this mix: a name of 'partdemo list --mixes' or a path",
      },
      {
        long = "rate",
        arg = "N",
        with = "under",
        help = "--under: operations a second (half of what the server sustains)",
      },
      {
        long = "max",
        with = "under",
        help = "--under: no rate, each client as fast as it can; hides how many would have waited",
      },
      {
        long = "clients",
        arg = "N",
        with = "under",
        help = "--under: connections of the load (8)",
      },
      {
        long = "warmup",
        arg = "TIME",
        with = "under",
        help = "--under: load before the first step (3s)",
      },
      {
        long = "cooldown",
        arg = "TIME",
        with = "under",
        help = "--under: load after the last step (3s)",
      },
      {
        long = "max-stall",
        arg = "TIME",
        with = "under",
        help = "--under: cancel the step when a writer waits longer; exit code 4",
      },
      {
        long = "max-p99",
        arg = "TIME",
        with = "under",
        help = "--under: the same when 1 % of the operations wait longer",
      },
      {
        long = "max-errors",
        arg = "N",
        with = "under",
        help = "--under: the same at more unexpected errors; without it they only fail the rehearsal",
      },
    },
    examples = {
      { "partdemo run setup", "create, fill and partition the demo's tables" },
      { "partdemo run setup --rows 1000000", "the same with a million generated rows" },
      { "partdemo run setup --dry-run", "see every statement first" },
      {
        "partdemo run split --under standard",
        "split while the standard mix writes: who waits, how long, why",
      },
      {
        "partdemo run split --under standard --rate 500 --max-stall 50ms",
        "give up rather than block anybody",
      },
      {
        "partdemo run race --brief",
        "the textbook split against the online one, under the same load",
      },
      { "partdemo run lifecycle --brief", "everything, and back again, on a few pages" },
    },
  },
  {
    name = "list",
    summary = "list the scenarios, or the workload mixes",
    text = "Those of online/ change any table of yours while it is used; the others are for the demo's tables, which "
      .. "'setup' makes. 'partdemo describe SCENARIO' shows one.",
    options = {
      { long = "mixes", help = "list the workload mixes, for 'run --under' and 'run load --mix'" },
    },
    examples = {
      { "partdemo list", "a line for each scenario: its name, and what it does" },
      { "partdemo list --mixes", "the same of the mixes" },
    },
  },
  {
    name = "describe",
    args = "SCENARIO",
    complete = "scenario",
    summary = "show a scenario's parameters, steps and checks",
    text = "Needs no server. The next thing is 'partdemo run SCENARIO --dry-run', which shows every statement as "
      .. "it will be sent. -q prints only the options that its parameters are.",
    examples = {
      { "partdemo describe setup", "what setup does" },
      { "partdemo describe my/flow.lua", "the same of a file of yours" },
    },
  },
  {
    name = "check",
    args = "FILE...",
    complete = "file",
    summary = "validate scenario and mix files without a server",
    text = "Loads each file, with the SQL files, mixes and scenarios that it names, and says everything that is "
      .. "wrong: fields that there are not, values of the wrong kind, variables that are no parameter, quotes that "
      .. "are open.",
    examples = {
      { "partdemo check my/scenario.lua", "every mistake that it can see, with its place" },
    },
  },
  {
    name = "explain",
    args = "SQL",
    summary = "show which leaves a statement touches, and why",
    text = "Runs the statement under EXPLAIN ANALYZE in a transaction that is rolled back: nothing of it stays, "
      .. "save the numbers that sequences gave. Leaves are the partitions that hold rows, at whatever level. For "
      .. "each table, as often as the statement names it: how many of its leaves were scanned, how many pruned at "
      .. "plan time, at executor startup or at run time, and why none was when that is certain. Then the plan. SQL "
      .. "'-' reads standard input.",
    -- stylua: ignore
    options = {
      { long = "file", short = "f", arg = "FILE", complete = "file", help = "read the statement from a file" },
      { long = "param", arg = "VALUE", many = true, help = "value of $1, of $2 when repeated, ..." },
      { long = "generic", help = "the plan for any value of $1, $2, ..., which a prepared statement may get" },
      { long = "no-analyze", help = "do not run it: plan only, what happens at run time stays unknown" },
    },
    examples = {
      {
        "partdemo explain \"SELECT * FROM event_logs WHERE created_at = '2024-03-01'\"",
        "one leaf of four, and how the others were left out",
      },
      { "partdemo explain -f query.sql --param 2024-02-14", "a statement with $1" },
      {
        'partdemo explain --generic "SELECT * FROM users_distributed WHERE id = $1"',
        "needs PostgreSQL 16",
      },
    },
  },
  {
    name = "tree",
    args = "TABLE...",
    summary = "show a table's partitions, their bounds, rows and sizes",
    text = "Names are written as in SQL: orders, sales.orders, 'public.\"Odd Name\"'. Rows are counted, in one "
      .. "snapshot. The name of a partition shows what is below it.",
    options = {
      {
        long = "estimate",
        help = "take rows and sizes from the last ANALYZE instead of counting and measuring",
      },
    },
    examples = {
      { "partdemo tree event_logs", "every level, partitions in the order of their bounds" },
      { "partdemo tree --estimate --format json orders", "counts nothing; JSON on stdout" },
    },
  },
  {
    name = "stats",
    args = "TABLE...",
    summary = "show how rows spread over partitions, and what needs attention",
    text = "For each leaf: rows and their share, size, dead rows, the last ANALYZE and what has changed since, "
      .. "scans and inserts since the statistics were reset. Below: gaps between bounds, rows in default "
      .. "partitions, tables that were never analyzed, indexes that are not valid.",
    options = {
      {
        long = "estimate",
        help = "take rows and sizes from the last ANALYZE instead of counting and measuring",
      },
    },
    examples = { { "partdemo stats event_logs users_distributed", "one table after the other" } },
  },
  {
    name = "test",
    args = "FILE...",
    complete = "file",
    summary = "run flows as tests, each in a scratch database; TAP on stdout",
    text = "A flow is a scenario file of yours. Each step and each check is a test, a line 'ok' or 'not ok' of the "
      .. "Test Anything Protocol. The scratch database is made on the target server and dropped in the end, so the "
      .. "role needs CREATEDB; nothing else there is touched. -v shows on stderr what the steps say.",
    options = {
      { long = "keep", help = "keep the scratch databases, and say how psql reaches them" },
    },
    examples = {
      { "partdemo test my/flow.lua", "one line for each step and check" },
      { "prove -e 'partdemo test' my/*.lua", "the same under prove, which sums it up" },
    },
  },
  {
    name = "compare",
    args = "A.json B.json",
    complete = "file",
    summary = "show the impact of two rehearsals side by side",
    text = "The files are what 'partdemo run SCENARIO --under MIX --format json' wrote: how long others waited, "
      .. "what failed, how much was written. A sentence says what it comes to.",
    examples = { { "partdemo compare plain.json online.json", "which procedure hurts less" } },
  },
  {
    name = "server",
    args = "start|status|env|stop|destroy",
    choices = { "start", "status", "env", "stop", "destroy" },
    summary = "manage the private PostgreSQL",
    text = "When nothing names a server, partdemo runs a private PostgreSQL of its own: Unix socket only, started "
      .. "by the first command that needs it and left running for the next. 'stop' ends it and keeps its data, "
      .. "'destroy' removes it with all its data; 'env' prints the variables by which psql and every other client "
      .. "reach it.",
    options = { { long = "yes", short = "y", help = "do not ask before the data is removed" } },
    examples = {
      { "partdemo server status", "is it running, and how does psql reach it" },
      {
        'eval "$(partdemo server env)" && psql',
        "psql, and what else reads PGHOST, on the private server",
      },
      { "partdemo server stop", "stop it; its data stays" },
    },
  },
  {
    name = "env",
    summary = "show every setting and where its value comes from",
    text = "Also which server they name. Options come before variables of the environment, those before lines of "
      .. ".env in the working directory; POSTGRES_* come before PG* of the same place. Connects to nothing.",
    examples = { { "partdemo env", "never prints a password" } },
  },
  {
    name = "completion",
    args = "bash|zsh|fish",
    choices = { "bash", "zsh", "fish" },
    summary = "print a shell completion script",
    text = "'cmake --install' and the package put it in place already. It completes commands, options, names of "
      .. "scenarios and mixes, and the parameters of the scenario that is named.",
    examples = {
      {
        "partdemo completion bash > ~/.local/share/bash-completion/completions/partdemo",
        "for bash, in the next shell",
      },
      {
        "partdemo completion zsh > ~/.zfunc/_partdemo",
        "for zsh, with ~/.zfunc in fpath before compinit",
      },
      { "partdemo completion fish > ~/.config/fish/completions/partdemo.fish", "for fish" },
    },
  },
  {
    name = "help",
    args = "[COMMAND]",
    complete = "command",
    summary = "help, in general or for a command",
    options = { { long = "man", hidden = true, help = "print the source of the man page" } },
    examples = {},
  },
}

-- Variables of the environment that partdemo reads, for the help and the man page.
options.environment = {
  {
    "POSTGRES_HOST, POSTGRES_PORT, POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD",
    "the server; also read from .env in the working directory",
  },
  {
    "PGHOST, PGPORT, PGSERVICE, ...",
    "libpq's own variables, which POSTGRES_* of the same place override",
  },
  { "PARTDEMO_ROOT", "the folder that holds scenarios/ and sql/, as --root" },
  { "PARTDEMO_STATE", "where the private server and its data live, as --state" },
  { "PARTDEMO_PG_BIN", "PostgreSQL binaries for the private server, as --pg-bin" },
  { "SIMULATOR_INTERVAL_MS", "milliseconds between operations of 'run load' (2000)" },
  { "NO_COLOR, CLICOLOR_FORCE", "no colour, colour also when the output is no terminal" },
  { "COLUMNS", "width of tables when the output is no terminal" },
}

-- Files that it reads and makes, for the man page.
options.files = {
  { ".env", "in the working directory: settings, a line NAME=VALUE each" },
  {
    "~/.local/state/partdemo",
    "the private server: its data, log and socket; below $XDG_STATE_HOME when that is set, /var/lib/partdemo for root",
  },
  {
    "PREFIX/share/partdemo/scenarios, PREFIX/share/partdemo/sql",
    "the scenarios, mixes and SQL files, when neither --root nor PARTDEMO_ROOT names others; those below the working "
      .. "directory, when these are not there",
  },
  {
    "PREFIX/share/partdemo/meta",
    "what a Lua language server completes scenarios from (workspace.library)",
  },
}

options.exit_codes = {
  { "0", "done, or already done" },
  { "1", "a step or an SQL statement failed" },
  { "2", "usage, a bad scenario or bad configuration; nothing was touched" },
  { "3", "cannot connect, or cannot start the private server" },
  { "4", "a check failed or a limit was exceeded" },
  { "5", "something was left behind that 'partdemo run cleanup' clears" },
  { "130, 143", "ended by Ctrl-C, by SIGTERM; a load ends by Ctrl-C with 0" },
}

---@return table? command
function options.command(name)
  for _, command in ipairs(options.commands) do
    if command.name == name then
      return command
    end
  end
end

-- Every option that a command takes: its own, then the global ones.
function options.of(command)
  local all = {}
  for _, option in ipairs(command and command.options or {}) do
    all[#all + 1] = option
  end
  for _, option in ipairs(options.global) do
    all[#all + 1] = option
  end
  return all
end

-- Those of a list that count with these words: an option `with` another one is one only beside it, else the
-- name is free for a scenario's parameter.
function options.given(list, words)
  local there, given = {}, {}
  for _, word in ipairs(words) do
    there[word:match "^%-%-([^=]+)" or ""] = true
  end
  for _, option in ipairs(list) do
    if not option.with or there[option.with] then
      given[#given + 1] = option
    end
  end
  return given
end

return options
