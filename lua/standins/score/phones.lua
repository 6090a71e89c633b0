--- Phones of the singing voices that join without a missing diphone, and singers drawn from the
-- voices. Every syllable starts with a consonant, and every vowel has a join with itself: see
-- voice.lua.
local phones = {}

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = word end
  return list
end

local function language(silence, rate, vowels, onsets, codas)
  return { silence = silence, rate = rate, vowels = words(vowels), onsets = words(onsets),
    codas = words(codas) }
end

local english_onsets = "l m n r s t d v b k f w y hh"
local kal = language("pau", 16000, "aa eh iy ow uw ae ah ay ey er", english_onsets, "m n l s")
local ked = language("pau", 16000, "aa iy ow uw ah ay ey", english_onsets, "m n l s")
local italian = language("#", 16000, "a e i o u", "l m n r s t d v b k f p", "n l r")
local finnish = language("#", 22050, "a: e: i o: u: y:", "l m n r s t d v k h j p", "n l s")
local finnish_lj = language("#", 22050, "a: e: i: o u: y:", "m n r s t d v k h j p", "")

-- energy: what the units are turned down by, so that the synthesis does not overflow (see
-- voice.lua)
local voices = {
  kal = { command = "voice_kal_diphone", gender = "m", phones = kal, energy = 0.6 },
  ked = { command = "voice_ked_diphone", gender = "m", phones = ked, energy = 0.25 },
  lp = { command = "voice_lp_diphone", gender = "f", phones = italian, energy = 0.2 },
  pc = { command = "voice_pc_diphone", gender = "m", phones = italian, energy = 0.12 },
  mv = { command = "voice_hy_fi_mv_diphone", gender = "m", phones = finnish, energy = 0.6 },
  lj = { command = "voice_suo_fi_lj_diphone", gender = "f", phones = finnish_lj, energy = 0.3 },
}

--- The voices that sing, in the order in which they are drawn. The set is fixed: it never depends
-- on the machine.
phones.set = { "kal", "ked", "lp", "pc", "mv", "lj" }

local function of_gender(gender)
  local list = {}
  for _, name in ipairs(phones.set) do
    if voices[name].gender == gender then list[#list + 1] = name end
  end
  return list
end

local males, females = of_gender("m"), of_gender("f")

-- Consonants in seconds.
local lengths = { l = 0.06, m = 0.06, n = 0.055, r = 0.05, s = 0.09, t = 0.06, d = 0.05, v = 0.05,
  b = 0.05, k = 0.07, f = 0.08, w = 0.05, y = 0.05, hh = 0.05, h = 0.05, j = 0.05, p = 0.06 }

--- How long a consonant lasts, in seconds; 0 for none.
function phones.length(consonant) return lengths[consonant] or 0 end

--- The highest key that comes out true: the synthesis holds the pitch at 500 Hz before the formants
-- are moved.
function phones.top_key(formant) return math.floor(69 + 12 * math.log(475 * formant / 440, 2)) end

-- The formant factor rounded so that the voice's rate times it is a multiple of 100 Hz.
local function formant_of(rng, voice, low, high)
  local rate = voices[voice].phones.rate
  return math.floor(rate * rng:uniform(low, high) / 100 + 0.5) * 100 / rate
end

--- A singer of gender "f" or "m": {voice, formant, low and high key, vibrato in semitones, its rate
-- in Hz, ...}. The formant factor: the voice is synthesised slower and lower by it and played
-- faster, which moves the formants.
function phones.singer(rng, gender)
  local voice, formant, low, high
  if gender == "f" then
    if rng:chance(0.7) then
      voice = rng:pick(females)
      formant = formant_of(rng, voice, 0.98, 1.15)
    else
      voice = rng:pick(males)
      formant = formant_of(rng, voice, 1.17, 1.28)
    end
    low = rng:integer(56, 59)
    high = low + rng:integer(12, 15)
  else
    voice = rng:pick(males)
    formant = formant_of(rng, voice, 0.88, 1.05)
    low = rng:integer(45, 49)
    high = low + rng:integer(11, 15)
  end
  high = math.min(high, phones.top_key(formant))
  low = math.min(low, high - 11)
  return { voice = voice, gender = gender, formant = formant, low = low, high = high,
    vibrato = rng:uniform(0.15, 0.45), vibrato_rate = rng:uniform(5, 6.3),
    command = voices[voice].command, phones = voices[voice].phones, energy = voices[voice].energy }
end

--- Random syllables for a singer: {{onset=, vowel=, coda = text or nil}, ...}
function phones.lyric(rng, singer, count)
  local p, list = singer.phones, {}
  for i = 1, count do
    local onset, vowel = rng:pick(p.onsets), rng:pick(p.vowels)
    local closed = #p.codas > 0 and rng:chance(0.22)
    list[i] = { onset = onset, vowel = vowel, coda = closed and rng:pick(p.codas) or nil }
  end
  return list
end

return phones
