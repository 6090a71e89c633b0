--- moonstem runs best: the best of each kind of runs.
local arguments = require "moonstem.app.arguments"
local headlines = require "moonstem.report.headlines"
local losses = require "moonstem.report.losses"
local names = require "moonstem.app.runs.names"
local tables = require "moonstem.report.tables"

local function parser()
  local p = arguments.parser("runs best", "Names the best run at or below a folder: of each kind "
    .. "of loss the one with the lowest validation loss, or the one with the highest score of a "
    .. "name. One seed each: whether it is better than the others, `moonstem report` says.")
  names.offer(p:argument("folder", "where to look"):default "runs", names.below_root)
  p:option("--score", "a score in result.json, such as pr_auc: the highest one is the best")
    :argname "NAME"
  return p
end

-- The run with the highest of value(run), of those that have one; nil where none has.
local function highest(list, value)
  local best
  for _, run in ipairs(list) do
    local x = value(run)
    if type(x) == "number" and x == x and (not best or x > value(best)) then best = run end
  end
  return best
end

local function row_of(run, kind, root)
  local scores = run.result and run.result.scores or {}
  return { losses.name(kind), require "moonstem.lab.runs".name(run, root),
    run.best and ("%.5f"):format(run.best) or "-", headlines.score(scores),
    headlines.tested(scores), run.dir .. "/best.safetensors" }
end

local function rows_of(list, o)
  local rows = {}
  local kinds, of = losses.grouped(list)
  for _, kind in ipairs(kinds) do
    local best = highest(of[kind], function(run)
      if o.score then return run.result and run.result.scores and run.result.scores[o.score] end
      return run.best and -run.best
    end)
    if best then rows[#rows + 1] = row_of(best, kind, o.folder) end
  end
  return rows
end

--- The exit status of `moonstem runs best ARGS`.
return function(args)
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  local list, why = names.runs_below(given.folder)
  if not list then return arguments.fail(why) end
  local rows = rows_of(list, given)
  if #rows == 0 then
    return arguments.fail(given.score and "no run there has a score " .. given.score
      or "none of these runs has been validated yet")
  end
  print(tables.text({ "loss", "run", "best loss", "score", "measured on", "checkpoint" }, rows))
  return 0
end
