--- Standard MIDI files as bytes: splitting what mma wrote, building tracks, writing files for the
-- synthesiser. A note is {tick, length in ticks, key, velocity}; channels count from 0, 9 is the
-- drums.
local midi = {}

--- Ticks of a quarter note, as mma writes them.
midi.division = 192

-- A number as bytes of variable length.
local function variable(n)
  local out = string.char(n & 127)
  while n > 127 do
    n = n >> 7
    out = string.char((n & 127) | 128) .. out
  end
  return out
end

-- The number of variable length at `at`, four bytes at most, and the place behind it.
local function read_variable(data, at)
  local n = 0
  for _ = 1, 4 do
    local byte = data:byte(at)
    if not byte then break end
    n, at = (n << 7) | (byte & 127), at + 1
    if byte < 128 then break end
  end
  return n, at
end

midi.variable, midi.read_variable = variable, read_variable

--- The track chunks of a MIDI file's bytes, without their headers; nil and a message if it is
-- none.
function midi.split(data)
  if data:sub(1, 4) ~= "MThd" or #data < 14 then return nil, "this is no MIDI file" end
  local chunks, at = {}, 15
  while at + 8 <= #data + 1 do
    local size = string.unpack(">I4", data, at + 4)
    chunks[#chunks + 1] = data:sub(at + 8, at + 7 + size)
    at = at + 8 + size
  end
  return chunks
end

--- Bytes behind the status byte of the channel messages 0x8..0xE.
midi.message_size = { [8] = 2, [9] = 2, [10] = 2, [11] = 2, [12] = 1, [13] = 1, [14] = 2 }

--- What a track chunk holds: {name=, channel=, programs = {{at=, program=}, ...}, notes = {{tick,
-- 0, key, velocity}}}. `at` is the place of the program's byte in the chunk.
function midi.scan(chunk)
  local track = { name = "", programs = {}, notes = {} }
  local at, tick, status = 1, 0, 0
  while at <= #chunk do
    local step
    step, at = read_variable(chunk, at)
    tick = tick + step
    local byte = chunk:byte(at)
    if not byte then break end
    if byte == 0xff or byte == 0xf0 or byte == 0xf7 then
      local kind = byte == 0xff and chunk:byte(at + 1)
      local size, from = read_variable(chunk, kind and at + 2 or at + 1)
      if kind == 3 then track.name = chunk:sub(from, from + size - 1) end
      at = from + size
    else
      if byte >= 128 then status, at = byte, at + 1 end
      local kind = status >> 4
      track.channel = status & 15
      if kind == 12 and at <= #chunk then
        track.programs[#track.programs + 1] = { at = at, program = chunk:byte(at) }
      elseif kind == 9 and (chunk:byte(at + 1) or 0) > 0 then
        track.notes[#track.notes + 1] = { tick, 0, chunk:byte(at), chunk:byte(at + 1) }
      end
      at = at + (midi.message_size[kind] or 1)
    end
  end
  return track
end

--- The chunk with every program change set to `program`.
function midi.with_program(chunk, programs, program)
  local pieces, from = {}, 1
  for _, p in ipairs(programs) do
    pieces[#pieces + 1] = chunk:sub(from, p.at - 1) .. string.char(program)
    from = p.at + 1
  end
  return table.concat(pieces) .. chunk:sub(from)
end

--- Volume and pan (0..127) of a channel, as events to put in front of a chunk.
function midi.controls(channel, volume, pan)
  return string.char(0, 0xb0 | channel, 7, volume, 0, 0xb0 | channel, 10, pan)
end

local function bounded(x, low, high) return math.max(low, math.min(high, math.floor(x + 0.5))) end

-- Note-offs before note-ons of the same tick, then in the order given.
local function earlier(a, b)
  if a.tick ~= b.tick then return a.tick < b.tick end
  if a.on ~= b.on then return b.on end
  return a.order < b.order
end

--- A track chunk: name, channel, program, notes, volume and pan (0..127).
function midi.track(name, channel, program, notes, volume, pan)
  local events = {}
  for _, note in ipairs(notes) do
    local tick = math.max(0, math.floor(note[1] + 0.5))
    local length = math.max(6, math.floor(note[2] + 0.5))
    local key, velocity = bounded(note[3], 0, 127), bounded(note[4], 1, 127)
    local n = #events
    events[n + 1] = { tick = tick, on = true, order = n,
      bytes = string.char(0x90 | channel, key, velocity) }
    events[n + 2] = { tick = tick + length, on = false, order = n,
      bytes = string.char(0x90 | channel, key, 0) }
  end
  table.sort(events, earlier)
  local out = { "\0\xff\x03" .. variable(#name) .. name .. midi.controls(channel, volume, pan) }
  if channel ~= 9 then out[2] = string.char(0, 0xc0 | channel, program) end
  local last = 0
  for _, e in ipairs(events) do
    out[#out + 1] = variable(e.tick - last) .. e.bytes
    last = e.tick
  end
  return table.concat(out) .. "\0\xff\x2f\0"
end

--- A conductor's chunk: quarter notes in a minute.
function midi.tempo(bpm)
  return "\0\xff\x51\x03" .. string.pack(">I3", math.floor(60e6 / bpm + 0.5)) .. "\0\xff\x2f\0"
end

--- The bytes of a file of format 1 with the given chunks. division: ticks of a quarter note (192).
function midi.file(chunks, division)
  local head = string.pack(">I4I2I2I2", 6, 1, #chunks, division or midi.division)
  local out = { "MThd" .. head }
  for _, chunk in ipairs(chunks) do out[#out + 1] = "MTrk" .. string.pack(">s4", chunk) end
  return table.concat(out)
end

return midi
