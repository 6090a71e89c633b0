--- The networks of the paper, composed by name. Each loads on first use.
local modules = {
  unet = "moonstem.models.unet",
  separator = "moonstem.models.separator",
  cnn_tail = "moonstem.models.cnn_tail",
  adaptation = "moonstem.models.adaptation",
  tail_model = "moonstem.models.tail_model",
  tagger = "moonstem.models.tagger",
}

return setmetatable({}, { __index = function(self, name)
  if not modules[name] then return nil end
  local make = require(modules[name])
  rawset(self, name, make)
  return make
end })
