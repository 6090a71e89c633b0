--- Files of other programs: what the core reads and writes, and what needs models.
local M = {}
for name, value in pairs(require "moonstem.core.io") do M[name] = value end

--- ms.io.load_csv(path, {separator = nil, numbers = false}) -> rows, names; or nil and a message
-- A table of comma- or tab-separated values whose first line names the columns: a list of { name =
-- text }, and the names in order. numbers: cells that are numbers come as numbers. Files without a
-- line of names: ms.data.csv.read.
function M.load_csv(path, options)
  return require("moonstem.io.tables").load(path, options)
end

--- ms.io.save_csv(path, rows, {fields = nil, separator = ",", formulas = false}) -> true, or nil
-- and a message
-- Writes a list of { name = value }, a list of lists or a tensor (row, column), atomically. fields:
-- the names in the order of the columns (all names in alphabetical order); of lists, a first line.
-- Numbers have all their digits. Texts that begin with = + - @ and are no numbers get a ' before
-- them, so that no spreadsheet computes them, unless formulas = true.
function M.save_csv(path, rows, options)
  return require("moonstem.io.tables").save(path, rows, options)
end

--- ms.io.load_torch(path, model, {names = nil, strict = true}) -> model and how many tensors it
-- took; or nil and a message
-- Fills a model from a state dict of PyTorch that safetensors.torch.save_file wrote. Dimensions are
-- put in our order: kernels (out, in, time, frequency) become (time, frequency, in, out), linear
-- weights (out, in) become (in, out); gates and directions of recurrent layers and attention's
-- in_proj are put together. names: what PyTorch calls a part, { ["encoder.1"] = "enc.0" }, which
-- counts for all below, too; the longest name that fits counts, and "" is the top. Or a function of
-- our name of a layer: function(name) return (name:gsub("%d+", function(k) return k - 1 end)) end.
-- num_batches_tracked is not needed. strict: each tensor on either side has its partner. Nothing
-- changes where one is missing, left over or of another size. Raises for a layer that PyTorch lacks
-- (spectral_norm, layers of one's own).
function M.load_torch(path, model, options)
  return require("moonstem.io.torch").load(path, model, options)
end

--- ms.io.save_torch(path, model, {names = nil}) -> true, or nil and a message
-- Writes a model's weights as ms.io.load_torch reads them, for
-- model.load_state_dict(safetensors.torch.load_file(path)) of PyTorch. A layer in two places is
-- written under both names.
function M.save_torch(path, model, options)
  return require("moonstem.io.torch").save(path, model, options)
end

--- ms.io.save_onnx(path, model, {input = model.input, name = nil, labels = nil, metadata = nil}) ->
-- true, or nil and a message
-- Writes what a model computes in evaluation mode as an ONNX file (opset 11, IR version 7) with a
-- batch of any size. input: sizes without the batch. Magnitudes (frames, bins) go in as (batch, 1,
-- frames, bins), anything else as the model takes it; the result is called output. name: of the
-- input, otherwise wave, magnitude or input. The file's metadata_props say which front end the
-- paper's networks expect (rate, window, hop, layout); labels: a list of names, kept there as JSON;
-- metadata: {name = string}, more of them. Of a separator of waves give the U-Net, model.unet.
-- Raises for a model with an operator that cannot be written, and names it.
function M.save_onnx(path, model, options)
  return require("moonstem.io.onnx").save(path, model, options)
end

return M
