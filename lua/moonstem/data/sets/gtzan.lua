--- GTZAN: ten genres of a hundred clips of 30 s (Tzanetakis and Cook 2002), in the fault-filtered
-- split (Kereliuk, Sturm and Larsen 2015) where its lists are there.
local audio = require "moonstem.audio"
local class_folders = require "moonstem.data.class_folders"
local csv = require "moonstem.data.csv"
local define = require("moonstem.data.registry").define
local labels = require "moonstem.data.labels"
local options_of = require "moonstem.options"
local split = require("moonstem.data.split").split
local sys = require "moonstem.sys"

local set = define { name = "gtzan", kind = "genres",
  marks = { "genres/blues", "genres_original/blues" }, layout = [[
  DIR/genres/<genre>/<genre>.00000.wav ...   (or .au; or DIR/genres_original)
  DIR/{train,valid,test}_filtered.txt        optional: lines such as blues/blues.00029.wav]] }

local SPLITS = { "train", "valid", "test" }
local REAL = 1000
local FILTERED = { train = 443, valid = 197, test = 290 }

local function audio_root(dir)
  for _, name in ipairs { "/genres", "/genres_original" } do
    if sys.is_dir(dir .. name) then return dir .. name end
  end
  return dir
end

-- Leaves out files that are named as the set's are not, and the one that is damaged in common
-- copies.
local function usable(clips, skipped)
  local list = {}
  for _, clip in ipairs(clips) do
    local genre, name = clip.id:match "^(.-)/(.*)$"
    local reason
    if not name:match("^" .. genre:gsub("%p", "%%%0") .. "%.%d%d%d%d%d%.%w+$") then
      reason = "not named <genre>.<five digits>"
    elseif name:find "^jazz%.00054%." and not audio.info(clip.path) then
      reason = "known to be damaged"
    end
    if reason then skipped[#skipped + 1] = { file = clip.path, id = clip.id, reason = reason }
    else list[#list + 1] = clip end
  end
  return list
end

-- The name without folder and ending: lists say .wav where files are .au.
local function stem(path) return path:match "([^/]*)%.%w+$" end

-- The clips of a list, or nil and a message.
local function listed(file, clips)
  local text, why = csv.slurp(file)
  if not text then return nil, "gtzan: " .. why end
  local by_name, list, number = {}, {}, 0
  for _, clip in ipairs(clips) do by_name[stem(clip.path)] = clip end
  for line in text:gmatch "[^\r\n]+" do
    number = number + 1
    local name = stem(line)
    if not name then return nil, ("gtzan: %s: line %d: no clip's name"):format(file, number) end
    list[#list + 1] = by_name[name]
  end
  if #list * 2 <= number then
    return nil, ("gtzan: %s: %d of its %d clips are here"):format(file, #list, number)
  end
  return list
end

-- The split of the lists; nil where there are none, or nil and a message.
local function filtered(dir, clips)
  local splits = {}
  for _, name in ipairs(SPLITS) do
    local file = ("%s/%s_filtered.txt"):format(dir, name)
    if not sys.exists(file) then return nil end
    local list, why = listed(file, clips)
    if not list then return nil, why end
    splits[name] = list
  end
  return splits
end

local function note_on(splits, clips)
  if not splits then
    return "the split is drawn at random: GTZAN repeats recordings and artists, so scores flatter; "
      .. "put train_, valid_ and test_filtered.txt beside the clips"
  end
  for name, count in pairs(FILTERED) do
    if #clips >= REAL - 1 and #splits[name] ~= count then
      return ("%s_filtered.txt names %d clips; the published list has %d")
        :format(name, #splits[name], count)
    end
  end
end

--- ms.data.gtzan(dir, {seed = 1, partial =}) -> dataset
-- Opens GTZAN. With the lists {train,valid,test}_filtered.txt in DIR, the fault-filtered split of
-- 443, 197 and 290 clips; without, 80, 10 and 10 % of each genre drawn by the seed, and a note.
-- Clips are .wav or .au; jazz.00054, which common copies have damaged, is left out if it is.
-- options: { seed = 1, partial = false accepts empty splits }
-- Returns a data set of kind "genres", or nil and a message.
function set.open(dir, options)
  local o = options_of(options, "gtzan", { seed = 1, partial = options_of.flag })
  local root, skipped = audio_root(dir), {}
  local clips = usable(class_folders.all(root, skipped), skipped)
  if #clips == 0 then return set:refuse("there are no clips", dir) end
  local splits, why = filtered(dir, clips)
  if why then return nil, why end
  local note = note_on(splits, clips)
  splits = splits or split(clips, { stratify = class_folders.class_of, seed = o.seed })
  local classes = labels.number(splits)
  labels.set(splits, classes, "genres")
  return set:build { root = root, classes = classes, splits = splits, skipped = skipped,
    partial = o.partial, notes = { note } }
end

return set
