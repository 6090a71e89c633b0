--- Rendering a corpus: the pieces that are not there yet, each with a record that says what it is.
-- OUT/.moonstem/corpus.json holds what decides the sound, OUT/.moonstem/pieces/ID.json the record
-- of each finished piece, with the sizes of its files. A piece with a fitting record is not
-- rendered again.
local core_io = require "moonstem.core.io"
local sealed = require "moonstem.sys.sealed"
local sys = require "moonstem.sys"
local tensor = require "moonstem.core.tensor"
local work_folder = require "moonstem.sys.work_folder"

local render = {}

--- Where a corpus keeps its records.
function render.state(o) return o.out .. "/.moonstem" end

local function record_path(o, piece)
  return ("%s/pieces/%s.json"):format(render.state(o), piece.id)
end

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
  local file, wanted = render.state(o) .. "/corpus.json", kind.source.settings(kind, o)
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
  record.index, record.files = piece.index, {}
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
