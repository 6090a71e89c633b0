--- Waves and files for tests of sound.
local lu = require "luaunit"
local ms = require "moonstem"

local M = {}

-- Names of our own, which clean removes at the end of a test.
local scratch = os.tmpname()
os.remove(scratch)
local made = {}

function M.name(ending)
  made[#made + 1] = ("%s-%d.%s"):format(scratch, #made + 1, ending)
  return made[#made]
end

function M.spill(ending, bytes)
  local path = M.name(ending)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  return path
end

function M.contents(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read "a"
  file:close()
  return bytes
end

function M.clean()
  for _, path in ipairs(made) do os.remove(path) end
  made = {}
end

function M.wave_of(samples, f)
  local list = {}
  for n = 1, samples do list[n] = f(n - 1) end
  return ms.tensor_from(list, { samples })
end

function M.sine(hertz, rate, samples, peak)
  return M.wave_of(samples, function(n)
    return (peak or 0.5) * math.sin(2 * math.pi * hertz * n / rate)
  end)
end

function M.largest_difference(a, b, first, last)
  local worst = 0
  for i = first or 1, last or #a do worst = math.max(worst, math.abs(a[i] - b[i])) end
  return worst
end

function M.dot(a, b)
  local sum = 0
  for i = 1, #a do sum = sum + a[i] * b[i] end
  return sum
end

function M.flat(t)
  return t:reshape { t:count() }:totable()
end

--- pcall's sentence must hold a text.
function M.assert_raises(text, f, ...)
  local ok, why = pcall(f, ...)
  lu.assertFalse(ok, "should have raised: " .. text)
  lu.assertStrContains(tostring(why), text)
end

function M.assert_refuses(text, f, ...)
  local value, why = f(...)
  lu.assertNil(value)
  lu.assertStrContains(why, text)
end

return M
