--- moonstem separate: a song in, the separated sources out as WAV files.
local front = require("moonstem.audio.frontend").paper
local arguments = require "moonstem.app.arguments"
local stem_names = require "moonstem.app.stem_names"

local M = { summary = "separate songs with a trained separator, into WAV files" }

-- The sources of a separator of four, in their order (recipes/paper.md#the-u-net).
local ALL = { "vocals", "other", "drums", "bass" }

local function parser()
  local p = arguments.parser("separate", "Separates audio files with the best checkpoint of a "
    .. "separation run. Each source goes to OUT/NAME.SOURCE.wav (16 kHz mono), and what is left of "
    .. "the mixture to OUT/NAME.rest.wav; songs of one name keep their endings or get their "
    .. "folders. Sources and rest add up to the mixture: where one of them passes full scale, all "
    .. "are turned down together, with a message. A song that cannot be read is named and does not "
    .. "stop the others; the exit status is 1 then. Memory does not grow with a song's length.")
  p:argument("model", "folder of a separation run, or a .safetensors file")
  p:argument("files", "songs: WAV, FLAC, OGG, MP3, .stem.mp4, ..."):args "+"
  p:option("--out", "folder to write to", ".")
  p:option("--source",
    "what a separator of one source separates, for the file's name (what its checkpoint says)")
  p:option("--bits", "of a sample: 16, 24 or float, which keeps any level", "16")
    :choices { "16", "24", "float" }
  p:option("--define", arguments.DEFINE)
  p:flag("--force", "write over files that exist")
  return p
end

-- The names of what a model separates, or nil and a message.
local function source_names(model, about, given)
  if model.unet.options.sources == 4 then
    if given then return nil, "--source names one source, but this separator has four" end
    return ALL
  end
  local settings = about.settings or {}
  local name = given or (settings.schedule or {}).source or (settings.task or {}).source or "source"
  if not name:find "^[^/%z]+$" or name == "rest" then
    return nil, ("--source %s: it becomes part of a file name beside NAME.rest.wav"):format(name)
  end
  return { name }
end

-- A line of progress for one song.
local function progress_of(ms, file)
  local about = ms.audio.info(file)
  local seconds = about and about.seconds > 0 and math.ceil(about.seconds) or nil
  local line, samples = ms.sys.progress { label = file:match "[^/]*$", total = seconds }, 0
  return line, function(n)
    samples = samples + n
    line:step(math.floor(samples / front.rate + 0.5) - line.done)
  end
end

local function separate_one(ms, model, song, bits)
  for _, stem in ipairs(song.stems) do
    local ok, why = ms.sys.mkdir(stem:match "^(.*)/")
    if not ok then return nil, why end
  end
  local line, step = progress_of(ms, song.file)
  local done, why = ms.evaluate.separate_file(model, song.file, song.stems,
    { bits = bits, progress = step })
  if done and line.total then line:step(line.total - line.done) end -- a last part of a second
  line:finish()
  return done, why
end

-- What a user must know of a song that was separated.
local function report(song, done)
  if done.notice then arguments.warn(done.notice) end
  if done.gain ~= 1 then
    arguments.warn(("%s: its loudest stem peaks at %.4g, above full scale: all stems were scaled "
      .. "by %.4g (--bits float keeps the level)"):format(song.file, done.peak, done.gain))
  end
  for _, stem in ipairs(song.stems) do print(stem) end
end

function M.run(args)
  local o, model, about = arguments.with_model(parser(), args, "separator", function(name)
    return name == "separator"
  end)
  if not o then return model end
  local ms = require "moonstem"
  local names, why = source_names(model, about, o.source)
  if not names then return arguments.fail(why) end
  local songs, twice = stem_names.choose(o.files, names, o.out, o.force)
  if not songs then return arguments.fail(twice) end
  for _, file in ipairs(twice) do arguments.warn(file .. " is named twice, and separated once") end
  return arguments.each(songs, "separated", function(song)
    local done, problem = separate_one(ms, model, song, o.bits)
    if done then report(song, done) end
    return done, problem
  end)
end

return M
