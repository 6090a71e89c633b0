--- A number of tries, each a function of seed and number, and the line that tells what was lost.
local ms = require "moonstem"

local M = {}

--- draw() -> a number in [0, 1), the next one of that try
function M.draws(try)
  local n = 0
  return function()
    n = n + 1
    return ms.random.uniform(try.seed, "tries", try.number, n)
  end
end

--- One of a list, by a number in [0, 1).
function M.choose(list, x) return list[1 + math.floor(x * #list)] end

local function tell(try, what, name, told, lost)
  print(("lost: %s, try %d: %s: %s"):format(name, try.number, table.concat(told, ", then "),
    table.concat(lost, "; ")))
  print(("  again: %s 1 %d %d"):format(what, try.seed, try.number))
end

--- Runs arg's number of tries; ends the program, with 1 where anything was lost.
-- one(attempts, try) -> the scenario's name, a list of what was done, a list of what was lost
function M.run(what, count, one, attempt)
  local tries, seed, first = tonumber(arg[1] or count), tonumber(arg[2] or 1), tonumber(arg[3] or 1)
  local attempts <close> = assert(attempt.new { table.unpack(arg, 4) })
  local lost, done, by = 0, 0, {}
  for number = first, first + tries - 1 do
    if ms.sys.interrupted() then break end
    local try = { seed = seed, number = number }
    local name, told, losses = one(attempts, try)
    done, by[name] = done + 1, (by[name] or 0) + 1
    if #losses > 0 then
      lost = lost + 1
      tell(try, arg[0], name, told, losses)
    end
  end
  local names = {}
  for name, n in pairs(by) do names[#names + 1] = ("%s %d"):format(name, n) end
  table.sort(names)
  print(("%d %s tried (%s), seed %d: %d lost"):format(done, what, table.concat(names, ", "), seed,
    lost))
  os.exit(lost == 0 and done == tries and 0 or 1, true)
end

return M
