--- moonstem tag: the tags that a trained tagger gives to audio files.
local arguments = require "moonstem.app.arguments"
local csv = require "moonstem.data.csv"

local M = { summary = "tag audio files with a trained tagger" }

local SILENT = 1e-4 -- -80 dB below full scale

local function parser()
  local p = arguments.parser("tag", "Tags audio files with the best checkpoint of a tagging run: "
    .. "the mean probability over half-overlapping slices, most likely first. A file that cannot "
    .. "be read is named and does not stop the others; the exit status is 1 then. Memory does not "
    .. "grow with a file's length.")
  p:argument("model", "folder of a tagging run, a .safetensors file, or a folder of the Python "
    .. "package musicnn, such as MTT_musicnn")
  p:argument("files", "audio: WAV, FLAC, OGG, MP3, ..."):args "+"
  p:option("--top", "how many tags to print, 1 or more", "10"):convert(arguments.whole(1))
  p:option("--define", arguments.DEFINE)
  p:mutex(p:flag("--json", "print one JSON line for each file, all tags in it"),
    p:flag("--csv", "print a table: a line of names, a line for each file, a column for each tag"))
  return p
end

--- Probabilities of one file, or nil and a message. Damage and silence are warned of.
local function probabilities(ms, model, kind, file)
  local read, opened = ms.evaluate.reader(file)
  if not read then return nil, opened end
  local source <close> = opened
  local p, sound = ms.evaluate.listen(model, kind, read)
  if not p then return nil, sound:sub(1, #file) == file and sound or file .. ": " .. sound end
  for _, v in ipairs(p) do
    if v ~= v then
      return nil, file .. ": the model's scores are not numbers (NaN): its weights may be damaged"
    end
  end
  if source.notice then arguments.warn(source.notice) end
  if sound.peak < SILENT then
    arguments.warn(("%s is silent (peak %.2g): its tags mean nothing"):format(file, sound.peak))
  end
  return p
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

-- A function that prints a line for each file, the names of the columns before the first one.
local function csv_printer(classes)
  local names
  return function(file, p)
    if not names then
      names = { "file" }
      for c = 1, #p do names[c + 1] = classes[c] or "class " .. c end
      io.write(csv.cells(names, #names))
    end
    io.write(csv.cells({ file, table.unpack(p) }, #names, { digits = 9 }))
  end
end

local function printer(ms, o, classes)
  if o.csv then return csv_printer(classes) end
  return function(file, p)
    if o.json then print_json(ms, file, p, classes) else print_top(file, p, classes, o.top) end
  end
end

function M.run(args)
  local o, model, about = arguments.with_model(parser(), args, "tagger", function(name)
    return name ~= "separator" and name ~= "unet"
  end)
  if not o then return model end
  local ms = require "moonstem"
  local show, files = printer(ms, o, about.classes or {}), {}
  for i, file in ipairs(o.files) do files[i] = { file = file } end
  return arguments.each(files, "tagged", function(one)
    local p, why = probabilities(ms, model, about.kind or "tags", one.file)
    if not p then return nil, why end
    show(one.file, p)
    return true
  end)
end

return M
