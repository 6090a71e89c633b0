--- moonstem tag: what a trained tagger hears in audio files.
local arguments = require "moonstem.arguments"

local M = { summary = "tag audio files with a trained tagger" }

local RATE, HOP, WINDOW = 16000, 160, 512

local function parser()
  local p = arguments.parser("tag", "Tags audio files with the best checkpoint of a tagging run: the mean probability "
    .. "over half-overlapping slices, most likely first.")
  p:argument("model", "folder of a tagging run, or a .safetensors file")
  p:argument("files", "audio: WAV, FLAC, OGG, MP3"):args "+"
  p:option("--top", "how many tags to print", "10"):convert(math.tointeger)
  p:flag("--json", "print one JSON line for each file, all tags in it")
  return p
end

--- Probabilities of one file, or nil and a sentence.
local function probabilities(ms, model, kind, file)
  local _ <close> = ms.scope()
  local wave, why = ms.audio.read(file, { rate = RATE, mono = true })
  if not wave then return nil, why end
  local frames = model.options.frames or model.tail.options.frames
  local samples = (frames - 1) * HOP + WINDOW
  if wave:size(1) < samples then
    return nil, ("%s is %.2f s long; at least %.2f s are needed"):format(file, wave:size(1) / RATE, samples / RATE)
  end
  local magnitude = ms.audio.magnitude(wave)
  local rows, hop = {}, frames // 2
  for first = 1, magnitude:size(1) - frames + 1, hop do
    local _ <close> = ms.scope()
    local slice = magnitude:slice(1, first, first + frames - 1):reshape { 1, frames, -1 }
    rows[#rows + 1] = ms.no_grad(function() return model(slice):totable()[1] end)
  end
  return ms.evaluate.average(kind, rows)
end

local function print_top(file, p, classes, top)
  local order = {}
  for c = 1, #p do order[c] = c end
  table.sort(order, function(a, b) return p[a] > p[b] or (p[a] == p[b] and a < b) end)
  print(file)
  for k = 1, math.min(top, #order) do
    print(("  %5.1f %%  %s"):format(100 * p[order[k]], classes[order[k]] or "class " .. order[k]))
  end
end

local function print_json(ms, file, p, classes)
  local tags = {}
  for c, value in ipairs(p) do tags[classes[c] or "class " .. c] = value end
  print(ms.io.json_encode { file = file, tags = tags })
end

function M.run(args)
  local o, status = arguments.parse(parser(), args)
  if not o then return status end
  local ms = require "moonstem"
  local model, about = ms.lab.load(arguments.path(o.model))
  if not model then return arguments.refuse(about) end
  if model.name == "separator" or model.name == "unet" then
    return arguments.refuse(("%s holds a %s, not a tagger"):format(o.model, model.name))
  end
  local classes, failed = about.classes or {}, 0
  for _, file in ipairs(o.files) do
    local p, why = probabilities(ms, model, about.kind or "tags", file)
    if not p then
      failed = arguments.refuse(why)
    elseif o.json then
      print_json(ms, file, p, classes)
    else
      print_top(file, p, classes, o.top or 10)
    end
  end
  return failed
end

return M
