--- moonstem runs: what has been trained, and how it went.
local arguments = require "moonstem.arguments"

local M = { summary = "list the runs below a folder; draw their learning curves" }

local function series_of(run)
  local x, y = {}, {}
  for i, row in ipairs(run.rows) do x[i], y[i] = row.step or false, row.valid_loss or false end
  return { label = run.dir:match "[^/]*$", x = x, y = y }
end

local function plot(list, path)
  local series = {}
  for _, run in ipairs(list) do
    if #run.rows > 0 then series[#series + 1] = series_of(run) end
  end
  if #series == 0 then return nil, "none of these runs has been validated yet" end
  return require "moonstem.figure".lines(path, { series = series, x_label = "step", y_label = "validation loss" })
end

function M.run(args)
  local parser = arguments.parser("runs", "Lists the runs at or below a folder.")
  parser:argument("folder", "where to look"):default "runs"
  parser:option("--plot", "draw the validation losses into this SVG file"):argname "FILE"
  local given, status = arguments.parse(parser, args)
  if not given then return status end
  local ms = require "moonstem"
  if not ms.sys.is_dir(given.folder) then return arguments.refuse("there is no folder " .. given.folder) end
  local list = ms.lab.runs(given.folder)
  if #list == 0 then return arguments.refuse("there are no runs in " .. given.folder) end
  print(require "moonstem.lab.runs".text(list, given.folder))
  if not given.plot then return 0 end
  local path, why = plot(list, given.plot)
  if not path then return arguments.refuse(why) end
  print("wrote " .. path)
  return 0
end

return M
