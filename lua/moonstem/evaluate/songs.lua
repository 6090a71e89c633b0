--- Scores of separators on whole songs, at their own rate and channels: BSS Eval and SI-SDR in
-- frames of a second.
local audio = require "moonstem.audio"
local core = require "moonstem.tensor"
local evenly_spaced = require("moonstem.data.items").evenly_spaced
local metrics = require "moonstem.metrics"
local options_of = require "moonstem.options"
local separate_file = require("moonstem.evaluate.stems").separate_file
local sys = require "moonstem.sys"

local M = {}

local ALL = { "vocals", "other", "drums", "bass" } -- the order of the separators' outputs
local NOTHING = { sdr = {}, isr = {}, sir = {}, sar = {}, si_sdr = {} }
local SCORES = { "sdr", "isr", "sir", "sar" }

local function sources_of(source)
  if source == "all" then return ALL end
  for _, name in ipairs(ALL) do if source == name then return { source } end end
  error(("evaluate.songs: source must be vocals, other, drums, bass or all, got %s")
    :format(tostring(source)), 3)
end

-- ---- one song ------------------------------------------------------------------------------
-- A stem (sample, channel) of a song and its rate; nil and a message.
local function stem_of(song, stem)
  local wave, rate = audio.read(song.stems[stem], { mono = false,
    stream = song.streams and song.streams[stem] })
  if not wave then return nil, rate end
  return wave:reshape { wave:size(1), wave:size(2) or 1 }, rate
end

local function cut(waves)
  local samples = math.huge
  for _, wave in ipairs(waves) do samples = math.min(samples, wave:size(1)) end
  for i, wave in ipairs(waves) do waves[i] = wave:slice(1, 1, samples) end
  return core.ops.stack(waves, 1)
end

-- The true sources (source, sample, channel), of one alone what is not it as a second, and the
-- rate; nil and a message.
local function references_of(song, sources)
  local waves, rate = {}, nil
  for i, name in ipairs(#sources > 1 and sources or { sources[1], "mixture" }) do
    local wave, why = stem_of(song, name)
    if not wave then return nil, why end
    waves[i], rate = wave, why
  end
  local all = cut(waves)
  if #sources > 1 then return all, rate end
  local source, mixture = all:slice(1, 1, 1), all:slice(1, 2, 2)
  return core.ops.cat({ source, mixture - source }, 1), rate
end

-- What a separator makes of a song's mixture, through files in a folder: as many sources as there
-- are references; nil and a message.
local function separated(model, song, sources, folder, count)
  local files, waves = {}, {}
  for i = 1, #sources + 1 do files[i] = ("%s/%d.wav"):format(folder, i) end
  local ok, why = separate_file(model, song.stems.mixture, files, { bits = "float" })
  if not ok then return nil, why end
  for i = 1, count do
    local wave
    wave, why = audio.read(files[i], { mono = false })
    if not wave then return nil, why end
    waves[i] = wave:reshape { wave:size(1), wave:size(2) or 1 }
  end
  return cut(waves)
end

-- SI-SDR of each source in each frame, all channels together; NaN where it is not defined.
local function si_sdr(references, estimates, window)
  local scores = {}
  for s = 1, references:size(1) do
    scores[s] = {}
    for first = 1, references:size(2) - window + 1, window do
      local function frame(x)
        return x:slice(1, s, s):slice(2, first, first + window - 1):reshape { -1 }:totable()
      end
      local value = metrics.si_sdr(frame(estimates), frame(references))
      table.insert(scores[s], value or -(0 / 0))
    end
  end
  return scores
end

-- Which sources sound anywhere in a song.
local function sounding(references)
  local list = {}
  for s = 1, references:size(1) do
    if references:slice(1, s, s):abs():max() > 0 then list[#list + 1] = s end
  end
  return list
end

-- Scores of some sources as scores of all: a source that never sounds has none.
local function spread(scores, list, count)
  local result = {}
  for name, rows in pairs(scores) do
    local all = {}
    for s = 1, count do all[s] = {} end
    for i, s in ipairs(list) do all[s] = rows[i] end
    result[name] = all
  end
  return result
end

-- The scores of a song's frames: those of ms.metrics.bss_eval, and si_sdr.
local function scores_of(references, estimates, window)
  local samples, list = math.min(references:size(2), estimates:size(2)), sounding(references)
  if #list == 0 then return spread(NOTHING, list, references:size(1)) end
  local truth = references:slice(2, 1, samples):index_select(1, list)
  local found = estimates:slice(2, 1, samples):index_select(1, list)
  window = math.min(window, samples)
  local scores = metrics.bss_eval(truth, found, { window = window })
  scores.si_sdr = si_sdr(truth, found, window)
  return spread(scores, list, references:size(1))
end

local function score(model, song, sources, folder, o)
  local _ <close> = core.scope()
  local references, rate = references_of(song, sources)
  if not references then return nil, rate end
  local estimates, why
  if type(model) == "function" then estimates = model(references, rate)
  else estimates, why = separated(model, song, sources, folder, references:size(1)) end
  if not estimates then return nil, why end
  return scores_of(references, estimates, math.floor(o.window * rate + 0.5))
end

-- ---- all songs -----------------------------------------------------------------------------
local function number_or(list) return list and list.median or -(0 / 0) end

-- The median over tracks of the medians over frames.
local function medians(tracks, name, source)
  local each = {}
  for i, track in ipairs(tracks) do each[i] = number_or(metrics.summary(track[name][source])) end
  return number_or(metrics.summary(each))
end

local function summary(tracks, sources)
  local result = { tracks = tracks }
  for _, name in ipairs { "si_sdr", table.unpack(SCORES) } do
    result[name] = {}
    for s, source in ipairs(sources) do result[name][source] = medians(tracks, name, s) end
  end
  return result
end

--- Scores of a separator on the whole songs of a split, as campaigns report them: SDR, ISR, SIR and
-- SAR of BSS Eval version 4 and SI-SDR (all channels of a frame together) in frames of a second,
-- the median over a song's frames, and of these over songs. Frames in which a source is silent are
-- left out, as museval does; a source that never sounds in a song is left out of that song.
-- Separated is at full quality, as ms.evaluate.separate_file does; of a separator for one source,
-- what is not it is judged beside it, as "rest". Instead of a separator, a function is judged that
-- makes estimates from (references, rate), both (source, sample, channel), such as
-- function(x) return ms.evaluate.ideal_mask(x) end. source: as ms.data.mixes.
-- options: { songs = most to score (spread over the split),
--   window = 1 s, progress = function(song, scores of its frames) }
-- Returns { sdr =, isr =, sir =, sar =, si_sdr = each { [source] = median in dB, NaN where none is
--   defined }, tracks = scores of the frames of each song, with its name }; or nil and a message.
function M.songs(model, dataset, source, split, options)
  local o = options_of(options, "evaluate.songs", { songs = options_of.count,
    window = options_of.positive(1), progress = options_of.callable })
  local sources, folder, why = sources_of(source), sys.tempdir()
  if not folder then return nil, why end
  local list, tracks = dataset:items(split), {}
  for i, song in ipairs(evenly_spaced(list, o.songs or #list)) do
    tracks[i], why = score(model, song, sources, folder, o)
    if not tracks[i] then break end
    tracks[i].name = song.name
    if o.progress then o.progress(song, tracks[i]) end
  end
  for _, name in ipairs(sys.list(folder)) do sys.remove(folder .. "/" .. name) end
  sys.remove(folder)
  if why then return nil, why end
  return summary(tracks, #sources > 1 and sources or { sources[1], "rest" })
end

return M
