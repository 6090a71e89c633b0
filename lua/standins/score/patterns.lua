--- Accompaniment written directly: chord patterns, bass lines, hand drums. Notes are {tick, length,
-- key, velocity}.
local theory = require "standins.score.theory"
local midi = require "standins.score.midi"

local patterns = {}

local quarter = midi.division

-- The pitch class at the octave nearest to a key.
local function near(class, centre) return class + 12 * math.floor((centre - class) / 12 + 0.5) end

-- The keys of a chord around a centre, from low to high.
local function voicing(classes, centre)
  local keys = {}
  for i, class in ipairs(classes) do keys[i] = near(class, centre) end
  table.sort(keys)
  return keys
end

local function upward(keys)
  local out = { table.unpack(keys) }
  for _, key in ipairs(keys) do out[#out + 1] = key + 12 end
  return out
end

local function and_down(keys)
  local out = { table.unpack(keys) }
  for i = #keys - 1, 2, -1 do out[#out + 1] = keys[i] end
  return out
end

-- Patterns as functions (put, keys, beats): put(beat in the bar, length in beats, key, less
-- velocity).
local function blocks(step, length, softer)
  return function(put, keys, beats)
    for k = 0, math.max(1, math.floor(beats / step)) - 1 do
      for _, key in ipairs(keys) do
        put(k * step, length or beats, key, softer and k % 2 * softer)
      end
    end
  end
end

local function sequence(step, length, order)
  return function(put, keys, beats)
    local seq = order(keys)
    for k = 0, math.floor(beats / step) - 1 do put(k * step, length, seq[k % #seq + 1]) end
  end
end

local strokes = { { 0, 1 }, { 1, 0.5 }, { 1.5, 0.5 }, { 2.5, 0.5 }, { 3, 1 } }

local function strum(put, keys, beats)
  for _, stroke in ipairs(strokes) do
    if stroke[1] < beats then
      for j, key in ipairs(keys) do put(stroke[1] + (j - 1) * 0.02, stroke[2], key) end
      put(stroke[1] + #keys * 0.02, stroke[2], keys[1] + 12)
    end
  end
end

local chordal = {
  sustain = function(put, keys, beats)
    for _, key in ipairs(keys) do put(0, beats, key) end
  end,
  half = blocks(2, 2),
  quarters = blocks(1, 0.8),
  pulse8 = blocks(0.5, 0.4, 6),
  arp8 = sequence(0.5, 0.5, upward),
  arp16 = sequence(0.25, 0.25, upward),
  updown = sequence(0.5, 0.5, function(keys) return and_down(upward(keys)) end),
  alberti = sequence(0.5, 0.5, function(v) return { v[1], v[#v], v[#v // 2 + 1], v[#v] } end),
  harp = sequence(0.25, 0.5, function(keys)
    local seq = {}
    for i, key in ipairs(keys) do seq[i] = key - 12 end
    for _, key in ipairs(and_down(upward(keys))) do seq[#seq + 1] = key end
    return seq
  end),
  strum = strum,
  fingerpick = sequence(0.5, 0.9, function(v)
    local top, inner = v[#v], v[2] or v[1]
    return { v[1] - 12, top, inner, top, v[1], top, inner, top + 12 }
  end),
}

--- A chordal part through the whole form: pattern name, centre key, velocity.
function patterns.chords(rng, form, pattern, centre, velocity)
  local notes, play = {}, chordal[pattern]
  for bar = 0, form.bars - 1 do
    local start = bar * form.beats
    local function put(t, length, key, softer)
      local tick = (start + t) * quarter + rng:normal(0, 3)
      notes[#notes + 1] = { tick, length * quarter * 0.96, key,
        velocity - (softer or 0) + rng:integer(-8, 8) }
    end
    play(put, voicing(theory.pitch_classes(form.key, form.chords[bar + 1]), centre), form.beats)
  end
  return notes
end

local function contains(list, x)
  for _, y in ipairs(list) do if x == y then return true end end
  return false
end

-- Steps through chord notes, now and then one outside, within a bass's range.
local function walk(rng, notes, form, bar, root, velocity)
  local classes, key = theory.pitch_classes(form.key, form.chords[bar + 1]), root
  for k = 0, math.floor(form.beats) - 1 do
    notes[#notes + 1] = { (bar * form.beats + k) * quarter, 0.92 * quarter, key,
      velocity + rng:integer(-8, 7) }
    local choice = {}
    for q = math.max(30, key - 5), math.min(58, key + 5) do
      if q ~= key and (contains(classes, q % 12) or rng:chance(0.3)) then
        choice[#choice + 1] = q
      end
    end
    if #choice > 0 then key = rng:pick(choice) end
  end
end

local lines = {
  root = function(_, notes, form, bar, root, velocity)
    notes[#notes + 1] = { bar * form.beats * quarter, form.beats * quarter * 0.95, root, velocity }
  end,
  rootfifth = function(_, notes, form, bar, root, velocity)
    for k = 0, math.floor(form.beats) - 1, 2 do
      local fifth = k // 2 % 2 == 1
      local key = fifth and root + 7 - (root > 40 and 12 or 0) or root
      notes[#notes + 1] = { (bar * form.beats + k) * quarter, 1.8 * quarter, key, velocity }
    end
  end,
  walk = walk,
}

--- A bass line: "root", "rootfifth" or "walk", around a centre key.
function patterns.bass(rng, form, kind, centre, velocity)
  local notes = {}
  for bar = 0, form.bars - 1 do
    local root = near((form.key + form.chords[bar + 1][1]) % 12, centre)
    lines[kind](rng, notes, form, bar, root, velocity or 85)
  end
  return notes
end

--- A melody as notes; `ornament` is how often a long note gets a short one in front.
function patterns.lead(rng, line, velocity, ornament)
  local notes = {}
  for _, note in ipairs(line) do
    local beat, length, key = table.unpack(note)
    local v = (velocity or 92) + rng:integer(-10, 10)
    if ornament and length >= 0.5 and rng:chance(ornament) then
      notes[#notes + 1] = { beat * quarter, 0.12 * quarter, key + rng:pick { 1, 2, -1 }, v }
      notes[#notes + 1] = { (beat + 0.125) * quarter, (length - 0.125) * quarter * 0.94, key, v }
    else
      notes[#notes + 1] = { beat * quarter + rng:normal(0, 3), length * quarter * 0.94, key, v }
    end
  end
  return notes
end

--- Drums played with the hands: one bar of eighths that repeats, over keys of the drum channel.
function patterns.hand_drums(rng, form, keys, velocity)
  local cycle, notes = {}, {}
  for k = 0, math.floor(form.beats * 2) - 1 do
    local key, sounds = rng:pick(keys), rng:chance(0.7)
    if sounds then cycle[#cycle + 1] = { k / 2, key } end
  end
  for bar = 0, form.bars - 1 do
    for _, stroke in ipairs(cycle) do
      if rng:chance(0.92) then
        local tick = (bar * form.beats + stroke[1]) * quarter + rng:normal(0, 3)
        notes[#notes + 1] = { tick, 0.3 * quarter, stroke[2], velocity + rng:integer(-15, 15) }
      end
    end
  end
  return notes
end

return patterns
