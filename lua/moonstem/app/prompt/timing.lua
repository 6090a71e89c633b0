--- What calls take: time(f, ...) and bench(f, ...) at the prompt.
local core = require "moonstem.core.tensor"
local sys = require "moonstem.core.sys"

local M = {}

local ROUNDS, ROUND, MOST = 7, 0.1, 1000000 -- seconds of a round at least, calls in it at most

local UNITS = { { 1, "s" }, { 1e-3, "ms" }, { 1e-6, "us" }, { 1e-9, "ns" } }

--- Seconds as people read them: "1.23 s", "45.1 ms", "2 min 5 s".
function M.text(seconds)
  if seconds >= 120 then return ("%d min %d s"):format(seconds // 60, seconds % 60) end
  for _, unit in ipairs(UNITS) do
    if seconds >= unit[1] then return ("%.3g %s"):format(seconds / unit[1], unit[2]) end
  end
  return ("%.2g ns"):format(seconds / 1e-9)
end

-- A function, or the one that a piece of Lua is.
local function callable(f, who)
  if type(f) == "string" then
    local chunk, why = require "moonstem.app.statement".compile(f, "=" .. who)
    if not chunk then error(("%s: %s"):format(who, why), 0) end
    return chunk
  end
  local meta = debug.getmetatable(f)
  if type(f) == "function" or type(meta) == "table" and rawget(meta, "__call") then return f end
  error(("%s: a function is expected, or a piece of Lua as a string; got %s. Write %s(function() "
    .. "... end), or %s(f, x) for f(x)"):format(who, type(f), who, who), 0)
end

--- time(f, ...) -> what f(...) returns
-- Prints how long the call takes. f may be a piece of Lua: time "x:matmul(x)".
function M.time(f, ...)
  f = callable(f, "time")
  local start = sys.clock()
  local results = table.pack(f(...))
  print(M.text(sys.clock() - start))
  return table.unpack(results, 1, results.n)
end

-- Seconds of so many calls; what they make is released.
local function seconds_of(calls, f, ...)
  local start = sys.clock()
  for _ = 1, calls do
    local _ <close> = core.scope()
    f(...)
  end
  return sys.clock() - start
end

--- bench(f, ...): how long one call of f(...) takes
-- Calls it again and again, about a second, and prints the median of several rounds with the
-- fastest and the slowest. The first call does not count. f may be a piece of Lua:
-- bench "x:matmul(x)". Tensors that f makes are released after each call.
function M.bench(f, ...)
  f = callable(f, "bench")
  seconds_of(1, f, ...)
  local one = math.max(seconds_of(1, f, ...), 1e-9)
  local calls = math.max(1, math.min(MOST, math.ceil(ROUND / one)))
  local rounds = {}
  for i = 1, one > 1 and 3 or ROUNDS do rounds[i] = seconds_of(calls, f, ...) / calls end
  table.sort(rounds)
  print(("%s a call: the median of %d rounds of %d, %s to %s"):format(
    M.text(rounds[(#rounds + 1) // 2]), #rounds, calls, M.text(rounds[1]), M.text(rounds[#rounds])))
end

return M
