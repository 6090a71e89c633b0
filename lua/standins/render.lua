--- Rendering a corpus: the pieces that are not there yet, each with a record that says what it is.
-- OUT/.moonstem/corpus.json holds what decides the sound and, of a corpus that was finished, what
-- its seed gave for each piece; OUT/.moonstem/pieces/ID.json the record of each finished piece,
-- with the sizes of its files. A piece with a fitting record is not rendered again.
local core_io = require "moonstem.core.io"
local digest = require "moonstem.sys.digest"
local sealed = require "moonstem.sys.sealed"
local sys = require "moonstem.sys"
local tensor = require "moonstem.core.tensor"
local work_folder = require "moonstem.sys.work_folder"

local render = {}

--- Where a corpus keeps its records.
function render.state(o) return o.out .. "/.moonstem" end

local function record_path(o, id) return ("%s/pieces/%s.json"):format(render.state(o), id) end

local function corpus_path(o) return render.state(o) .. "/corpus.json" end

-- ---- what decides the sound ---------------------------------------------------------------------

local function shown(value)
  return type(value) == "table" and table.concat(value, " ") or tostring(value)
end

-- The first setting, by name, that differs.
local function difference(there, wanted)
  local keys = {}
  for key in pairs(wanted) do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do
    if shown(there[key]) ~= shown(wanted[key]) then return key end
  end
end

local function mismatch(o, key, there, wanted)
  return ("%s holds a corpus of %s with %s %s, not %s: choose another folder, or remove this one")
    :format(o.out, shown(there.kind), key, shown(there[key]), shown(wanted[key]))
end

-- A folder is used when it is new, empty, or holds a corpus of the same settings.
local function claim(kind, o)
  local file, wanted = corpus_path(o), kind.source.settings(kind, o)
  if sys.exists(file) then
    local there, why = sealed.load(file)
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
  return sealed.save(file, wanted)
end

--- Makes the folder of a corpus, or finds that it goes on there. Sets o.out and soundfonts to full
-- paths. Returns true, or nil and a message.
function render.open(kind, o)
  local good, why = sys.mkdir(o.out)
  if not good then return nil, why end
  o.out = sys.absolute(o.out)
  good, why = kind.source.prepare(kind, o)
  if not good then return nil, why end
  return claim(kind, o)
end

-- ---- records ------------------------------------------------------------------------------------

-- The record of that name, whose files are there; or nil.
local function read_record(o, id)
  local path = record_path(o, id)
  local record = sys.exists(path) and sealed.load(path)
  for name, size in pairs(record and record.files or {}) do
    if sys.size(o.out .. "/" .. name) ~= size then return nil end
  end
  return record or nil
end

--- The record of a finished piece, or nil.
function render.record(o, piece)
  local record = read_record(o, piece.id)
  return record and record.index == piece.index and record or nil
end

-- Moves finished files to their places, and then writes the record.
local function deliver(o, piece, files, record)
  record.index, record.files = piece.index, {}
  for name, path in pairs(files) do
    local place = o.out .. "/" .. name
    record.files[name] = sys.size(path)
    local good, why = sys.mkdir(place:match("^(.*)/"))
    if good then good, why = sys.rename(path, place) end
    if not good then return nil, why end
  end
  return sealed.save(record_path(o, piece.id), record)
end

-- ---- what a seed gives --------------------------------------------------------------------------

-- A sum of what the seed decides of a piece, whatever the versions of the programs that play it.
local function given(record)
  return digest(core_io.json_encode { index = record.index, part = record.part,
    attempt = record.attempt, score = record.score, package = record.package, file = record.file })
end

local function another(o, id)
  return nil, ("%s: piece %s is not what the seed gave when the corpus was finished; remove the \z
    folder, and the same command renders it anew"):format(o.out, id)
end

--- Notes what the seed gave for each piece, where nothing is noted, or compares. pieces and records
-- in one order. true, or nil and a message that names the piece that is another one now.
function render.settle(o, pieces, records)
  local corpus, why = sealed.load(corpus_path(o))
  if not corpus then return nil, why end
  local known, new = corpus.pieces or {}, false
  for i, piece in ipairs(pieces) do
    local now = given(records[i])
    if known[piece.id] and known[piece.id] ~= now then return another(o, piece.id) end
    new = new or not known[piece.id]
    known[piece.id] = now
  end
  corpus.pieces = known
  return not new or sealed.save(corpus_path(o), corpus)
end

--- Whether a folder that holds a corpus holds what its seed gave when it was finished, by its
-- records: true, or nil and a message. Nothing is known of a corpus of before there were sums.
function render.verify(out)
  local o = { out = out }
  local corpus, why = sealed.load(corpus_path(o))
  if not corpus then return nil, why end
  for id, sum in pairs(corpus.pieces or {}) do
    local record = read_record(o, id)
    if not record then
      return nil, ("%s: piece %s is damaged or has gone; `moonstem data render` with the same \z
        options makes it again"):format(out, id)
    end
    if given(record) ~= sum then return another(o, id) end
  end
  return true
end

-- ---- one piece ----------------------------------------------------------------------------------

-- Makes and delivers a piece in an empty folder.
local function once(kind, o, piece, folder)
  work_folder.clear(folder)
  local good, why = sys.mkdir(folder)
  if not good then return nil, why end
  local _ <close> = tensor.scope()
  local files, record = kind.source.make(kind, o, piece, folder)
  if not files then return nil, record end
  return deliver(o, piece, files, record)
end

--- Renders one piece. work: this process's folder to work in. Returns true, or nil and a message.
-- What fails is done once more, in the same way: a program may have been killed, or memory short.
function render.piece(kind, o, piece, work)
  local folder = work .. "/piece"
  local good, why = once(kind, o, piece, folder)
  if not good and not sys.interrupted() then good, why = once(kind, o, piece, folder) end
  if good then return true end
  if sys.interrupted() then return nil, "interrupted; the same command goes on from here" end
  return nil, ("%s %s failed twice: %s; the same command goes on from here"):format(kind.name,
    piece.id, why)
end

return render
