--- The networks of the paper, composed by name. Each loads on first use.
local strict = require "moonstem.strict"

local modules = {
  unet = "moonstem.models.unet",
  separator = "moonstem.models.separator",
  cnn_tail = "moonstem.models.cnn_tail",
  ast_tail = "moonstem.models.ast_tail",
  tail = "moonstem.models.tail",
  imagenet = "moonstem.models.imagenet",
  ast_adaptation = "moonstem.models.ast_adaptation",
  adaptation = "moonstem.models.adaptation",
  authors = "moonstem.models.authors",
  tail_model = "moonstem.models.tail_model",
  tagger = "moonstem.models.tagger",
}

local function load(_, name)
  return modules[name] and require(modules[name])
end

--- Listing the models loads them all.
local function all(models)
  for name in pairs(modules) do local _ = models[name] end
  return next, models
end

return strict.library(setmetatable({}, { __index = load, __pairs = all }), "ms.models", modules)
