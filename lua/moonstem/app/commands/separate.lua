--- moonstem separate: a song in, the separated sources out as files.
local arguments = require "moonstem.app.arguments"
local inputs = require "moonstem.app.inputs"
local stem_names = require "moonstem.app.stem_names"

local M = { summary = "separate songs with a trained separator, at their own rate and in stereo" }

-- The sources of a separator of four, in their order (recipes/paper.md#the-u-net).
local ALL = { "vocals", "other", "drums", "bass" }

local function parser()
  local p = arguments.parser("separate", "Separates audio files with the best checkpoint of "
    .. "a separation run. Each source goes to OUT/NAME.SOURCE.FORMAT, and what is left of the "
    .. "mixture to OUT/NAME.rest.FORMAT, with the song's own rate, channels and length; songs "
    .. "of one name keep their endings or get their folders. Sources and rest add up to the "
    .. "mixture: where one of them passes full scale, all are turned down together, with a "
    .. "message. A song that cannot be read is named and does not stop the others; the exit "
    .. "status is 1 then. Memory does not grow with a song's length.")
  p:argument("files", "songs (WAV, FLAC, OGG, MP3, M4A, videos, ...), or folders of them"):args "+"
  p:option("--model", "folder of a separation run, or a .safetensors file"):argname "RUN"
  p:option("--out", "folder to write to", "."):argname "FOLDER"
  p:option("--rate", "original, or 16000: what the network itself gives, in mono", "original")
    :choices { "original", "16000" }
  p:option("--above", "what becomes of frequencies above 7.9 kHz, which the network does not "
    .. "hear: average (each source gets its mean share of the moment), rest (the rest gets all), "
    .. "zero (they are left out)", "average"):choices { "average", "rest", "zero" }
  p:option("--format", "kind of the files", "wav"):choices { "wav", "flac", "ogg", "mp3" }
  p:option("--bits", "of a sample of WAV and FLAC: 16, 24 or float (WAV), which keeps any level",
    "16"):choices { "16", "24", "float" }
  p:option("--source",
    "what a separator of one source separates, for the file's name (what its checkpoint says)")
    :argname "NAME"
  p:option("--define", arguments.DEFINE):argname "FILE"
  p:flag("--resume", "leave out the songs whose files are all there")
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

-- A line of progress for one song, in its own seconds.
local function progress_of(ms, file, rate)
  local about = ms.audio.info(file)
  local seconds = about and about.seconds > 0 and math.ceil(about.seconds) or nil
  local line, samples = ms.sys.progress { label = file:match "[^/]*$", total = seconds }, 0
  rate = rate == "original" and about and about.rate or tonumber(rate) or 16000
  return line, function(n)
    samples = samples + n
    line:step(math.floor(samples / rate + 0.5) - line.done)
  end
end

local function separate_one(ms, model, song, o)
  for _, stem in ipairs(song.stems) do
    local ok, why = ms.sys.mkdir(stem:match "^(.*)/")
    if not ok then return nil, why end
  end
  local line, step = progress_of(ms, song.file, o.rate)
  local done, why = ms.evaluate.separate_file(model, song.file, song.stems,
    { bits = o.bits, above = o.above, rate = tonumber(o.rate), progress = step })
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
  local files, twice, songs
  files, why = inputs.files(o.files)
  if not files then return arguments.fail(why) end
  songs, twice = stem_names.choose(files, names, o)
  if not songs then return arguments.fail(twice) end
  if #songs == 0 then print "all songs are separated already" end
  for _, file in ipairs(twice) do arguments.warn(file .. " is named twice, and separated once") end
  return arguments.each(songs, "separated", function(song)
    local done, problem = separate_one(ms, model, song, o)
    if done then report(song, done) end
    return done, problem
  end)
end

return M
