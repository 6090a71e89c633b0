--- The joint model (paper, section 3; Table I, rows 2 to 7): U-Net, adaptation module, tail.
-- The tail sees the separated sources and the mixture as channels (estimates first, mixture last).
local core = require "moonstem.core.tensor"
local net = require "moonstem.net"
local mel = require "moonstem.models.mel"
local adaptation = require "moonstem.models.adaptation"
local ast_adaptation = require "moonstem.models.ast_adaptation"
local tail_of = require "moonstem.models.tail"

local LEVELS = 5 -- decoder maps that meet the tail
local AUTHORS_WIDTHS = { 64, 128, 128, 128, 128, 128, 256 }

--- How each kind of tail meets the decoder. first: the finest map that does (1: full resolution), count: how many
-- from there, map: which one joins the input of part k, adaptation: the module in between.
local MEETINGS = {
  cnn = {
    first = 2,
    count = function(widths) return math.min(LEVELS, #widths - 1) end,
    map = function(k) return k end,
    adaptation = function(maps, o)
      return adaptation { maps = maps, widths = o.tail.widths, variant = o.variant, seed = o.seed }
    end,
  },
  ast = { -- every second layer
    first = 1,
    count = function(widths, tail) return math.max(0, math.min(LEVELS, #widths, (tail.depth or 12) // 2 - 1)) end,
    map = function(k) return k % 2 == 1 and k // 2 end,
    adaptation = function(maps, o) return ast_adaptation { maps = maps, dim = o.tail.dim, seed = o.seed } end,
  },
}

--- Channels of the decoder maps that meet the tail, fine to coarse.
local function map_channels(meeting, unet, tail)
  local list, widths = {}, unet.options.widths
  for j = 1, meeting.count(widths, tail) do list[j] = widths[meeting.first + j - 1] end
  return list
end

--- A tail from its options, with the channels that this model feeds it.
local function make_tail(o, sources, maps)
  local t = { classes = o.classes, channels = sources + 1, seed = o.seed }
  for key, value in pairs(o.tail or {}) do t[key] = value end
  if o.variant == "authors" then
    t.widths = t.widths or AUTHORS_WIDTHS
    t.beside = {}
    for j, channels in ipairs(maps) do t.beside[j + 1] = channels end
  end
  return tail_of(t)
end

--- The estimates' planes: mask s times the magnitude, as log-mel.
local function estimates(magnitude, mask)
  local s, planes = mask:size(), {}
  for k = 1, s[4] do
    local one = s[4] == 1 and mask or mask:slice(4, k, k)
    planes[k] = mel.log_mel(one:reshape { s[1], s[2], s[3] } * magnitude)
  end
  return planes
end

--- ms.models.tagger{unet = a U-Net, tail = options or a tail, classes = 50, variant = "paper", seed = 0}
-- m(magnitude): (batch, frames, 256) -> logits (batch, classes).
-- tail: of either kind; as options, {kind = "ast", ...} makes an AST, anything else a CNN.
-- variant = "authors": decoder maps are concatenated instead of summed, block 2 has 128 channels,
-- and the mixture's channel is the mel of the logarithm (facts, sections 1, 3.1, 3.2).
return function(o)
  o = o or {}
  core.options(o, "tagger", { "unet", "tail", "classes", "variant", "seed" })
  if o.variant and o.variant ~= "paper" and o.variant ~= "authors" then
    error('tagger: variant must be "paper" or "authors", got ' .. tostring(o.variant), 2)
  end
  net.expect(o.unet, "tagger", "unet", "a U-Net, as ms.models.unet{} makes")
  if o.tail ~= nil and type(o.tail) ~= "table" then
    error("tagger: tail must be the options of a tail, or a tail, got " .. type(o.tail), 2)
  end
  local made = o.tail and o.tail.options and o.tail
  local options = made and made.options or o.tail or {}
  local meeting = MEETINGS[options.kind or "cnn"] or MEETINGS.cnn
  local authors, maps = o.variant == "authors", map_channels(meeting, o.unet, options)
  if authors and meeting ~= MEETINGS.cnn then error("tagger: the authors' variant has a CNN tail only", 2) end
  local tail = made or make_tail(o, o.unet.options.sources, maps)
  local model = net.module {
    name = "tagger",
    order = { "unet", "adapt", "tail" },
    input = { tail.options.frames, 256 },
    options = tail.options,
    unet = o.unet,
    adapt = meeting.adaptation(maps, { tail = tail.options, variant = o.variant, seed = o.seed }),
    tail = tail,
    forward = function(self, magnitude)
      mel.check(magnitude)
      local mask, decoded = self.unet(magnitude)
      local planes = estimates(magnitude, mask)
      planes[#planes + 1] = (authors and mel.mel_of_log or mel.log_mel)(magnitude)
      return self.tail(mel.image(planes), function(k, x)
        local level = meeting.map(k)
        if not level or level >= meeting.first + #maps then return x end
        return self.adapt(k, x, decoded[#decoded + 1 - level])
      end)
    end,
  }
  return model
end
