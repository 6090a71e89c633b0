--- The readers that tests/fuzz tries, one for each kind of file that is read: seeds (good inputs,
-- made here by our own writers), words of the format for its dictionary, and the call.
--   readers.NAME = { seeds = function(folder) -> list of inputs, words = list of texts,
--     read = function(folder, bytes) -> what the reader gives }
-- The folder is empty at first and keeps what a read left there.
local ms = require "moonstem"
local events = require "standins.real.events"
local file_index = require "moonstem.data.file_index"
local midi = require "standins.score.midi"
local sealed = require "moonstem.sys.sealed"
local wad = require "standins.real.wad"

local io_of, sys = ms.io, ms.sys
local GOLDEN = debug.getinfo(1, "S").source:match "^@(.*)fuzz/" .. "golden/"
local readers = {}

local function put(path, bytes)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(bytes))
  return path
end

local function slurp(path) return assert(sys.read_file(path)) end

-- What a writer writes to a path in the folder, as bytes.
local function written(folder, write, ...)
  local path = folder .. "/written"
  assert(write(path, ...))
  local bytes = slurp(path)
  os.remove(path)
  return bytes
end

-- A reader of one file with this ending.
local function of_path(ending, read)
  return function(folder, bytes) return read(put(folder .. "/input" .. ending, bytes)) end
end

-- ---- arrays and weights ----------------------------------------------------------------------

readers.npy = { words = { "\x93NUMPY\1\0", "'descr': '<f4'", "'fortran_order': True",
    "'shape': (2,", "'|S3'", "'<U2'", "'>c16'", "'|b1'" },
  seeds = function(folder)
    return { written(folder, io_of.save_npy, ms.range(0, 5):reshape { 2, 3 }),
      written(folder, io_of.save_npy, ms.zeros {}),
      written(folder, io_of.save_npy, { "a", "text" }) }
  end, read = of_path(".npy", io_of.load_npy) }

readers.npz = { words = { "PK\1\2", "PK\3\4", "PK\5\6", "PK\6\6", "PK\6\7", ".npy", "\x93NUMPY" },
  seeds = function(folder)
    local arrays = { x = ms.range(0, 5), names = { "a", "bc" } }
    return { written(folder, io_of.save_npz, arrays, { compress = false }),
      written(folder, io_of.save_npz, arrays, { compress = true }) }
  end, read = of_path(".npz", io_of.load_npz) }

