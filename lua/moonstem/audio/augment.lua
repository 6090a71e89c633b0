--- Augmentation as a list of effects (ms.audio.augment): of waves, spectrograms and batches.
local core = require "moonstem.core.tensor"
local frames = require "moonstem.audio.feature.frames"
local batches = require "moonstem.audio.augment.batches"
local options_of = require "moonstem.options"
local ranges = require "moonstem.audio.augment.ranges"
local sources = require "moonstem.audio.augment.source"
local strict = require "moonstem.strict"
local waves = require "moonstem.audio.augment.waves"
local words = require "moonstem.core.words"

local Augment = {}
Augment.__index = Augment
Augment.__name = "moonstem.augment"

-- Effects by name, and the stage at which each works.
local EFFECTS, STAGES = {}, {}
for stage, list in pairs { wave = waves, spectra = batches.spectra, mix = batches.mixes } do
  for name, effect in pairs(list) do EFFECTS[name], STAGES[name] = effect, stage end
end

-- What an entry of that effect may say.
local function known_of(effect)
  local known = { p = options_of.share(effect.p or 1) }
  for name, kind in pairs(effect.options or {}) do known[name] = kind end
  for name in pairs(effect.ranges or {}) do known[name] = options_of.any end
  return known
end

-- The options of which one number is drawn for every clip, in a fixed order.
local function fields_of(effect)
  local fields = {}
  for field in pairs(effect.ranges or {}) do
    if not (effect.whole and effect.whole[field]) then fields[#fields + 1] = field end
  end
  table.sort(fields)
  return fields
end

-- Entry k of the list, checked.
local function entry_of(given, k)
  if type(given) ~= "table" or type(given[1]) ~= "string" then
    error(('augment: entry %d must be { "name", option = value }'):format(k), 0)
  end
  local effect, name = EFFECTS[given[1]], given[1]
  if not effect then
    error(("augment: there is no effect %s%s"):format(name, words.hint(name, EFFECTS)), 0)
  end
  local own = {}
  for key, value in pairs(given) do if key ~= 1 then own[key] = value end end
  local who = "augment: " .. name
  local o = options_of(own, who, known_of(effect))
  for field, declared in pairs(effect.ranges or {}) do
    o[field] = ranges.take(declared, o[field], who .. ": " .. field)
  end
  return { name = name, effect = effect, options = o, number = k, fields = fields_of(effect) }
end

-- The numbers of an entry for one clip, or nil where it is left out this time.
local function draw(entry, source)
  local o = options_of.merge(entry.options)
  if o.p < 1 and source:uniform(0, 1) >= o.p then return nil end
  for _, field in ipairs(entry.fields) do
    o[field] = ranges.draw(entry.effect.ranges[field], o[field], source)
  end
  return o
end

local function of_stage(self, stage)
  local list = {}
  for _, entry in ipairs(self.entries) do
    if STAGES[entry.name] == stage then list[#list + 1] = entry end
  end
  return list
end

--- augment:has(stage) -> whether it has effects on "wave", "spectra" or "mix" (whole batches)
function Augment:has(stage)
  return #of_stage(self, stage) > 0
end

--- augment:wave(wave, { seed = 1, epoch = 1, clip = 1 }) -> wave after the effects on waves
-- wave: (samples) or (channels, samples). The second argument says which numbers are drawn: the
-- same ones for the same three, whatever else runs; a loader's `draw` may stand there.
-- augment(wave, ...) is the same. No gradient.
function Augment:wave(wave, where)
  where = sources.where(where)
  wave = frames.wave(wave, "augment"):detach()
  for _, entry in ipairs(of_stage(self, "wave")) do
    local source = sources.new(where, entry.number)
    local o = draw(entry, source)
    if o then wave = entry.effect.apply(wave, o, source, self.rate) end
  end
  return wave
end

-- The product of all masks for one spectrogram of that size.
local function mask_of(self, size, where)
  local mask
  for _, entry in ipairs(of_stage(self, "spectra")) do
    local source = sources.new(where, entry.number)
    local o = draw(entry, source)
    local own = o and entry.effect.mask(size, o, source)
    mask = own and mask and mask * own or own or mask
  end
  return mask
end

--- augment:spectra(x, { seed = 1, epoch = 1, clip = 1 }) -> x with time_mask and frequency_mask on
-- it x: magnitudes (frames, bins), or a batch (batch, frames, bins); then the second argument is a
-- list of one for each. Masked numbers are 0. Gradients pass.
function Augment:spectra(x, where)
  local size = x:size()
  if #size == 2 then
    local mask = mask_of(self, size, sources.where(where))
    return mask and x * mask or x
  end
  if #size ~= 3 or type(where) ~= "table" or #where ~= size[1] then
    error("augment: spectra takes (frames, bins), or (batch, frames, bins) and a list of where "
      .. "they come from", 2)
  end
  local masks, whole = {}, core.ones { size[2], size[3] }
  for k, one in ipairs(where) do
    local mask = mask_of(self, { size[2], size[3] }, sources.where(one))
    masks[k] = ((mask and whole * mask) or whole):reshape(1, size[2], size[3])
  end
  return x * core.ops.cat(masks, 1)
end

--- augment:mix(x, targets, { seed = 1, epoch = 1, clip = 1 }) -> x, targets: mixup and cutmix of a
-- batch x: (batch, time, ...), waves or spectrograms; targets: (batch, classes), shares of each
-- class; clip: the number of the batch. Every row gets a part of another one, and its targets in
-- proportion.
function Augment:mix(x, targets, where)
  where = sources.where(where)
  for _, entry in ipairs(of_stage(self, "mix")) do
    local source = sources.new(where, entry.number)
    local o = draw(entry, source)
    if o then x, targets = entry.effect.apply(x, targets, o, source) end
  end
  return x, targets
end

--- augment:settings() -> what it does, as a table that JSON can hold: for the records of runs
function Augment:settings()
  local list = { rate = self.rate, effects = {} }
  for k, entry in ipairs(self.entries) do
    list.effects[k] = options_of.merge(entry.options, { name = entry.name })
  end
  return list
end

Augment.__call = Augment.wave
Augment.__tostring = function(self)
  local names = {}
  for k, entry in ipairs(self.entries) do names[k] = entry.name end
  return "augment: " .. (#names > 0 and table.concat(names, ", ") or "nothing")
end

--- ms.audio.augment{ { "gain", db = {-6, 6} }, { "noise", snr = {10, 30}, p = 0.5 }, rate = 16000 }
-- -> augment, which changes waves, augment(wave, where), spectrograms, augment:spectra, and whole
-- batches, augment:mix
-- Effects in their order. Numbers are one value or {low, high} to draw from; every effect takes p,
-- how likely it is (1, of polarity 0.5). What is drawn depends on (seed, epoch, clip) alone: the
-- same bits for any number of workers. In a task: ms.train.tagging_task(data, { augment = a }).
--   gain { db = {-6, 6} }             polarity {}              noise { snr = {10, 40} dB }
--   shift { seconds = {-0.5, 0.5}, fill = "wrap" or "zeros" }  crop { seconds = 3 }
--   stretch { speed = {0.8, 1.25} }   pitch { semitones = {-4, 4} }
--   codec { kind = "mp3", "ogg" or "opus", quality = {0, 0.5} }
--   filter { kind = "lowpass", "highpass", "bandpass", "peak", "low_shelf" or "high_shelf",
--     hertz = {200, 4000}, q = 0.707, db = {-6, 6} of the last three }
--   room { time = {0.2, 0.8} s to fall by 60 dB, wet = {0.1, 0.5}, size = {0.7, 1.4} }
--   time_mask { frames = {0, 20}, count = 1 }      frequency_mask { bins = {0, 20}, count = 1 }
--   mixup { alpha = 0.2 }             cutmix { alpha = 1 }, of time
-- rate: of the waves (16000 Hz, as of ms.data.cache). stretch and pitch need librubberband2.
local function new(list)
  if type(list) ~= "table" then error("augment: a list of effects is expected", 2) end
  local o, entries = {}, {}
  for key, value in pairs(list) do
    if math.type(key) == "integer" then entries[key] = entry_of(value, key)
    else o[key] = value end
  end
  o = options_of(o, "audio.augment", { rate = options_of.count(16000) })
  return setmetatable({ entries = entries, rate = o.rate }, Augment)
end

strict.class(Augment, "augment", { "rate", "entries" })

return new
