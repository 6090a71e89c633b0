--- What the stand-ins for songs, tags and genres share: they are composed here, and played by the
-- programs of standins.tools.
local core_io = require "moonstem.core.io"
local sys = require "moonstem.sys"
local effects = require "standins.sound.effects"
local phones = require "standins.score.phones"
local pieces = require "standins.piece"
local rng = require "standins.rng"
local tools = require "standins.tools"

local composed = {}

--- How often a piece is drawn before it is given up.
composed.ATTEMPTS = 6

--- Looks for the programs and sets o.soundfont to a full path. Returns true, or nil and a message.
function composed.prepare(_, o)
  local good, why = tools.check(o.soundfont)
  if not good then return nil, why end
  o.soundfont = sys.absolute(o.soundfont or tools.soundfont)
  return true
end

--- What decides the sound. Voices and bank by name and size: a corpus of one machine goes on only
-- where the same ones are.
function composed.settings(kind, o)
  return { kind = kind.name, format = rng.format, seed = o.seed, seconds = o.seconds,
    test_share = o.test_share, soundfont = o.soundfont:match("[^/]+$"),
    soundfont_bytes = sys.size(o.soundfont), voices = core_io.list(phones.set) }
end

-- A sum of a score: its traits, its notes, what is sung, and what was drawn up to here.
local function sum_of(score, r)
  local sung, texts = {}, {}
  for i, line in ipairs(score.songs) do sung[i] = line.notes end
  texts[1] = core_io.json_encode { traits = score.traits, songs = sung, drawn = { r:state() } }
  for i, part in ipairs(score.band and score.band.parts or {}) do texts[i + 1] = part.data end
  return ("%08x"):format(core_io.crc32c(table.concat(texts, "\0")))
end

-- One attempt: stems, the score and its sum; nil and a message, and true where the piece is at
-- fault.
local function attempt(kind, o, piece, number, folder)
  local wishes = kind.wishes(o, piece)
  wishes.folder, wishes.soundfont = folder, o.soundfont
  local r = rng.new(o.seed, kind.name, piece.index, number)
  local score, why, own = pieces.compose(r, piece.style, wishes)
  if not score then return nil, why, own end
  local sum = sum_of(score, r)
  local stems
  stems, why, own = pieces.render(r, score, wishes)
  if not stems then return nil, why, own end
  effects.master(r, stems, wishes.level)
  return stems, score, sum
end

--- Makes the files of a piece in a folder: {file name in the corpus = path} and the record's rest;
-- nil and a message. A piece that is itself at fault is drawn again with the next number; any other
-- failure ends it, or a seed would mean two corpora.
function composed.make(kind, o, piece, folder)
  local redrawn = {}
  for number = 1, composed.ATTEMPTS do
    local stems, score, more = attempt(kind, o, piece, number, folder)
    if stems then
      local files, record = kind.write(o, piece, stems, folder, score.traits)
      if not files then return nil, record end
      record.attempt, record.traits, record.score = number, score.traits, more
      record.redrawn = #redrawn > 0 and redrawn or nil
      return files, record
    end
    if not more then return nil, score end
    redrawn[number] = score
  end
  return nil, ("%s %s could not be rendered in %d attempts: %s"):format(kind.name, piece.id,
    #redrawn, redrawn[#redrawn])
end

return composed
