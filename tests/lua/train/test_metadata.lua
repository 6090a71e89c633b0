--- Checkpoints whose metadata cannot be: a sentence for each, and no more memory than the file asks
-- for.
local lu = require "luaunit"
local ms = require "moonstem"
local folders = require "places"
local tools = require "data_tools"
local checkpoint = require "moonstem.train.checkpoint"
local describe = require "moonstem.train.model_config"

local T = {}

local _, root = tools.folders(T)

local SMALL = { 4, 4, 4, 4, 4, 4, 4 }
local MODELS = {
  ms.models.separator { widths = { 2, 2, 4, 4, 4, 4 }, seed = 6 },
  ms.models.tagger { unet = ms.models.unet { widths = { 2, 2, 4, 4, 4, 4 } },
    tail = { widths = SMALL, hidden = 8 }, classes = 3 },
}

local function random(seed)
  local i = 0
  return function(n)
    i = i + 1
    return ms.random.integer(seed, "metadata", i, 0, n)
  end
end

-- What stands where something else should.
local ODD = { -1, 0, 1, 3, 0.5, 1e9, 1 << 53, math.huge, 0 / 0, "", "x", "unet", true, false,
  ms.io.null }

local function odd_value(draw)
  local n = draw(#ODD + 4)
  if n <= #ODD then return ODD[n] end
  return ({ {}, { 1, 2 }, { a = 1 }, { { {} } } })[n - #ODD]
end

local function places(value, list)
  for key, inner in pairs(value) do
    list[#list + 1] = { value, key }
    if type(inner) == "table" then places(inner, list) end
  end
  return list
end

local function by_text(a, b) return tostring(a[2]) < tostring(b[2]) end

-- A copy with one or two things changed.
local function spoilt(about, draw)
  local copy = ms.io.json_decode(ms.io.json_encode(about))
  for _ = 1, draw(2) do
    local list = places(copy, {})
    if #list == 0 then break end
    table.sort(list, by_text)
    local place = list[draw(#list)]
    if draw(5) == 1 then place[1][place[2]] = nil
    else place[1][place[2]] = odd_value(draw) end
  end
  return copy
end

local function spoilt_text(text, draw)
  local at = draw(#text)
  return text:sub(1, at - 1) .. ({ "", "{", "9", "\"", "[", "null" })[draw(6)]
    .. text:sub(at + draw(3))
end

-- A text of the metadata, changed one way or another; nothing that JSON cannot hold.
local function other(about, draw)
  if draw(4) == 1 then return spoilt_text(ms.io.json_encode(about), draw) end
  local ok, text = pcall(ms.io.json_encode, spoilt(about, draw))
  return ok and text or "{}"
end

local function is_sentence(path, what, ...)
  local ok, value, why = pcall(...)
  lu.assertTrue(ok, what .. "\n" .. tostring(value))
  if value then return true end
  lu.assertIsString(why, what)
  lu.assertNotNil(why:find(path, 1, true), ("%s\n%s"):format(what, why))
  for _, raw in ipairs { "attempt to", "bad argument", "stack traceback", "%.lua:%d" } do
    lu.assertNil(why:find(raw), ("%s\n%s"):format(what, why))
  end
end

function T.test_spoilt_descriptions_of_models()
  local path, read = root() .. "/x.safetensors", 0
  for m, model in ipairs(MODELS) do
    local about = { model = describe.describe(model), step = 3, loss = 0.5, settings = { seed = 1,
      schedule = { phases = { { optimizer = "adam", lr = 1e-3, rounds = 2 } } },
      model = { kind = "unet", widths = { 2, 2, 4, 4, 4, 4 } } } }
    local draw = random(m)
    for _ = 1, 100 do
      local _ <close> = ms.scope()
      local text = other(about, draw)
      assert(ms.io.save_safetensors(path, model:state(), { format = "moonstem 1", about = text }))
      if is_sentence(path, text, ms.train.load_model, path) then read = read + 1 end
    end
  end
  lu.assertTrue(read > 20) -- some changes say the same
end

function T.test_a_depth_of_a_thousand_million_takes_no_memory()
  local path = root() .. "/x.safetensors"
  local ast = ms.models.tail_only { tail = ms.models.ast_tail { classes = 3, depth = 1, dim = 8,
    heads = 2 } }
  for name, value in pairs { depth = 1000000000, dim = 1 << 40, classes = 1 << 50 } do
    local about = { model = describe.describe(ast) }
    about.model.options.tail.options[name] = value
    assert(checkpoint.save_weights(path, ast, about))
    local before = ms.memory().peak
    local model, why = ms.train.load_model(path)
    lu.assertNil(model)
    lu.assertStrContains(why, path)
    lu.assertTrue(ms.memory().peak - before < 1e8, name)
  end
end

-- The networks of the library that need no other part.
local function all_networks()
  local list = {}
  for name in pairs(ms.models) do list[#list + 1] = name end
  for _, name in ipairs(ms.sys.list(folders.ROOT .. "lua/moonstem/models/separators")) do
    list[#list + 1] = name:match "^[%w_]+"
  end
  for _, name in ipairs(ms.sys.list(folders.ROOT .. "lua/moonstem/models/taggers")) do
    list[#list + 1] = name:match "^[%w_]+"
  end
  local specs = {}
  for _, name in ipairs(list) do
    for _, options in ipairs { {}, { classes = 4 } } do
      local ok, model = pcall(function() return ms.models[name](options) end)
      local known, spec = pcall(describe.describe, ok and model or nil)
      if known and spec then specs[name] = spec end
    end
  end
  return specs
end

-- Places of the numbers in a table.
local function numbers(value, list)
  for key, inner in pairs(value) do
    if type(inner) == "number" then list[#list + 1] = { value, key }
    elseif type(inner) == "table" then numbers(inner, list) end
  end
  return list
end

function T.test_no_number_of_any_network_takes_memory()
  local path, specs, tried = root() .. "/x.safetensors", all_networks(), 0
  local before, lua_before = ms.memory().peak, collectgarbage "count"
  for name, spec in pairs(specs) do
    for _, place in ipairs(numbers(spec.options, {})) do
      local old = place[1][place[2]]
      place[1][place[2]] = 1000000000
      assert(ms.io.save_safetensors(path, { a = ms.zeros { 3 } }, { format = "moonstem 1",
        about = ms.io.json_encode { model = spec } }))
      local ok, model, why = pcall(ms.train.load_model, path)
      lu.assertTrue(ok, name)
      lu.assertNil(model)
      lu.assertIsString(why)
      place[1][place[2]], tried = old, tried + 1
    end
  end
  lu.assertTrue(tried > 60)
  lu.assertTrue(ms.memory().peak - before < 1e8)
  lu.assertTrue(collectgarbage "count" - lua_before < 1e5)
end

function T.test_spoilt_positions()
  local path, model = root() .. "/x.safetensors", MODELS[1]
  local opt = ms.optim.adam(model:parameters(), { lr = 1e-3 })
  local draw = random(9)
  local position = { step = 5, round = 1, phase = 1, phase_step = 5, rounds_in_phase = 1,
    round_step = 0, loss_sum = 0.5, rounds_since_best = 0, best_round = 1, best = 0.25,
    seconds = 1.5, done = false, plateau = { best = 1.5 } }
  assert(checkpoint.save(path, model, opt, position))
  lu.assertEquals(assert(checkpoint.position(path)), position)
  local tensors, metadata = assert(ms.io.load_safetensors(path))
  for _ = 1, 100 do
    local _ <close> = ms.scope()
    local text = other(position, draw)
    local steps = draw(4) == 1 and tostring(odd_value(draw)) or metadata.optimizer_steps
    assert(ms.io.save_safetensors(path, draw(3) == 1 and {} or tensors,
      { format = metadata.format, position = text, optimizer_steps = steps }))
    is_sentence(path, text, checkpoint.position, path)
    is_sentence(path, steps, checkpoint.load, path, model, opt)
  end
end

function T.test_spoilt_loops_by_hand()
  local path, model = root() .. "/x.safetensors", ms.nn.linear { in_features = 2,
    out_features = 2 }
  local parts = { opt = ms.optim.adam(model:parameters(), { lr = 1e-3 }) }
  assert(ms.train.save_checkpoint(path, parts, { epoch = 2 }))
  local tensors, metadata = assert(ms.io.load_safetensors(path))
  local loop, draw = assert(ms.io.json_decode(metadata.loop)), random(11)
  for _ = 1, 120 do
    local text = other(loop, draw)
    assert(ms.io.save_safetensors(path, tensors, { format = metadata.format, loop = text }))
    local ok, value, why = pcall(ms.train.load_checkpoint, path, parts)
    if not ok then why = value end -- a state that does not fit its part raises
    if not ok or not value then
      lu.assertNil(tostring(why):find "attempt to", ("%s\n%s"):format(text, why))
    end
  end
end

return T
