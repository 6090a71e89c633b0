--- Songs of human composers with their true stems, in the layout of musdb18-HQ, with a folder for
-- each part: train|valid|test/<composer - title>/{mixture,drums,bass,other,vocals}.wav. Nobody
-- sings in nearly all of them: vocals.wav is silent there.
local catalogue = require "standins.real.catalogue"
local effects = require "standins.sound.effects"
local licences = require "standins.real.licences"
local mixing = require "standins.sound.mixing"
local layout = require "standins.layouts.songs"
local source = require "standins.real.source"
local sys = require "moonstem.sys"

local songs = { name = "real-songs", module = ..., seconds = 60, survey = "survey",
  kinds = { midi = true, module = true }, source = source }

local PLAYERS = { midi = "standins.real.sources.midi", module = "standins.real.sources.module" }
local LEVEL = -16 -- decibels of the mixture
local SILENT = 1e-4

-- A name that a folder may have, and that no other song has.
local function name_of(entry)
  return ("%s - %s (%s)"):format(entry.composer, entry.title, entry.package):gsub("/", "-")
end

--- The pieces of a corpus: its entries, and folder, style (the kind of file), name.
function songs.pieces(o)
  local entries, why = catalogue.entries(songs, o)
  if not entries then return nil, why end
  local list = {}
  for _, entry in ipairs(entries) do
    if not entry.refused then
      entry.name = name_of(entry)
      entry.folder = entry.part .. "/" .. entry.name
      list[#list + 1] = entry
    end
  end
  return catalogue.ordered(list, o.count)
end

--- Plays the stems of a piece and writes its five files; the mixture is their sum to the last bit.
function songs.make(o, piece, folder)
  local stems, why = require(PLAYERS[piece.kind]).stems(piece,
    { soundfont = source.bank(o, piece), folder = folder })
  if not stems then return nil, ("%s: %s"):format(piece.path, why) end
  effects.level(stems, LEVEL)
  for _, name in ipairs { "drums", "bass", "other" } do
    if mixing.rms(stems[name]) < SILENT then
      return nil, ("%s: the %s are silent"):format(piece.path, name)
    end
  end
  local files, record = layout.write(o, piece, stems, folder)
  if not files then return nil, record end
  record.package, record.file, record.composer = piece.package, piece.file, piece.composer
  return files, record
end

--- All parts exist, even when one holds no song; LICENCES.md lists where the music is from.
function songs.finish(o, pieces)
  for _, part in ipairs { "train", "valid", "test" } do
    local good, why = sys.mkdir(o.out .. "/" .. part)
    if not good then return nil, why end
  end
  return licences.write(o, pieces, catalogue.entries(songs, o))
end

return songs
