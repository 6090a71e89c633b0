--- Where the time goes: what each operator costs while a function runs.
local counters = require "moonstem.core.profile"
local sys = require "moonstem.core.sys"
local strict = require "moonstem.strict"

-- "winograd_4x4 (12), rows (3)": the algorithms that the calls of an operator took.
local function solvers_of(row)
  local names = {}
  for k, s in ipairs(row.solvers) do names[k] = ("%s (%d)"):format(s.name, s.calls) end
  return table.concat(names, ", ")
end

local Profile = {}
Profile.__index = Profile
Profile.__name = "moonstem.profile"

local HEAD = ("%-14s %-9s %6s %10s %7s %9s %8s")
  :format("operator", "way", "calls", "ms", "share", "GFLOP/s", "GB/s")

local function line_of(name, way, calls, seconds, share, flops, bytes)
  local function per_second(amount)
    return amount > 0 and ("%.1f"):format(amount / seconds / 1e9) or ""
  end
  local line = ("%-14s %-9s %6s %10.2f %6.1f%% %9s %8s")
    :format(name, way, calls, seconds * 1e3, share * 100,
    per_second(flops), per_second(bytes))
  return (line:gsub("%s+$", ""))
end

--- A table of the rows, and the rest: Lua, reading data, what is no operator.
function Profile:__tostring()
  local lines, seconds = { HEAD }, 0
  for _, r in ipairs(self.rows) do
    lines[#lines + 1] = line_of(r.name, r.way, r.calls, r.seconds, r.share, r.flops, r.bytes)
    if #r.solvers > 0 then lines[#lines + 1] = "  by " .. solvers_of(r) end
    seconds = seconds + r.seconds
  end
  local rest = math.max(0, self.seconds - seconds)
  lines[#lines + 1] = line_of("(the rest)", "", "", rest, rest / self.seconds, 0, 0)
  lines[#lines + 1] = line_of("all", "", "", self.seconds, 1, self.flops, 0)
  return table.concat(lines, "\n")
end

strict.class(Profile, "profile")

local running = false

--- ms.profile(f, ...) -> profile of f(...), which prints as a table, and the results of f
-- profile.rows: a list, the dearest first, of {name, way = "forward", "backward" or "update",
-- calls, seconds, share = of the whole time, flops = multiply-adds counted as two,
-- bytes = what the operator must read and write at least, on = { [1] =, [2] =, [4] =, ...
-- [128] = seconds on so many cores, as far as the operator's loops are cut finely enough:
-- memory is taken to be as fast for all of them},
-- solvers = the algorithms of its calls, where there are several: a list of {name, calls, cost,
-- others: what else could have been taken, with its costs}}; profile.seconds, profile.flops: of the
-- whole call. Counts this thread's operators; nothing is counted, and nothing costs, outside such a
-- call.
-- ms.profile(function() step() end)
return function(f, ...)
  if type(f) ~= "function" then error("profile: a function is expected, got " .. type(f), 2) end
  if running then error("profile: a profile is being taken already", 2) end
  running = true
  counters.start()
  local began = sys.clock()
  local results = table.pack(pcall(f, ...))
  local seconds = math.max(sys.clock() - began, 1e-9)
  local rows, flops = counters.stop(), 0
  running = false
  if not results[1] then error(results[2], 0) end
  for _, r in ipairs(rows) do
    r.share = r.seconds / seconds
    flops = flops + r.flops
  end
  table.sort(rows, function(a, b) return a.seconds > b.seconds end)
  local profile = setmetatable({ rows = rows, seconds = seconds, flops = flops }, Profile)
  return profile, table.unpack(results, 2, results.n)
end
