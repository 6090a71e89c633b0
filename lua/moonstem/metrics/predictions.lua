--- What a model said of the clips of a split, beside the truth, as a file: metrics and their
-- intervals can be computed from it at any time, without the model and the sound.
-- A safetensors file with `scores` (clips, classes), probabilities, and `truths`: (clips, classes)
-- of 0 and 1 for tags, (clips) of class numbers from 1 for genres. Metadata `about`: JSON { kind =,
-- classes = names, items = ids of clips }.
local core_io = require "moonstem.core.io"
local core = require "moonstem.core.tensor"

local M = {}

local FORMAT = "moonstem predictions 1"

--- Writes what ms.evaluate.predict returned for a data set ({ scores =, truths =, items = }).
-- Numbers become float32. true, or nil and a message.
function M.write(path, predicted, dataset)
  if #predicted.items == 0 then return nil, path .. " is not written: there are no predictions" end
  local _ <close> = core.scope()
  local ids = {}
  for i, item in ipairs(predicted.items) do ids[i] = item.id end
  return core_io.save_safetensors(path,
    { scores = core.tensor(predicted.scores), truths = core.tensor(predicted.truths) },
    { format = FORMAT,
      about = core_io.json_encode { kind = dataset.kind, classes = dataset.classes, items = ids } })
end

local function sizes(tensor)
  return table.concat(tensor:size(), "x")
end

-- What the shapes of the file must be, as its metadata tells.
local function check(path, about, tensors)
  local clips, classes = #about.items, #about.classes
  local wanted = { scores = ("%dx%d"):format(clips, classes),
                   truths = about.kind == "tags" and ("%dx%d"):format(clips, classes)
                     or tostring(clips) }
  for _, name in ipairs { "scores", "truths" } do
    if sizes(tensors[name]) ~= wanted[name] then
      return nil, ("%s: %s are %s, but its %d clips and %d classes make %s")
        :format(path, name, sizes(tensors[name]), clips, classes, wanted[name])
    end
  end
  return true
end

--- Reads such a file: { kind = "tags" or "genres", classes = names, items = ids of clips, scores =
-- list of lists of probabilities, truths = list (lists of 0 and 1, or class numbers) }, rows in the
-- order of items; or nil and a message.
function M.read(path)
  local _ <close> = core.scope()
  local tensors, metadata = core_io.load_safetensors(path)
  if not tensors then return nil, metadata end
  local about = metadata.format == FORMAT and core_io.json_decode(metadata.about or "")
  if not about or not about.items or not about.classes or not tensors.scores
    or not tensors.truths then
    return nil, path .. " holds no predictions of clips"
  end
  local ok, why = check(path, about, tensors)
  if not ok then return nil, why end
  local truths = tensors.truths:totable()
  if about.kind == "genres" then
    for i, class in ipairs(truths) do truths[i] = math.tointeger(class) end
  end
  return { kind = about.kind, classes = about.classes, items = about.items,
    scores = tensors.scores:totable(),
           truths = truths }
end

return M
