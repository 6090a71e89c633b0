--- Stand-in corpora: music rendered from Debian packages, in the on-disk layouts of musdb18-HQ, MagnaTagATune and FMA,
-- so that every recipe runs without the real sets. Same options, same bytes, whatever the number of workers.
-- What is not like the real sets: one composer's hand, clean instruments, nonsense words, label noise independent of
-- the clip. Scores on it must not be set beside published ones.
local corpora = {}

local modules = { songs = "moonstem.corpora.songs", tags = "moonstem.corpora.tags", genres = "moonstem.corpora.genres" }
local known = { out = "string", songs = "number", clips = "number", seconds = "number", seed = "number",
  workers = "number", soundfont = "string", progress = "boolean", test_share = "number" }

-- A whole number of at least `least`, or an error that names the option.
local function whole(who, name, value, least)
  local n = math.tointeger(value)
  if not n or n < least then
    error(("%s: %s must be a whole number from %d, got %s"):format(who, name, least, value), 4)
  end
  return n
end

local function check(who, given)
  for key, value in pairs(given) do
    if not known[key] then error(("%s: there is no option %s"):format(who, key), 4) end
    if type(value) ~= known[key] then error(("%s: %s must be a %s"):format(who, key, known[key]), 4) end
  end
end

-- Options as the renderer wants them.
local function options(name, given)
  local kind, who = require(modules[name]), "corpora." .. name
  local size = name == "songs" and "songs" or "clips"
  given = given or {}
  check(who, given)
  local seconds = given.seconds or kind.seconds
  if not (seconds >= 2 and seconds <= 3600) then error(("%s: seconds must lie between 2 and 3600"):format(who), 3) end
  return kind, { out = given.out, count = whole(who, size, given[size] or kind.count, 1), seconds = seconds,
    seed = whole(who, "seed", given.seed or 1, 0), workers = whole(who, "workers", given.workers or 2, 1),
    soundfont = given.soundfont, progress = given.progress ~= false, test_share = given.test_share or 1 / 3 }
end

local function run(name, given)
  local kind, o = options(name, given)
  if not o.out then error(("corpora.%s: out, the folder to render to, is missing"):format(name), 3) end
  return require("moonstem.corpora.crew").run(kind, o)
end

--- corpora.songs{out =, songs = 24, seconds = 60, seed = 1, workers = 2, soundfont = path, progress = true,
-- test_share = 1/3} -> {out =, count =, rendered =, seconds =}, or nil and a sentence.
-- Songs with four stems as musdb18-HQ lays them out. mixture.wav is the sum of the stems to the last bit. The 2nd,
-- 10th, 18th ... training song bears the name of one of musdb18's validation tracks. Goes on where it was stopped.
function corpora.songs(given) return run("songs", given) end

--- corpora.tags{out =, clips = 200, seconds = 29.124, seed = 1, workers = 2, soundfont =, progress = true} -> as songs.
-- Clips with tags as MagnaTagATune lays them out (16 kHz mono MP3): folders 0-b get seven of ten clips, c one, d-f two.
function corpora.tags(given) return run("tags", given) end

--- corpora.genres{out =, clips = 160, seconds = 29.976, seed = 1, workers = 2, soundfont =, progress = true}
-- -> as songs. Clips of 16 root genres as FMA lays them out (44.1 kHz stereo MP3, tracks.csv with three header rows).
-- Classes grow by the real counts to the power 0.3, after the frequent ones have three each.
function corpora.genres(given) return run("genres", given) end

--- corpora.plan("songs" | "tags" | "genres", {clips =, seed =, ...}) draws a corpus without sound:
-- {count =, parts = {part = count}, styles = {style = count}}, with tags = {tag = {part = count}} (these need mma) or
-- genres = {genre = {part = count}}. Or nil and a sentence.
function corpora.plan(name, given)
  if not modules[name] then error(("corpora.plan: there is no corpus %s"):format(tostring(name)), 2) end
  local kind, o = options(name, given)
  return require("moonstem.corpora.draft").count(kind, o)
end

--- corpora.check(name, options) raises when the options of a corpus make no sense.
function corpora.check(name, given)
  options(name, given)
  return true
end

--- `moonstem data render ...`: see command.lua. args: the words behind `render`. Returns the exit status.
function corpora.command(args) return require("moonstem.corpora.command")(args) end

return corpora
