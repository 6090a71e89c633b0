--- moonstem export: a trained network, or its predictions, for other programs.
local front = require("moonstem.audio.frontend").paper
local arguments = require "moonstem.app.arguments"
local predictions = require "moonstem.metrics.predictions"
local sys = require "moonstem.core.sys"
local tables = require "moonstem.evaluate.tables"

local M = { summary = "write a network or its predictions as ONNX, for PyTorch, as CSV or JSON" }

local function parser()
  local p = arguments.parser("export", "Writes the best checkpoint of a run for other programs. "
    .. "X.onnx: the whole network, a separator from the magnitudes of the mixture to its masks, "
    .. "a tagger to its scores before the sigmoid or softmax; which front end it wants, and its "
    .. "labels, stand in the file's metadata. X.safetensors: the weights alone, in the layout of "
    .. "PyTorch's state dicts, under our names. X.csv, X.jsonl: what the run's network said of the "
    .. "clips of the test split, beside the truth.")
  p:argument("model", "folder of a run, or a .safetensors file")
  p:option("-o --out", "file to write: X.onnx, X.safetensors, X.csv or X.jsonl"):count(1)
    :argname "FILE"
  p:option("--frames", "how many frames a U-Net is to take, a multiple of 64 (what it was made "
    .. "for)")
    :argname "N":convert(arguments.whole(1))
  p:option("--define", arguments.DEFINE):argname "FILE"
  p:flag("--force", "write over a file that exists")
  return p
end

local NAMES = "a name that ends in .onnx, .safetensors, .csv or .jsonl is needed"

-- The network that goes into an ONNX file: of a separator its U-Net.
local function core_of(model)
  return model.name == "separator" and model.unet or model
end

local function input_of(model, frames)
  local size = rawget(model, "input")
  if not frames then return size end
  if model.name ~= "unet" then
    return nil, "--frames is for U-Nets: other networks have one size"
  end
  return { frames, size[2] }
end

local SCORES = { tags = "logits; a sigmoid makes probabilities",
  classes = "logits; a softmax makes probabilities" }

local function metadata_of(model, about)
  local masks = model.name == "unet" and "masks from 0 to 1 of the mixture's magnitudes"
  return { ["front_end.rate"] = tostring(front.rate),
    ["output.kind"] = masks or SCORES[about.kind] or "logits" }
end

local function write_onnx(ms, o, model, about)
  model = core_of(model)
  local size, why = input_of(model, o.frames)
  if not size then return nil, why or "this network has no sizes of its own" end
  local ok, saved, problem = pcall(ms.io.save_onnx, o.out, model, { input = size,
    labels = about.classes, metadata = metadata_of(model, about) })
  if not ok then return nil, saved end
  return saved, problem
end

local function write_torch(ms, o, model)
  if o.frames then return nil, "--frames is for ONNX files" end
  return ms.io.save_torch(o.out, model)
end

local WRITERS = { onnx = write_onnx, safetensors = write_torch }

local function export_model(o, ending)
  local ms = require "moonstem"
  local model, about = arguments.load(o, "network", function() return true end)
  if not model then return about end
  local ok, why = WRITERS[ending](ms, o, model, about)
  if not ok then return arguments.fail(why) end
  local bytes = #assert(ms.sys.read_file(o.out))
  print(("%s: %s, %.3g %s"):format(o.out, core_of(model).name, bytes / (bytes < 1e6 and 1e3 or 1e6),
    bytes < 1e6 and "kB" or "MB"))
  return 0
end

-- The predictions that a tagging run left in its folder.
local function export_predictions(o)
  if not sys.exists(o.model .. "/predictions.safetensors") then
    return arguments.fail(("%s holds no predictions.safetensors; finished runs of taggers do, and \z
      moonstem tag --csv writes those of any file"):format(o.model))
  end
  local predicted, why = predictions.read(o.model .. "/predictions.safetensors")
  if not predicted then return arguments.fail(why) end
  local ok
  ok, why = tables.write(o.out, predicted)
  if not ok then return arguments.fail(why) end
  print(("%s: predictions of %d clips"):format(o.out, #predicted.items))
  return 0
end

function M.run(args)
  local o, status = arguments.parse(parser(), args)
  if not o then return status end
  local ending = o.out:match "%.(%w+)$"
  local is_table = ending == "csv" or ending == "jsonl"
  if not is_table and not WRITERS[ending] then return arguments.fail(o.out .. ": " .. NAMES) end
  if sys.exists(o.out) and not o.force then
    return arguments.fail(o.out .. " exists; --force writes over it")
  end
  return (is_table and export_predictions or export_model)(o, ending)
end

return M
