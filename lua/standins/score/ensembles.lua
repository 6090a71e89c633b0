--- Ensembles that mma has no grooves for: baroque, strings, piano, guitar, choir, opera, Indian,
-- ambient, odd ...
local band = require "standins.score.band"
local instruments = require "standins.score.instruments"
local melody = require "standins.score.melody"
local midi = require "standins.score.midi"
local patterns = require "standins.score.patterns"
local theory = require "standins.score.theory"

local ensembles = {}

-- One ensemble being written: draws from `rng` in the order of its calls.
local desk = {}
desk.__index = desk

function desk:chance(p) return self.rng:chance(p) end
function desk:pick(list) return self.rng:pick(list) end

--- A chordal part.
function desk:chords(program, pattern, centre, velocity)
  local notes = patterns.chords(self.rng, self.form, pattern, centre, velocity or 76)
  local volume = self.rng:integer(80, 109)
  self.band:add("Chords", program, notes, { volume = volume, pan = self.rng:integer(30, 97) })
end

--- A melody; o: dense, rest, velocity, ornament.
function desk:lead(program, low, high, o)
  o = o or {}
  local bars = {}
  for bar = 0, self.form.bars - 1 do bars[bar + 1] = bar end
  local line = melody.line(self.rng, self.form, bars, low, high, o.dense or 1, o.rest or 0.2)
  local notes = patterns.lead(self.rng, line, o.velocity, o.ornament)
  self.band:add("Lead", program, notes, { pan = self.rng:integer(40, 87) })
end

--- A low line. It stays with the others: these ensembles have no bass player.
function desk:low(program, kind, centre, velocity)
  local notes = patterns.bass(self.rng, self.form, kind, centre or 40, velocity)
  self.band:add("Low", program, notes, { stem = "other" })
end

function desk:drums(keys, velocity)
  local notes = patterns.hand_drums(self.rng, self.form, keys, velocity)
  self.band:add("Hand drums", 0, notes, { drum = true, stem = "drums" })
end

local write = {}

function write.baroque(d)
  if d:chance(0.75) then d:chords(6, d:pick { "arp16", "alberti", "quarters", "arp8" }, 62) end
  if d:chance(0.6) then d:low(42, d:pick { "walk", "rootfifth" }, 42) end
  if d:chance(0.7) or #d.band.parts == 0 then
    d:lead(d:pick { 40, 73, 74, 6, 68 }, 64, 86, { dense = 1.5, rest = 0.1, ornament = 0.25 })
  end
  if d:chance(0.35) then d:chords(48, "half", 60, 60) end
end

function write.strings(d)
  local program, pattern = d:pick { 48, 49, 44 }, d:pick { "sustain", "half", "quarters" }
  d:chords(program, pattern, d:pick { 58, 64 })
  if d:chance(0.7) then d:lead(d:pick { 40, 48, 41, 68, 60 }, 62, 84, { dense = 0.9 }) end
  if d:chance(0.6) then d:low(d:pick { 42, 43 }, d:pick { "root", "rootfifth" }) end
  if d:chance(0.3) then d:chords(45, "pulse8", 62) end
  if d:chance(0.25) then d:low(47, "root", 43, 70) end
end

function write.piano(d)
  local program = d:pick { 0, 0, 1, 2 }
  d:chords(program, d:pick { "alberti", "arp8", "updown", "half", "quarters" }, 54)
  if d:chance(0.85) then d:lead(program, 64, 86, { dense = d:pick { 0.8, 1.2, 1.5 } }) end
  if d:chance(0.25) then d:lead(d:pick { 40, 42, 73 }, 58, 80, { dense = 0.7 }) end
end

function write.guitar(d)
  local program = d:pick { 24, 24, 25 }
  d:chords(program, d:pick { "fingerpick", "arp8", "strum", "updown" }, 56)
  if d:chance(0.6) then d:lead(program, 60, 80, { dense = 1.1 }) end
  if d:chance(0.2) then d:lead(d:pick { 73, 40 }, 62, 84, { dense = 0.8 }) end
end

function write.fluteharp(d)
  if d:chance(0.8) then d:chords(46, d:pick { "harp", "arp8", "updown" }, 62) end
  if d:chance(0.85) or #d.band.parts == 0 then
    d:lead(d:pick { 73, 73, 72, 74, 75 }, 67, 90, { dense = 1.1 })
  end
  if d:chance(0.3) then d:chords(48, "sustain", 58, 60) end
end

function write.solostrings(d)
  local program = d:pick { 40, 42, 42, 40, 41 }
  local low, high = 40, 66
  if program == 40 then low, high = 55, 84 end
  d:lead(program, low, high, { dense = d:pick { 0.8, 1.4 } })
  if d:chance(0.35) then
    local second = d:pick { 0, 6, 48 }
    d:chords(second, d:pick { "half", "arp8", "quarters" }, 56, 62)
  end
  if d:chance(0.3) then d:lead(40, 62, 86) end
