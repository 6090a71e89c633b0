--- Which picture suits a value: the kinds that ms.figure.of and ms.show know.
local bars = require "moonstem.figure.charts.bars"
local channels_of = require "moonstem.figure.channels"
local embedding = require "moonstem.figure.charts.embedding"
local given = require "moonstem.figure.options"
local heat_map = require "moonstem.figure.charts.heat_map"
local hint = require("moonstem.core.words").hint
local histogram = require "moonstem.figure.charts.histogram"
local image = require "moonstem.figure.charts.image"
local lines = require "moonstem.figure.charts.lines"
local mel = require "moonstem.audio.feature.mel"
local options_of = require "moonstem.options"
local runs = require "moonstem.figure.charts.runs"
local scatter = require "moonstem.figure.charts.scatter"
local signal = require "moonstem.signal"
local spectrogram = require "moonstem.figure.charts.spectrogram"
local tiles = require "moonstem.figure.charts.tiles"
local wave = require "moonstem.figure.charts.wave"
local words = require "moonstem.figure.words"

local M = {}

local WHO = "figure.of"

local function with(x, options) return options_of.merge(options, { x = x }) end

-- Options without some of them.
local function without(options, ...)
  local rest = options_of.merge(options)
  for _, name in ipairs { ... } do rest[name] = nil end
  return rest
end

