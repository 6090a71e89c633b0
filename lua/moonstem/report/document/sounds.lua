--- Sounds inside documents: small files that every browser plays.
local audio = require "moonstem.audio"
local sys = require "moonstem.sys"

local M = {}

local QUALITY = 0.7 -- of an MP3; about 60 kbit/s at 16 kHz mono

--- Media types by the ending of a file.
local TYPES = { mp3 = "audio/mpeg", ogg = "audio/ogg", opus = "audio/ogg", wav = "audio/wav",
  flac = "audio/flac", m4a = "audio/mp4" }

local function must(value, why)
  if value == nil or value == false then error(why, 0) end
  return value
end

-- The bytes of an MP3 of a wave.
local function mp3(wave, rate)
  local folder = must(sys.tempdir())
  local path = folder .. "/sound.mp3"
  local ok, why = audio.write(path, wave, rate, { quality = QUALITY })
  local bytes = ok and sys.read_file(path)
  os.remove(path)
  os.remove(folder)
  return must(bytes or nil, why)
end

local function of_file(block)
  local name, ending = block.path:match "([^/]*)%.(%w+)$"
  block.media = TYPES[(ending or ""):lower()]
  if not block.media then
    error(("report:sound: %s is of no kind that browsers play (mp3, ogg, opus, wav, flac, m4a)")
      :format(block.path), 0)
  end
  block.name, block.ending = block.name or name, ending:lower()
  block.bytes = must(sys.read_file(block.path))
  return block
end

--- A block of a sound with its `bytes`, `media` type and `ending`. Raises a message where there is
-- no such file, or it cannot be encoded.
function M.encoded(block)
  if block.path then return of_file(block) end
  if not (block.wave and block.rate and block.name) then
    error("report:sound: wave, rate and name are needed, or path", 0)
  end
  block.bytes, block.media, block.ending = mp3(block.wave, block.rate), "audio/mpeg", "mp3"
  block.seconds = block.wave:size(1) / block.rate
  block.wave = nil
  return block
end

return M
