--- Files that version 0.2 wrote (tests/golden/version_0.2/make.lua) are read, number by number.
local lu = require "luaunit"
local ms = require "moonstem"
local file_index = require "moonstem.data.file_index"
local places = require "places"

local FOLDER = places.GOLDEN .. "version_0.2/"
local tests = {}

function tests.test_checkpoints()
  local model = ms.net.chain { ms.nn.linear { in_features = 3, out_features = 2, seed = 1 } }
  local adam = ms.optim.adam(model:parameters(), { lr = 0.1 })
  local about = assert(ms.train.load_checkpoint(FOLDER .. "loop.safetensors",
    { model = model, adam = adam }))
  lu.assertEquals({ about.epoch, about.text }, { 3, "é" })
  for _, parameter in ipairs(model:parameters()) do
    lu.assertAlmostEquals(parameter.value:sum():item(), -0.25 * parameter.value:count(), 1e-4)
  end
  lu.assertStrContains(tostring(adam), "1 step")
  local list, metadata = ms.io.load_safetensors(FOLDER .. "weights.safetensors")
  lu.assertEquals({ list.x:totable(), metadata.about }, { { 1.5, -2, 3 }, "text" })
end

function tests.test_arrays()
  lu.assertEquals(ms.io.load_npy(FOLDER .. "array.npy"):totable(), { { 1, 2 }, { 3, 4 } })
  local arrays = assert(ms.io.load_npz(FOLDER .. "arrays.npz"))
  lu.assertEquals({ arrays.x:totable(), arrays.names }, { { 1, 2 }, { "a", "é" } })
end

function tests.test_records()
  lu.assertEquals(ms.io.load_json(FOLDER .. "record.json"),
    { a = { 1, 2.5, ms.io.null }, b = 1 / 0, c = "\255" })
  lu.assertEquals(ms.io.load_json_lines(FOLDER .. "lines.jsonl"), { { step = 1, loss = 0.5 } })
  lu.assertEquals(ms.io.load_csv(FOLDER .. "table.csv", { numbers = true }),
    { { name = "a,b", n = 0.1 } })
end

function tests.test_copies_and_their_index()
  local wave, rate = ms.audio.read(FOLDER .. "copy.wav")
  lu.assertEquals({ wave:totable(), rate }, { { 0.5, -0.25, 0 }, 16000 })
  local index = assert(file_index.open(FOLDER))
  lu.assertEquals({ index:get "key".samples, index:get "key".file }, { 5, "é.wav" })
end

return tests
