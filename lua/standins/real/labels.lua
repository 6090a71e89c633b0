--- The tags of MagnaTagATune that are certain of a stretch of a MIDI file: which instruments sound
-- in it and which do not, whether drums beat, the tempo, what its composer calls it. Of everything
-- else, mood above all, a file says nothing.
local events = require "standins.real.events"
local tag_table = require "standins.layouts.tag_table"

local labels = {}

-- An instrument counts where it sounds for this share of the time, and is said to be missing only
-- where it never sounds.
local SHARE = 0.15
local FAST, SLOW = 134, 78 -- quarter notes in a minute

-- Tag, General MIDI programs from 0 (from, to, from, to, ...).
local instruments = {
  { "piano", 0, 5 }, { "harpsichord", 6, 6 }, { "bells", 9, 9, 14, 14 }, { "organ", 16, 20 },
  { "guitar", 24, 31 }, { "acoustic guitar", 24, 25 }, { "electric guitar", 26, 30 },
  { "bass", 32, 39, 43, 43 }, { "strings", 40, 45, 48, 51, 110, 110 },
  { "violin", 40, 40, 110, 110 },
  { "viola", 41, 41 }, { "cello", 42, 42 }, { "harp", 46, 46 }, { "trumpet", 56, 56, 59, 59 },
  { "horn", 60, 60 }, { "sax", 64, 67 }, { "oboe", 68, 68 }, { "clarinet", 71, 71 },
  { "flute", 72, 75, 77, 79 }, { "synth", 38, 39, 50, 51, 62, 63, 80, 103 }, { "sitar", 104, 104 },
  { "banjo", 105, 105 }, { "fiddle", 110, 110 },
}
local absent = { piano = "no piano", guitar = "no guitar", violin = "no violin", flute = "no flute",
  strings = "no strings", drums = "no drums" }
local choirs = { 52, 54, 85, 85, 91, 91 } -- voices of the synthesiser: whether one hears a choir is
                                          -- open
local voiceless = { "no vocals", "no vocal", "no voice", "no voices", "no singing", "no singer",
  "instrumental" }
local drum_keys = { [35] = true, [36] = true, [38] = true, [40] = true } -- bass and snare drums

-- Whether a program is in a list from, to, from, to, ...
local function among(program, list, first)
  for i = first, #list, 2 do
    if program >= list[i] and program <= list[i + 1] then return true end
  end
  return false
end

-- The share of the time between two times in which one of the notes sounds that `fits` takes, in
-- steps of a tenth of a second; the shortest note takes one.
local function share(song, from, to, fits)
  local steps, n = {}, 0
  for _, note in ipairs(song.notes) do
    if note.seconds < to and note.stop >= from and fits(note) then
      local first = math.floor((math.max(note.seconds, from) - from) * 10)
      for step = first, math.max(first, math.ceil((math.min(note.stop, to) - from) * 10) - 1) do
        if not steps[step] then steps[step], n = true, n + 1 end
      end
    end
  end
  return n / ((to - from) * 10)
end

local function sound(tags, tag, amount)
  if amount >= SHARE then tags[tag] = true
  elseif amount == 0 and absent[tag] then tags[absent[tag]] = true end
end

local function instrument_tags(tags, song, from, to)
  for _, row in ipairs(instruments) do
    sound(tags, row[1], share(song, from, to, function(note)
      return not note.drums and among(note.program, row, 2)
    end))
  end
end

local function drum_tags(tags, song, from, to)
  local beaten = share(song, from, to, function(note) return note.drums and drum_keys[note.key] end)
  local any = share(song, from, to, function(note)
    return note.drums or among(note.program, { 112, 119 }, 1)
  end)
  if any == 0 then tags["no drums"], tags["no beat"] = true, true
  elseif beaten >= SHARE then
    for _, tag in ipairs { "drums", "drum", "beat", "beats" } do tags[tag] = true end
  end
  if any >= SHARE then tags.percussion = true end
end

local function voice_tags(tags, song, from, to)
  local choir = share(song, from, to, function(note)
    return not note.drums and among(note.program, choirs, 1)
  end)
  if choir > 0 then return end
  for _, tag in ipairs(voiceless) do tags[tag] = true end
end

local function solo_tags(tags, song, from, to)
  local programs, n = {}, 0
  for _, note in ipairs(song.notes) do
    local program = note.drums and "drums" or note.program
    if note.seconds < to and note.stop >= from and not programs[program] then
      programs[program], n = true, n + 1
    end
  end
  if n ~= 1 or programs.drums then return end
  tags.solo = true
  if tags.piano then tags["piano solo"] = true end
end

--- The tags of a song (standins.real.events) between two times, in the order of the columns; and
-- its mean tempo. style: tags that its composer's title gives.
function labels.tags(song, from, to, style)
  local tags, list, bpm = {}, {}, events.tempo(song, from, to)
  instrument_tags(tags, song, from, to)
  drum_tags(tags, song, from, to)
  voice_tags(tags, song, from, to)
  solo_tags(tags, song, from, to)
  if bpm >= FAST then tags.fast = true elseif bpm <= SLOW then tags.slow = true end
  for _, tag in ipairs(style or {}) do tags[tag] = true end
  for _, tag in ipairs(tag_table.columns) do if tags[tag] then list[#list + 1] = tag end end
  return list, bpm
end

return labels
