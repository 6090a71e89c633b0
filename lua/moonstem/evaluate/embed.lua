--- Features of whole recordings: what a layer of a network gives for each slice.
local core = require "moonstem.tensor"
local options_of = require "moonstem.options"
local slices = require "moonstem.evaluate.slices"

local M = {}

-- One vector of what a layer gave for a batch of one: means over all but the last dimension.
local function vector(y)
  local size = y:size()
  return y:reshape { -1, size[#size] }:mean(1)
end

-- Calls f while `listener` hears of the parts of a model.
local function watching(model, listener, f, ...)
  local stop = model:watch(listener)
  local results = table.pack(pcall(f, ...))
  stop()
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

-- The parts of a model in the order of their results, { name =, shape = }, and its own result.
local function parts_of(model, x)
  local list = {}
  local y = watching(model, function(name, y)
    if type(y) == "userdata" then list[#list + 1] = { name = name, shape = y:shape() } end
  end, model, x)
  return list, y:shape()
end

-- The last part whose result is not the model's: what the classifier gets.
local function before_classifier(model, x)
  local list, shape = parts_of(model, x)
  for k = #list, 1, -1 do
    if list[k].shape ~= shape then return list[k].name end
  end
  error(("embed: %s has no layer before its last one"):format(model.name), 0)
end

local function check_layer(model, x, name)
  local names = {}
  for _, part in ipairs((parts_of(model, x))) do
    if part.name == name then return name end
    names[#names + 1] = part.name
  end
  local near = require "moonstem.core.words".nearest(name, names)
  error(("embed: %s has no layer %s%s"):format(model.name, name,
    near and "; did you mean " .. near .. "?" or "; model:summary() lists them"), 0)
end

-- What the layer gives for an input, as a vector that no scope releases.
local function features_of(model, x, name)
  local found
  watching(model, function(part, y)
    if part == name then found = core.keep(vector(y):clone()) end
  end, model, x)
  return found
end

--- ms.evaluate.embed(model, read, {layer = name}) -> features (slices, width), sound
-- What a layer gives for each half-overlapping slice of a recording; of maps the mean over time and
-- frequency, of tokens the mean over tokens. model and read: as ms.evaluate.listen takes them.
-- layer: a name of model:watch and model:summary without the model's own in front, such as
-- "tail.head.linear.1"; by default what the last layer gets. sound: as listen gives it, and layer =
-- the name. nil and a message as listen; raises where there is no such layer.
function M.embed(model, read, options)
  local o = options_of(options, "embed", { layer = options_of.string })
  local name, rows = nil, {}
  local _ <close> = setmetatable({}, { __close = function()
    for _, row in ipairs(rows) do row:close() end
  end })
  local sound, why = slices.each(model, read, "embed", function(x)
    name = name or o.layer and check_layer(model, x, o.layer) or before_classifier(model, x)
    rows[#rows + 1] = features_of(model, x, name)
  end)
  if not sound then return nil, why end
  sound.layer = name
  return core.ops.stack(rows, 1), sound
end

return M
