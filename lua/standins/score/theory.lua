--- Chords, progressions and the form of a piece: tempo, key, bars, sections.
-- A chord is {root above the key in semitones, quality}; pitch classes are 0..11 with C = 0.
local theory = {}

local names = { "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B" }

local qualities = {
  [""] = { 0, 4, 7 }, m = { 0, 3, 7 }, ["7"] = { 0, 4, 7, 10 }, m7 = { 0, 3, 7, 10 },
  M7 = { 0, 4, 7, 11 }, dim = { 0, 3, 6 }, m7b5 = { 0, 3, 6, 10 }, ["6"] = { 0, 4, 7, 9 },
  sus4 = { 0, 5, 7 }, ["5"] = { 0, 7 },
}

local major, minor = { 0, 2, 4, 5, 7, 9, 11 }, { 0, 2, 3, 5, 7, 8, 10 }
local dorian, mixolydian = { 0, 2, 3, 5, 7, 9, 10 }, { 0, 2, 4, 5, 7, 9, 10 }
local harmonic = { 0, 2, 3, 5, 7, 8, 11 }

-- Progressions by family: a scale, and bars as "root:quality" with the root in semitones above the
-- key.
local families = {
  popmaj = { major, "0 7 9:m 5", "9:m 5 0 7", "0 9:m 5 7", "0 5 7 5", "0 4:m 5 7", "5 7 0 9:m",
    "0 7 5 5", "0 2:m 5 7" },
  popmin = { minor, "0:m 8 3 10", "0:m 5:m 7:m 0:m", "0:m 10 8 10", "0:m 8 5:m 7", "0:m 3 10 5:m",
    "0:m 10 5:m 8" },
  blues = { mixolydian, "0:7 0:7 0:7 0:7 5:7 5:7 0:7 0:7 7:7 5:7 0:7 7:7",
    "0:7 5:7 0:7 0:7 5:7 5:7 0:7 0:7 7:7 5:7 0:7 0:7" },
  jazz = { major, "2:m7 7:7 0:M7 9:7", "0:M7 9:m7 2:m7 7:7", "4:m7 9:m7 2:m7 7:7",
    "5:M7 7:7 4:m7 9:m7", "0:M7 0:M7 2:m7 7:7" },
  jazzmin = { harmonic, "2:m7b5 7:7 0:m7 0:m7", "0:m7 5:m7 2:m7b5 7:7", "0:m7 8:M7 2:m7b5 7:7" },
  country = { major, "0 0 5 5 0 0 7 7", "0 5 0 7", "0 0 7 7 7 7 0 0", "0 5 7 0" },
  classmaj = { major, "0 5 7 0", "0 9:m 2:m 7", "0 7 9:m 4:m 5 0 5 7", "0 2:m 7 0", "0 5 2:m 7",
    "0 7:7 0 5" },
  classmin = { harmonic, "0:m 5:m 7 0:m", "0:m 8 2:dim 7", "0:m 5:m 10 3 8 5:m 7 0:m",
    "0:m 7 0:m 5:m" },
  modal = { dorian, "0:m 0:m 10 10", "0:m 0:m 5 5", "0:m 0:m 0:m 0:m", "0:m7 0:m7 5:7 5:7" },
  mixo = { mixolydian, "0 10 5 0", "0 0 10 10", "0 5 10 0" },
  metal = { minor, "0:5 1:5 0:5 8:5", "0:5 8:5 10:5 0:5", "0:5 3:5 5:5 6:5", "0:5 0:5 10:5 8:5" },
  latin = { harmonic, "0:m 5:m 7 0:m", "0:m 10 8 7", "0:m 7 7 0:m", "0:m 0:m 7 7" },
  drone = { mixolydian, "0 0 0 0" },
}

--- The chords of a progression's text.
function theory.parse(text)
  local chords = {}
  for root, quality in text:gmatch("(%d+):?(%S*)") do
    chords[#chords + 1] = { tonumber(root), quality }
  end
  return chords
end

--- Pitch classes of a chord in a key (0..11).
function theory.pitch_classes(key, chord)
  local list = {}
  for i, step in ipairs(qualities[chord[2]]) do list[i] = (key + chord[1] + step) % 12 end
  return list
end

--- A chord's name as mma reads it.
function theory.chord_name(key, chord) return names[(key + chord[1]) % 12 + 1] .. chord[2] end

--- Frequency in Hz of a MIDI key (fractions allowed).
function theory.hertz(key) return 440 * 2 ^ ((key - 69) / 12) end

local function family_progression(rng, family)
  return theory.parse(family[rng:integer(2, #family)])
end

local function twice(chords)
  local out = {}
  for _, c in ipairs(chords) do out[#out + 1] = c; out[#out + 1] = c end
  return out
end

-- Intro, verse, chorus, solo, and where among them a piece starts. Only "intro" has an intro.
local function section_order(rng, start)
  if start == "intro" then return { "I", "V", "C", "V", "C", "S", "C" }, 1 end
  return { "V", "C", "S" }, start == "verse" and 1 or rng:integer(1, 3)
end

--- Tempo and key of a piece: style.bpm = {low, high}; seconds of music; start = "intro", "verse" or
-- "anywhere".
function theory.form(rng, style, seconds, start)
  local bpm = math.floor(rng:uniform(style.bpm[1], style.bpm[2]) * 10 + 0.5) / 10
  return { bpm = bpm, key = rng:integer(0, 11), seconds = seconds, start = start }
end

-- Keeps a bar between one and five seconds.
local function fit_tempo(form)
  local bar = form.beats * 60 / form.bpm
  if bar > 5 then form.bpm, bar = form.bpm * 2, bar / 2 end
  if bar < 1 then form.bpm, bar = form.bpm / 2, bar * 2 end
  return bar
end

--- Lays out bars of `beats` quarters: fills in form.bars, form.scale, form.sections = {{kind=,
-- first=, bars=}} (first counts from 0) and form.chords[bar + 1].
function theory.lay_out(rng, form, style, beats)
  form.beats = beats
  local bar = fit_tempo(form)
  form.bars = math.ceil(form.seconds / bar) + 1
  local family = families[rng:pick(style.progressions)]
  form.scale = family[1]
  local verse = family_progression(rng, family)
  local chorus = family_progression(rng, family)
  if bar < 1.6 and rng:chance(0.6) then verse, chorus = twice(verse), twice(chorus) end
  local order, at = section_order(rng, form.start)
  local usual = bar > 3 and 4 or 8
  form.sections, form.chords = {}, {}
  local first = 0
  while first < form.bars do
    local kind = order[(at - 1) % #order + 1]
    local count = math.min(kind == "I" and usual // 2 or usual, form.bars - first)
    local chords = kind == "C" and chorus or verse
    form.sections[#form.sections + 1] = { kind = kind, first = first, bars = count }
    for i = 0, count - 1 do form.chords[first + i + 1] = chords[i % #chords + 1] end
    first, at = first + count, at + 1
  end
end

return theory
