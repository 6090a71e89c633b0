--- A MIDI file as one list of events in the order of time: its notes, each with channel, key,
-- program and time, and files made of some of its notes. Times in seconds follow the tempos that
-- stand in the file.
local midi = require "standins.score.midi"

local events = {}

local NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 8, 9, 11, 12
local DRUMS = 9
-- XG files choose drums for any channel by these banks, which fluidsynth does not.
local XG_DRUMS = { [120] = true, [126] = true, [127] = true }

-- ---- reading ------------------------------------------------------------------------------------

-- A channel message behind its status byte, running or not; one that the chunk cuts off is left
-- out.
local function message(chunk, at, status, event)
  local size = midi.message_size[status >> 4] or 1
  if at + size - 1 > #chunk then return at + size end
  event.kind, event.channel = status >> 4, status & 15
  event.first, event.second = chunk:byte(at, at + size - 1)
  event.bytes = string.char(status) .. chunk:sub(at, at + size - 1)
  return at + size
end

-- System exclusive messages are left out: they could make drums of any channel. Of what is said
-- about the file only tempos and texts stay.
local function other(chunk, at, byte, event)
  local kind = byte == 0xff and chunk:byte(at + 1)
  local size, from = midi.read_variable(chunk, kind and at + 2 or at + 1)
  local data = chunk:sub(from, from + size - 1)
  if kind == 0x51 and #data == 3 and size == 3 then
    event.tempo, event.bytes = string.unpack(">I3", data), chunk:sub(at, from + size - 1)
  elseif kind and kind >= 1 and kind <= 5 then event.text, event.text_kind = data, kind end
  return from + size
end

local function read_chunk(chunk, track, list)
  local at, tick, status = 1, 0, 0
  while at <= #chunk do
    local step
    step, at = midi.read_variable(chunk, at)
    tick = tick + step
    local byte, event = chunk:byte(at), { tick = tick, track = track, order = #list }
    if not byte then break end
    if byte >= 0xf0 then at = other(chunk, at, byte, event)
    else
      if byte >= 128 then status, at = byte, at + 1 end
      at = message(chunk, at, status, event)
    end
    if event.bytes or event.text then list[#list + 1] = event end
  end
end

local function earlier(a, b)
  if a.tick ~= b.tick then return a.tick < b.tick end
  return a.order < b.order
end

-- ---- time ---------------------------------------------------------------------------------------

-- The seconds of each event, and the quarter notes in a minute from there on.
local function clock(song)
  local seconds, last, quarter = 0, 0, 0.5
  for _, event in ipairs(song.list) do
    seconds = seconds + (event.tick - last) / song.division * quarter
    last, event.seconds = event.tick, seconds
    if event.tempo and event.tempo > 0 then quarter = event.tempo / 1e6 end
    event.bpm = 60 / quarter
  end
end

-- ---- notes --------------------------------------------------------------------------------------

local function is_start(event) return event.kind == NOTE_ON and event.second > 0 end

local function is_end(event)
  return event.kind == NOTE_OFF or event.kind == NOTE_ON and event.second == 0
end

-- A note that starts; `open` keeps those that sound, by channel and key.
local function start(song, open, event, program)
  local note = { seconds = event.seconds, channel = event.channel, key = event.first,
    velocity = event.second, program = program, drums = event.channel == DRUMS,
    stop = event.seconds }
  local key = event.channel * 128 + event.first
  open[key] = open[key] or {}
  table.insert(open[key], note)
  event.note, song.notes[#song.notes + 1] = note, note
end

local function stop(open, event)
  local sounding = open[event.channel * 128 + event.first]
  local note = sounding and table.remove(sounding, 1)
  if note then note.stop, event.note = event.seconds, note end
end

local function find_notes(song)
  local programs, open = {}, {}
  for _, event in ipairs(song.list) do
    if event.kind == PROGRAM then programs[event.channel] = event.first
    elseif event.kind == CONTROL and event.first == 0 and event.channel ~= DRUMS
      and XG_DRUMS[event.second] then
      song.xg = true
    elseif is_start(event) then start(song, open, event, programs[event.channel] or 0)
    elseif is_end(event) then stop(open, event) end
  end
end

--- Reads the bytes of a MIDI file: { division =, list = events, notes = { { seconds =, stop =,
-- channel =, key =, velocity =, program =, drums = }, ... }, seconds = where the last note stops,
-- xg = true: it means drums on channels where fluidsynth plays none }; nil and a message.
function events.read(bytes)
  local chunks, why = midi.split(bytes)
  if not chunks then return nil, why end
  local division = string.unpack(">I2", bytes, 13)
  if division == 0 or division >= 0x8000 then return nil, "it counts frames, not beats" end
  local song = { division = division, list = {}, notes = {}, seconds = 0 }
  for track, chunk in ipairs(chunks) do read_chunk(chunk, track, song.list) end
  table.sort(song.list, earlier)
  clock(song)
  find_notes(song)
  for _, note in ipairs(song.notes) do song.seconds = math.max(song.seconds, note.stop) end
  return song
end

--- The mean of the tempo between two times, in quarter notes a minute.
function events.tempo(song, from, to)
  local sum, bpm, last = 0, 120, from
  for _, event in ipairs(song.list) do
    if event.seconds > to then break end
    if event.seconds > last then
      sum, last = sum + bpm * (event.seconds - last), event.seconds
    end
    bpm = event.bpm
  end
  return (sum + bpm * (to - last)) / (to - from)
end

-- ---- writing ------------------------------------------------------------------------------------

-- Whether an event belongs into an excerpt: what is no note always does, and notes end with it.
local function belongs(event, from, to, keep)
  local note = event.note
  if note then return note.seconds >= from and note.seconds < to and keep(note) end
  return event.bytes and event.seconds < to and not is_end(event)
end

--- The bytes of a MIDI file with those of a song's notes between two times that `keep(note)`
-- chooses, at their channels, with all programs, controllers and tempos; and the time that its
-- start stands for. What lies before `from` is set at the start.
function events.excerpt(song, from, to, keep)
  local out, last, origin, at = {}, 0, nil, 0
  for _, event in ipairs(song.list) do
    if not origin and event.seconds >= from then origin, at = event.tick, event.seconds end
    if belongs(event, from, to, keep) then
      local tick = origin and event.tick - origin or 0
      out[#out + 1] = midi.variable(tick - last) .. event.bytes
      last = tick
    end
  end
  out[#out + 1] = "\0\xff\x2f\0"
  return midi.file({ table.concat(out) }, song.division), at
end

return events