-- ---- curves ----------------------------------------------------------------------------------
-- One curve, a list of them, or a table of them by name, in the order of the names.
local function series_of(value, x)
  if given.is_numbers(value) then return { { x = x, y = value } } end
  local list, names = {}, {}
  if given.is_tensor(value) then
    value = { given.array(value, { "curve", "point" }, WHO .. ": x"):unbind(1) }
  end
  for i, curve in ipairs(value) do list[i] = { label = tostring(i), x = x, y = curve } end
  for name in pairs(value) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    list[#list + 1] = { label = name, x = x, y = value[name] }
  end
  return list
end

local function curves(value, options)
  local o = without(options, "x")
  o.series = series_of(value, options.x)
  return lines(o)
end

-- ---- spectra ---------------------------------------------------------------------------------
-- The mean of the channels of a wave.
local function mono(value, kind)
  local channels = channels_of(value, ("%s: x of kind %s"):format(WHO, kind))
  local x = channels[1]
  for i = 2, #channels do x = x + channels[i] end
  return #channels > 1 and x * (1 / #channels) or x
end

-- Options of how a wave's spectrum is computed, beside rate.
local OF_WAVE = { size = options_of.count, hop = options_of.count, bands = options_of.count,
  low = options_of.number, high = options_of.number, htk = options_of.flag }

-- Options of the chart of a wave's spectrum, which is computed by the options of that name.
local function of_wave(value, options, kind)
  if not options.rate then
    error(('%s: kind = "%s" of a wave needs its rate = in Hz'):format(WHO, kind), 0)
  end
  local o, own = options_of.merge(options), {}
  for name in pairs(OF_WAVE) do own[name], o[name] = options[name], nil end
  options_of.check(own, WHO, OF_WAVE)
  local x = mono(value, kind)
  local size = options.size or 2048
  o.hop = options.hop or size // 4
  if kind == "spectrogram" then
    o.x = signal.spectrogram(x, { mode = "magnitude", size = size, hop = o.hop })
  else
    o.x = mel.mel(x, { rate = options.rate, size = size, hop = o.hop, bands = options.bands,
      low = options.low, high = options.high, htk = options.htk }):sqrt()
  end
  return o
end

-- Whether it is a wave: of one dimension, or of a few channels.
local function is_wave(x)
  local size = x:size()
  return #size == 1 or #size == 2 and math.min(size[1], size[2]) <= 8
    and math.max(size[1], size[2]) > 1000
end

-- Options of the chart of a spectrum: of magnitudes, or of what has numbers below 0, such as
-- decibels, as it is. Powers, as ms.audio.mel gives them, become magnitudes.
local function of_spectrum(x, options, kind)
  local o = without(options, "x", "low", "high")
  o.rate, o.hop = options.rate or false, options.hop or false
  local least = x:extent()
  if o.decibel == nil then o.decibel = not (least and least < 0) end
  o.x = kind == "mel" and o.decibel and x:sqrt() or x
  return o
end

-- The magnitudes of (frame, bin, 2), real and imaginary parts.
local function magnitudes(x)
  local size = x:size()
  return #size == 3 and size[3] == 2 and x:square():sum(3):sqrt() or x
end

local function spectrum_options(value, options, kind)
  local x = magnitudes(given.tensor(value, WHO .. ": x"))
  if is_wave(x) then return of_wave(x, options, kind) end
  return of_spectrum(x, options, kind)
end

local function mel_spectrum(value, options)
  local o = spectrum_options(value, options, "mel")
  o.y_scale = o.rate and "mel" or "linear"
  o.y_low, o.y_top, o.htk = options.low, options.high, options.htk
  if not o.rate and not o.y_label then o.y_label = "mel band" end
  return spectrogram.paper(o)
end

local function spectrum(value, options)
  return spectrogram.paper(spectrum_options(value, options, "spectrogram"))
end

-- ---- the others ------------------------------------------------------------------------------
-- Counts of classes, and colours by their share of the row: how much of a class is recognised.
local function confusion(value, options)
  local counts = type(value) == "table" and value.confusion or value
  local x = given.array(counts, { "true", "predicted" }, WHO .. ": x")
  if x:size(1) ~= x:size(2) then
    error(("%s: a confusion matrix has as many rows as columns, got %s"):format(WHO, x:shape()), 0)
  end
  local shares = x / x:sum(2, { keep = true }):maximum(1e-30)
  local o = without(options, "names")
  o.x, o.shade, o.range, o.format = x, shares, options.range or { 0, 1 }, options.format or "%.0f"
  o.rows, o.columns = options.rows or options.names, options.columns or options.names
  o.x_label, o.y_label = options.x_label or "predicted", options.y_label or "true"
  o.z_label = options.z_label or "share of the true class"
  local paper = heat_map(o)
  return paper:tell(paper.title, words.titled(paper.title,
    ("a confusion matrix of %s, %s right"):format(words.count(x:size(1), "class", "classes"),
      words.number(x:trace():item()) .. " of " .. words.number(x:sum():item()))))
end

-- The weights of a layer, or weights as they are.
local function weights_of(value)
  local ok, weight = pcall(function() return value.weight end)
  return ok and type(value) == "table" and given.is_tensor(weight) and weight or value
end

local function points(value, options)
  if type(value) ~= "table" or #value > 0 then
    local x = given.array(value, { "point", "2" }, WHO .. ": x")
    if x:size(2) ~= 2 then error(("%s: x must be (point, 2), got %s"):format(WHO, x:shape()), 0) end
    return scatter(options_of.merge(options, { x = x[{ {}, 1 }], y = x[{ {}, 2 }] }))
  end
  return scatter(options_of.merge(options, value))
end

local function learning_curves(value, options)
  return runs.paper(runs.is_run(value) and { value } or value, options, WHO)
end

-- The slices of (slice, row, column), or of what has its slices last as activations have their
-- channels: the shortest axis is that of the slices.
local function slices(value, options)
  local x = given.array(value, { "slice", "row", "column" }, WHO .. ": x")
  local size = x:size()
  local is_last = size[3] < math.min(size[1], size[2])
  return tiles.slices(with(is_last and x:permute { 3, 1, 2 } or x, options))
end

local function of_x(draw) return function(value, options) return draw(with(value, options)) end end

--- kind -> function(value, options) that draws it, as a paper.
M.KINDS = {
  bars = function(value, options) return bars(options_of.merge(options, value)) end,
  confusion = confusion, curves = curves, embedding = of_x(embedding), heat_map = of_x(heat_map),
  histogram = of_x(histogram), image = of_x(image), mel = mel_spectrum,
  kernels = function(value, options) return tiles.kernels(with(weights_of(value), options)) end,
  runs = learning_curves, scatter = points, slices = slices,
  spectrogram = spectrum, wave = of_x(wave),
}

--- The names of the kinds, sorted.
function M.names()
  local list = {}
  for name in pairs(M.KINDS) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local LONG = 3000  -- numbers in a list that is rather a wave than a curve
local LARGEST = 16 -- sides of a kernel

local BY_DIMENSIONS = {
  function(x, options) return (options.rate or #x > LONG) and "wave" or "curves" end,
  function(x, options)
    if options.hop then return "spectrogram" end
    return is_wave(x) and "wave" or "heat_map"
  end,
  function(x)
    local last = x:size(3)
    return (last == 3 or last == 1) and x:size(2) > 8 and "image" or "slices"
  end,
  function(x)
    return math.max(x:size(1), x:size(2)) <= LARGEST and "kernels" or nil
  end,
}

-- The kind that suits a table, or nil. Classes raise on names that they lack: fields are read raw.
local function kind_of_table(value)
  local _, first = next(value)
  if runs.is_run(value) or runs.is_run(first) then return "runs" end
  if type(rawget(value, "confusion")) == "table" then return "confusion" end
  local weight = weights_of(value)
  if weight ~= value then return #weight:size() >= 3 and "kernels" or nil end
  if getmetatable(value) then return nil end
  if not first then return nil end
  if given.is_numbers(value) then return "curves" end
  for _, curve in pairs(value) do
    if not given.is_numbers(curve) then return nil end
  end
  return "curves"
end

--- The kind of picture that suits a value, or nil.
function M.guess(value, options)
  if given.is_tensor(value) then
    local choose = BY_DIMENSIONS[#value:size()]
    return choose and value:count() > 0 and choose(value, options) or nil
  end
  return type(value) == "table" and kind_of_table(value) or nil
end

--- Draws a value as the kind that options ask for or that suits it; returns the paper. Raises, with
-- the kinds that there are, where none does.
function M.draw(value, options, who)
  if type(options) ~= "table" then
    error(("%s: options are a table, got %s"):format(who, given.shown(options)), 0)
  end
  local kind = options.kind or M.guess(value, options)
  if options.kind and not M.KINDS[options.kind] then
    error(('%s: there is no kind %s%s'):format(who, given.shown(options.kind),
      hint(tostring(options.kind), M.names())), 0)
  end
  if not kind then
    local what = given.is_tensor(value) and ("a tensor of %d dimensions (%s)"):format(
      #value:size(), value:shape()) or given.shown(value)
    error(("%s: no picture suits %s by itself; kind = says which: %s"):format(who, what,
      table.concat(M.names(), ", ")), 0)
  end
  return M.KINDS[kind](value, without(options, "kind"))
end

return M
