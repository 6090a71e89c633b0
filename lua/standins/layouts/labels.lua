--- Which tags are true of a clip, from the traits of its score and its loudness; and what listeners
-- write down.
local styles = require "standins.score.styles"
local tag_table = require "standins.layouts.tag_table"

local labels = {}

-- Programs whose share of the notes makes a tag true: {tag, least share, {from, to}, ...}.
local by_instrument = {
  { "guitar", 0.15, { 24, 31 } },
  { "piano", 0.15, { 0, 5 } },
  { "strings", 0.12, { 40, 45 }, { 48, 51 }, { 110, 110 } },
  { "violin", 0.1, { 40, 40 }, { 110, 110 } },
  { "cello", 0.1, { 42, 42 } },
  { "harp", 0.1, { 46, 46 } },
  { "flute", 0.1, { 72, 75 }, { 77, 77 }, { 79, 79 } },
  { "harpsichord", 0.1, { 6, 6 } },
  { "sitar", 0.1, { 104, 104 } },
  { "synth", 0.15, { 80, 103 }, { 50, 51 }, { 62, 63 } },
  { "choir", 0.1, { 52, 53 } },
}

-- Tags of a style that need their instrument.
local must_sound = { sitar = true, guitar = true, synth = true }

local function set(tags, list, value)
  for _, tag in ipairs(list) do tags[tag] = value end
end

local function share(programs, row)
  local sum = 0
  for i = 3, #row do
    for p = row[i][1], row[i][2] do sum = sum + (programs[tostring(p)] or 0) end
  end
  return sum
end

local function instrument_tags(tags, traits)
  for _, row in ipairs(by_instrument) do
    if share(traits.programs, row) >= row[2] then tags[row[1]] = true
    elseif must_sound[row[1]] then tags[row[1]] = nil end
  end
end

local voices = {
  f = { "female", "woman", "female vocal", "female voice" },
  m = { "male", "man", "male vocal", "male voice" },
}

local function voice_tags(tags, traits)
  if traits.vocal or traits.spoken then
    set(tags, { "vocal", "vocals", "voice" }, true)
    if traits.vocal then tags.singing = true end
    set(tags, voices[traits.gender], true)
  elseif tags.choir then
    set(tags, { "vocal", "voice", "vocals", "choral" }, true)
  else
    set(tags, { "no vocals", "no vocal", "no voice" }, true)
  end
end

local function drum_tags(tags, traits)
  if not traits.drums then set(tags, { "beat", "beats" }, nil)
  elseif traits.style ~= "indian" and traits.style ~= "newage" then
    set(tags, { "drums", "beat" }, true)
  end
end

local function tempo_tags(tags, traits)
  tags.fast = traits.bpm >= 134 and traits.style ~= "ambient" and traits.style ~= "choir" or nil
  if traits.bpm <= 78 then tags.slow = true end
end

local function loudness_tags(tags, traits, level)
  if level <= -25 then
    set(tags, { "quiet", "soft" }, true)
    tags.loud = nil
  elseif level >= -16 and (traits.drums or traits.style == "orchestra"
    or traits.style == "weird") then
    tags.loud = true
    set(tags, { "quiet", "soft" }, nil)
  end
end

--- The true tags of a clip, in the order of the columns. level: the clip's loudness in decibels.
function labels.tags(traits, level)
  local tags = {}
  set(tags, styles[traits.style].tags, true)
  instrument_tags(tags, traits)
  voice_tags(tags, traits)
  drum_tags(tags, traits)
  tempo_tags(tags, traits)
  if traits.parts == 1 and not traits.vocal then tags.solo = true end
  loudness_tags(tags, traits, level)
  local list = {}
  for _, tag in ipairs(tag_table.columns) do if tags[tag] then list[#list + 1] = tag end end
  return list
end

--- What listeners write: each true tag with its own chance, and now and then one of the top 50 that
-- is not true.
function labels.annotations(rng, true_tags)
  local is_true, list = {}, {}
  for _, tag in ipairs(true_tags) do
    is_true[tag] = true
    if rng:chance(tag_table.keep[tag] or 0.5) then list[#list + 1] = tag end
  end
  for _, tag in ipairs(tag_table.top) do
    if rng:chance(0.003) and not is_true[tag] then list[#list + 1] = tag end
  end
  return list
end

return labels
