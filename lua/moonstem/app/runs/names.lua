--- Runs as `moonstem runs` takes them on its command line, and what Tab offers for them.
local folders = require "moonstem.report.folders"
local runs = require "moonstem.lab.runs"
local sys = require "moonstem.core.sys"

local M = {}

--- What `moonstem runs` can do.
M.ACTIONS = { "best", "diff", "list", "rerun" }

--- The runs below runs/, as paths.
function M.below_root() return sys.is_dir "runs" and folders.below "runs" or {} end

--- Actions, and the runs below runs/.
function M.actions_and_runs()
  local list = table.move(M.ACTIONS, 1, #M.ACTIONS, 1, {})
  return table.move(M.below_root(), 1, #M.below_root(), #list + 1, list)
end

--- Lets Tab offer what f() lists for an argument, beside names of files. The argument.
function M.offer(argument, f)
  argument._offers = f
  return argument
end

--- Adds an argument that names a run.
function M.add_run(parser, name, text)
  return M.offer(parser:argument(name, text):argname(name:upper()), M.below_root)
end

--- All runs at or below a folder; nil and a sentence where there are none.
function M.runs_below(folder)
  if not sys.is_dir(folder) then return nil, "there is no folder " .. folder end
  local list = runs.list(folder)
  if #list == 0 then return nil, "there are no runs in " .. folder end
  return list
end

--- The folder of a run without a slash at its end; nil and a sentence where it holds no run.
function M.run(folder)
  folder = folder:gsub("(.)/+$", "%1")
  if folders.is_run(folder) then return folder end
  return nil, ("%s is no run: it has no settings.json; `moonstem runs list` names those there are")
    :format(folder)
end

return M
