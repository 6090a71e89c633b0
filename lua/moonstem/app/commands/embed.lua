--- moonstem embed: features that a network's layer gives to audio files, for models of one's own.
local arguments = require "moonstem.app.arguments"
local inputs = require "moonstem.app.inputs"
local song_progress = require "moonstem.app.song_progress"

local M = { summary = "features of audio files from a layer of a trained network, as .npz" }

local function parser()
  local p = arguments.parser("embed", "Writes what a layer of a trained tagger gives for each "
    .. "half-overlapping slice of audio files, as an .npz file of NumPy's: `files` (paths), `mean` "
    .. "(file, feature), `slices` (slice, feature), and for each slice `file` (its place in files, "
    .. "from 0) and `start` (seconds). Of maps it takes the mean over time and frequency. A file "
    .. "that cannot be read is named and does not stop the others; the exit status is 1 then.")
  arguments.add_recordings(p)
  p:option("-o --output", "file to write, such as features.npz"):count(1):argname "FILE"
  p:option("--layer", "name of a layer, as model:summary() shows it without the model's own name "
    .. "(what the last layer gets)"):argname "NAME"
  p:option("--define", arguments.DEFINE):argname "FILE"
  p:flag("--force", "write over a file that exists")
  return p
end

-- Features of one file (slices, width) and what is known of its slices; nil and a message.
-- place, count: which file of how many.
local function features(ms, model, file, layer, place, count)
  local rows, sound, notice = song_progress.hear(ms, file, place, count, function(read)
    return ms.evaluate.embed(model, read, { layer = layer })
  end)
  if notice then arguments.warn(notice) end
  return rows, sound
end

local function add(all, file, rows, sound)
  all.files[#all.files + 1] = file
  all.means[#all.means + 1] = rows:mean(1)
  all.slices[#all.slices + 1] = rows
  for _, start in ipairs(sound.starts) do
    all.starts[#all.starts + 1], all.places[#all.places + 1] = start, #all.files - 1
  end
end

local function save(ms, path, all)
  return ms.io.save_npz(path, { files = all.files, mean = ms.stack(all.means, 1),
    slices = ms.cat(all.slices, 1), file = ms.tensor(all.places), start = ms.tensor(all.starts) })
end

function M.run(args)
  local o, model = arguments.with_tagger(parser(), args)
  if not o then return model end
  local ms = require "moonstem"
  local files, why = inputs.files(o.files)
  why = why or inputs.objection(o.output, { o.model, table.unpack(files) }, o.force)
  if why then return arguments.fail(why) end
  local all, items = { files = {}, means = {}, slices = {}, starts = {}, places = {} }, {}
  for i, file in ipairs(files) do items[i] = { file = file } end
  local status = arguments.each(items, "embedded", function(one, place)
    local rows, sound = features(ms, model, one.file, o.layer, place, #items)
    if rows then add(all, one.file, rows, sound) end
    return rows and true, sound
  end)
  if #all.files == 0 then return 1 end
  local ok, problem = save(ms, o.output, all)
  if not ok then return arguments.fail(problem) end
  print("wrote " .. o.output)
  return status
end

return M
