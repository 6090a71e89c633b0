--- One piece of music: first its score (everything but the sound), then its stems.
local mixing = require "standins.sound.mixing"
local effects = require "standins.sound.effects"
local ensembles = require "standins.score.ensembles"
local melody = require "standins.score.melody"
local mma = require "standins.score.mma"
local patterns = require "standins.score.patterns"
local phones = require "standins.score.phones"
local speech = require "standins.sound.speech"
local styles = require "standins.score.styles"
local synth = require "standins.sound.synth"
local theory = require "standins.score.theory"
local voice = require "standins.sound.voice"

local piece = {}

-- ---- the score ----------------------------------------------------------------------------------

local function append(list, first, count)
  for bar = first, first + count - 1 do list[#list + 1] = bar end
  return list
end

-- Verses and choruses are sung, the other bars are not; with a voice but no verse, everything is.
local function share_bars(form, vocal)
  local sung, rest = {}, {}
  for _, section in ipairs(form.sections) do
    if vocal and (section.kind == "V" or section.kind == "C") then
      sung[#sung + 1] = { kind = section.kind, bars = append({}, section.first, section.bars) }
    else
      append(rest, section.first, section.bars)
    end
  end
  if vocal and #sung == 0 then return { { kind = "V", bars = append({}, 0, form.bars) } }, {} end
  return sung, rest
end

local low_leads = { [42] = true, [57] = true, [66] = true }

-- A lead instrument in the bars without singing.
local function add_lead(rng, score, bars)
  local style = score.style
  if style.own or #bars == 0 or not style.lead or not rng:chance(0.75) then return end
  local program = rng:pick(style.lead)
  local low, high = 60, 84
  if low_leads[program] then low, high = 50, 72 end
  local line = melody.line(rng, score.form, bars, low, high, rng:uniform(0.8, 1.6), 0.2)
  local notes = patterns.lead(rng, line, 92)
  local volume = rng:integer(80, 103)
  score.band:add("Lead", program, notes,
    { volume = volume, pan = rng:integer(48, 79), stem = "other" })
end

local density = {
  opera = function() return 0.7 end,
  choir = function() return 0.4 end,
  sing = function(rng) return rng:uniform(0.8, 1.25) end,
}

local function sung_line(rng, form, singer, manner, bars)
  local low, high = singer.low, singer.high
  if manner == "rap" then return melody.rap(rng, form, bars, low + 4) end
  if manner == "opera" then
    high = math.min(low + 17, phones.top_key(singer.formant))
    low = high - 13
  end
  return melody.line(rng, form, bars, low, high, density[manner](rng), 0.25)
end

-- Beats to seconds, notes ending a little early.
local function in_seconds(line, form, notes)
  local beat = 60 / form.bpm
  for _, n in ipairs(line) do
    notes[#notes + 1] = { n[1] * beat, (n[1] + n[2] * 0.97) * beat, n[3] }
  end
  return notes
end

-- The second voice: thirds and fourths below, wider in a choir.
local function harmony(rng, notes, manner)
  local steps = manner == "choir" and { -5, -3, -4, 12, 0 } or { -3, -4, 0 }
  local list = {}
  for i, n in ipairs(notes) do list[i] = { n[1], n[2], n[3] + rng:pick(steps) } end
  return list
end

local function other_gender(gender) return gender == "f" and "m" or "f" end

-- One kind of section's song: a singer's notes and words, and perhaps a second singer's.
local function song(rng, score, singer, kind, notes)
  local manner = score.style.voice
  local lines = { { singer = singer, notes = notes, lyric = score.lyrics[kind] } }
  if manner == "choir" or (kind == "C" and manner == "sing" and rng:chance(0.4)) then
    local gender = rng:chance(0.6) and singer.gender or other_gender(singer.gender)
    local second = phones.singer(rng, gender)
    local higher = harmony(rng, notes, manner)
    lines[2] = { singer = second, notes = higher, lyric = phones.lyric(rng, second, 16),
      back = true }
  end
  return lines
end

-- Singer, lyrics and lines of all sung sections; verses share their words, and so do choruses.
local function add_singing(rng, score, sung)
  local gender = rng:pick { "m", "f" }
  local singer = phones.singer(rng, gender)
  local traits = score.traits
  traits.vocal, traits.gender, traits.singer, traits.formant = true, gender, singer.voice,
    singer.formant
  score.lyrics = {}
  for _, kind in ipairs { "V", "C" } do
    score.lyrics[kind] = phones.lyric(rng, singer, rng:integer(7, 16))
  end
  local notes = { V = {}, C = {} }
  for _, section in ipairs(sung) do
    local line = sung_line(rng, score.form, singer, score.style.voice, section.bars)
    in_seconds(line, score.form, notes[section.kind])
  end
  score.songs = {}
  for _, kind in ipairs { "V", "C" } do
    if #notes[kind] > 0 then
      for _, line in ipairs(song(rng, score, singer, kind, notes[kind])) do
        score.songs[#score.songs + 1] = line
      end
    end
  end
end

local function draw_room(rng, style)
  local room = { size = rng:uniform(0.1, 0.75), level = rng:uniform(0.05, 0.45),
    damp = rng:uniform(0, 0.5) }
  if style.effect == "wash" then return { size = 0.9, level = 0.8, damp = 0.1 } end
  return room
end

local function shares_text(shares)
  local rounded = {}
  for program, share in pairs(shares) do
    rounded[tostring(program)] = math.floor(share * 1000 + 0.5) / 1000
  end
  return rounded
end

local function spoken_score(rng, score)
  score.speaker = speech.speaker(rng)
  local traits = score.traits
  traits.spoken, traits.gender, traits.groove = true, score.speaker.gender, "speech"
  return score
end

--- Writes the score of a piece. o: seconds, start ("intro", "verse", "anywhere"), full (all four
-- stems must sound), voiceless (nobody sings), folder (to work in). Returns {style=, form=, band=,
-- traits=, ...}; nil and a message, and true where the piece is at fault, which may be drawn anew;
-- without it nothing is known about the piece. traits: style, groove, bpm, beats, key, drums, bass,
-- parts, programs (share by program), vocal, spoken, gender.
function piece.compose(rng, name, o)
  local style = styles[name]
  local form = theory.form(rng, style, o.seconds, o.start)
  local traits = { style = name, bpm = form.bpm, key = form.key, vocal = false, spoken = false,
    drums = false, bass = false, parts = 0, programs = {} }
  local score = { style = style, form = form, room = draw_room(rng, style), traits = traits,
    full = o.full, songs = {} }
  if style.spoken then return spoken_score(rng, score) end
  local why, own
  if style.own then score.band = ensembles.write(rng, form, style)
  else score.band, why, own = mma.arrange(rng, form, style, o.full, o.folder) end
  if not score.band then return nil, why, own end
  local vocal = rng:chance(style.vocal)
  vocal = (vocal or o.full or false) and not o.voiceless
  local sung, rest = share_bars(form, vocal)
  add_lead(rng, score, rest)
  if vocal then add_singing(rng, score, sung) end
  traits.groove, traits.bpm, traits.beats, traits.parts = form.groove, form.bpm, form.beats,
    #score.band.parts
  traits.drums, traits.bass = #score.band:of("drums") > 0, #score.band:of("bass") > 0
  traits.programs = shares_text(score.band:shares())
  return score
end

-- ---- the sound ----------------------------------------------------------------------------------

-- A mono voice in its room: panned (-1..1), with an echo of `time` seconds.
local function place_voice(rng, into, wave, pan, time, wet, level)
  local angle = (pan + 1) * math.pi / 4
  mixing.add(into, wave, 0, 1.2 * level * math.cos(angle), 1.2 * level * math.sin(angle))
  mixing.reverb(into, wave, synth.rate, time, wet * level, rng:uniform(0.75, 1.3))
  wave:close()
end

local function vocal_room(rng, style)
  local wet, time = rng:uniform(0.05, 0.35), rng:uniform(0.5, 1.8)
  if style.effect == "wash" or style.voice == "opera" or style.voice == "choir" then
    wet, time = rng:uniform(0.3, 0.6), rng:uniform(1.6, 2.8)
  end
  return wet, time
end

local function sing_all(rng, score, frames, folder)
  local front, back, has_back = mixing.silence(frames, 1), mixing.silence(frames, 1), false
  local sung, why = voice.sing(rng, score.songs, frames, score.style.voice, folder)
  if not sung then return nil, why end
  for i, line in ipairs(score.songs) do
    mixing.add(line.back and back or front, sung[i])
    sung[i]:close()
    has_back = has_back or line.back
  end
  local stem = mixing.silence(frames, 2)
  local wet, time = vocal_room(rng, score.style)
  place_voice(rng, stem, front, rng:uniform(-0.15, 0.15), time, wet, 1)
  if has_back then place_voice(rng, stem, back, rng:uniform(-0.7, 0.7), time, wet * 1.2, 0.55) end
  return stem
end

-- A stem's instruments; choirs of the synthesiser stay behind a singer.
local function play_stem(score, name, stem, o, frames)
  local parts = score.band:of(name)
  if #parts == 0 then return true end
  local wave, why = synth.render(parts, score.form.bpm, score.room, frames, o.soundfont, o.folder)
  if not wave then return nil, why end
  local level = 1
  if name == "vocals" and score.traits.vocal then
    level = 0.5 * mixing.active_rms(stem) / (mixing.active_rms(wave) + 1e-9)
  end
  mixing.add(stem, wave, 0, level)
  wave:close()
  return true
end

local function silent_stem(stems)
  for _, name in ipairs(effects.stems) do if mixing.rms(stems[name]) < 1e-4 then return name end end
end

-- The beds that may lie under speech.
local beds = { "ambient", "newage", "pianosolo", "folkgtr" }

local function add_bed(rng, stems, o)
  local score, why, own = piece.compose(rng, rng:pick(beds),
    { seconds = o.seconds, start = "anywhere", folder = o.folder })
  if not score then return nil, why, own end
  local bed
  bed, why, own = piece.render(rng, score, o)
  if not bed then return nil, why, own end
  local sum = effects.sum(bed)
  mixing.add(stems.other, sum, 0, 0.03 / (mixing.rms(sum) + 1e-6))
  return true
end

local function render_speech(rng, score, stems, o, frames)
  local wave, why = speech.talk(rng, score.speaker, frames, o.folder)
  if not wave then return nil, why end
  local time, wet = rng:uniform(0.2, 0.8), rng:uniform(0.02, 0.2)
  place_voice(rng, stems.vocals, wave, 0, time, wet, 1)
  if rng:chance(0.35) then
    local good, own
    good, why, own = add_bed(rng, stems, o)
    if not good then return nil, why, own end
  end
  local noise = rng:bits()
  mixing.noise(stems.other, noise, 10 ^ (rng:uniform(-68, -42) / 20))
  return stems
end

--- Renders a score: a table of four stereo waves at 44.1 kHz; nil and a message, and true where
-- the piece is at fault, as compose.
-- o: seconds, soundfont, folder (to work in).
function piece.render(rng, score, o)
  local frames, stems = math.floor(o.seconds * synth.rate + 0.5), {}
  for _, name in ipairs(effects.stems) do stems[name] = mixing.silence(frames, 2) end
  if score.speaker then return render_speech(rng, score, stems, o, frames) end
  if #score.songs > 0 then
    local sung, why = sing_all(rng, score, frames, o.folder)
    if not sung then return nil, why end
    stems.vocals = sung
  end
  for _, name in ipairs(effects.stems) do
    local good, why = play_stem(score, name, stems[name], o, frames)
    if not good then return nil, why end
  end
  effects.balance(rng, stems, score.style.own)
  effects.apply(rng, stems, score.style.effect, score.form)
  local silent = score.full and silent_stem(stems)
  if silent then
    return nil, ("the %s are silent in %s"):format(silent, score.traits.groove), true
  end
  return stems
end

return piece
