--- The joint model (paper, section 2.A; Table I, rows 2 to 7): U-Net, adaptation module, tail.
-- The tail sees the separated sources and the mixture as channels (estimates first, mixture last).
local net = require "moonstem.net"
local options_of = require "moonstem.options"
local mel = require "moonstem.models.mel"
local adaptation = require "moonstem.models.adaptation"
local ast_adaptation = require "moonstem.models.ast_adaptation"
local fusion_points = require "moonstem.models.parts.fusion_points"
local tail_of = require "moonstem.models.tail"

local FORM = options_of.choice("log_mel", "mel_of_log")

--- What a variant chooses where single options do not say (recipes/paper.md#front-end,
-- #the-cnn-tail, #adaptation-of-the-cnn).
local VARIANTS = {
  paper = { adaptation = "sum", mixture = "log_mel" },
  authors = { adaptation = "concat", mixture = "mel_of_log",
    widths = { 64, 128, 128, 128, 128, 128, 256 } },
}

--- The options with what they leave out.
local function complete(o)
  local variant = VARIANTS[o.variant]
  net.expect(o.unet, "tagger", "unet", "a U-Net, as ms.models.unet{} makes")
  if o.tail ~= nil and type(o.tail) ~= "table" then
    error("tagger: tail must be the options of a tail, or a tail, got " .. type(o.tail), 4)
  end
  local made = o.tail and o.tail.options and o.tail
  local tail = made and made.options or o.tail or {}
  if tail.kind == "ast" and o.variant == "authors" then
    error("tagger: the authors' variant has a CNN tail only", 4)
  end
  if made and o.classes and o.classes ~= tail.classes then
    local text = "tagger: classes is %d, but the tail that is given has %d"
    error(text:format(o.classes, tail.classes), 4)
  end
  local kind = o.adaptation or variant.adaptation
  if tail.kind == "ast" and kind ~= "sum" then
    error("tagger: maps are added to an AST's tokens, not concatenated", 4)
  end
  return { made = made, tail = tail, adaptation = kind, widths = variant.widths,
    mixture = o.mixture or variant.mixture, estimates = o.estimates or "log_mel",
    met = fusion_points.of(o.unet, tail, o.levels, o.layers) }
end

--- A tail from its options, with the channels that this model feeds it.
local function make_tail(o, full)
  local t = { classes = o.classes, channels = o.unet.options.sources + 1, seed = o.seed }
  for key, value in pairs(full.tail) do t[key] = value end
  if t.kind ~= "ast" then t.widths = t.widths or full.widths end
  if full.adaptation == "concat" then
    t.extra_channels = {}
    for k = 1, math.max(0, table.unpack(full.met.parts)) do t.extra_channels[k] = 0 end
    for j, channels in ipairs(full.met.channels) do
      t.extra_channels[full.met.parts[j]] = channels
    end
  end
  return tail_of(t)
end

local function make_adaptation(full, tail, seed)
  local met = full.met
  if tail.kind == "ast" then
    return ast_adaptation { maps = met.channels, dim = tail.dim, layers = met.parts,
      scales = met.scales, seed = seed }
  end
  return adaptation { maps = met.channels, widths = tail.widths, blocks = met.parts,
    kind = full.adaptation, seed = seed }
end

--- What the options leave out, for those who make the model again: the tail itself, and how it
-- meets the U-Net.
local function finalize(o, full, tail)
  o.tail, o.classes, o.variant = tail, tail.options.classes, nil
  o.adaptation, o.mixture, o.estimates = full.adaptation, full.mixture, full.estimates
  o.levels, o.layers = full.met.levels, tail.options.kind == "ast" and full.met.parts or nil
end

--- The estimates' planes: mask s times the magnitude, as log-mel or in another form.
local function planes_of(magnitude, mask, form)
  local s, planes = mask:size(), {}
  for k = 1, s[4] do
    local one = s[4] == 1 and mask or mask:slice(4, k, k)
    planes[k] = form(one:reshape { s[1], s[2], s[3] } * magnitude)
  end
  return planes
end

--- ms.models.tagger{unet = a U-Net, tail = options or a tail, classes = 50, variant = "paper",
--   adaptation = "sum", mixture = "log_mel", estimates = "log_mel", levels = {5, 4, 3, 2, 1},
--   layers = {3, 5, 7, 9, 11}, seed = 0}
-- m(magnitude): (batch, frames, 256) -> logits (batch, classes).
-- tail: of either kind; as options, {kind = "ast", ...} makes an AST, anything else a CNN.
-- adaptation: "sum" (paper) or "concat" (authors' code) of the decoder's maps, of a CNN; an AST's
-- are added.
-- mixture, estimates: "log_mel", the logarithm of the mel spectrum, or "mel_of_log", the mel of the
-- logarithm (as the paper words it; the authors' code does so to the mixture's channel alone).
-- levels: decoder blocks whose maps meet the tail, 1 the coarsest. A CNN's block takes the level of
-- its own time resolution; an AST takes them, {6, 5, 4, 3, 2} by default, in this order at the
-- inputs of `layers`.
-- variant = "authors": adaptation = "concat", mixture = "mel_of_log" and a tail whose block 2 has
-- 128 channels; single options go before it (recipes/paper.md#front-end, #the-cnn-tail,
-- #adaptation-of-the-cnn; recipes/differences.md).
return net.define { name = "tagger", options = { unet = false, tail = false,
  classes = options_of.count, variant = options_of.choice("paper", "authors") "paper",
  adaptation = options_of.choice("sum", "concat"), mixture = FORM, estimates = FORM,
  levels = false, layers = false, seed = options_of.whole }, build = function(o)
  local full = complete(o)
  local tail = full.made or make_tail(o, full)
  finalize(o, full, tail)
  local level_of = {}
  for j, part in ipairs(full.met.parts) do level_of[part] = full.met.levels[j] end
  return net.module {
    name = "tagger",
    order = { "unet", "adapt", "tail" },
    input = { tail.options.frames, 256 },
    unet = o.unet,
    adapt = make_adaptation(full, tail.options, o.seed),
    tail = tail,
    forward = function(self, magnitude)
      mel.check(magnitude)
      local mask, decoded = self.unet(magnitude)
      local planes = planes_of(magnitude, mask, mel[full.estimates])
      planes[#planes + 1] = mel[full.mixture](magnitude)
      return self.tail(mel.image(planes), function(k, x)
        local level = level_of[k]
        return level and self.adapt(k, x, decoded[level]) or x
      end)
    end,
  }
end }
