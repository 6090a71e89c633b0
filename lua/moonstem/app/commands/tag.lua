--- moonstem tag: the tags that a trained tagger gives to audio files.
local arguments = require "moonstem.app.arguments"
local inputs = require "moonstem.app.inputs"
local song_progress = require "moonstem.app.song_progress"
local output = require "moonstem.app.tag_output"
local stem_names = require "moonstem.app.stem_names"
local sys = require "moonstem.core.sys"

local M = { summary = "tag audio files with a trained tagger" }

local SILENT = 1e-4 -- -80 dB below full scale

local function parser()
  local p = arguments.parser("tag", "Tags audio files with the best checkpoint of a tagging run: "
    .. "the mean probability over half-overlapping slices, most likely first. A file that cannot "
    .. "be read is named and does not stop the others; the exit status is 1 then. Memory does not "
    .. "grow with a file's length.")
  arguments.add_recordings(p)
  p:option("--top", "how many tags to print, 1 or more", "10"):convert(arguments.whole(1))
    :argname "N"
  p:option("--threshold", "print tags of this probability or more alone, 0 to 1")
    :convert(arguments.share):argname "P"
  p:flag("--slices", "also the tags of each slice, with the time where it begins")
  p:mutex(p:flag("--json", "print one JSON line for each file, all tags in it"),
    p:flag("--csv", "print a table: a line of names, a line for each file or slice, a column for "
      .. "each tag"))
  p:option("--pictures", "also draw the tags over time, FOLDER/NAME.svg for each file")
    :argname "FOLDER"
  p:option("--manifest", "also write a manifest, as `moonstem data` reads it: path, split, labels; "
    .. "tags of probability 0.5 (or --threshold) or more become labels"):argname "FILE"
  p:option("--define", arguments.DEFINE):argname "FILE"
  p:flag("--force", "write over a manifest that exists")
  return p
end

--- Probabilities of one file, or nil and a message. Damage and silence are warned of.
-- place, count: which file of how many.
local function probabilities(ms, model, kind, file, place, count)
  local p, sound, notice = song_progress.hear(ms, file, place, count, function(read)
    return ms.evaluate.listen(model, kind, read)
  end)
  if notice then arguments.warn(notice) end
  if not p then return nil, sound end
  for _, v in ipairs(p) do
    if v ~= v then
      return nil, file .. ": the model's scores are not numbers (NaN): its weights may be damaged"
    end
  end
  if sound.peak < SILENT then
    arguments.warn(("%s is silent (peak %.2g): its tags mean nothing"):format(file, sound.peak))
  end
  return p, sound
end

-- What is told of each file, by the options: list of functions (song, probabilities, sound) that
-- return true, or nil and a message; and one that ends it all.
local function tellers(o, classes)
  local show = (o.json and output.json or o.csv and output.csv or output.text)(classes, o)
  local list, lines = { function(song, ...) return show(song.file, ...) or true end }, {}
  if o.pictures then
    list[2] = function(song, p, sound)
      return output.picture(("%s/%s.svg"):format(o.pictures, song.name), song.file, p, sound,
        classes, o)
    end
  end
  if not o.manifest then return list, function() return true end end
  list[#list + 1] = function(song, p)
    lines[#lines + 1] = output.manifest_line(song.absolute, p, classes, o)
    return true
  end
  return list, function()
    return sys.write_file(o.manifest, output.MANIFEST_HEAD .. table.concat(lines))
  end
end

-- Folders of pictures, which names of songs may have inside.
local function make_folders(o, songs)
  for _, song in ipairs(o.pictures and songs or {}) do
    local ok, why = sys.mkdir(("%s/%s"):format(o.pictures, song.name):match "^(.*)/")
    if not ok then return nil, why end
  end
  return true
end

local function tag(ms, model, kind, song, list, ...)
  local p, sound = probabilities(ms, model, kind, song.file, ...)
  if not p then return nil, sound end
  for _, tell in ipairs(list) do
    local ok, why = tell(song, p, sound)
    if not ok then return nil, why end
  end
  return true
end

function M.run(args)
  local o, model, about = arguments.with_tagger(parser(), args)
  if not o then return model end
  local files, why = inputs.files(o.files)
  why = why or inputs.objection(o.manifest, { o.model, table.unpack(files) }, o.force)
  if why then return arguments.fail(why) end
  local songs, twice = stem_names.named(files)
  for _, file in ipairs(twice) do arguments.warn(file .. " is named twice, and tagged once") end
  local ok, problem = make_folders(o, songs)
  if not ok then return arguments.fail(problem) end
  local list, finish = tellers(o, about.classes or {})
  local status = arguments.each(songs, "tagged", function(song, place)
    return tag(require "moonstem", model, about.kind or "tags", song, list, place, #songs)
  end)
  ok, problem = finish()
  return ok and status or arguments.fail(problem)
end

return M
