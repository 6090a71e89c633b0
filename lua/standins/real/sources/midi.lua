--- Songs from MIDI files: stems by General MIDI program and channel, played by fluidsynth, each
-- from the notes of its own instruments alone.
local evenly_spaced = require("moonstem.data.items").evenly_spaced
local events = require "standins.real.events"
local excerpts = require "standins.real.excerpts"
local instruments = require "standins.score.instruments"
local mixing = require "standins.sound.mixing"
local synth = require "standins.sound.synth"
local wad = require "standins.real.wad"

local M = {}

local TAIL = 1 -- seconds that the last notes may ring
-- Notes that start so many seconds before an excerpt are played, so that it begins within music.
local LEAD = 2
local MOST = 12 -- clips of one file: some repeat themselves for half an hour
local ROOM = { size = 0.4, level = 0.3, damp = 0.2 }

--- Reads a file; see standins.real.events. nil and a message for what fluidsynth would play wrong.
function M.read(path)
  local bytes = wad.read(path)
  if not bytes then return nil, "it cannot be read" end
  local song, why = events.read(bytes)
  if not song then return nil, why end
  if #song.notes == 0 then return nil, "it holds no notes" end
  if song.xg then return nil, "it has drums on channels where fluidsynth plays none (XG)" end
  return song
end

--- The stem of a note. A choir of the synthesiser is an instrument: nobody sings.
function M.stem(note)
  local stem = instruments.stem(note.channel, note.program)
  return stem == "vocals" and "other" or stem
end

-- In which seconds each stem sounds.
local function activity(song)
  local active = { drums = {}, bass = {}, other = {} }
  for _, note in ipairs(song.notes) do
    for second = math.floor(note.seconds) + 1, math.floor(note.stop) + 1 do
      active[M.stem(note)][second] = true
    end
  end
  return active
end

--- What a file has to give as a song of `wanted` seconds: { seconds = its length, start =, length =
-- of the excerpt }; nil and a reason where drums, bass or other are missing.
function M.survey(path, wanted)
  local song, why = M.read(path)
  if not song then return nil, why end
  local active = activity(song)
  for _, stem in ipairs { "drums", "bass", "other" } do
    if not next(active[stem]) then return nil, "no " .. stem end
  end
  local start, length, sounding = excerpts.choose(active, song.seconds + TAIL, wanted)
  if sounding == 0 then return nil, "drums, bass and other never sound together" end
  return { seconds = song.seconds, start = start, length = length }
end

-- The seconds in which something sounds.
local function sounding(song)
  local active = {}
  for _, note in ipairs(song.notes) do
    for second = math.floor(note.seconds) + 1, math.ceil(note.stop) do active[second] = true end
  end
  return active
end

--- What a file has to give as clips of `wanted` seconds: { seconds = its length, starts = of clips
-- in each of which something sounds for three seconds of four, at most 12 that do not overlap };
-- nil and a reason where there are none.
function M.clips(path, wanted)
  local song, why = M.read(path)
  if not song then return nil, why end
  local active, starts = sounding(song), {}
  for start = 0, math.floor(song.seconds - wanted), math.ceil(wanted) do
    local n = 0
    for second = start + 1, start + math.ceil(wanted) do n = n + (active[second] and 1 or 0) end
    if n >= 0.75 * wanted then starts[#starts + 1] = start end
  end
  starts = evenly_spaced(starts, math.min(#starts, MOST))
  if #starts == 0 then return nil, "it is too short, or mostly silent" end
  return { seconds = song.seconds, starts = starts }
end

--- Plays the notes between two times that `keep(note)` chooses: a stereo wave; nil and a message.
-- o: soundfont, folder (to work in).
function M.play(song, from, to, keep, o)
  local bytes, origin = events.excerpt(song, math.max(0, from - LEAD), to, keep)
  local frames = math.floor((to - from) * synth.rate + 0.5)
  local skipped = math.floor(math.max(0, from - origin) * synth.rate + 0.5)
  local late = math.floor(math.max(0, origin - from) * synth.rate + 0.5)
  local wave, why = synth.play(bytes, ROOM, skipped + frames, 0, o.soundfont, o.folder)
  if not wave then return nil, why end
  return mixing.shifted(wave, late - skipped, frames)
end

--- The stems of an entry's excerpt; nil and a message.
function M.stems(entry, o)
  local song, why = M.read(entry.path)
  if not song then return nil, why end
  local stems = { vocals = mixing.silence(math.floor(entry.length * synth.rate + 0.5), 2) }
  for _, name in ipairs { "drums", "bass", "other" } do
    stems[name], why = M.play(song, entry.start, entry.start + entry.length,
      function(note) return M.stem(note) == name end, o)
    if not stems[name] then return nil, why end
  end
  return stems
end

return M