-- A file without our checksums, which every mutation would break.
local function plain_weights(metadata)
  local header = ('{"__metadata__":{"about":"%s"},"a":{"dtype":"F32","shape":[2,1],\z
    "data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[],"data_offsets":[8,10]}}'):format(metadata)
  return string.pack("<s8", header) .. ("\0"):rep(10)
end

readers.safetensors = { words = { '"__metadata__":{', '"dtype":"F16"', '"shape":[', '"I64"',
    '"BOOL"', '"data_offsets":[', "moonstem_crc32c", '\\"' },
  seeds = function(folder)
    return { plain_weights "x", written(folder, io_of.save_safetensors, { w = ms.ones { 2, 3 } },
      { about = "text" }) }
  end, read = of_path(".safetensors", function(path)
    io_of.safetensors_info(path)
    return io_of.load_safetensors(path)
  end) }

-- The index and its data, behind the length of the index.
readers.tensorflow = { words = { "\x57\xfb\x80\x8b\x24\x75\x47\xdb", "\8\1\26\2\8\1", "\18\8\8\2" },
  seeds = function()
    local list = {}
    for _, name in ipairs { "complex", "types" } do
      local stem = GOLDEN .. "tensorflow/" .. name
      local shard = name == "complex" and "00000-of-00001" or "00000-of-00003"
      local data = slurp(stem .. ".data-" .. shard)
      list[#list + 1] = string.pack("<s2", slurp(stem .. ".index")) .. data
    end
    return list
  end, read = function(folder, bytes)
    local size = #bytes >= 2 and string.unpack("<I2", bytes) or 0
    put(folder .. "/input.index", bytes:sub(3, size + 2))
    put(folder .. "/input.data-00000-of-00001", bytes:sub(size + 3))
    io_of.tensorflow_info(folder .. "/input")
    return io_of.load_tensorflow(folder .. "/input")
  end }

-- ---- records and tables ----------------------------------------------------------------------

local JSON_WORDS = { '{"', '":', "null", "true", "1e308", "-0.0", "\\u0000", "\\ud800", "[[[[",
  '{"$numberDouble":"NaN"}', '{"$binary":{"base64":"', '","subType":"00"}}' }

readers.json = { words = JSON_WORDS,
  seeds = function(folder)
    return { written(folder, io_of.save_json, { a = { 1, 2.5, "text", io_of.null }, b = 0 / 0,
      c = "\255", d = true }), '[{"a":[1,{"b":null}]},-1.5e-3,"\\u00e9"]' }
  end, read = of_path(".json", io_of.load_json) }

readers.json_lines = { words = JSON_WORDS,
  seeds = function() return { '{"step":1,"loss":0.5}\n{"step":2,"loss":0.25}\n', "\n\n{}\n" } end,
  read = of_path(".jsonl", io_of.load_json_lines) }

readers.table = { words = { '""', '","', "\r\n", "\t", ";", "\239\187\191", "1e5", "0x1p3" },
  seeds = function(folder)
    local rows = { { name = "a,b", n = 1 }, { name = 'c"d', n = 2.5 } }
    return { written(folder, io_of.save_csv, rows), "a\tb\n1\t\n\"x\ny\"\t3\n" }
  end, read = of_path(".csv", function(path)
    io_of.load_csv(path, { numbers = true })
    return ms.data.csv.read(path)
  end) }

readers.manifest = { words = { "train", "valid", "test", "path,split,labels\n", "vocals", "mixture",
    '"', ";", "\t" },
  seeds = function()
    return { "path,split,labels\na.wav,train,rock;pop\nb.wav,valid,pop\nc.wav,test,\"rock\"\n",
      "name\tsplit\tmixture\tvocals\tdrums\tbass\tother\n\z
        s\ttrain\tm.wav\tv.wav\td.wav\tb.wav\to\n" }
  end, read = of_path(".csv", ms.data.manifest) }

readers.index = { words = JSON_WORDS,
  seeds = function()
    return { io_of.json_encode(sealed.seal { key = "0a", decoded = 5, rate = 16000 }) .. "\n" }
  end, read = function(folder, bytes)
    put(folder .. "/input.jsonl", bytes)
    local index = assert(file_index.open(folder))
    return index:get "0a"
  end }

-- ---- runs ------------------------------------------------------------------------------------

-- What a checkpoint says about its model; its weights are two numbers.
readers.model = { words = { '"model":{', '"name":', '"options":{', '"classes":', '"settings":{',
    '"net":', "unet", "cnn_tail", "crnn", "1e9", "-1", "null", "depth", "channels" },
  seeds = function(folder)
    local list = {}
    for _, name in ipairs { "unet", "fcn" } do
      local model = ms.models[name](name == "fcn" and { classes = 2 } or {})
      local path = folder .. "/model.safetensors"
      assert(ms.train.save_weights(path, model))
      local _, metadata = io_of.safetensors_info(path)
      os.remove(path)
      list[#list + 1] = metadata.about
    end
    return list
  end, read = function(folder, bytes)
    if not utf8.len(bytes) then return nil, "metadata is UTF-8" end
    local path = folder .. "/input.safetensors"
    assert(io_of.save_safetensors(path, { w = ms.zeros { 2 } }, { about = bytes }))
    return ms.train.load_model(path)
  end }

-- Settings, log and result of a run, one behind the other, each behind its length.
readers.run = { words = { '"stage":', '"scores":{', '"best_step":', '"loss":', '"options":{' },
  seeds = function()
    local parts = {}
    for i, name in ipairs { "settings.json", "metrics.jsonl", "result.json" } do
      parts[i] = string.pack("<s2", slurp(GOLDEN .. "run/" .. name):sub(1, 4000))
    end
    return { table.concat(parts) }
  end, read = function(folder, bytes)
    local at = 1
    for _, name in ipairs { "settings.json", "metrics.jsonl", "result.json" } do
      local size = at + 1 <= #bytes and string.unpack("<I2", bytes, at) or 0
      put(folder .. "/" .. name, bytes:sub(at + 2, at + 1 + size))
      at = at + 2 + size
    end
    return ms.lab.runs(folder)
  end }

-- ---- music -----------------------------------------------------------------------------------

-- The first second of a file, whatever its header says.
local function listen(path)
  ms.audio.info(path)
  local source <close>, why = ms.audio.open(path)
  if not source then return nil, why end
  return source:read(8000)
end

local function sound(ending, words, options)
    return { words = words, read = of_path(ending, listen),
    seeds = function(folder)
      local list, path = {}, folder .. "/seed" .. ending
      local wave = (ms.range(0, 399) * 0.05):sin() * 0.5
      for i, o in ipairs(options) do
        assert(ms.audio.write(path, o.stereo and ms.stack({ wave, wave }, 2) or wave, 8000,
          { encoding = o.encoding }))
        list[i] = slurp(path)
        os.remove(path)
      end
      return list
    end }
end

readers.wav = sound(".wav", { "RIFF", "WAVE", "fmt ", "data", "fact", "LIST", "ds64", "RF64",
  "smpl", "\255\255\255\255", "\1\0\1\0", "\17\0", "\85\0" },
  { { encoding = "int16" }, { encoding = "float" }, { encoding = "int24", stereo = true } })
readers.flac = sound(".flac", { "fLaC", "\255\248", "\4\0\0\40" }, { { encoding = "int16" } })
readers.ogg = sound(".ogg", { "OggS", "\1vorbis", "\3vorbis", "\5vorbis", "OpusHead", "OpusTags" },
  { {} })

-- Two headers of MPEG audio with silence behind them, with and without tags.
readers.mp3 = { words = { "\255\251\144\0", "\255\243", "ID3\3\0\0", "TAG", "Xing", "Info", "VBRI",
    "LAME" },
  seeds = function()
    local frame = "\255\251\144\0" .. ("\0"):rep(413)
    return { frame:rep(3), "ID3\3\0\0\0\0\0\10" .. ("\0"):rep(10) .. frame:rep(2) }
  end, read = of_path(".mp3", listen) }

readers.midi = { words = { "MThd\0\0\0\6", "MTrk", "\255\47\0", "\255\81\3", "\240", "\144\60\64" },
  seeds = function()
    local track = midi.track("bass", 2, 33, { { 0, 96, 40, 90 }, { 96, 96, 43, 80 } }, 100, 64)
    return { midi.file { midi.tempo(120), track } }
  end, read = function(_, bytes)
    for _, chunk in ipairs(midi.split(bytes) or {}) do midi.scan(chunk) end
    return events.read(bytes)
  end }

readers.wad = { words = { "PWAD", "IWAD", "D_RUNNIN", "MThd" },
  seeds = function()
    return { "PWAD" .. string.pack("<I4I4", 1, 28) .. "MThd\0\0\0\6\0\0\0\1\0\96\0\0"
      .. string.pack("<I4I4c8", 12, 16, "D_RUNNIN") }
  end, read = function(folder, bytes)
    local path = put(folder .. "/input.wad", bytes)
    local list = wad.names(path)
    for i = 1, math.min(#list, 8) do wad.read(path .. "/" .. list[i]) end
    return list
  end }

return readers
