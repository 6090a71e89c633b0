--- Rendering a corpus: the pieces that are not there yet, each with a record that says what it is.
-- OUT/.moonstem/corpus.json holds what decides the sound, OUT/.moonstem/pieces/ID.json the record
-- of each finished piece, with the sizes of its files. A piece with a fitting record is not
-- rendered again.
local core_io = require "moonstem.core.io"
local sealed = require "moonstem.sys.sealed"
local sys = require "moonstem.sys"
local tensor = require "moonstem.core.tensor"
local effects = require "standins.sound.effects"
local phones = require "standins.score.phones"
local pieces = require "standins.piece"
local rng = require "standins.rng"
local tools = require "standins.tools"

local render = {}

local attempts = 6

--- Where a corpus keeps its records.
function render.state(o) return o.out .. "/.moonstem" end

local function record_path(o, piece)
  return ("%s/pieces/%s.json"):format(render.state(o), piece.id)
end

-- ---- what decides the sound ---------------------------------------------------------------------

-- Voices and bank by name and size: a corpus of one machine goes on only where the same ones are.
local function settings(kind, o)
  return { kind = kind.name, format = rng.format, seed = o.seed, seconds = o.seconds,
    test_share = o.test_share, soundfont = o.soundfont:match("[^/]+$"),
    soundfont_bytes = sys.size(o.soundfont), voices = core_io.list(phones.set) }
end

local function difference(there, wanted)
  for _, key in ipairs { "kind", "format", "seed", "seconds", "test_share", "soundfont",
    "soundfont_bytes" } do
    if there[key] ~= wanted[key] then return key end
  end
  if table.concat(there.voices, " ") ~= table.concat(wanted.voices, " ") then return "voices" end
end

local function shown(value)
  return type(value) == "table" and table.concat(value, " ") or tostring(value)
end

local function mismatch(o, key, there, wanted)
  return ("%s holds stand-in %s with %s %s, not %s: choose another folder, or remove this one")
    :format(o.out, shown(there.kind), key, shown(there[key]), shown(wanted[key]))
end

-- A folder is used when it is new, empty, or holds a corpus of the same settings.
local function claim(kind, o)
  local file, wanted = render.state(o) .. "/corpus.json", settings(kind, o)
  if sys.exists(file) then
    local there, why = core_io.load_json(file)
    if not there then return nil, why end
    local key = difference(there, wanted)
    return not key or nil, key and mismatch(o, key, there, wanted)
  end
  for _, name in ipairs(sys.list(o.out) or {}) do
    if name ~= ".moonstem" then
      return nil, ("%s already holds something else (%s): choose a new folder"):format(o.out, name)
    end
  end
  local good, why = sys.mkdir(render.state(o) .. "/pieces")
  if not good then return nil, why end
  return core_io.save_json(file, wanted)
end

--- Makes the folder of a corpus, or finds that it goes on there. Sets o.out and o.soundfont to full
-- paths. Returns true, or nil and a message.
function render.open(kind, o)
  local good, why = sys.mkdir(o.out)
  if not good then return nil, why end
  o.out = sys.absolute(o.out)
  good, why = tools.check(o.soundfont)
  if not good then return nil, why end
  o.soundfont = sys.absolute(o.soundfont or tools.soundfont)
  return claim(kind, o)
end

-- ---- records ------------------------------------------------------------------------------------

--- The record of a finished piece, or nil.
function render.record(o, piece)
  local path = record_path(o, piece)
  local record = sys.exists(path) and core_io.load_json(path)
  if not record or record.index ~= piece.index or not sealed.holds(record) then return nil end
  for name, size in pairs(record.files) do
    if sys.size(o.out .. "/" .. name) ~= size then return nil end
  end
  return record
end

-- Moves finished files to their places, and then writes the record.
local function deliver(o, piece, files, record)
  record.files = {}
  for name, path in pairs(files) do
    local place = o.out .. "/" .. name
    record.files[name] = sys.size(path)
    local good, why = sys.mkdir(place:match("^(.*)/"))
    if good then good, why = sys.rename(path, place) end
    if not good then return nil, why end
  end
  return core_io.save_json(record_path(o, piece), sealed.seal(record))
end

-- ---- one piece ----------------------------------------------------------------------------------

--- Removes a folder and everything in it.
function render.clear(folder)
  for _, name in ipairs(sys.list(folder) or {}) do
    local path = folder .. "/" .. name
    if sys.is_dir(path) then render.clear(path) else sys.remove(path) end
  end
  sys.remove(folder)
end

-- One attempt: stems and traits, or nil and a message.
local function attempt(kind, o, piece, number, folder)
  local wishes = kind.wishes(o, piece)
  wishes.folder, wishes.soundfont = folder, o.soundfont
  local r = rng.new(o.seed, kind.name, piece.index, number)
  local score, why = pieces.compose(r, piece.style, wishes)
  if not score then return nil, why end
  local stems
  stems, why = pieces.render(r, score, wishes)
  if not stems then return nil, why end
  effects.master(r, stems, wishes.level)
  return stems, score.traits
end

-- A piece that fails is drawn again with the next number, unless a program was stopped from
-- outside.
local function make(kind, o, piece, folder)
  local why
  for number = 1, attempts do
    local stems, traits = attempt(kind, o, piece, number, folder)
    if stems then
      local files, record = kind.write(o, piece, stems, folder, traits)
      if not files then return nil, record end
      record.index, record.attempt, record.traits = piece.index, number, traits
      return deliver(o, piece, files, record)
    end
    why = traits
    if sys.interrupted() then return nil, "interrupted; the same command goes on from here" end
    if tools.stopped then return nil, tools.stopped end
  end
  return nil, ("%s %s could not be rendered in %d attempts: %s"):format(kind.name, piece.id,
    attempts, why)
end

--- Renders one piece in a work folder of its own. Returns true, or nil and a message.
function render.piece(kind, o, piece, worker)
  local folder = ("%s/work-%d"):format(render.state(o), worker)
  render.clear(folder)
  local good, why = sys.mkdir(folder)
  if not good then return nil, why end
  tools.stopped = nil
  do
    local _ <close> = tensor.scope()
    good, why = make(kind, o, piece, folder)
  end
  render.clear(folder)
  return good, why
end

return render
