--- What the tables beside PyTorch do with programs that print numbers, and with the numbers.
local ms = require "moonstem"

local M = {}

--- Runs a command; the JSON lines that it printed, and the seconds that it took.
function M.lines_of(command)
  local temporary = ms.sys.tempdir()
  command.stdout = temporary .. "/out"
  local began = ms.sys.clock()
  local status = ms.sys.run(command)
  local seconds, lines = ms.sys.clock() - began, {}
  for line in io.lines(command.stdout) do lines[#lines + 1] = ms.io.json_decode(line) end
  ms.sys.remove(command.stdout)
  ms.sys.remove(temporary)
  if status ~= 0 then
    error(table.concat(command, " ") .. " ended with status " .. tostring(status), 0)
  end
  return lines, seconds
end

--- To four digits; nil of nil.
function M.rounded(x) return x and tonumber(("%.4g"):format(x)) end

--- The median of a list; nil of an empty one.
function M.median(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local half = #sorted // 2
  return #sorted % 2 == 1 and sorted[half + 1] or #sorted > 0
    and (sorted[half] + sorted[half + 1]) / 2 or nil
end

return M
