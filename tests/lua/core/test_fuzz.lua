--- Every function and method of the core, called with random wrong arguments. Each call returns or
-- raises a sentence; none crashes, hangs, or keeps bytes. Deterministic: MOONSTEM_FUZZ=SEED,CALLS
-- asks for others.
local lu = require "luaunit"
local ms = require "moonstem"

local core = require "moonstem.core.tensor"

local SEED, CALLS = (os.getenv "MOONSTEM_FUZZ" or "1,60"):match "^(%d+),(%d+)$"
SEED, CALLS = math.tointeger(tonumber(SEED)), math.tointeger(tonumber(CALLS))
local LIMIT = 96 << 20

-- ---- choices, from our own counter-based numbers ---------------------------------------------
local counter = 0
local function pick(n)
  counter = counter + 1
  return ms.random.integer(SEED, "fuzz", counter, 0, n)
end

local function one_of(list) return list[pick(#list)] end

-- ---- wrong values ------------------------------------------------------------------------------
local numbers = { 0, 1, 2, 3, 5, -1, -2, 0.5, 1.5, -0.0, 1e-300, 1e9, 1e18, 1e300, 0 / 0, 1 / 0,
  -1 / 0, 255, 256, 257, 4096,
  65536, 1 << 31, (1 << 31) - 1, 1 << 32, (1 << 32) + 1, 1 << 44, 1 << 53, math.maxinteger,
    math.mininteger }
local strings = { "", "\0", "weight", "rate", "1", "0x10", ("long"):rep(2000), "\255\254", "%s%n",
  "__metadata__", "wave", "AAAA", ("\0"):rep(64) }
-- what functions of files get as their first argument: none of them is a file that could be made
local paths = { "", "\0", "moonstem-missing/none.npy", "moonstem-missing/none.wav",
  "moonstem-missing/a\0b.flac", "/", "tests/",
  "moonstem-missing/" .. ("long"):rep(2000), false, {}, print }
local sizes = { {}, { 0 }, { 1 }, { 3 }, { 1, 1 }, { 2, 3 }, { 3, 2 }, { 0, 3 }, { 3, 0 },
  { 2, 3, 4 }, { 2, 0, 4 }, { 1, 4, 6, 2 },
  { 2, 4, 6, 3 }, { 0, 4, 6, 3 }, { 2, 4, 6, 0 }, { 3, 3, 3, 4 }, { 2, 2, 3, 2 }, { 700 },
    { 2, 700 }, { 1, 3, 257, 2 }, { 1, 3, 256, 2 },
  { 2, 0, 257, 2 }, { 1, 1, 1, 1, 1, 1, 1, 1 }, { 1 << 20, 0 }, { 0, 1 << 20 } }

local function looped()
  local t = {}
  t[1], t.t, t.value, t.name = t, t, t, t
  return t
end

local function hostile()
  return setmetatable({}, { __index = function(_, k)
    return tostring(k):rep(3)
  end, __len = function() return 1 << 40 end,
    __tostring = error, __name = 5 })
end

local makers = {}
local function value(depth) return one_of(makers)(depth or 0) end

local function some_tensor()
  local x = ms.uniform(one_of(sizes))
  if pick(3) == 1 then x:needs_grad() end
  if pick(4) == 1 then x = one_of { ms.ops.relu, ms.ops.square, ms.ops.abs }(x) end
  if pick(6) == 1 then x:close() end
  return x
end

local function some_layer()
  return one_of {
    function()
      return ms.nn.conv2d { in_channels = 3, out_channels = 4 }
    end, function() return ms.nn.linear { in_features = 3, out_features = 2 } end,
    function()
      return ms.nn.conv_transpose2d { in_channels = 3, out_channels = 2 }
    end, function() return ms.nn.batch_norm { channels = 3 } end,
    function() return ms.nn.dropout {} end }()
end

local function some_optimizer()
  local x = ms.ones { 3 }:needs_grad()
  local kind = one_of { "adam", "adamw", "nadam", "radam", "sgd", "rmsprop", "adagrad", "lion",
    "lamb" }
  local o = ms.optim[kind]({ pick(2) == 1 and x
    or { name = "x", value = x } }, { lr = 1 })
  if pick(6) == 1 then o:close() end
  return o
end

local function some_ema()
  local e = ms.optim.ema { ms.ones { 3 }:needs_grad() }
  if pick(3) == 1 then e:swap() end
  if pick(6) == 1 then e:close() end
  return e
end

local function some_feed()
  local f = ms.audio.feed { workers = 1, samples = 600, transform = pick(2) == 1 and "wave"
    or "magnitude" }
  if pick(2) == 1 then f:close() end
  return f
end

local keys = {}
for key in ([[in_channels out_channels in_features out_features p kernel stride same bias seed
  channels epsilon momentum slope rate beta1
  beta2 weight_decay nesterov steps name value x/velocity 1/m 1/v path start
  betas eps groups match decay norm_type
  length mono weight low high bins bands palette columns decibel samples ahead
  workers transform encoding quality stream]]):gmatch "%S+" do
  keys[#keys + 1] = key
end

local function some_table(depth)
  local t = {}
  for _ = 1, pick(4) - 1 do t[#t + 1] = depth < 3 and value(depth + 1) or 1 end
  for _ = 1, pick(4) - 1 do t[one_of(keys)] = depth < 3 and value(depth + 1) or 1 end
  return t
end

--- Right options more often than chance would have them, so that what lies behind them is reached.
local function good_options()
  return { in_channels = pick(4), out_channels = pick(4),
    kernel = pick(2) == 1 and pick(5) or { pick(4), pick(40) },
    stride = pick(3) }
end

for _, group in ipairs {
  { 1, function()
    return nil
  end, function() return true end, function() return false end, looped, hostile, some_optimizer,
    function()
      return print
    end, function() return coroutine.create(print) end, function() return io.stderr end,
    function() return ms.scope() end,
    function() return ms.io.null end, good_options },
  { 2, some_layer, function() return one_of(sizes) end },
  { 4, function() return one_of(strings) end, some_table },
  { 8, function() return one_of(numbers) end },
  { 12, some_tensor },
} do
  for k = 2, #group do
    for _ = 1, group[1] do makers[#makers + 1] = group[k] end
  end
end

-- ---- what is called -----------------------------------------------------------------------------
local skip = { ["tensor.fail_allocation"] = true, ["tensor.memory_limit"] = true,
  ["tensor.scope"] = true, ["tensor.no_grad"] = true }

local about_files = {}
for name in ("read write info check load_json save_json append_json_line load_json_lines load_npy \z
  save_npy load_safetensors "
  .. "save_safetensors safetensors_info"):gmatch "%S+" do
  about_files[name] = true
end

local function sorted(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Calls visit(name, function) for the functions of a table, in order.
local function functions(prefix, t, visit)
  for _, name in ipairs(sorted(t)) do
    local full = prefix .. "." .. name
    if type(t[name]) == "function" and not skip[full] then visit(full, t[name])
    elseif type(t[name]) == "table" then functions(full, t[name], visit) end
  end
end

--- The methods and metamethods of a handle's type.
local function methods_of(handle)
  local meta, all = debug.getmetatable(handle), {}
  for name, f in pairs(meta) do
    if type(f) == "function" and name ~= "__gc" then all[name] = f end
  end
  local list = meta.__index
  if type(list) == "function" then
    local _, inside = debug.getupvalue(list, 1)
    list = inside
  end
  for name, f in pairs(list) do all[name] = f end
  return all
end

-- ---- calling --------------------------------------------------------------------------------
local function describe(v)
  if type(v) == "string" then return ("%q"):format(v:sub(1, 40)) end
  local ok, text = pcall(tostring, v)
  return ok and text:gsub("\n.*", "") or type(v)
end

local function call(name, f, ...)
  local arguments = table.pack(...)
  local result = table.pack(pcall(f, ...))
  if result[1] then return true end
  if type(result[2]) ~= "string" then
    for k = 1, arguments.n do arguments[k] = describe(arguments[k]) end
    error(("%s(%s) raised a %s"):format(name, table.concat(arguments, ", "), type(result[2])), 0)
  end
  return false, result[2]
end

--- Calls f many times; makes the first argument often enough.
local function storm(name, f, first)
  local outer <close> = ms.scope()
  if name == "graphs.graphs" then return f() end
  local of_files = about_files[name:match "%.([%w_]+)$"]
  if of_files then first = function() return one_of(paths) end end
  for _ = 1, CALLS do
    local _ <close> = ms.scope() -- large results do not wait for the last call
    local arguments, n = {}, pick(6) - 1
    for k = 1, n do arguments[k] = value() end
    if of_files or first and pick(8) > 1 then
      arguments[1] = first()
      n = math.max(n, 1)
    end
    local _, why = call(name, f, table.unpack(arguments, 1, n))
    local surplus = why and why:match "got (%d+) too many: "
    if surplus then call(name, f, table.unpack(arguments, 1, n - surplus)) end
    pcall(outer.keep, outer, arguments[1])
  end
end

--- The same for everything below; nothing is left behind.
local function check(prefix, list, first)
  local before, threads = ms.memory_limit(), ms.threads()
  collectgarbage()
  local seed, step = ms.seed(), ms.step()
  local live, limit = nil, ms.memory().live + LIMIT
  ms.memory_limit(limit)
  local ok, why = pcall(functions, prefix, list, function(name, f)
    storm(name, f, first)
    collectgarbage()
    collectgarbage()
    local now = ms.memory().live
    -- scratch grows to the largest call; everything else comes back
    if live and now > live + (24 << 20) then
      error(("%s keeps %d bytes"):format(name, now - live), 0)
    end
    live = live or now
  end)
  ms.memory_limit(before)
  ms.threads(threads)
  ms.seed(seed)
  ms.step(step)
  lu.assertTrue(ok, why)
end

--- Chains of operators on tensors that collect gradients, whatever fits, and backward through them.
local function graphs()
  local names = sorted(core.ops)
  for _ = 1, CALLS * 4 do
    local _ <close> = ms.scope()
    local pool = {}
    for k = 1, 4 do pool[k] = ms.uniform(one_of(sizes)):needs_grad() end
    for _ = 1, 30 do
      local name = one_of(names)
      local x, y, z = one_of(pool), one_of(pool), one_of(pool)
      local f = one_of { core.ops[name], core.ops[name], function(a, b)
        return a + b
      end, function(a, b) return a * b end,
        function(a, b) return a / b end, some_layer() }
      local ok, result = pcall(f, one_of { x, x, x, { x, y } },
        one_of { y, pick(4), one_of(sizes) }, one_of { z, pick(4) }, pick(3))
      if ok and type(result) == "userdata" then pool[#pool + 1] = result end
    end
    local top = pool[#pool]
    call("backward", top.backward, top, ms.ones(top:size()))
    for _, t in ipairs(pool) do
      local g = t.grad
      if g then lu.assertEquals(g:size(), t:size()) end
    end
  end
end

local tests = {}
function tests.test_graphs() check("graphs", { graphs = graphs }) end
function tests.test_tensor() check("tensor", core) end
function tests.test_nn() check("nn", ms.nn) end
function tests.test_optim() check("optim", ms.optim) end
function tests.test_loss() check("loss", ms.loss) end
function tests.test_io() check("io", ms.io) end
function tests.test_audio() check("audio", ms.audio) end
function tests.test_tensor_methods() check("tensor", methods_of(ms.zeros { 1 }), some_tensor) end
function tests.test_layer_methods() check("layer", methods_of(ms.nn.dropout {}), some_layer) end
function tests.test_optimizer_methods()
  check("optimizer", methods_of(ms.optim.sgd({}, { lr = 1 })), some_optimizer)
end
function tests.test_ema_methods()
  check("ema", methods_of(ms.optim.ema { ms.ones { 1 }:needs_grad() }), some_ema)
end
function tests.test_feed_methods()
  check("feed", methods_of(ms.audio.feed { workers = 1, samples = 600 }), some_feed)
end
function tests.test_scope_methods()
  check("scope", methods_of(ms.scope()), function() return ms.scope() end)
end

return tests
