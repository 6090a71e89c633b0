--- moonstem runs: what has been trained, and how it went.
local arguments = require "moonstem.app.arguments"

local M = { summary = "list the runs below a folder; draw their learning curves" }

-- What a run's validation loss is: losses of different kinds have no common scale.
local LOSSES = { tags = "cross-entropy of tags", genres = "cross-entropy of genres",
  separation = "mean absolute error of waves" }

local function loss_of(ms, run)
  local task = run.settings and run.settings.task
  if type(task) == "table" and task.source then return "separation" end
  local path = run.dir .. "/best.safetensors"
  local list, metadata = nil, nil
  if ms.sys.exists(path) then list, metadata = ms.io.safetensors_info(path) end
  local about = list and ms.io.json_decode(metadata.about or "{}")
  return about and LOSSES[about.kind] and about.kind or "other"
end

local function series_of(run, label)
  local x, y = {}, {}
  for i, row in ipairs(run.rows) do x[i], y[i] = row.step or false, row.valid_loss or false end
  return { label = label, x = x, y = y }
end

-- The curves of all runs by kind of loss, named as in the table; the kinds in order of appearance.
local function curves(ms, list, root)
  local by_loss, kinds = {}, {}
  for _, run in ipairs(list) do
    if #run.rows > 0 then
      local kind = loss_of(ms, run)
      if not by_loss[kind] then by_loss[kind], kinds[#kinds + 1] = {}, kind end
      table.insert(by_loss[kind], series_of(run, require "moonstem.lab.runs".name(run, root)))
    end
  end
  return by_loss, kinds
end

-- One picture for each kind of loss: FILE.svg, or FILE-tags.svg
-- and so on where there are several. Their paths.
local function plot(ms, list, root, path)
  local by_loss, kinds = curves(ms, list, root)
  if #kinds == 0 then return nil, "none of these runs has been validated yet" end
  local paths = {}
  for i, kind in ipairs(kinds) do
    local stem, ending = path:match "^(.*[^/])(%.[^./]+)$"
    local own, why = path
    if #kinds > 1 then own = ("%s-%s%s"):format(stem or path, kind, ending or "") end
    paths[i], why = ms.figure.lines(own, { series = by_loss[kind], x_label = "step",
      y_label = LOSSES[kind] or "validation loss", title = "validation losses of " .. root })
    if not paths[i] then return nil, why end
  end
  return paths
end

function M.run(args)
  local parser = arguments.parser("runs", "Lists the runs at or below a folder.")
  parser:argument("folder", "where to look"):default "runs"
  parser:option("--plot", "draw the validation losses as SVG, one file for each kind of loss")
    :argname "FILE"
  local given, status = arguments.parse(parser, args)
  if not given then return status end
  local ms = require "moonstem"
  if not ms.sys.is_dir(given.folder) then
    return arguments.fail("there is no folder " .. given.folder)
  end
  local runs = require "moonstem.lab.runs"
  local list = runs.list(given.folder)
  if #list == 0 then return arguments.fail("there are no runs in " .. given.folder) end
  print(runs.text(list, given.folder))
  if not given.plot then return 0 end
  local paths, why = plot(ms, list, given.folder, given.plot)
  if not paths then return arguments.fail(why) end
  for _, path in ipairs(paths) do print("wrote " .. path) end
  return 0
end

return M
