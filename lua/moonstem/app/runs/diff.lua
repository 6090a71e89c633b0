--- moonstem runs diff: how two runs differ.
local arguments = require "moonstem.app.arguments"
local compare = require "moonstem.lab.compare"
local names = require "moonstem.app.runs.names"
local tables = require "moonstem.report.tables"

local PARTS = {
  { "settings", "asked for with the same settings" },
  { "inputs", "made with the same program, kernels, libraries, data, script and first weights" },
  { "scores", "the same scores" },
  { "results", "the same bits of weights, metrics, predictions and scores" },
}

local function parser()
  local p = arguments.parser("runs diff", "Says how two runs differ: in what they were asked for, "
    .. "in what their numbers come from besides (program, kernels, libraries, data, script, first "
    .. "weights), in scores, and in the sums of what came out, which are equal where every bit is.")
  names.add_run(p, "a", "folder of a run")
  names.add_run(p, "b", "folder of another one")
  return p
end

-- The lines about one part of a comparison.
local function text_of(part, list, given)
  if #list == 0 then return part[2] end
  local rows = {}
  for i, entry in ipairs(list) do rows[i] = { entry.path, entry.old, entry.new } end
  return tables.text({ part[1], given.a, given.b }, rows)
end

--- The exit status of `moonstem runs diff ARGS`.
return function(args)
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  for _, name in ipairs { "a", "b" } do
    local why
    given[name], why = names.run(given[name])
    if not given[name] then return arguments.fail(why) end
  end
  local found, why = compare.runs(given.a, given.b)
  if not found then return arguments.fail(why) end
  local blocks = {}
  for i, part in ipairs(PARTS) do blocks[i] = text_of(part, found[part[1]], given) end
  print(table.concat(blocks, "\n\n"))
  return 0
end
