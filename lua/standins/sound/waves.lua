--- Plain 16-bit WAV files: what the voices write, and the stems and mixtures of the songs.
local mixing = require "standins.sound.mixing"
local tools = require "standins.tools"

local waves = {}

local UNTOLD = 0x7fff0000 -- sizes from here on stand in what was written to a pipe

--- The wave in the bytes of a mono 16-bit file: wave, rate; nil where it is none or cut short.
function waves.decode(bytes)
  if #bytes < 44 or bytes:sub(1, 4) ~= "RIFF" then return nil end
  local at, rate = 13, nil
  while at + 8 <= #bytes do
    local name, size = string.unpack("<c4I4", bytes, at)
    if name == "fmt " then rate = string.unpack("<I4", bytes, at + 12) end
    if name == "data" and size >= UNTOLD then size = #bytes - at - 7 end
    if name == "data" and #bytes < at + 7 + size then return nil end
    if name == "data" then return mixing.from_pcm16(bytes:sub(at + 8, at + 7 + size)), rate end
    at = at + 8 + size + size % 2
  end
  return nil
end

--- Reads such a file; nil also where there is none.
function waves.read(path)
  local bytes = tools.read(path)
  if bytes then return waves.decode(bytes) end
end

--- Writes a quantised wave (see mixing.quantise) as 16 bits. Returns true, or nil and a message.
function waves.write(path, wave, rate)
  local size = wave:size()
  local channels = size[2] or 1
  local data = mixing.pcm16(wave)
  local header = string.pack("<c4I4c4c4I4I2I2I4I4I2I2c4I4", "RIFF", 36 + #data, "WAVE", "fmt ", 16,
    1, channels, rate, rate * 2 * channels, 2 * channels, 16, "data", #data)
  local file, why = io.open(path, "wb")
  if not file then return nil, why end
  local good
  good, why = file:write(header, data)
  local closed, later = file:close()
  if not (good and closed) then return nil, ("%s: %s"):format(path, why or later) end
  return true
end

return waves
