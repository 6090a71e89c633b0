--- moonstem runs list: what has been trained, and how it went.
local arguments = require "moonstem.app.arguments"
local folders = require "moonstem.report.folders"
local losses = require "moonstem.report.losses"
local names = require "moonstem.app.runs.names"
local runs = require "moonstem.lab.runs"

local function series_of(run, label)
  local x, y = {}, {}
  for i, row in ipairs(run.rows) do x[i], y[i] = row.step or false, row.valid_loss or false end
  return { label = label, x = x, y = y }
end

-- The curves of runs, named as in the table.
local function curves(list, root)
  local series = {}
  for i, run in ipairs(list) do series[i] = series_of(run, folders.name(run, root)) end
  return series
end

local function validated(list)
  local there = {}
  for _, run in ipairs(list) do
    if run.best then there[#there + 1] = run end
  end
  return there
end

-- One picture for each kind of loss: FILE.svg, or FILE-tags.svg
-- and so on where there are several. Their paths.
local function plot(ms, list, root, path)
  local kinds, of = losses.grouped(validated(list))
  if #kinds == 0 then return nil, "none of these runs has been validated yet" end
  local paths = {}
  for i, kind in ipairs(kinds) do
    local stem, ending = path:match "^(.*[^/])(%.[^./]+)$"
    local own, why = path
    if #kinds > 1 then own = ("%s-%s%s"):format(stem or path, kind, ending or "") end
    paths[i], why = ms.figure.lines(own, { series = curves(of[kind], root), x_label = "step",
      y_label = losses.name(kind), title = "validation losses of " .. root })
    if not paths[i] then return nil, why end
  end
  return paths
end

local function parser()
  local p = arguments.parser("runs", "Lists the runs at or below a folder, as `moonstem runs list` "
    .. "does. `moonstem runs diff A B` says how two runs differ, `moonstem runs best` names the "
    .. "best ones, and `moonstem runs rerun RUN` makes one again, which must give the same bits; "
    .. "each has a --help of its own.")
  names.offer(p:argument("folder", "where to look"):default "runs", names.actions_and_runs)
  p:option("--plot", "draw the validation losses as SVG or PNG, one file for each kind of loss")
    :argname "FILE"
  return p
end

--- The exit status of `moonstem runs list ARGS`.
return function(args)
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  if given.plot and not given.plot:find "%.svg$" and not given.plot:find "%.png$" then
    return arguments.misuse(("--plot %s: the name must end in .svg or .png"):format(given.plot))
  end
  local list, why = names.runs_below(given.folder)
  if not list then return arguments.fail(why) end
  print(runs.text(list, given.folder))
  if not given.plot then return 0 end
  local paths
  paths, why = plot(require "moonstem", list, given.folder, given.plot)
  if not paths then return arguments.fail(why) end
  for _, path in ipairs(paths) do print("wrote " .. path) end
  return 0
end
