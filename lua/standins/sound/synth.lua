--- One pass of the synthesiser (fluidsynth) over some parts of a band.
local midi = require "standins.score.midi"
local mixing = require "standins.sound.mixing"
local tools = require "standins.tools"

local synth = {}

--- Samples in a second of everything that is rendered.
synth.rate = 44100

-- Where the last note of some parts starts, in samples.
local function last_note(parts, bpm)
  local tick = 0
  for _, part in ipairs(parts) do
    for _, note in ipairs(part.notes) do tick = math.max(tick, note[1]) end
  end
  return tick / midi.division * 60 / bpm * synth.rate
end

--- Plays the bytes of a MIDI file in a room {size=, level=, damp=}: a stereo wave of `frames`
-- samples, cut or filled up with silence; nil and a message on failure, and where there are fewer
-- than `least` samples.
function synth.play(bytes, room, frames, least, soundfont, folder)
  local good, why = tools.write(folder .. "/stem.mid", bytes)
  if not good then return nil, why end
  local raw = folder .. "/stem.raw"
  os.remove(raw)
  -- blocks of 256 frames halve its time and change nothing; from 512 on notes would move
  good, why = tools.run(folder, { "fluidsynth", "-ni", "-q", "-z", "256", "-R", "1", "-C", "0",
    "-o", ("synth.reverb.room-size=%.3f"):format(room.size),
    "-o", ("synth.reverb.level=%.3f"):format(room.level),
    "-o", ("synth.reverb.damp=%.3f"):format(room.damp), "-o", "synth.reverb.width=0.8",
    "-o", "synth.dynamic-sample-loading=1", "-r", tostring(synth.rate), "-g", "0.4",
    "-T", "raw", "-O", "float", "-F", "stem.raw", soundfont, "stem.mid" })
  if not good then return nil, why end
  local wave, complete = mixing.read_raw(raw, frames)
  local problem = (not wave or complete < math.min(frames, least))
    and tools.complaint(folder, "fluidsynth wrote too little sound")
  os.remove(raw)
  if problem then return nil, problem end
  return wave
end

--- Plays parts at a tempo as synth.play does. Stems are always rendered apart and added: the
-- synthesiser's own mixture differs from the sum.
function synth.render(parts, bpm, room, frames, soundfont, folder)
  local chunks = { midi.tempo(bpm) }
  for i, part in ipairs(parts) do chunks[i + 1] = part.data end
  -- the sound follows the last note; less than that means that the disk is full or the program fell
  return synth.play(midi.file(chunks), room, frames, last_note(parts, bpm), soundfont, folder)
end

return synth
