--- Checkpoints: weights, optimizer and position in one safetensors file, replaced atomically.
-- best.safetensors holds the weights alone under their own names and, in its metadata, how to build
-- the model; last.safetensors holds all that a run needs to go on, bit for bit.
local core_io = require "moonstem.core.io"
local core = require "moonstem.core.tensor"
local metadata_of = require "moonstem.train.metadata"

local M = {}

local FORMAT = "moonstem 1"

local function prefixed(into, prefix, state)
  for name, value in pairs(state) do into[prefix .. name] = value end
end

local function with_prefix(from, prefix)
  local state = {}
  for name, value in pairs(from) do
    if name:sub(1, #prefix) == prefix then state[name:sub(#prefix + 1)] = value end
  end
  return state
end

--- Writes a model's weights (trainable and running statistics). `about` is a JSON-able table.
-- true, or nil and a sentence.
function M.save_weights(path, model, about)
  return core_io.save_safetensors(path, model:state(),
    { format = FORMAT, about = core_io.json_encode(about or {}) })
end

--- Reads weights into a model; raises when they do not fit. Returns `about`, or nil and a sentence.
function M.load_weights(path, model)
  local _ <close> = core.scope()
  local state, metadata = core_io.load_safetensors(path)
  if not state then return nil, metadata end
  local about, why = {}, nil
  if metadata.about then about, why = metadata_of.table(path, metadata, "about") end
  if not about then return nil, why end
  model:load(state)
  return about
end

--- Writes the state of a run. true, or nil and a sentence.
function M.save(path, model, optimizer, position)
  local _ <close> = core.scope()
  local state, slots = {}, optimizer:state()
  local steps = slots.steps
  slots.steps = nil
  prefixed(state, "model/", model:state())
  prefixed(state, "optimizer/", slots)
  return core_io.save_safetensors(path, state,
    { format = FORMAT, position = core_io.json_encode(position),
      optimizer_steps = tostring(steps) })
end

--- Reads the position of a run without its weights; or nil and a sentence.
function M.position(path)
  local list, metadata = core_io.safetensors_info(path)
  if not list then return nil, metadata end
  return metadata_of.position(path, metadata)
end

--- Reads weights and the optimizer's state back. true, or nil and a sentence.
function M.load(path, model, optimizer)
  local _ <close> = core.scope()
  local all, metadata = core_io.load_safetensors(path)
  if not all then return nil, metadata end
  local steps, why = metadata_of.natural(path, metadata, "optimizer_steps")
  if not steps then return nil, why end
  return metadata_of.attempt(path, "it does not fit this run", function()
    local slots = with_prefix(all, "optimizer/")
    slots.steps = steps
    model:load(with_prefix(all, "model/"))
    optimizer:load(slots)
    return true
  end)
end

return M
