--- What a separator does to a test song, kept beside its result so that reports need neither model
-- nor data: RUN/example/ has mixture.flac, SOURCE.flac and SOURCE-separated.flac of the ten seconds
-- in which the source is loudest, all at one level, and about.json.
local audio = require "moonstem.audio"
local core = require "moonstem.tensor"
local evaluate = require "moonstem.evaluate"
local front = require("moonstem.audio.frontend").paper
local sealed = require "moonstem.sys.sealed"
local sys = require "moonstem.sys"

local M = {}

local SECONDS = 10     -- of a song
local AROUND = 61792   -- samples on either side that the separator hears, too
local QUIET = 1e-3     -- mean of the loudest stretch below which another song is looked at
local SONGS = 5        -- looked at
local SOURCES = { "vocals", "other", "drums", "bass" } -- of a separator of all, in its order

-- ---- which stretch ---------------------------------------------------------------------------
-- A stem of a song as (samples), or nil and a message.
local function stem_of(song, name)
  return audio.read(song.stems[name], { rate = front.rate, mono = true,
    stream = song.streams and song.streams[name] or nil })
end

-- First and last sample of the stretch in which a wave is loudest, and its mean there.
local function loudest(wave)
  local length, best, at = SECONDS * front.rate, -1, 1
  for first = 1, math.max(1, wave:size(1) - length), length // 2 do
    local last = math.min(wave:size(1), first + length - 1)
    local mean = wave:slice(1, first, last):abs():mean():item()
    if mean > best then best, at = mean, first end
  end
  return at, math.min(wave:size(1), at + length - 1), best
end

-- The waves of a song, all of one length: { mixture =, [source] =, ... }; or nil and a message.
local function waves_of(song, sources)
  local waves, least = {}, math.huge
  for _, name in ipairs { "mixture", table.unpack(sources) } do
    local wave, why = stem_of(song, name)
    if not wave then return nil, why end
    waves[name], least = wave, math.min(least, wave:size(1))
  end
  for name, wave in pairs(waves) do waves[name] = wave:slice(1, 1, least) end
  return waves
end

-- The first test song in which the first source can be heard: song, waves, first and last sample.
local function choose(dataset, sources)
  local fallback
  for i, song in ipairs(dataset:items "test") do
    if i > SONGS then break end
    local waves, why = waves_of(song, sources)
    if not waves then return nil, why end
    local first, last, mean = loudest(waves[sources[1]])
    local found = { song = song, waves = waves, first = first, last = last }
    if mean >= QUIET then return found end
    fallback = fallback or found
  end
  if not fallback then return nil, "there is no test song" end
  return fallback
end

-- ---- keeping it ------------------------------------------------------------------------------
-- The stretch of each wave, and of the separator's estimates.
local function stretches(model, sources, chosen)
  local list, first, last = {}, chosen.first, chosen.last
  local mixture = chosen.waves.mixture
  local from = math.max(1, first - AROUND)
  local heard = mixture:slice(1, from, math.min(mixture:size(1), last + AROUND))
  local estimates = evaluate.separate(model, heard):slice(2, first - from + 1, last - from + 1)
  list[1] = { "mixture", mixture:slice(1, first, last) }
  for s, name in ipairs(sources) do
    list[#list + 1] = { name, chosen.waves[name]:slice(1, first, last) }
    list[#list + 1] = { name .. "-separated",
      estimates:slice(1, s, s):reshape { last - first + 1 } }
  end
  return list
end

local function peak_of(list)
  local peak = 1
  for _, entry in ipairs(list) do peak = math.max(peak, (entry[2]:abs():max())) end
  return peak
end

local function write(folder, list, about)
  local ok, why = sys.mkdir(folder)
  for _, entry in ipairs(list) do
    if not ok then return nil, why end
    ok, why = audio.write(("%s/%s.flac"):format(folder, entry[1]), entry[2] / about.peak,
      front.rate)
  end
  if not ok then return nil, why end
  return sealed.save(folder .. "/about.json", about)
end

--- example.keep(dir, model, dataset, source) -> true, or nil and a message
-- Separates a stretch of a test song and keeps it in the folder of a run. source: "vocals", ... or
-- "all".
function M.keep(dir, model, dataset, source)
  local _ <close> = core.scope()
  local sources = source == "all" and SOURCES or { source }
  local chosen, why = choose(dataset, sources)
  if not chosen then return nil, why end
  local list = stretches(model, sources, chosen)
  return write(dir .. "/example", list, { song = chosen.song.name or chosen.song.id,
    sources = sources, seconds = { (chosen.first - 1) / front.rate, chosen.last / front.rate },
    peak = peak_of(list) })
end

--- Whether the folder of a run holds an example.
function M.is_kept(dir) return sys.exists(dir .. "/example/about.json") end

--- example.read(dir) -> { song =, sources =, seconds = { from, to } in the song, rate =,
-- waves = list of { name, (samples) } } of the folder of a run; or nil and a message
function M.read(dir)
  local folder = dir .. "/example"
  if not M.is_kept(dir) then return nil, dir .. " has kept no example" end
  local about, why = sealed.load(folder .. "/about.json")
  if not about then return nil, why end
  about.rate, about.waves = front.rate, {}
  local names = { "mixture" }
  for _, source in ipairs(about.sources) do
    names[#names + 1], names[#names + 2] = source, source .. "-separated"
  end
  for i, name in ipairs(names) do
    local wave
    wave, why = audio.read(("%s/%s.flac"):format(folder, name), { mono = true })
    if not wave then return nil, why end
    about.waves[i] = { name, wave }
  end
  return about
end

return M
