--- Music of human composers from Debian packages, in the layouts of musdb18-HQ and MagnaTagATune,
-- with true stems and with tags that are certain. Nothing is installed or fetched: what is there is
-- used, and what is not is named. Same packages, soundfonts and options, same bytes.
local catalogue = require "standins.real.catalogue"
local check_range = require "standins.check_range"
local options_of = require "moonstem.options"
local packages = require "standins.real.packages"
local words = require "moonstem.core.words"

local real = {}

local KINDS = { songs = "standins.real.songs", tags = "standins.real.tags" }

-- A checked list of packages of the kinds that a corpus can use.
local function check_packages(who, names, kinds)
  for _, name in ipairs(names or {}) do
    local package = packages.find(name)
    if not package then
      local known = {}
      for _, one in ipairs(packages.names()) do known[one] = true end
      error(("%s: no package %s is known%s"):format(who, tostring(name),
        words.hint(tostring(name), known)), 4)
    end
    if not kinds[package.kind] then
      error(("%s: it cannot use %s, which holds files of kind %s"):format(who, name,
        package.kind), 4)
    end
  end
end

-- The kind of a corpus and its checked options.
local function options(name, given)
  if not KINDS[name] then
    error(("corpora.real: there is no corpus %s%s"):format(tostring(name),
      words.hint(tostring(name), KINDS)), 3)
  end
  local kind, who = require(KINDS[name]), "corpora.real." .. name
  local size = name == "songs" and "songs" or "clips"
  local o = options_of(given, who, { out = options_of.string,
    seconds = options_of.number(kind.seconds), seed = 1, workers = options_of.count(2),
    packages = options_of.table, soundfonts = options_of.table, progress = true,
    [size] = options_of.count })
  check_range(who, o, 4)
  check_packages(who, o.packages, kind.kinds)
  o.count = o[size]
  return kind, o
end

local function run(name, given)
  local kind, o = options(name, given)
  if not o.out then
    error(("corpora.real.%s: out, the folder to render to, is missing"):format(name), 3)
  end
  return require("standins.rendering").run(kind, o)
end

--- corpora.real.songs{out =, songs = all, seconds = 60, seed = 1, workers = 2, packages = list of
-- names, soundfonts = list of files, progress = true} -> {out =, count =, rendered =, seconds =,
-- missing = packages that are not installed}, or nil and a message.
-- Songs with true stems, as musdb18-HQ lays them out, and a folder valid beside train and test:
-- MIDI files played by fluidsynth, instrument by instrument (General MIDI tells drums and bass),
-- and tracker modules played by libopenmpt, those of them whose instruments' names tell. Of each
-- song the `seconds` are taken in which drums, bass and other sound most evenly; mixture.wav is the
-- sum of the stems to the last bit. vocals.wav is silent: almost nobody sings. No composer is in
-- two parts. seed: which of the soundfonts plays which song. LICENCES.md names packages, licences
-- and files. Goes on where it was stopped.
function real.songs(given) return run("songs", given) end

--- corpora.real.tags{out =, clips = all, seconds = 29.124, seed = 1, workers = 2, packages =,
-- soundfonts =, progress = true} -> as songs. Clips of MIDI files as MagnaTagATune lays them out,
-- tagged with what is certain: instruments that sound, or never do, drums, tempo, that nobody
-- sings, and the style where the title gives one.
function real.tags(given) return run("tags", given) end

--- corpora.real.recordings(file, {packages =}) -> list of {path =, package =, version =, licence =,
-- seconds =, rate =, channels =, refused = why it cannot be read}, and the names of the packages
-- that are not installed; nil and a message. Writes the list as a table to `file` (CSV), without
-- one nothing: recordings and tracker modules, for listening and speed.
function real.recordings(file, given)
  local recordings = require "standins.real.recordings"
  local o = options_of(given, "corpora.real.recordings", { packages = options_of.table })
  check_packages("corpora.real.recordings", o.packages, recordings.kinds)
  if file == nil then return recordings.list(o.packages) end
  if type(file) ~= "string" or file:find("\0", 1, true) then
    error("corpora.real.recordings: file must be a name without zero bytes", 2)
  end
  return recordings.write(file, o.packages)
end

--- corpora.real.packages() -> list of {name =, kind = "midi", "module" or "recording", licence =,
-- folder =, files = how many are installed}.
function real.packages()
  local list = {}
  for i, package in ipairs(packages.list) do
    list[i] = { name = package.name, kind = package.kind, licence = package.licence,
      folder = package.folder, files = #catalogue.files(package) }
  end
  return list
end

--- corpora.real.survey("songs" | "tags", {packages =, seconds =}) -> list of {package =, file =,
-- part =, composer =, seconds =, refused = why it is left out}: what there would be, without
-- rendering a sound.
function real.survey(name, given)
  local kind, o = options(name, given)
  o.out = nil
  return catalogue.entries(kind, o)
end

--- corpora.real.check(name, options) raises when the options of a corpus make no sense.
function real.check(name, given)
  options(name, given)
  return true
end

return real
