--- Wrong values: numbers, texts, tensors, tables and strange objects, each a function of a seed and
-- of how many were drawn since values.start.
local ms = require "moonstem"

local M = {}

-- ---- drawing ---------------------------------------------------------------------------------
local seed, call, drawn = 1, 1, 0

--- All that is drawn from here on belongs to call number k.
function M.start(new_seed, k) seed, call, drawn = new_seed, k, 0 end

--- One of 1..n.
function M.pick(n)
  drawn = drawn + 1
  return ms.random.integer(seed, "hostile", call, drawn, n)
end

local pick = M.pick

--- One of the list.
function M.one_of(list) return list[pick(#list)] end

local one_of = M.one_of

-- ---- plain values ----------------------------------------------------------------------------
local NUMBERS = { 0, 1, 2, 3, 4, 5, 7, 16, 100, -1, -2, 0.5, 1.5, -0.0, 1e-300, 1e9, 1e18, 1e300,
  0 / 0, 1 / 0, -1 / 0, 255, 4096, 65536, 1 << 31, (1 << 31) - 1, 1 << 32, (1 << 32) + 1, 1 << 44,
  1 << 53, math.maxinteger, math.mininteger }
local TEXTS = { "", "\0", "1", "0x10", "none", "same", "mean", "sum", "hann", "magnitude", "train",
  ("long"):rep(2000), "\255\254", "%s%n", "a,b", "missing/none.wav", "missing/a\0b.npy" }
local SIZES = { {}, { 0 }, { 1 }, { 3 }, { 1, 1 }, { 2, 3 }, { 3, 2 }, { 0, 3 }, { 3, 0 },
  { 2, 3, 4 }, { 2, 0, 4 }, { 1, 4, 6, 2 }, { 2, 4, 6, 3 }, { 0, 4, 6, 3 }, { 600 }, { 2, 600 },
  { 1, 3, 257, 2 }, { 1, 1, 1, 1, 1, 1, 1, 1 }, { 1 << 20, 0 }, { 300, 300 } }

local function number() return one_of(NUMBERS) end
local function text() return one_of(TEXTS) end

-- ---- tensors ---------------------------------------------------------------------------------
local closed = ms.zeros { 3 }
closed:close()

--- A tensor of any size, with numbers that no function likes now and then.
function M.tensor()
  local purpose = ("hostile %d %d"):format(call, drawn)
  local x = ms.randn(one_of(SIZES), { seed = seed, purpose = purpose })
  local way = pick(10)
  if way == 1 then return closed end
  if way == 2 then x = x:relu() + number() end
  if way == 3 then x = x:mul(0):add(number()) end
  if way == 4 then x = x:mul(3):round() end
  if way == 5 then x = x:detach():needs_grad() end
  if way == 6 then x = x:gt(0) end
  return x
end

-- ---- strange objects -------------------------------------------------------------------------
local function looped()
  local t = {}
  t[1], t.t, t.value, t.name = t, t, t, t
  return t
end

-- Says that it is longer than it is. It ends: a list without end is read without end, until Ctrl-C.
local function liar()
  return setmetatable({}, {
    __index = function(_, k)
      return not (type(k) == "number" and k > 1000) and tostring(k):rep(3) or nil
    end,
    __len = function() return 1 << 20 end, __tostring = function() error("own error", 0) end,
    __name = 5 })
end

local function raises() error("own error", 0) end

local OBJECTS = { looped, liar, M.tensor,
  function() return print end, function() return raises end,
  function() return function() end end, function() return function(...) return ... end end,
  function() return coroutine.create(print) end, function() return io.stderr end,
  function() return ms.scope() end, function() return ms.io.null end,
  function() return ms.nn.linear { in_features = 3, out_features = 2 } end,
  function() return ms.nn.batch_norm { channels = 3 } end,
  function() return ms.net.chain { name = "chain", ms.nn.relu {} } end,
  function() return ms.optim.sgd({ ms.ones { 3 }:needs_grad() }, { lr = 1 }) end,
  function() return ms.data.loader { items = 3, load = function(i) return i end } end,
}

-- ---- tables ----------------------------------------------------------------------------------
local KEYS = {}
for key in ([[ in_channels out_channels in_features out_features p kernel stride dilation groups
  padding seed channels epsilon slope lr betas eps weight name value size axis keep rate bins hop
  window mono length start path items load batch workers classes widths frames samples steps model
  data task schedule out items vary score train options sizes units heads dim ]]):gmatch "%S+" do
  KEYS[#KEYS + 1] = key
end

local function list_of(make)
  local t = {}
  for k = 1, pick(4) - 1 do t[k] = make() end
  return t
end

local function some_table(depth)
  local t = {}
  for _ = 1, pick(4) - 1 do t[#t + 1] = depth < 2 and M.value(depth + 1) or 1 end
  for _ = 1, pick(3) - 1 do t[one_of(KEYS)] = depth < 2 and M.value(depth + 1) or 1 end
  return t
end

--- Any value, tables of any values among them.
function M.value(depth)
  local way = pick(20)
  if way <= 6 then return number() end
  if way <= 8 then return text() end
  if way <= 12 then return M.tensor() end
  if way == 13 then return one_of { true, false } end
  if way == 14 then return nil end
  if way == 15 then return list_of(number) end
  if way == 16 then return list_of(M.tensor) end
  if way <= 18 then return some_table(depth or 0) end
  return one_of(OBJECTS)()
end

-- ---- calls that are nearly right -------------------------------------------------------------
local function is_tensor(value)
  return type(value) == "userdata" and (debug.getmetatable(value) or {}).__name
    == "moonstem.tensor"
end

--- A copy that may be changed: tables are copied, tensors that are open, too.
function M.copy(value, depth)
  if is_tensor(value) then
    local good, new = pcall(function() return value:detach():clone() end)
    return good and new or value
  end
  if type(value) ~= "table" or getmetatable(value) or (depth or 0) > 3 then return value end
  local new = {}
  for key, inner in next, value do new[key] = M.copy(inner, (depth or 0) + 1) end
  return new
end

-- A table with one field changed, added or taken away.
local function other_table(t)
  local keys = {}
  for key in next, t do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  local key = #keys > 0 and pick(4) > 1 and one_of(keys) or one_of(KEYS)
  if pick(4) == 1 and type(t[key]) == "table" and not getmetatable(t[key]) then
    t[key] = other_table(t[key])
  else
    t[key] = M.value(1)
  end
  return t
end

-- A value in the place of another.
local function other(value)
  if type(value) == "table" and not getmetatable(value) and pick(4) > 1 then
    return other_table(value)
  end
  if is_tensor(value) and pick(2) == 1 then return M.tensor() end
  if type(value) == "number" and pick(2) == 1 then return number() end
  return M.value()
end

--- Changes a packed list of arguments in one to three places.
function M.spoil(arguments)
  for _ = 1, one_of { 1, 1, 1, 2, 3 } do
    local way = pick(12)
    if way == 1 and arguments.n > 0 then arguments.n = arguments.n - 1
    elseif way <= 3 or arguments.n == 0 then
      arguments.n = arguments.n + 1
      arguments[arguments.n] = M.value()
    else
      local k = pick(arguments.n)
      arguments[k] = other(arguments[k])
    end
  end
  return arguments
end

return M
