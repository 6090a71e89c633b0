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
  local hidden = tail:state()["head.linear.1.weight"]
  options.hidden = options.hidden or hidden and hidden:size(2)
  return options
end

local MEETING = { "adaptation", "mixture", "estimates", "levels", "layers" } -- of U-Net and tail in a tagger

local DESCRIBE = {
  unet = function(m) return copy(m.options) end,
  separator = function(m) return { unet = copy(m.unet.options) } end,
  tail_model = function(m) return { tail = tail_options(m.tail), mixture = m.options.mixture } end,
  tagger = function(m)
    local spec = { unet = copy(m.unet.options), tail = tail_options(m.tail) }
    for _, name in ipairs(MEETING) do spec[name] = m.options[name] end
    return spec
  end,
}

local BUILD = {
  unet = function(o)
    local options = copy(o)
    options.kind = nil
    return ms.models.unet(options)
  end,
  separator = function(o) return ms.models.separator { unet = ms.models.unet(o.unet) } end,
  tail_model = function(o) return ms.models.tail_model { tail = ms.models.tail(o.tail), mixture = o.mixture } end,
  tagger = function(o) -- older files tell the variant alone
    local options = { unet = ms.models.unet(o.unet), tail = o.tail, classes = o.tail.classes, variant = o.variant }
    for _, name in ipairs(MEETING) do options[name] = o[name] end
    return ms.models.tagger(options)
  end,
}

--- { kind = "separator", ... } of a model of ms.models, as it was made: parts that were put in place of others since
-- are not in it. nil for any other object, and for a model without the parts of its kind.
function M.describe(model)
  local kind = type(model) == "table" and model.name
  local known, spec = pcall(DESCRIBE[kind] or error, model)
  if not known then return nil end
  spec.kind = kind
  return spec
end

--- The model of such a table, freshly initialised; nil and a sentence for an unknown kind, or options that fit none.
function M.build(spec)
  local make = BUILD[spec.kind]
  if not make then return nil, ("no model of kind %s is known here"):format(tostring(spec.kind)) end
  local made, model = pcall(make, spec)
  if not made then return nil, ("its description makes no model (%s)"):format(tostring(model)) end
  return model
end

return M
