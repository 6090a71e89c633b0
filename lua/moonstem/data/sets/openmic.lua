--- OpenMIC-2018 (Humphrey, Durand and McFee 2018): 20 000 clips of 10 s, 20 instruments, of which
-- each clip is labelled for a few.
local csv = require "moonstem.data.csv"
local define = require("moonstem.data.registry").define
local options_of = require "moonstem.options"
local split = require("moonstem.data.split").split
local sys = require "moonstem.sys"

local set = define { name = "openmic", kind = "tags",
  marks = { "openmic-2018-aggregated-labels.csv" }, layout = [[
  DIR/openmic-2018-aggregated-labels.csv    sample_key,instrument,relevance,num_responses
  DIR/partitions/split01_train.csv          a sample_key a line; and split01_test.csv
  DIR/audio/000/000046_3840.ogg ...         folders of the first three digits]] }

local INSTRUMENTS = { "accordion", "banjo", "bass", "cello", "clarinet", "cymbals", "drums",
  "flute", "guitar", "mallet_percussion", "mandolin", "organ", "piano", "saxophone",
  "synthesizer", "trombone", "trumpet", "ukulele", "violin", "voice" }
local NUMBER = {}
for k, name in ipairs(INSTRUMENTS) do NUMBER[name] = k end

local HEADER = { "sample_key", "instrument", "relevance", "num_responses" }
local KEY = "^%d%d%d%d%d%d_%d+$"
local REAL = { split01_train = 14915, split01_test = 5085 }

-- Key -> { present = list of instruments, known = list of those that were asked for }; or nil and a
-- message.
local function read_labels(file)
  local rows, why = csv.read(file, { separator = "," })
  if not rows then return nil, why end
  for k, name in ipairs(HEADER) do
    if (rows[1] or {})[k] ~= name then
      return nil, ("%s: line 1: the header must be %s"):format(file, table.concat(HEADER, ","))
    end
  end
  local clips = {}
  for line = 2, #rows do
    local key, instrument, relevance = table.unpack(rows[line])
    local number, share = NUMBER[(instrument or ""):gsub(" ", "_")], tonumber(relevance)
    local wrong = not key:find(KEY) and ('the sample_key is "%s"'):format(key)
      or not number and ('there is no instrument "%s"'):format(instrument)
      or not (share and share >= 0 and share <= 1)
        and ('the relevance is "%s", not 0 to 1'):format(relevance)
    local clip = clips[key] or { present = {}, known = {}, seen = {} }
    if not wrong and clip.seen[number] then
      wrong = ("%s of %s is there twice"):format(instrument, key)
    end
    if wrong then return nil, ("%s: line %d: %s"):format(file, line, wrong) end
    clips[key], clip.seen[number] = clip, true
    table.insert(clip.known, number)
    if share >= 0.5 then table.insert(clip.present, number) end
  end
  return clips
end

-- The items of a partition, or nil and a message.
local function read_partition(dir, name, clips, seen)
  local file = ("%s/partitions/%s.csv"):format(dir, name)
  local text, why = csv.slurp(file)
  if not text then return nil, why end
  local list, line = {}, 0
  for key in text:gmatch "[^\r\n]+" do
    line = line + 1
    local clip = clips[key]
    local wrong = not key:find(KEY) and ('"%s" is no sample_key'):format(key)
      or not clip and key .. " has no labels" or seen[key] and key .. " was listed before"
    if wrong then return nil, ("%s: line %d: %s"):format(file, line, wrong) end
    table.sort(clip.present)
    table.sort(clip.known)
    seen[key] = true
    list[#list + 1] = { id = key, path = ("%s/audio/%s/%s.ogg"):format(dir, key:sub(1, 3), key),
      labels = clip.present, known = clip.known }
  end
  return list
end

local NOTE = "each clip was labelled for a few instruments; the others count as absent (item.known "
  .. "lists those that were asked for)"

--- ms.data.openmic(dir, {valid = 0.15, seed = 1, partial =}) -> dataset
-- Opens OpenMIC-2018. Test: the published partition split01_test; validation: a share of
-- split01_train, drawn by the seed, with its share of every instrument.
-- options: { valid = 0.15, seed = 1, partial = false accepts empty splits }
-- Items: { id = "000046_3840", path =, labels = instruments of relevance 0.5 or more,
--   known = instruments that people were asked for }; what was not asked for counts as absent, so
--   losses of one's own should look at `known` alone. A note says where partitions do not have
--   their 14 915 and 5 085 clips.
-- Returns a data set of kind "tags", or nil and a message.
function set.open(dir, options)
  local o = options_of(options, "openmic", { valid = 0.15, seed = 1, partial = options_of.flag })
  if not (o.valid > 0 and o.valid < 1) then
    error(("openmic: valid must be a share above 0 and below 1, got %g"):format(o.valid), 2)
  end
  local file = dir .. "/openmic-2018-aggregated-labels.csv"
  if not sys.exists(file) then
    return set:refuse("there is no openmic-2018-aggregated-labels.csv", dir)
  end
  local clips, problem = read_labels(file)
  if not clips then return nil, "openmic: " .. problem end
  local seen, parts, notes = {}, {}, { NOTE }
  for _, name in ipairs { "split01_train", "split01_test" } do
    local list, why = read_partition(dir, name, clips, seen)
    if not list then return nil, "openmic: " .. why end
    parts[name] = list
    if #list ~= REAL[name] then
      notes[#notes + 1] = ("%s has %d clips, %d in the published set")
        :format(name, #list, REAL[name])
    end
  end
  local of_train = split(parts.split01_train, { parts = { train = 1 - o.valid, valid = o.valid },
    stratify = "labels", seed = o.seed })
  return set:build { root = dir .. "/audio", classes = { table.unpack(INSTRUMENTS) },
    splits = { train = of_train.train, valid = of_train.valid, test = parts.split01_test },
    partial = o.partial, notes = notes }
end

return set
