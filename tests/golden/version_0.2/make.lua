--- Makes the files beside it: one of each kind that Moonstem writes and reads again, as version 0.2
-- writes them, for test_old_files.lua. They stay as they are: later versions get folders of their
-- own.
--   moonstem tests/golden/version_0.2/make.lua FOLDER
local ms = require "moonstem"
local file_index = require "moonstem.data.file_index"

local folder = assert(arg[1], "make.lua FOLDER")
local function path(name) return folder .. "/" .. name end

ms.seed(7)
local model = ms.net.chain { ms.nn.linear { in_features = 3, out_features = 2, seed = 1 } }
local adam = ms.optim.adam(model:parameters(), { lr = 0.5 })
ms.no_grad(function()
  for _, parameter in ipairs(model:parameters()) do parameter.value:fill_(0.25) end
end)
model(ms.ones { 1, 3 }):sum():backward()
adam:step()
assert(ms.train.save_checkpoint(path "loop.safetensors", { model = model, adam = adam },
  { epoch = 3, text = "é" }))
assert(ms.io.save_safetensors(path "weights.safetensors", { x = ms.tensor { 1.5, -2, 3 } },
  { about = "text" }))
assert(ms.io.save_npy(path "array.npy", ms.tensor { { 1, 2 }, { 3, 4 } }))
assert(ms.io.save_npz(path "arrays.npz", { x = ms.tensor { 1, 2 }, names = { "a", "é" } },
  { compress = true }))
assert(ms.io.save_json(path "record.json", { a = { 1, 2.5, ms.io.null }, b = 1 / 0, c = "\255" }))
assert(ms.io.append_json_line(path "lines.jsonl", { step = 1, loss = 0.5 }))
assert(ms.io.save_csv(path "table.csv", { { name = "a,b", n = 0.1 } }))
assert(ms.audio.write(path "copy.wav", ms.tensor { 0.5, -0.25, 0 }, 16000))
local index = assert(file_index.open(folder, "index"))
index:put("key", { samples = 5, file = "é.wav" })
index:close()
