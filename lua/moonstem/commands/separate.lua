--- moonstem separate: a song in, the separated sources out as WAV files.
local arguments = require "moonstem.arguments"

local M = { summary = "separate a song with a trained separator, into WAV files" }

local RATE = 16000
local ALL = { "vocals", "other", "drums", "bass" } -- of a separator of four, in this order (facts, section 2)

local function parser()
  local p = arguments.parser("separate", "Separates audio files with the best checkpoint of a separation run. Each "
    .. "source goes to OUT/NAME.SOURCE.wav (16 kHz mono), and what is left of the mixture to OUT/NAME.rest.wav.")
  p:argument("model", "folder of a separation run, or a .safetensors file")
  p:argument("files", "songs: WAV, FLAC, OGG, MP3 or .stem.mp4"):args "+"
  p:option("--out", "folder to write to", ".")
  p:option("--source", "what a separator of one source separates, for the file's name", "source")
  return p
end

--- Writes one song's sources. The list of files, or nil and a sentence.
local function separate(ms, model, file, o)
  local _ <close> = ms.scope()
  local wave, why = ms.audio.read(file, { rate = RATE, mono = true })
  if not wave then return nil, why end
  local progress
  local sources = ms.evaluate.separate(model, wave, { progress = function(done, total)
    progress = progress or ms.sys.progress { label = file:match "[^/]*$", total = total }
    progress:step(done - progress.done)
  end })
  if progress then progress:finish() end
  local names = sources:size(1) == 1 and { o.source } or ALL
  local stem, rest, written = o.out .. "/" .. file:match "([^/]*)$":gsub("%.%w+$", ""), wave, {}
  for k = 1, sources:size(1) do
    local one = sources:slice(1, k, k):reshape { -1 }
    rest = rest - one
    written[k] = { ("%s.%s.wav"):format(stem, names[k]), one }
  end
  written[#written + 1] = { stem .. ".rest.wav", rest }
  for _, w in ipairs(written) do
    local ok
    ok, why = ms.audio.write(w[1], w[2], RATE)
    if not ok then return nil, why end
    print(w[1])
  end
  return written
end

function M.run(args)
  local o, status = arguments.parse(parser(), args)
  if not o then return status end
  local ms = require "moonstem"
  local model, why = ms.lab.load(arguments.path(o.model))
  if not model then return arguments.refuse(why) end
  if model.name ~= "separator" then
    return arguments.refuse(("%s holds a %s, not a separator"):format(o.model, model.name))
  end
  local ok
  ok, why = ms.sys.mkdir(o.out)
  if not ok then return arguments.refuse(why) end
  for _, file in ipairs(o.files) do
    ok, why = separate(ms, model, file, o)
    if not ok then return arguments.refuse(why) end
  end
  return 0
end

return M
