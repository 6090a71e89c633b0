--- The weights that the Python package musicnn 0.1.0 carries (Pons and Serra 2019; ISC licence), in
-- our models: folders MTT_musicnn and MTT_vgg (MagnaTagATune), MSD_musicnn and MSD_vgg (Million
-- Song Dataset), each a checkpoint of TensorFlow 1 whose files are named .index and .data-...
-- Layouts agree but for one: its convolutions over whole frames are two-dimensional, kernel
-- (time, channels, 1, out); ours one-dimensional, (time, channels, out).
local files = require "moonstem.core.io"
local options_of = require "moonstem.options"
local sys = require "moonstem.sys"

local M = {}

--- The 50 tags of each collection in the order of its outputs.
local TAGS = {
  MTT = { "guitar", "classical", "slow", "techno", "strings", "drums", "electronic", "rock", "fast",
    "piano", "ambient", "beat", "violin", "vocal", "synth", "female", "indian", "opera", "male",
    "singing", "vocals", "no vocals", "harpsichord", "loud", "quiet", "flute", "woman",
    "male vocal", "no vocal", "pop", "soft", "sitar", "solo", "man", "classic", "choir", "voice",
    "new age", "dance", "male voice", "female vocal", "beats", "harp", "cello", "no voice", "weird",
    "country", "metal", "female voice", "choral" },
  MSD = { "rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s",
    "alternative rock", "jazz", "beautiful", "metal", "chillout", "male vocalists", "classic rock",
    "soul", "indie rock", "Mellow", "electronica", "80s", "folk", "90s", "chill", "instrumental",
    "punk", "oldies", "blues", "hard rock", "ambient", "acoustic", "experimental",
    "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country", "easy listening", "sexy",
    "catchy", "funk", "electro", "heavy metal", "Progressive rock", "60s", "rnb", "indie pop",
    "sad", "House", "happy" },
}

local NORM = { gamma = "weight", beta = "bias", moving_mean = "running_mean",
  moving_variance = "running_var" }
local PLAIN = { kernel = "weight", bias = "bias" }

--- Our layers in the order in which the checkpoints number theirs, by kind.
local MUSICNN = {
  batch_normalization = { "norm", "front.1.norm", "front.2.norm", "front.3.norm", "front.4.norm",
    "front.5.norm", "middle.1.norm", "middle.2.norm", "middle.3.norm", "head.norm.1",
    "head.norm.2" },
  conv2d = { "front.1.conv", "front.2.conv", "front.3.conv", "front.4.conv", "front.5.conv",
    "middle.1.conv", "middle.2.conv", "middle.3.conv" },
  dense = { "head.linear.1", "head.linear.2" },
}
local VGG = {
  batch_normalization = { "norm", "block.1.norm", "block.2.norm", "block.3.norm", "block.4.norm",
    "block.5.norm" },
  CNN = { "block.1.conv", "block.2.conv", "block.3.conv", "block.4.conv", "block.5.conv" },
  dense = { "linear" },
}

-- Their name of layer k of a kind: batch_normalization, batch_normalization_1, ...; 1CNN, 2CNN, ...
local function name_of(kind, k)
  if kind == "CNN" then return k .. kind end
  return k == 1 and kind or ("%s_%d"):format(kind, k - 1)
end

-- Copies the tensor of their name into ours. nil and a message where it does not fit.
local function put(tensors, name, value, path)
  local from = tensors[name]
  if not from then return nil, ("%s is not there, which %s needs"):format(name, path) end
  if from:count() ~= value:count() then
    return nil, ("%s is %s, %s is %s"):format(name, from:shape(), path, value:shape())
  end
  value:copy(from:reshape(value:size()))
  return true
end

local function fill(model, layers, tensors)
  local state = model:state()
  for kind, list in pairs(layers) do
    for k, path in ipairs(list) do
      for theirs, ours in pairs(kind == "batch_normalization" and NORM or PLAIN) do
        local whole = path .. "." .. ours
        local ok, why = put(tensors, name_of(kind, k) .. "/" .. theirs, state[whole], whole)
        if not ok then return nil, why end
      end
    end
  end
  return true
end

--- Whether a folder looks like one of the package's.
function M.is_folder(dir) return sys.exists(dir .. "/.index") end

--- ms.models.musicnn_weights.load(dir, {half_precision = false}) -> model, about; nil and a message
-- dir: one of the package's folders, by its name. about: { classes = its 50 tags, kind = "tags" }.
-- half_precision: as ms.models.musicnn's, to get the very numbers of the package.
function M.load(dir, options)
  local o = options_of(options, "musicnn_weights.load", { half_precision = false })
  local tensors, why = files.load_tensorflow(dir .. "/")
  if not tensors then return nil, why end
  local collection = dir:gsub("/+$", ""):match "([^/_]+)_[^/]*$"
  if not TAGS[collection] then
    return nil, dir .. ": the folder's name must begin with MTT_ or MSD_, which says its tags"
  end
  local is_vgg = tensors["1CNN/kernel"] ~= nil
  local make = require("moonstem.models.taggers." .. (is_vgg and "musicnn_vgg" or "musicnn"))
  local model = make { half_precision = o.half_precision }
  local ok
  ok, why = fill(model, is_vgg and VGG or MUSICNN, tensors)
  if not ok then return nil, dir .. ": " .. why end
  return model:eval(), { classes = TAGS[collection], kind = "tags" }
end

return M
