--- Speech for the Spoken genre: espeak-ng in several languages and voices, or festival, word after
-- word at random.
local audio = require "moonstem.core.audio"
local mixing = require "standins.sound.mixing"
local synth = require "standins.sound.synth"
local tools = require "standins.tools"
local waves = require "standins.sound.waves"

local speech = {}

local words = {}
for word in ([[the a and of to in we they people morning river house time light water never always
every small old young city road story number letter window garden paper music voice night winter
summer between because after before under open close remember forget answer question moment reason
history machine mountain village bread salt silver copper distance carry follow listen speak write
travel build measure yesterday tomorrow perhaps without around children teacher]]):gmatch("%S+") do
  words[#words + 1] = word
end

local variants = { m = { "m1", "m3", "m4", "m7", "m8" }, f = { "f1", "f2", "f3", "f4", "f5" } }
local languages = { "en", "en-us", "fr", "de", "es", "it" }

local function sentence(rng)
  local list = {}
  for i = 1, rng:integer(6, 15) do list[i] = rng:pick(words) end
  return table.concat(list, " ") .. "."
end

--- A speaker: festival for some of the men, espeak-ng for the others and all women.
function speech.speaker(rng)
  local gender = rng:pick { "m", "f" }
  local festival = rng:chance(1 / 3) and gender == "m"
  return {
    gender = gender, festival = festival and rng:pick { "voice_kal_diphone", "voice_ked_diphone" },
    voice = rng:pick(languages) .. "+" .. rng:pick(variants[gender]),
    speed = rng:integer(125, 189), pitch = rng:integer(30, 69),
  }
end

-- What festival says; nil and a sentence.
local function by_festival(speaker, text, folder)
  local script = "(%s)\n"
    .. "(utt.save.wave (utt.synth (Utterance Text \"%s\")) \"speech.wav\" 'riff)\n"
  os.remove(folder .. "/speech.wav")
  local good, why = tools.write(folder .. "/speech.scm", script:format(speaker.festival, text))
  if good then good, why = tools.festival(folder, "speech.scm") end
  return good and tools.read(folder .. "/speech.wav"), why
end

-- What espeak-ng says, through a pipe: it does not notice that a disk is full.
local function by_espeak(speaker, text, folder)
  return tools.capture(folder, { "espeak-ng", "-v", speaker.voice, "-s", tostring(speaker.speed),
    "-p", tostring(speaker.pitch), "--stdout", text })
end

-- A sentence spoken: wave, rate; nil and a sentence.
local function say(speaker, text, folder)
  local bytes, why = (speaker.festival and by_festival or by_espeak)(speaker, text, folder)
  local wave, rate = waves.decode(bytes or "")
  if wave and wave:size(1) > 0 then return wave, rate end
  return nil, why or tools.complaint(folder, "no speech was made")
end

--- Speaks for `frames` samples: a mono wave at 44.1 kHz, or nil and a message.
function speech.talk(rng, speaker, frames, folder)
  local out, at = mixing.silence(frames, 1), rng:uniform(0, 0.5)
  while at < frames / synth.rate - 1 do
    local wave, rate = say(speaker, sentence(rng), folder)
    if not wave then return nil, rate end
    wave = audio.resample(wave, rate, synth.rate)
    mixing.scale(wave, 0.1 / (mixing.rms(wave) + 1e-6))
    mixing.add(out, wave, math.floor(at * synth.rate))
    at = at + wave:size(1) / synth.rate + rng:uniform(0.1, 0.7)
  end
  return out
end

return speech
