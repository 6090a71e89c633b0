--- What tests/same_bits.lua repeats: moonstem work.lua DATA CACHE OUT THREADS WORKERS packs a data
-- set, computes features, reads it by workers, trains, predicts, writes files; prints a
-- digest of each.
local ms = require "moonstem"
local digest = require "moonstem.sys.digest"

local given, cache, out, threads, workers = table.unpack(arg)
ms.threads(tonumber(threads))
workers = tonumber(workers)
assert(ms.sys.mkdir(out))

local function tell(name, bytes) print(("%s\t%s"):format(name, digest(bytes))) end
local function slurp(path) return assert(ms.sys.read_file(path)) end

-- All tensors of a file, by name.
local function numbers(path)
  local parts, names, list = {}, {}, assert(ms.io.load_safetensors(path))
  for name in pairs(list) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = name .. "\0" .. list[name]:bytes() end
  return table.concat(parts, "\0")
end

-- ---- packing ---------------------------------------------------------------------------------
local set = assert(ms.data.cache(assert(ms.data.fma(given)), { cache = cache, workers = workers }))
local paths = {}
for _, split in ipairs { "train", "valid", "test" } do
  for _, item in ipairs(set.splits[split]) do paths[#paths + 1] = slurp(item.path) end
end
tell("copies", table.concat(paths))

-- ---- features, in threads --------------------------------------------------------------------
local wave = assert(ms.audio.read(set.splits.test[1].path))
tell("spectrogram", ms.audio.stft(wave):bytes())
tell("mel", ms.audio.mel(wave, { rate = 16000 }):bytes())
tell("other rate", ms.audio.resample(wave, 16000, 22050):bytes())
tell("harmonics", (ms.audio.hpss(wave)):bytes())

-- ---- batches, by workers ---------------------------------------------------------------------
local parts = {}
local loader = ms.data.loader { items = #set.splits.train, batch = 4, workers = workers, seed = 3,
  shuffle = true, load = function(i)
    local clip = assert(ms.audio.read(set.splits.train[i].path))
    return clip * ms.random.uniform(3, "gain", i, 1)
  end }
for batch in loader:epoch(1) do parts[#parts + 1] = batch:bytes() end
tell("batches", table.concat(parts))

-- ---- training --------------------------------------------------------------------------------
local experiment = ms.lab.experiment { name = "same", out = out, score = { "accuracy" }, data = set,
  frames = 64, model = function(o, data)
    return ms.models.tail_only { tail = ms.models.tail { kind = "ast", classes = #data.classes,
      frames = 64, dim = 8, depth = 4, heads = 2, normalise = { mean = -6, deviation = 3 },
      seed = o.seed } }
  end, train = ms.train.adam_then_sgd { lr = 1e-3, lrs = {}, patience = 1, epochs = 1, batch = 8 } }
assert(experiment:run { quiet = true })
-- Visits all files of a folder and those below it, in the order of their names.
local function each_file(folder, visit)
  for _, name in ipairs(ms.sys.list(folder)) do
    local path = folder .. "/" .. name
    if ms.sys.is_dir(path) then each_file(path, visit) else visit(path, name) end
  end
end
each_file(out, function(path, name)
  if name:find "%.safetensors$" then tell(name, numbers(path)) end
end)

-- ---- files -----------------------------------------------------------------------------------
local files = { weights = ".safetensors", arrays = ".npz", table = ".csv", record = ".json" }
local function path_of(name) return ("%s/%s%s"):format(out, name, files[name]) end
local x = ms.range(0, 99) / 7
assert(ms.io.save_safetensors(path_of "weights", { x = x }, { number = ("%.3f"):format(0.5) }))
assert(ms.io.save_npz(path_of "arrays", { x = x }, { compress = true }))
assert(ms.io.save_csv(path_of "table", { { a = 0.5, b = "é" }, { a = 1e-3, b = "z" } }))
assert(ms.io.save_json(path_of "record", { a = 1.5, b = { 1e300, 0.1 } }, { sorted = true }))
for _, name in ipairs { "weights", "arrays", "table", "record" } do
  tell(name, slurp(path_of(name)))
end
