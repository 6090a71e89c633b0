--- moonstem separate: a song in, the separated sources out as files.
local arguments = require "moonstem.app.arguments"
local inputs = require "moonstem.app.inputs"
local song_progress = require "moonstem.app.song_progress"
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
  p:option("-o --out", "folder to write to", "."):argname "FOLDER"
  p:option("--rate", "original, or 16000: what the network itself gives, in mono", "original")
    :choices { "original", "16000" }
  p:option("--above", "what becomes of frequencies above 7.9 kHz, which the network does not "
    .. "hear: average (each source gets its mean share of the moment), rest (the rest gets all), "
    .. "zero (they are left out); average unless given"):choices { "average", "rest", "zero" }
  p:option("--format", "kind of the files", "wav"):choices { "wav", "flac", "ogg", "mp3" }
  p:option("--bits", "of a sample of WAV and FLAC: 16 (unless given), 24 or float (WAV), which "
    .. "keeps any level"):choices { "16", "24", "float" }
  p:option("--source",
    "what a separator of one source separates, for the file's name (what its checkpoint says)")
    :argname "NAME"
  p:option("--define", arguments.DEFINE):argname "FILE"
  p:flag("--resume", "leave out the songs whose files are all there")
  p:flag("--force", "write over files that exist")
  return p
end

-- Options of demucs, by which many know these things.
local OF_DEMUCS = { ["-n"] = "--model RUN", ["--name"] = "--model RUN", ["--mp3"] = "--format mp3",
  ["--flac"] = "--format flac", ["--int24"] = "--bits 24", ["--float32"] = "--bits float" }

local function of_demucs(args)
  for _, word in ipairs(args) do
    if OF_DEMUCS[word] then return ("separate: %s is %s here"):format(word, OF_DEMUCS[word]) end
  end
end

-- Why options do not go together, or nil.
local function contradiction(o)
  if o.bits and (o.format == "ogg" or o.format == "mp3") then
    return ("--bits is for WAV and FLAC; --format %s has none"):format(o.format)
  end
  if o.bits == "float" and o.format == "flac" then
    return "--bits float is for WAV: FLAC holds 16 or 24"
  end
  if o.above and o.rate == "16000" then
    return "--above is for --rate original: at 16000 Hz there is nothing above"
  end
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

-- place, count: which song of how many.
local function separate_one(ms, model, song, o, place, count)
  for _, stem in ipairs(song.stems) do
    local ok, why = ms.sys.mkdir(stem:match "^(.*)/")
    if not ok then return nil, why end
  end
  local line, rate = song_progress.line(ms, song.file, place, count)
  local done, why = ms.evaluate.separate_file(model, song.file, song.stems,
    { bits = o.bits or "16", above = o.above or "average", rate = tonumber(o.rate),
      progress = song_progress.stepper(line, tonumber(o.rate) or rate) })
  if not done then
    line:drop()
    return nil, why
  end
  if line.total then line:step(line.total - line.done) end -- a last part of a second
  line:finish()
  return done
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

-- The songs and their stems, or nil and a message.
local function songs_of(o, model, about)
  local names, why = source_names(model, about, o.source)
  if not names then return nil, why end
  local files, problem = inputs.files(o.files)
  if not files then return nil, problem end
  local songs, twice = stem_names.choose(files, names, o)
  if not songs then return nil, twice end
  if #songs == 0 then print "all songs are separated already" end
  for _, file in ipairs(twice) do arguments.warn(file .. " is named twice, and separated once") end
  return songs
end

function M.run(args)
  local foreign = of_demucs(args)
  if foreign then return arguments.misuse(foreign) end
  local o, model, about = arguments.with_model(parser(), args, "separator", function(name)
    return name == "separator"
  end)
  if not o then return model end
  local odd = contradiction(o)
  if odd then return arguments.misuse(odd) end
  local ms = require "moonstem"
  local songs, why = songs_of(o, model, about)
  if not songs then return arguments.fail(why) end
  return arguments.each(songs, "separated", function(song, place)
    local done, problem = separate_one(ms, model, song, o, place, #songs)
    if done then report(song, done) end
    return done, problem
  end)
end

return M