end

function write.choir(d)
  local program, pattern = d:pick { 52, 53 }, d:pick { "sustain", "half" }
  d:chords(program, pattern, d:pick { 55, 62 }, 95)
  if d:chance(0.4) then d:chords(19, "sustain", 52, 55) end
  if d:chance(0.3) then d:chords(48, "sustain", 60, 55) end
end

function write.opera(d)
  local program = d:pick { 48, 49 }
  d:chords(program, d:pick { "half", "quarters", "sustain" }, 58, 66)
  if d:chance(0.4) then d:chords(0, "alberti", 54, 60) end
  if d:chance(0.4) then d:low(42, "root", 42) end
end

function write.indian(d)
  local notes, bar = {}, d.form.beats * midi.division
  for b = 0, d.form.bars - 1 do
    for _, step in ipairs { 0, 7, 12 } do
      notes[#notes + 1] = { b * bar, bar, 36 + d.form.key + step, 70 }
    end
  end
  d.band:add("Drone", d:pick { 104, 104, 109, 21 }, notes, { volume = 80 })
  if d:chance(0.8) then d:lead(104, 55, 79, { dense = 1.4, rest = 0.1, ornament = 0.5 }) end
  if d:chance(0.35) then d:lead(d:pick { 73, 77, 111 }, 62, 84, { ornament = 0.4 }) end
  if d:chance(0.65) then d:drums({ 60, 61, 62, 63, 64 }, 80) end
end

function write.ambient(d)
  local pads, airs = instruments.families.pad, { table.unpack(instruments.families.fx) }
  table.move(pads, 1, #pads, #airs + 1, airs)
  local program = d:pick(pads)
  d:chords(program, "sustain", d:pick { 52, 60 }, 84)
  if d:chance(0.6) then d:chords(d:pick(airs), "sustain", 66, 70) end
  if d:chance(0.5) then
    d:lead(d:pick { 80, 88, 98, 99, 14, 4, 77 }, 60, 84, { dense = 0.6, rest = 0.5, velocity = 70 })
  end
  if d:chance(0.3) then d:low(38, "root", 36, 70) end
end

function write.newage(d)
  d:chords(d:pick { 88, 89, 94, 48, 50 }, "sustain", 58, 66)
  local program = d:pick { 0, 46, 4, 24, 11 }
  d:chords(program, d:pick { "arp8", "updown", "harp" }, 62, 72)
  if d:chance(0.6) then
    d:lead(d:pick { 73, 75, 79, 77, 0, 71 }, 64, 86, { dense = 0.8, rest = 0.3 })
  end
  if d:chance(0.3) then d:drums({ 69, 70, 75, 60, 61 }, 55) end
end

function write.koto(d)
  local program = d:pick { 107, 106, 12, 108, 114 }
  d:chords(program, d:pick { "arp8", "fingerpick", "updown" }, 60)
  d:lead(d:pick { 107, 77, 73, 108, 15 }, 60, 84, { dense = 1.1, ornament = 0.3 })
  if d:chance(0.5) then d:drums({ 60, 61, 62, 63, 64, 65, 66, 75, 76 }, 80) end
end

local odd_programs = { 55, 113, 117, 119, 120, 121, 122, 124, 125, 126, 127, 8, 14, 45, 47, 76, 78,
  112, 31, 96, 97, 98, 99, 100, 101, 102, 103 }

local function odd_notes(d)
  local notes, t = {}, 0
  while t < d.form.bars * d.form.beats do
    local length = d:pick { 0.25, 0.5, 1, 2, 4 } * d.rng:uniform(0.7, 1.3)
    if d:chance(0.7) then
      for _ = 1, d.rng:integer(1, 3) do
        local key = d.rng:integer(30, 95)
        notes[#notes + 1] = { t * midi.division, length * midi.division, key,
          d.rng:integer(50, 109) }
      end
    end
    t = t + length
  end
  return notes
end

function write.weird(d)
  for _ = 1, d.rng:integer(2, 4) do
    local program, notes = d:pick(odd_programs), odd_notes(d)
    local volume = d.rng:integer(70, 109)
    d.band:add("Odd", program, notes, { volume = volume, pan = d.rng:integer(0, 127),
      stem = "other" })
  end
end

--- Writes the ensemble `style.own`: lays out the form, returns a band.
function ensembles.write(rng, form, style)
  form.groove = "own:" .. style.own
  theory.lay_out(rng, form, style, rng:pick(style.beats or { 4, 4, 3 }))
  local d = setmetatable({ rng = rng, form = form, band = band.new() }, desk)
  write[style.own](d)
  return d.band
end

return ensembles
