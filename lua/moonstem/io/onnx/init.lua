--- Networks as ONNX files: what one call computes, operator by operator, with the batch left open.
local core = require "moonstem.core.tensor"
local files = require "moonstem.core.io"
local front = require("moonstem.audio.frontend").paper
local graph = require "moonstem.io.onnx.graph"
local messages = require "moonstem.io.onnx.messages"
local operators = require "moonstem.io.onnx.operators"
local options_of = require "moonstem.options"
local parts = require "moonstem.net.parts"
local protobuf = require "moonstem.io.protobuf"
local recording = require "moonstem.io.onnx.recording"
local sys = require "moonstem.core.sys"

local M = {}

local FLOAT, IR, OPSET = 1, 7, 11
local MOST = (1 << 31) - 1 -- bytes of a protocol buffer

local OPTIONS = { input = options_of.table, name = options_of.string, labels = options_of.table,
  metadata = options_of.table }

local function refuse(text, ...) error(("save_onnx: " .. text):format(...), 0) end

-- ---- the graph ----------------------------------------------------------------------------------
-- What the input is called by how many sizes it has without the batch.
local NAMES = { "wave", "magnitude" }

-- Sizes of the file's input: magnitudes (frames, bins) have a channel before them, because some
-- programs take what has three dimensions for a picture.
local function sizes_of(size)
  return #size == 2 and { 1, size[1], size[2] } or size
end

local function place_input(g, value, name, size)
  value.last = name
  if #size == 2 then
    value.last = g:add("Reshape", { name, g:integers { -1, size[1], size[2] } })
  end
end

-- Whether an argument may differ with the batch: shapes are known from the results, and packed
-- results of recurrent layers are cut by what they hold.
local function follows_batch(row, x)
  return row.op == "reshape" or row.op == "expand" or row.op == "slice" and x.parts ~= nil
end

local function lower(g, values, row)
  local write = operators[row.op]
  if not write then
    local of_waves = row.op == "stft" or row.op == "magnitude"
    refuse("the operator %s cannot be written%s", row.op, of_waves
      and ": write the separator's U-Net, model.unet, which takes magnitudes" or "")
  end
  local inputs = {}
  for k, id in ipairs(row.inputs) do inputs[k] = values[id] end
  if row.differs and not follows_batch(row, inputs[1]) then
    refuse("%s of %s depends on the input", row.differs, row.op)
  end
  write(g, row, inputs, values[row.output])
end

local function value_info(name, sizes)
  local dims = { { dim_param = "batch" } }
  for k, n in ipairs(sizes) do dims[k + 1] = { dim_value = n } end
  return { name = name, type = { tensor_type = { elem_type = FLOAT, shape = { dim = dims } } } }
end

local function output_sizes(value)
  local sizes = {}
  for d = 2, #value.dims do sizes[d - 1] = value.dims[d][1] end
  return sizes
end

local function graph_of(model, size, name)
  local r = recording.of(model, size)
  local g = graph.new(name)
  place_input(g, r.input, name, size)
  for _, row in ipairs(r.rows) do lower(g, r.values, row) end
  local last = g:last(r.result)
  g.nodes[#g.nodes + 1] = { op_type = "Identity", name = "output", input = { last },
    output = { "output" } }
  return { node = g.nodes, name = model.name, initializer = g.initializers,
    input = { value_info(name, sizes_of(size)) },
    output = { value_info("output", output_sizes(r.result)) } }
end

-- ---- the file -----------------------------------------------------------------------------------
-- The front end of models that take magnitudes of the paper's number of bins.
local PAPER = {
  ["front_end.kind"] = "magnitude of the short-time Fourier transform",
  ["front_end.rate"] = front.rate, ["front_end.window"] = front.window,
  ["front_end.window_kind"] = "hann, periodic", ["front_end.hop"] = front.hop,
  ["front_end.scale"] = "none: a constant 1 gives half the window's length at 0 Hz",
  ["front_end.bins"] = front.window // 2, ["front_end.centred"] = "false",
  ["front_end.layout"] = "batch, 1, frame, bin; bins from 0 Hz on, without that of rate / 2",
}

local function front_end(size)
  if #size == 2 and size[2] == front.window // 2 then return PAPER end
  return #size == 1 and { ["front_end.kind"] = "none: samples from -1 to 1" } or {}
end

local function entries(all)
  local list = {}
  for key, value in pairs(all) do list[#list + 1] = { key = key, value = tostring(value) } end
  table.sort(list, function(a, b) return a.key < b.key end)
  return list
end

local function metadata(model, size, o)
  local all = { ["moonstem.network"] = model.name, ["moonstem.version"] = sys.version }
  for key, value in pairs(front_end(size)) do all[key] = value end
  if o.labels then all.labels = files.json_encode(files.list(o.labels)) end
  for key, value in pairs(o.metadata or {}) do
    if type(key) ~= "string" or type(value) ~= "string" then
      refuse "metadata is { name = string }"
    end
    all[key] = value
  end
  return entries(all)
end

local function input_of(model, o)
  local size = o.input or rawget(model, "input")
  if not size then
    refuse("say for which input, such as { input = { 384, 256 } }; %s has no sizes of its own",
      model.name)
  end
  for _, n in ipairs(size) do
    if math.type(n) ~= "integer" or n < 1 then
      refuse "input must be a list of sizes without the batch, such as { 384, 256 }"
    end
  end
  if o.name == "output" then refuse "the input cannot be called output" end
  return size, o.name or NAMES[#size] or "input"
end

local function bytes_of(model)
  local count, other = model:count()
  return 4 * (count + other)
end

--- onnx.model(model, options) -> the bytes of the file
function M.model(model, options)
  local o = options_of(options, "save_onnx", OPTIONS)
  if not parts.is_module(model) then refuse("a model is expected, got %s", type(model)) end
  if core.machine().real ~= "f32" then refuse "moonstem-double cannot write ONNX files" end
  if bytes_of(model) > MOST then refuse "ONNX files hold 2 GiB, and the model is larger" end
  local size, name = input_of(model, o)
  local _ <close> = core.scope()
  local built = model:evaluating(function()
    return core.no_grad(function() return graph_of(model, size, name) end)
  end)
  return protobuf.encode(messages, "Model", { ir_version = IR, producer_name = "moonstem",
    producer_version = sys.version, graph = built,
    opset_import = { { domain = "", version = OPSET } },
    metadata_props = metadata(model, size, o) })
end

function M.save(path, model, options)
  return sys.write_file(path, M.model(model, options))
end

return M
