-- partdemo tree TABLE... and partdemo stats TABLE...
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local partitions = require "partdemo.partitions"
local report = require "partdemo.report"
local target = require "partdemo.target"
local text = require "partdemo.text"
local tree = require "partdemo.tree"

local cmd_tree = {}

-- The connection and the trees of the tables named; the heading goes to stderr, where it spoils no output.
local function read(parsed)
  if #parsed.words == 0 then
    fail.raise("usage", parsed.command.name .. " needs the name of a table", {
      hint = ("'partdemo help %s' shows how to use it."):format(parsed.command.name),
    })
  end
  local conn, described = target.connect(parsed.options, true)
  report.note("target: " .. described)
  local trees = {}
  for i, name in ipairs(parsed.words) do
    report.status("reading " .. text.visible(name) .. " ...")
    trees[i] = partitions.tree(conn, name, { estimate = parsed.options.estimate })
  end
  return conn, trees
end

-- One table's document is the whole output, several are in a list.
local function print_json(documents)
  report.json(#documents == 1 and documents[1] or { tables = json.array(documents) })
end

local function explain_estimate(parsed)
  if parsed.options.estimate then
    report.note "~ estimated: rows and sizes at the last ANALYZE or VACUUM, ? never analyzed"
  end
end

function cmd_tree.tree(parsed)
  local conn, trees = read(parsed)
  conn:close()
  if report.is_json() then
    local documents = {}
    for i, node in ipairs(trees) do
      documents[i] = tree.document(node, true)
    end
    print_json(documents)
    return
  end
  report.output(tree.render(trees, true) .. "\n")
  for _, node in ipairs(trees) do
    for _, remark in ipairs(tree.remarks(node)) do
      report.output(report.fold(text.visible(remark), 2) .. "\n")
    end
  end
  explain_estimate(parsed)
end

function cmd_tree.stats(parsed)
  local conn, trees = read(parsed)
  local stats = require "partdemo.stats"
  local documents = {}
  for i, node in ipairs(trees) do
    documents[i] = stats.document(conn, node)
  end
  conn:close()
  if report.is_json() then
    print_json(documents)
    return
  end
  for i, document in ipairs(documents) do
    report.output((i > 1 and "\n" or "") .. stats.render(document, trees[i]))
  end
  explain_estimate(parsed)
end

return cmd_tree
