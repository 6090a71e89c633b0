--- What a model is, as a JSON-able table, and the model built again from it: checkpoints carry it.
local ms = require "moonstem"

local M = {}

local function copy(options)
  local new = {}
  for key, value in pairs(options) do new[key] = value end
  return new
end

-- Options of a tail, of a CNN with the hidden width read off its weights when its options do not tell it.
local function tail_options(tail)
  local options = copy(tail.options)
  if options.kind == "ast" then return options end
  options.hidden = options.hidden or tail:state()["head.linear.1.weight"]:size(2)
  return options
end

-- The authors' variant concatenates, so its adaptation module has no weights.
local function variant_of(tagger)
  if tagger.tail.options.kind == "ast" then return "paper" end
  return tagger.adapt and #tagger.adapt:parameters() > 0 and "paper" or "authors"
end

local DESCRIBE = {
  unet = function(m) return copy(m.options) end,
  separator = function(m) return { unet = copy(m.unet.options) } end,
  tail_model = function(m) return { tail = tail_options(m.tail) } end,
  tagger = function(m)
    return { unet = copy(m.unet.options), tail = tail_options(m.tail), variant = variant_of(m) }
  end,
}

local BUILD = {
  unet = function(o) return ms.models.unet(o) end,
  separator = function(o) return ms.models.separator { unet = ms.models.unet(o.unet) } end,
  tail_model = function(o) return ms.models.tail_model { tail = ms.models.tail(o.tail) } end,
  tagger = function(o)
    return ms.models.tagger { unet = ms.models.unet(o.unet), tail = o.tail, classes = o.tail.classes,
                              variant = o.variant }
  end,
}

--- { kind = "separator", ... } of a model of ms.models; nil for any other object.
function M.describe(model)
  local kind = type(model) == "table" and model.name
  if not DESCRIBE[kind] then return nil end
  local spec = DESCRIBE[kind](model)
  spec.kind = kind
  return spec
end

--- The model of such a table, freshly initialised; nil and a sentence for an unknown kind.
function M.build(spec)
  local make = BUILD[spec.kind]
  if not make then return nil, ("no model of kind %s is known here"):format(tostring(spec.kind)) end
  return make(spec)
end

return M
