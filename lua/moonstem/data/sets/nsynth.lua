--- NSynth (Engel and others 2017): 305 979 notes of 4 s of 1006 instruments.
local core_io = require "moonstem.core.io"
local define = require("moonstem.data.registry").define
local findings = require "moonstem.data.findings"
local options_of = require "moonstem.options"
local sys = require "moonstem.sys"

local set = define { name = "nsynth", marks = { "nsynth-train", "nsynth-test" }, layout = [[
  DIR/nsynth-train/examples.json       { "bass_synthetic_033-022-050": { "pitch": 22, ... }, ... }
  DIR/nsynth-train/audio/bass_synthetic_033-022-050.wav ...
  DIR/nsynth-valid, DIR/nsynth-test    the same]] }

local SPLITS = { "train", "valid", "test" }
local REAL = { train = 289205, valid = 12678, test = 4096 }

-- In the order of the numbers in examples.json, which count from 0.
local NAMES = {
  family = { "bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string",
    "synth_lead", "vocal" },
  source = { "acoustic", "electronic", "synthetic" },
  qualities = { "bright", "dark", "distortion", "fast_decay", "long_release", "multiphonic",
    "nonlinear_env", "percussive", "reverb", "tempo-synced" },
}
NAMES.pitch = {}
for pitch = 0, 127 do NAMES.pitch[pitch + 1] = tostring(pitch) end

local FIELDS = { family = "instrument_family", source = "instrument_source", pitch = "pitch" }

-- Sets the labels of a note: true, or nil and what is wrong.
local function label(item, note, target)
  local names = NAMES[target]
  if target ~= "qualities" then
    local number = math.tointeger(note[FIELDS[target]])
    if not number or not names[number + 1] then
      return nil, ("%s is %s, not 0 to %d"):format(FIELDS[target], tostring(note[FIELDS[target]]),
        #names - 1)
    end
    item.class = number + 1
    return true
  end
  if type(note.qualities) ~= "table" or #note.qualities ~= #names then
    return nil, ("qualities is no list of %d numbers"):format(#names)
  end
  item.labels = {}
  for k, flag in ipairs(note.qualities) do
    if flag ~= 0 and flag ~= 1 then return nil, ("quality %d is %s"):format(k, tostring(flag)) end
    if flag == 1 then table.insert(item.labels, k) end
  end
  return true
end

-- The notes of a split, or nil and a message.
local function read(dir, split, target)
  local folder = ("%s/nsynth-%s"):format(dir, split)
  local file = folder .. "/examples.json"
  if not sys.exists(file) then return set:refuse("there is no " .. file, dir) end
  local notes, why = core_io.load_json(file)
  if type(notes) ~= "table" then
    return nil, "nsynth: " .. (why or file .. ": no table of notes")
  end
  local list = {}
  for name, note in pairs(notes) do
    local item = { id = name, path = ("%s/audio/%s.wav"):format(folder, name) }
    local good, problem = nil, "no table"
    if type(note) == "table" then good, problem = label(item, note, target) end
    if not good then return nil, ("nsynth: %s: %s: %s"):format(file, name, problem) end
    item.instrument = tostring(note.instrument_str or name:match "^(.*)%-%d+%-%d+$" or name)
    list[#list + 1] = item
  end
  return list
end

-- Instruments of the training notes that come back, as a note; the real set has none.
local function shared_instruments(splits)
  local known, again = {}, {}
  for _, item in ipairs(splits.train) do known[item.instrument] = true end
  for _, split in ipairs { "valid", "test" } do
    for _, item in ipairs(splits[split]) do
      if known[item.instrument] then again[item.instrument] = true end
    end
  end
  local names = {}
  for name in pairs(again) do names[#names + 1] = name end
  table.sort(names)
  if #names > 0 then
    return "instruments of training notes are in other splits, too: " .. findings.few(names)
  end
end

--- ms.data.nsynth(dir, {target = "family", partial =}) -> dataset
-- Opens NSynth as downloaded (the JSON and WAV files).
-- options: { target = "family" (11 classes), "source" (3) or "pitch" (128), of kind "genres"; or
--   "qualities" (10 tags, such as bright); partial = false accepts empty splits }
-- Items: { id = name of the note, path =, instrument =, class = or labels = }. Instruments of the
-- training split are in no other; synth_lead is in that split alone. A note says where a split does
-- not have its 289 205, 12 678 and 4 096 notes.
-- Returns a data set, or nil and a message.
function set.open(dir, options)
  local o = options_of(options, "nsynth", { partial = options_of.flag,
    target = options_of.choice("family", "source", "pitch", "qualities") "family" })
  local splits, other = {}, {}
  for _, split in ipairs(SPLITS) do
    local list, why = read(dir, split, o.target)
    if not list then return nil, why end
    splits[split] = list
    if #list ~= REAL[split] then
      other[#other + 1] = ("%s %d of %d"):format(split, #list, REAL[split])
    end
  end
  local notes = { shared_instruments(splits) }
  if #other > 0 then notes[#notes + 1] = "a part of NSynth: " .. table.concat(other, ", ") end
  return set:build { kind = o.target == "qualities" and "tags" or "genres", root = dir,
    classes = { table.unpack(NAMES[o.target]) }, splits = splits, notes = notes,
    partial = o.partial }
end

return set
