--- Stand-in corpora: music rendered from Debian packages, in the on-disk layouts of musdb18-HQ,
-- MagnaTagATune and FMA, so that every recipe runs without the real sets. Same options, same bytes,
-- whatever the number of workers. What is not like the real sets: one composer's hand, clean
-- instruments, nonsense words, label noise independent of the clip. Scores on it must not be set
-- beside published ones.
local check_range = require "standins.check_range"
local options_of = require "moonstem.options"
local words = require "moonstem.core.words"

local corpora = {}

local LAYOUTS = { songs = "standins.layouts.songs", tags = "standins.layouts.tags",
  genres = "standins.layouts.genres" }

-- Options as the renderer wants them.
local function options(name, given)
  if not LAYOUTS[name] then
    error(("corpora: there is no corpus %s%s"):format(tostring(name),
      words.hint(tostring(name), LAYOUTS)), 3)
  end
  local kind, who = require(LAYOUTS[name]), "corpora." .. name
  local size = name == "songs" and "songs" or "clips"
  local known = { out = options_of.string, seconds = options_of.number(kind.seconds), seed = 1,
    workers = options_of.count(2), soundfont = options_of.string, progress = true,
    [size] = options_of.count(kind.count), test_share = name == "songs" and 1 / 3 or nil }
  local o = options_of(given, who, known)
  check_range(who, o, 4)
  o.count, o.test_share = o[size], o.test_share or 1 / 3
  return kind, o
end

local function run(name, given)
  local kind, o = options(name, given)
  if not o.out then
    error(("corpora.%s: out, the folder to render to, is missing"):format(name), 3)
  end
  return require("standins.rendering").run(kind, o)
end

--- corpora.songs{out =, songs = 24, seconds = 60, seed = 1, workers = 2, soundfont = path, progress
-- = true, test_share = 1/3} -> {out =, count =, rendered =, seconds =}, or nil and a message.
-- Songs with four stems as musdb18-HQ lays them out. mixture.wav is the sum of the stems to the
-- last bit. The 2nd, 10th, 18th ... training song bears the name of one of musdb18's validation
-- tracks. Goes on where it was stopped.
function corpora.songs(given) return run("songs", given) end

--- corpora.tags{out =, clips = 200, seconds = 29.124, seed = 1, workers = 2, soundfont =, progress
-- = true} -> as songs. Clips with tags as MagnaTagATune lays them out (16 kHz mono MP3): folders
-- 0-b get seven of ten clips, c one, d-f two.
function corpora.tags(given) return run("tags", given) end

--- corpora.genres{out =, clips = 160, seconds = 29.976, seed = 1, workers = 2, soundfont =,
-- progress = true} -> as songs. Clips of 16 root genres as FMA lays them out (44.1 kHz stereo MP3,
-- tracks.csv with three header rows). Classes grow by the real counts to the power 0.3, after the
-- frequent ones have three each.
function corpora.genres(given) return run("genres", given) end

--- Music of human composers from Debian packages: see standins.real.
corpora.real = require "standins.real"

--- corpora.stats("songs" | "tags" | "genres", {clips =, seed =, ...}) draws a corpus without sound:
-- {count =, parts = {part = count}, styles = {style = count}}, with tags = {tag = {part = count}}
-- (these need mma) or genres = {genre = {part = count}}. Or nil and a message.
function corpora.stats(name, given)
  local kind, o = options(name, given)
  return require("standins.stats").count(kind, o)
end

--- corpora.verify(dir) -> true, or nil and a sentence: whether a rendered corpus holds what its
-- seed gave when it was finished, by its records and the sizes of its files.
function corpora.verify(dir)
  if type(dir) ~= "string" then error("corpora.verify: dir must be the name of a folder", 2) end
  return require("standins.render").verify(dir)
end

--- corpora.check(name, options) raises when the options of a corpus make no sense.
function corpora.check(name, given)
  options(name, given)
  return true
end

--- `moonstem data render ...`: see command.lua. args: the words behind `render`. Returns the exit
-- status.
function corpora.command(args)
  for _, word in next, type(args) == "table" and not getmetatable(args) and args or { false } do
    if type(word) ~= "string" then error("corpora.command: args are a list of words", 2) end
  end
  return require("standins.command")(corpora, args)
end

return corpora
