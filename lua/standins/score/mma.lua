--- Arrangements by mma: chords and grooves in, a band of MIDI tracks out.
local band = require "standins.score.band"
local grooves = require "standins.score.grooves"
local instruments = require "standins.score.instruments"
local midi = require "standins.score.midi"
local theory = require "standins.score.theory"
local tools = require "standins.tools"

local mma = {}

-- The text of an input file. groove: {file=, verse=, chorus=, fill = name or nil}
local function script(form, groove, seed)
  local lines = { ("Tempo %.2f"):format(form.bpm), ("RndSeed %d"):format(seed) }
  for _, section in ipairs(form.sections) do
    local pattern = section.kind == "C" and groove.chorus or groove.verse
    lines[#lines + 1] = ("Groove %s:%s"):format(groove.file, pattern)
    for i = 0, section.bars - 1 do
      if groove.fill and i == section.bars - 1 and section.bars >= 4 then
        lines[#lines + 1] = ("Groove %s:%s"):format(groove.file, groove.fill)
      end
      lines[#lines + 1] = theory.chord_name(form.key, form.chords[section.first + i + 1])
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- What mma says of a groove that it cannot play, in a line of its input.
local REFUSAL = "Error: <Line"

-- Lets mma play a text: the bytes of a MIDI file; nil and a sentence; and with it what mma says
-- where it refuses the text itself.
local function play(text, folder)
  local good, why = tools.write(folder .. "/piece.mma", text)
  if good then
    os.remove(folder .. "/piece.mid")
    good, why = tools.run(folder, { "mma", "-w", "piece.mma", "-f", "piece.mid" })
  end
  local said = tools.read(folder .. "/said.txt") or ""
  local bytes = good and tools.read(folder .. "/piece.mid")
  if bytes then return bytes end
  return nil, why or "mma wrote nothing", said:match(REFUSAL .. ".*")
end

-- As play, with a second look where mma refuses: what it says once may be the machine's fault.
local function play_surely(text, folder)
  local bytes, why, refusal = play(text, folder)
  if not refusal then return bytes, why end
  local before = refusal
  bytes, why, refusal = play(text, folder)
  return bytes, why, refusal and refusal == before
end

-- The chunks of a piece that mma wrote. A third groove can use up the MIDI channels and a fill can
-- be missing: then the piece is written again with one groove. nil and a sentence; and true where
-- mma can play it neither way.
local function write_midi(rng, form, groove, folder)
  for _ = 1, 2 do
    local text = script(form, groove, rng:integer(1, 1 << 30))
    local bytes, why, refused = play_surely(text, folder)
    if bytes then return midi.split(bytes) end
    if not refused then return nil, why end
    groove.fill, groove.chorus = nil, groove.verse
  end
  return nil, ("mma could not play %s:%s"):format(groove.file, groove.verse), true
end

-- Another program of the family, now and then the one mma chose. Tracks of one program change
-- together.
local function new_program(rng, style, swapped, program, is_bass)
  local family = instruments.family_of[program]
  local other = style.swap and style.swap[family] or family
  local key = program * 2 + (is_bass and 1 or 0)
  if not swapped[key] then
    local stay = other == family and rng:chance(0.4)
    swapped[key] = stay and program or rng:pick(instruments.families[other] or { program })
  end
  return swapped[key]
end

-- A chunk as a part, with the program that it will play; nil for a track without notes.
local function read_part(rng, style, swapped, chunk, want_bass)
  local track = midi.scan(chunk)
  if #track.notes == 0 then return nil end
  local program = track.programs[1] and track.programs[1].program or 0
  local name = track.name:upper()
  local is_bass = name:find("^BASS") or name:find("^WALK")
  if track.channel ~= 9 then
    if want_bass and is_bass and not instruments.is_bass(program) then
      program = rng:pick { 32, 33, 34, 35, 38 }
    else program = new_program(rng, style, swapped, program, is_bass) end
    chunk = midi.with_program(chunk, track.programs, program)
  end
  return { name = track.name, channel = track.channel, program = program, notes = track.notes,
    data = chunk, stem = instruments.stem(track.channel, program) }
end

-- Numbers of the parts that are left out: all but two to five of the others.
local function dropped(rng, parts)
  local others, drop = {}, {}
  for i, part in ipairs(parts) do if part.stem == "other" then others[#others + 1] = i end end
  local order, keep = rng:permutation(#others), rng:integer(2, 5)
  for i = keep + 1, #others do drop[others[order[i]]] = true end
  return drop
end

local function choose_groove(rng, style)
  local file = rng:pick(style.grooves)
  local known = grooves[file]
  local verse, chorus = rng:pick(known.patterns), rng:pick(known.patterns)
  local fill = #known.fills > 0 and rng:chance(0.5) and rng:pick(known.fills) or nil
  return { file = file, verse = verse.name, chorus = chorus.name, fill = fill }, verse.beats
end

--- Chooses a groove of the style, lays out the form and lets mma play it: a band, or nil and a
-- sentence, and true where the groove is at fault. want_bass: give a Bass track without a bass
-- program one, so that the stem sounds. folder: where to work.
function mma.arrange(rng, form, style, want_bass, folder)
  local groove, beats = choose_groove(rng, style)
  form.groove = ("%s:%s,%s"):format(groove.file, groove.verse, groove.chorus)
  theory.lay_out(rng, form, style, beats)
  local chunks, why, own = write_midi(rng, form, groove, folder)
  if not chunks then return nil, why, own end
  local parts, swapped, group = {}, {}, band.new()
  for i = 2, #chunks do -- the first chunk is the conductor's
    parts[#parts + 1] = read_part(rng, style, swapped, chunks[i], want_bass)
  end
  local drop = dropped(rng, parts)
  for i, part in ipairs(parts) do
    group.used[part.channel] = true
    if not drop[i] then
      local centre = part.stem == "drums" or part.stem == "bass"
      local pan = centre and 64 or rng:integer(24, 103)
      part.data = midi.controls(part.channel, rng:integer(78, 111), pan) .. part.data
      group:take(part)
    end
  end
  return group
end

return mma
