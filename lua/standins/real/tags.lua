--- Clips of human composers' MIDI files, in the layout of MagnaTagATune, with the tags that are
-- certain of each (standins.real.labels). Folders 0 to b hold the training clips, c the validation
-- ones, d to f the test ones; no composer is in two parts.
local audio = require "moonstem.core.audio"
local catalogue = require "standins.real.catalogue"
local csv = require "moonstem.data.csv"
local effects = require "standins.sound.effects"
local labels = require "standins.real.labels"
local layout = require "standins.layouts.tags"
local licences = require "standins.real.licences"
local midi = require "standins.real.sources.midi"
local mixing = require "standins.sound.mixing"
local rng = require "standins.rng"
local source = require "standins.real.source"
local sys = require "moonstem.sys"

local tags = { name = "real-tags", module = ..., seconds = 29.124, survey = "clips",
  kinds = { midi = true }, source = source }

local LEVEL = -18 -- decibels of a clip

-- What the tables say of a clip.
local function label_of(entry, start, seconds, folder)
  local path = ("%s/%s-%s-%s-%d-%d.mp3"):format(folder, entry.composer, entry.package, entry.title,
    start, start + math.ceil(seconds))
  return { artist = entry.composer, album = entry.package, title = entry.title, number = 1,
    start = start, stop = start + math.ceil(seconds), path = layout.underscored(path) }
end

local function clip_of(o, entry, start)
  local id = ("%s-%d"):format(entry.id, start)
  local r = rng.new(0, "real/clip/" .. id)
  return { id = id, part = entry.part, kind = "midi", package = entry.package, path = entry.path,
    composer = entry.composer, style = entry.style, start = start, order = r:bits(),
    label = label_of(entry, start, o.seconds, r:pick(layout.folders[entry.part])) }
end

--- The clips of a corpus: one after the other out of each file, mixed; {index=, id=, part=, path=,
-- start=, label=, clip_id=}.
function tags.pieces(o)
  local entries, why = catalogue.entries(tags, o)
  if not entries then return nil, why end
  local list = {}
  for _, entry in ipairs(entries) do
    for _, start in ipairs(entry.starts or {}) do list[#list + 1] = clip_of(o, entry, start) end
  end
  list = catalogue.ordered(list, o.count)
  for i, clip in ipairs(list) do clip.clip_id = i end
  return list
end

local function everything() return true end

-- The sound of a clip, mono.
local function sound(o, piece, song, folder)
  local wave, why = midi.play(song, piece.start, piece.start + o.seconds + 0.2, everything,
    { soundfont = source.bank(o, piece), folder = folder })
  if not wave then return nil, why end
  local rms = mixing.rms(wave)
  if rms < 1e-5 then return nil, "it is silent" end
  return layout.clip(o, mixing.scale(wave, 10 ^ (LEVEL / 20) / rms))
end

--- Plays a clip and writes it; its record has its tags and tempo.
function tags.make(o, piece, folder)
  local song, why = midi.read(piece.path)
  local wave, good
  if song then wave, why = sound(o, piece, song, folder) end
  if not wave then return nil, ("%s: %s"):format(piece.path, why) end
  local level, path = effects.decibels(mixing.rms(wave)), folder .. "/clip.mp3"
  good, why = audio.write(path, wave, layout.rate)
  if not good then return nil, why end
  local list, bpm = labels.tags(song, piece.start, piece.start + o.seconds, piece.style)
  return { [piece.label.path] = path }, { part = piece.part, clip_id = piece.clip_id,
    level = math.floor(level * 10 + 0.5) / 10, bpm = bpm, tags = list }
end

-- tag -> { part = how many clips have it }.
local function counted(records)
  local counts = {}
  for _, record in ipairs(records) do
    for _, tag in ipairs(record.tags) do
      counts[tag] = counts[tag] or { train = 0, valid = 0, test = 0 }
      counts[tag][record.part] = counts[tag][record.part] + 1
    end
  end
  return counts
end

-- A manifest with the tags that some clips of every part have: those that can be learnt and tested,
-- which are not the 50 that readers of MagnaTagATune look at.
local function manifest(pieces, records)
  local counts, lines = counted(records), { csv.row { "path", "split", "labels" } }
  for i, piece in ipairs(pieces) do
    local list = {}
    for _, tag in ipairs(records[i].tags) do
      local n = counts[tag]
      if n.train > 0 and n.valid > 0 and n.test > 0 then list[#list + 1] = tag end
    end
    lines[#lines + 1] = csv.row { piece.label.path, piece.part, table.concat(list, ";") }
  end
  return table.concat(lines)
end

--- Writes the two tables, manifest.csv and LICENCES.md.
function tags.finish(o, pieces, records)
  local good, why = layout.finish(o, pieces, records)
  if good then good, why = sys.write_file(o.out .. "/manifest.csv", manifest(pieces, records)) end
  if not good then return nil, why end
  return licences.write(o, pieces, catalogue.entries(tags, o))
end

return tags
