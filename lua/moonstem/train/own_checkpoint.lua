--- Checkpoints of loops by hand: whatever has a state, in one safetensors file that is replaced
-- atomically.
local core = require "moonstem.core.tensor"
local core_io = require "moonstem.core.io"
local metadata_of = require "moonstem.train.metadata"
local options_of = require "moonstem.options"

local M = {}

local FORMAT = "moonstem loop 1"

local function state_of(name, part)
  local ok, method = pcall(function() return part.state end)
  local state = ok and type(method) == "function" and method(part)
  if type(state) == "table" then return state end
  error(("save_checkpoint: %s has no state: it must be a module, an optimizer or an ema, got %s")
    :format(name, type(part)), 3)
end

local function expect_parts(who, parts)
  local named = type(parts) == "table" and next(parts) ~= nil
  for name in pairs(named and parts or {}) do
    named = named and type(name) == "string" and not name:find "/"
  end
  if not named then
    error(who .. ": parts are a table, { model = m, opt = opt }, of names without a slash", 3)
  end
end

--- ms.train.save_checkpoint(path, parts, about) -> true, or nil and a sentence: writes the states
-- of modules, optimizers and averages, the step that dropout belongs to (ms.step), and where
-- ms.randn and its like are (ms.seed).
-- parts: { model = m, opt = opt, ema = ema }, under names of one's own
-- about: a table that JSON can hold: where the loop is, a stopper, a plateau's schedule
function M.save_checkpoint(path, parts, about)
  expect_parts("save_checkpoint", parts)
  local _ <close> = core.scope()
  local tensors, numbers = {}, {}
  for name, part in pairs(parts) do
    numbers[name] = {}
    for key, value in pairs(state_of(name, part)) do
      if type(value) == "number" then numbers[name][key] = value
      else tensors[name .. "/" .. key] = value end
    end
  end
  local seed, drawn = core.seed()
  return core_io.save_safetensors(path, tensors, { format = FORMAT,
    loop = core_io.json_encode { numbers = numbers, about = about or {}, step = core.step(),
      seed = seed, drawn = drawn } })
end

local LOOP = { numbers = options_of.table, about = options_of.any, step = options_of.whole,
  seed = options_of.whole, drawn = options_of.whole }

-- What a file says about its loop; nil and a sentence.
local function loop_of(path, metadata)
  if metadata.format ~= FORMAT then return nil, path .. " is not a checkpoint of a loop by hand" end
  local loop, why = metadata_of.table(path, metadata, "loop")
  if not loop then return nil, why end
  return metadata_of.attempt(path, "what it says about the loop cannot be", function()
    if not (loop.numbers and loop.step) then error("numbers or step are missing", 0) end
    return options_of.check(loop, "loop", LOOP) or loop
  end)
end

-- The states in a file by part.
local function states_in(path, tensors, numbers)
  local states = {}
  for name, list in pairs(numbers) do
    if type(list) ~= "table" then return nil, path .. " is damaged: no numbers of " .. name end
    states[name] = {}
    for key, value in pairs(list) do states[name][key] = math.tointeger(value) or value end
  end
  for key, value in pairs(tensors) do
    local name, rest = key:match "^([^/]*)/(.*)$"
    if not name or not states[name] then
      return nil, path .. " is damaged: no part is called " .. key
    end
    states[name][rest] = value
  end
  return states
end

local function check_names(path, parts, states)
  for name in pairs(parts) do
    if not name or not states[name] then return nil, ("%s holds no part %s"):format(path, name) end
  end
  for name in pairs(states) do
    if parts[name] == nil then
      return nil, ("%s holds a part %s, which is not asked for"):format(path, name)
    end
  end
  return true
end

--- ms.train.load_checkpoint(path, parts) -> about, or nil and a sentence: gives the states that
-- save_checkpoint wrote back to the same parts, the step to ms.step and what was drawn to ms.seed.
-- Raises where a state does not fit its part; the parts before it have theirs by then.
function M.load_checkpoint(path, parts)
  expect_parts("load_checkpoint", parts)
  local _ <close> = core.scope()
  local tensors, metadata = core_io.load_safetensors(path)
  if not tensors then return nil, metadata end
  local loop, why = loop_of(path, metadata)
  if not loop then return nil, why end
  local states
  states, why = states_in(path, tensors, loop.numbers)
  if not states then return nil, why end
  local ok
  ok, why = check_names(path, parts, states)
  if not ok then return nil, why end
  for name, part in pairs(parts) do part:load(states[name]) end
  core.step(math.tointeger(loop.step))
  if loop.seed then core.seed(loop.seed, loop.drawn) end
  return loop.about
end

return M
