--- Weights that the paper's authors released (TensorFlow checkpoints of their first version) in our
-- models.
-- Their layers go by number, layer_with_weights-0 onwards in the order of the network
-- (recipes/paper.md#the-released-weights), ours by name. Layouts agree: convolutions (time,
-- frequency, in, out), dense kernels (in, out) over maps flattened as (time, frequency, channel);
-- but for the transposed convolutions, which they keep as (time, frequency, out, in) and we as
-- (time, frequency, in, out).
local files = require "moonstem.core.io"
local net = require "moonstem.net"

local authors = {}

--- Our tensors of a layer by their attributes there, in the order that errors are looked for.
local PLAIN = { { "kernel", "weight" }, { "bias", "bias" } }
local NORM = { { "gamma", "weight" }, { "beta", "bias" }, { "moving_mean", "running_mean" },
  { "moving_variance", "running_var" } }
local TRANSPOSED = { 1, 2, 4, 3 }

-- ---- the order of the layers --------------------------------------------------------------------
local function add(list, prefix, ...)
  for _, name in ipairs { ... } do list[#list + 1] = prefix .. name end
end

--- Encoder and decoder blocks by level, then the block at full resolution: 0..58 with six levels.
local function unet_layers(list, unet, prefix)
  for k in ipairs(unet.options.widths) do
    add(list, ("%sencoder.%d."):format(prefix, k), "norm.1", "conv.1", "norm.2", "conv.2")
  end
  for k in ipairs(unet.options.widths) do
    add(list, ("%sdecoder.%d."):format(prefix, k), "up", "norm.1", "conv.1", "norm.2", "conv.2")
  end
  add(list, prefix .. "final.", "norm.1", "conv.1", "norm.2", "conv.2", "mask")
end

--- Blocks, then the head: 31 layers with seven blocks.
local function tail_layers(list, tail, prefix)
  for k in ipairs(tail.options.widths) do
    add(list, ("%sblock.%d."):format(prefix, k), "conv.1", "norm.1", "conv.2", "norm.2")
  end
  add(list, prefix .. "head.", "linear.1", "norm", "linear.2")
end

local orders = {
  unet = function(list, model) unet_layers(list, model, "") end,
  tail = function(list, model) tail_layers(list, model, "") end,
  separator = function(list, model) unet_layers(list, model.unet, "unet.") end,
  tail_only = function(list, model) tail_layers(list, model.tail, "tail.") end,
  tagger = function(list, model)
    unet_layers(list, model.unet, "unet.")
    tail_layers(list, model.tail, "tail.")
  end,
}

local function row_of(layer, path, field, value)
  local row = { layer = layer, path = path, field = field, value = value, size = value:size() }
  if path:find "%.up$" and field == "kernel" then
    row.turn = TRANSPOSED
    row.size[3], row.size[4] = row.size[4], row.size[3]
  end
  return row
end

--- Our tensors in the authors' order: rows {layer = k, path =, field =, value =, size = in their
-- layout, turn = an order of dimensions or nil}; or nil and the name of a tensor that has no place
-- there.
local function rows_of(model, layers)
  local state, rows = model:state(), {}
  for k, path in ipairs(layers) do
    for _, f in ipairs(path:find "norm" and NORM or PLAIN) do
      local name = path .. "." .. f[2]
      rows[#rows + 1] = row_of(k - 1, path, f[1], state[name])
      state[name] = nil
    end
  end
  local left = {}
  for name in pairs(state) do left[#left + 1] = name end
  table.sort(left)
  return #left == 0 and rows or nil, left[1]
end

-- ---- the checkpoint -----------------------------------------------------------------------------
local function name_of(row)
  return ("layer_with_weights-%d/%s/.ATTRIBUTES/VARIABLE_VALUE"):format(row.layer, row.field)
end

--- Entries of the network's layers by name (neither the optimizer's nor counters), and how many
-- layers.
local function network_entries(list)
  local entries, layers = {}, 0
  for _, e in ipairs(list) do
    local k = e.name:match "^layer_with_weights%-(%d+)/[%w_]+/%.ATTRIBUTES/VARIABLE_VALUE$"
    if k then
      entries[e.name] = e
      layers = math.max(layers, tonumber(k) + 1)
    end
  end
  return entries, layers
end

local function shape_text(sizes)
  return #sizes == 0 and "a number" or table.concat(sizes, "x")
end

local function mismatch(row, entry)
  local where = ("layer %d (%s)"):format(row.layer, row.path)
  if not entry then return ("%s: the checkpoint has no %s"):format(where, row.field) end
  local there, here = shape_text(entry.shape), shape_text(row.size)
  if there ~= here then
    return ("%s: %s is %s in the checkpoint but %s in the model"):format(where, row.field, there,
      here)
  end
  if not entry.dtype:find "float" then
    return ("%s: %s is %s"):format(where, row.field, entry.dtype)
  end
end

--- The rows of the model if every one has its partner in the checkpoint, and the other way round.
local function matched(model, prefix)
  local layers = {}
  local order = net.is_module(model) and orders[model.name]
  if not order then
    error("authors: a U-Net, separator, tail, tail_only or tagger is expected", 3)
  end
  order(layers, model)
  local rows, extra = rows_of(model, layers)
  if not rows then
    return nil, ('the authors have no %s: tagger { variant = "authors" } is theirs'):format(extra)
  end
  local list, why = files.tensorflow_info(prefix)
  if not list then return nil, why end
  local entries, count = network_entries(list)
  if count ~= #layers then
    return nil, ("%s: the checkpoint has %d layers with weights but the %s has %d")
      :format(prefix, count, model.name, #layers)
  end
  for _, row in ipairs(rows) do
    why = mismatch(row, entries[name_of(row)])
    if why then return nil, prefix .. ": " .. why end
    entries[name_of(row)] = nil
  end
  local left = next(entries)
  if left then return nil, ("%s: %s has no place in the %s"):format(prefix, left, model.name) end
  return rows
end

--- ms.models.authors.check(model, prefix) -> true, or nil and a message
-- Whether every layer of the model has its partner of the same shape in PREFIX.index; the data may
-- be elsewhere.
function authors.check(model, prefix)
  local rows, why = matched(model, prefix)
  return rows and true, why
end

--- ms.models.authors.load(model, prefix) -> the model, or nil and a message
-- Fills a separator, tail_only, tagger { variant = "authors" }, U-Net or tail from the checkpoint
-- PREFIX.index and its data, statistics of the batch norms included. A model that differs in any
-- layer is refused and stays as it was. What shapes do not show: the authors' separator of four
-- sources (vocals, other, drums, bass) was trained with pool = "avg".
function authors.load(model, prefix)
  local rows, why = matched(model, prefix)
  if not rows then return nil, why end
  local tensors
  tensors, why = files.load_tensorflow(prefix)
  if not tensors then return nil, why end
  for _, row in ipairs(rows) do
    local t = tensors[name_of(row)]
    row.value:copy(row.turn and t:permute(row.turn) or t)
  end
  return model
end

return authors
