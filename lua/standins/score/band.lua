--- The players of one piece: MIDI tracks that know their channel, program and stem.
-- A part is {name=, channel=, program=, data = chunk bytes, notes=, stem=, weight = sum of
-- velocities}.
local midi = require "standins.score.midi"
local instruments = require "standins.score.instruments"

local band = {}
band.__index = band

--- An empty band. Channel 9 belongs to the drums and is never given out.
function band.new() return setmetatable({ parts = {}, used = { [9] = true } }, band) end

--- Adds a finished chunk.
function band:take(part)
  part.weight = 0
  for _, note in ipairs(part.notes) do part.weight = part.weight + note[4] end
  self.used[part.channel] = true
  self.parts[#self.parts + 1] = part
end

local function free_channel(used)
  for channel = 0, 15 do if not used[channel] then return channel end end
end

--- Adds notes as a new part; options: volume, pan (0..127), stem, drum. Without notes or a free
-- channel nothing happens.
function band:add(name, program, notes, options)
  local channel = options.drum and 9 or free_channel(self.used)
  if #notes == 0 or not channel then return end
  self:take {
    name = name, channel = channel, program = program, notes = notes,
    data = midi.track(name, channel, program, notes, options.volume or 100, options.pan or 64),
    stem = options.stem or instruments.stem(channel, program),
  }
end

--- The parts of one stem.
function band:of(stem)
  local list = {}
  for _, part in ipairs(self.parts) do if part.stem == stem then list[#list + 1] = part end end
  return list
end

--- Share of the notes outside drums and bass, velocity-weighted, that each program carries.
function band:shares()
  local total, shares = 0, {}
  for _, part in ipairs(self.parts) do
    if part.stem == "other" or part.stem == "vocals" then
      total = total + part.weight
      shares[part.program] = (shares[part.program] or 0) + part.weight
    end
  end
  for program, weight in pairs(shares) do shares[program] = weight / total end
  return shares
end

return band
