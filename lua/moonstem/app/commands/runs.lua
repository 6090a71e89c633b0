--- moonstem runs: what has been trained: listed, compared, made again.

local M = { summary = "list the runs below a folder, compare two, find the best, make one again" }

local FOLDER = "moonstem.app.runs."
local ACTIONS = { list = true, diff = true, best = true, rerun = true }

function M.run(args)
  local action = ACTIONS[args[1]] and table.remove(args, 1) or "list"
  return require(FOLDER .. action)(args)
end

return M
