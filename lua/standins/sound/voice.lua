--- Singing: festival's diphone voices given phones, lengths and pitches, phrase by phrase in one
-- run.
local audio = require "moonstem.core.audio"
local mixing = require "standins.sound.mixing"
local filters = require "standins.sound.filters"
local phones = require "standins.score.phones"
local synth = require "standins.sound.synth"
local theory = require "standins.score.theory"
local tools = require "standins.tools"
local waves = require "standins.sound.waves"

local voice = {}

-- The synthesis sums overlapping windows into 16-bit words, and at singing pitch it runs over and
-- wraps round. So the stock definition is redefined with the unit energies turned down first, and
-- without rescaling afterwards. The unit waves are shared by all uses of a diphone: each voice's
-- are turned down only once in a process.
local quiet_synthesis = [[
(defvar UniSyn_module_hooks nil)
(defvar done_VOICE nil)
(defSynthType UniSyn
  (Param.def "unisyn.window_name" "hanning")
  (Param.def "unisyn.window_factor" 1.0)
  (apply_hooks UniSyn_module_hooks utt)
  (us_get_diphones utt)
  (mapcar
   (lambda (u)
    (if (not (member_string (item.name u) done_VOICE))
     (begin
      (set! done_VOICE (cons (item.name u) done_VOICE))
      (item.set_feat u 'energy_factor ENERGY))))
   (utt.relation.items utt 'Unit))
  (us_energy_normalise utt 'Unit)
  (us_unit_concat utt)
  (if (not (member 'f0 (utt.relationnames utt))) (targets_to_f0 utt))
  (set! pm_end (+ (item.feat (utt.relation.last utt 'Segment) "end") 0.02))
  (us_f0_to_pitchmarks utt 'f0 'TargetCoef pm_end)
  (us_mapping utt 'segment_single)
  (us_generate_wave utt (Parameter.get 'us_sigpr) 'analysis_period)
  utt)
(set! after_synth_hooks nil)
]]

local highest = 480 -- Hz: the synthesis holds the pitch at 500
local lead_in, tail = 0.08, 0.1 -- silence around a phrase, in seconds
-- a vowel of 0.28 s or more is written as three: one stretched segment swells late and dies early
local edge = 0.08

-- Notes {start, stop, key} in seconds, cut into phrases at rests and after 14 notes, each with its
-- syllable.
local function split_phrases(notes, lyric)
  local phrases, current = {}, nil
  for i, note in ipairs(notes) do
    local last = current and current[#current]
    if not last or note[1] - last.stop > 0.35 or #current >= 14 then
      current = {}
      phrases[#phrases + 1] = current
    end
    current[#current + 1] = { start = note[1], stop = note[2], key = note[3],
      syllable = lyric[(i - 1) % #lyric + 1] }
  end
  return phrases
end

-- The pitch over a vowel, every 40 ms: a glide from the note before, vibrato fading in, a fall for
-- rap, a little unrest.
local function pitch_curve(rng, singer, o, length, hertz, before)
  local points, t = {}, 0
  while t < length do
    local base = before and before * (hertz / before) ^ math.min(1, t / 0.06) or hertz
    local depth = o.vibrato * math.max(0, math.min(1, (t - 0.18) / 0.2))
    local fall = o.manner == "rap" and -1.2 * t / length or 0
    local bend = depth * math.sin(2 * math.pi * singer.vibrato_rate * t) + fall
      + rng:normal(0, 0.04)
    points[#points + 1] = { t, base * 2 ^ (bend / 12) }
    t = t + 0.04
  end
  return points
end

local function between(points, from, to)
  local list = {}
  for _, p in ipairs(points) do
    if p[1] >= from and p[1] < to then list[#list + 1] = { p[1] - from, p[2] } end
  end
  return list
end

-- A phrase being written: segments {phone, length, pitch points}, and how long they are together.
local function add(phrase, phone, length, points)
  phrase[#phrase + 1] = { phone, length, points or {} }
  phrase.length = phrase.length + length
end

local function add_vowel(phrase, vowel, length, points)
  if length < 0.28 then return add(phrase, vowel, length, points) end
  for _, cut in ipairs { { 0, edge }, { edge, length - edge }, { length - edge, length } } do
    add(phrase, vowel, cut[2] - cut[1], between(points, cut[1], cut[2]))
  end
end

-- One note: consonant before the beat, vowel on it, perhaps a consonant at the end. Returns its
-- pitch in Hz.
local function add_note(rng, singer, o, phrase, note, stop, before)
  local hertz = theory.hertz(note.key + rng:normal(0, 0.1))
  local syllable = note.syllable
  add(phrase, syllable.onset, phones.length(syllable.onset),
    { { 0, before and 0.5 * (hertz + before) or hertz } })
  local room = stop - (phrase.start + phrase.length)
  local coda = room > 0.3 and phones.length(syllable.coda) or 0
  local length = math.max(0.06, room - coda)
  add_vowel(phrase, syllable.vowel, length, pitch_curve(rng, singer, o, length, hertz, before))
  if coda > 0 then add(phrase, syllable.coda, coda, { { 0, hertz } }) end
  return hertz
end

-- The segments of a phrase's notes, with the time at which they start.
local function write_phrase(rng, singer, o, notes)
  local phrase, before = { length = 0 }, nil
  phrase.start = notes[1].start - phones.length(notes[1].syllable.onset) - lead_in
  add(phrase, singer.phones.silence, lead_in)
  for i, note in ipairs(notes) do
    local following = notes[i + 1]
    local limit = following and following.start - phones.length(following.syllable.onset)
      or math.huge
    before = add_note(rng, singer, o, phrase, note, math.min(note.stop, limit), before)
    local gap = following and limit - (phrase.start + phrase.length) or 0
    if gap > 0.06 then
      add(phrase, singer.phones.silence, gap)
      before = nil
    elseif gap > 0.02 then -- too short for a rest: the last sound goes on
      local last = phrase[#phrase]
      last[2], phrase.length = last[2] + gap, phrase.length + gap
    end
  end
  add(phrase, singer.phones.silence, tail)
  return phrase
end

-- Lengths times the formant factor and pitches divided by it: playing it faster puts both right.
local function segment_text(segment, formant)
  local words = { ("(%s %.4f"):format(segment[1], segment[2] * formant) }
  for _, p in ipairs(segment[3]) do
    words[#words + 1] = ("(%.3f %.1f)"):format(p[1] * formant, math.min(highest, p[2] / formant))
  end
  return table.concat(words, " ") .. ")"
end

-- The commands that make one singer sing all phrases of a line, into NAME-1.wav and so on.
local function script(line, name)
  local singer, lines = line.singer, { ("(%s)"):format(line.singer.command) }
  lines[2] = quiet_synthesis:gsub("VOICE", singer.voice)
    :gsub("ENERGY", ("%g"):format(singer.energy))
  for k, phrase in ipairs(line.phrases) do
    local segments = {}
    for i, segment in ipairs(phrase) do segments[i] = segment_text(segment, singer.formant) end
    lines[#lines + 1] = ("(set! u (Utterance Segments (%s)))\n(utt.synth u)\n"
      .. "(utt.save.wave u \"%s-%d.wav\" 'riff)"):format(table.concat(segments, " "), name, k)
  end
  return table.concat(lines, "\n") .. "\n"
end

-- A phrase as festival wrote it, at our rate, evened out: the gain of the synthesis grows with
-- pitch, and a join leaves a spike now and then.
local function finish_phrase(wave, rate, formant)
  wave = audio.resample(wave, math.floor(rate * formant + 0.5), synth.rate)
  mixing.even(wave, 2205, 0.1, 0.015, 0.6)
  mixing.scale(wave, 0.1 / (mixing.rms(wave) + 1e-6))
  return mixing.clip(wave, 0.55)
end

local function usable(notes, seconds)
  local list = {}
  for _, note in ipairs(notes) do
    if note[1] > 0.15 and note[1] < seconds - 0.3 then list[#list + 1] = note end
  end
  return list
end

local vibratos = {
  sing = function(_, singer) return singer.vibrato end,
  opera = function(rng) return rng:uniform(0.6, 1) end,
  rap = function() return 0 end,
  choir = function() return 0.2 end,
}

-- The phrases of a line, as segments.
local function write_line(rng, line, seconds, manner)
  local singer = line.singer
  local o = { manner = manner, vibrato = vibratos[manner](rng, singer) }
  line.phrases = split_phrases(usable(line.notes, seconds), line.lyric)
  for i, phrase in ipairs(line.phrases) do
    line.phrases[i] = write_phrase(rng, singer, o, phrase)
  end
end

-- One festival for all lines: it takes longer to start than to sing.
local function run(lines, folder)
  local texts = {}
  for i, line in ipairs(lines) do
    texts[i] = script(line, "line" .. i)
    for k = 1, #line.phrases do os.remove(("%s/line%d-%d.wav"):format(folder, i, k)) end
  end
  local good, why = tools.write(folder .. "/sing.scm", table.concat(texts))
  if not good then return nil, why end
  return tools.festival(folder, "sing.scm")
end

-- The wave of the i-th line from the files of its phrases.
local function gather(line, i, frames, manner, folder)
  local out = mixing.silence(frames, 1)
  for k, phrase in ipairs(line.phrases) do
    local wave, rate = waves.read(("%s/line%d-%d.wav"):format(folder, i, k))
    if not wave then return nil, tools.complaint(folder, "festival did not sing") end
    local at = math.floor(phrase.start * synth.rate + 0.5)
    mixing.add(out, finish_phrase(wave, rate, line.singer.formant), at)
  end
  -- the singer's formant
  if manner == "opera" then mixing.filter(out, filters.band(2900, 2.5), 1, 1.6) end
  return mixing.filter(out, filters.highpass(90))
end

--- Sings lines {singer=, notes=, lyric=} in a manner ("sing", "opera", "rap", "choir"). A note is
-- {start, stop, key} in seconds (the key may be a fraction); a lyric is a list of syllables that
-- repeats. Returns a list of mono waves of `frames` samples at 44.1 kHz, or nil and a message.
function voice.sing(rng, lines, frames, manner, folder)
  for _, line in ipairs(lines) do write_line(rng, line, frames / synth.rate, manner) end
  local good, why = run(lines, folder)
  if not good then return nil, why end
  local sung = {}
  for i, line in ipairs(lines) do
    sung[i], why = gather(line, i, frames, manner, folder)
    if not sung[i] then return nil, why end
  end
  return sung
end

return voice
