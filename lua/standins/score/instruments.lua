--- General MIDI programs (from 0): families that may stand in for each other, and which stem a
-- track belongs to.
local instruments = {}

instruments.families = {
  piano = { 0, 1, 2, 3 }, epiano = { 4, 5 }, harpsi = { 6 }, mallet = { 8, 9, 10, 11, 12, 13, 14 },
  organ = { 16, 17, 18, 19 }, accordion = { 21, 23 }, acguitar = { 24, 25 },
  elguitar = { 26, 27, 28 }, distguitar = { 29, 30 }, acbass = { 32 },
  elbass = { 33, 34, 35, 36, 37 }, synbass = { 38, 39 }, violin = { 40, 110 }, cello = { 42 },
  strings = { 44, 48, 49 }, synstrings = { 50, 51 }, harp = { 46 }, choir = { 52, 53 },
  brass = { 56, 57, 61 }, synbrass = { 62, 63 }, sax = { 64, 65, 66, 67 },
  reed = { 68, 69, 70, 71 }, pipe = { 72, 73, 74, 75, 77, 79 }, lead = { 80, 81, 82, 84, 87 },
  pad = { 88, 89, 90, 91, 92, 94, 95 }, fx = { 96, 97, 98, 99, 100, 101, 102, 103 },
  sitar = { 104 }, banjo = { 105 }, koto = { 106, 107, 108 },
}

--- program -> family name, where it has one
instruments.family_of = {}
for name, programs in pairs(instruments.families) do
  for _, p in ipairs(programs) do instruments.family_of[p] = name end
end

local function in_range(p, low, high) return p >= low and p <= high end

--- Whether a program plays the bass: basses, contrabass, tuba.
function instruments.is_bass(p) return in_range(p, 32, 39) or p == 43 or p == 58 end

--- The stem of a track. Names mislead (a third of mma's Bass tracks are left hands and guitars);
-- programs do not.
function instruments.stem(channel, program)
  if channel == 9 or in_range(program, 115, 119) then return "drums" end
  if instruments.is_bass(program) then return "bass" end
  if program == 52 or program == 53 then return "vocals" end
  return "other"
end

return instruments
