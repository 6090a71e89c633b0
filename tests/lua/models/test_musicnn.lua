--- MusiCNN and its VGG companion: published counts, and with the package's weights the package's
-- own taggrams. MOONSTEM_MUSICNN names the unpacked package musicnn 0.1.0 (its folder musicnn/,
-- with MTT_musicnn and the others inside); without it the weights are not compared.
local lu = require "luaunit"
local ms = require "moonstem"
local taggram = require "taggram"

local T = {}

local FOLDER = os.getenv "MOONSTEM_MUSICNN"

--- The first six numbers of each row of the taggrams that the package computes in TensorFlow 2.21
-- (with librosa 0.11) of tone().
local TAGGRAMS = {
  MTT_musicnn = { { 0.016432, 0.019969, 0.336049, 0.00629, 0.008143, 0.004445 },
    { 0.011496, 0.027459, 0.342755, 0.003832, 0.007527, 0.003204 } },
  MTT_vgg = { { 0.197026, 0.096346, 0.15432, 0.156725, 0.028683, 0.11221 },
    { 0.205092, 0.09697, 0.155315, 0.159852, 0.030212, 0.115544 } },
  MSD_musicnn = { { 0.040039, 0.008156, 0.064015, 0.13306, 0.126452, 0.031592 },
    { 0.041646, 0.008162, 0.064703, 0.131741, 0.113885, 0.032736 } },
  MSD_vgg = { { 0.13558, 0.026142, 0.087358, 0.13063, 0.251092, 0.053415 },
    { 0.13651, 0.026638, 0.087397, 0.130931, 0.253737, 0.054142 } },
}

-- Seven seconds of two tones at 16 kHz, in 16 bits.
local function tone()
  local list = {}
  for i = 0, 7 * 16000 - 1 do
    local x = 3000 * math.sin(2 * math.pi * 440 * i / 16000)
      + 2000 * math.sin(2 * math.pi * 660.5 * i / 16000)
    list[i + 1] = (x < 0 and math.ceil(x) or math.floor(x)) / 32768
  end
  return ms.tensor(list)
end

function T.test_counts_are_the_published_ones()
  local function count(model)
    local n = 0
    for _, p in ipairs(model:parameters()) do n = n + p.value:count() end
    return n
  end
  lu.assertEquals(count(ms.models.musicnn {}), 787159)
  lu.assertEquals(count(ms.models.musicnn_vgg {}), 605748)
end

function T.test_half_precision_rounds_as_ieee754()
  local half = require "moonstem.models.parts.half"
  local x = half.round(ms.tensor { 0, 1, 1 + 2 ^ -11, 1 + 2 ^ -10, 1 / 3, 65504, 65519, 65521, 1e6,
    2 ^ -24, 2 ^ -25 * 1.5, 1e-5, 6.1e-5 })
  lu.assertEquals(x:totable(), { 0, 1, 1, 1 + 2 ^ -10, 0.333251953125, 65504, 65504, 1 / 0, 1 / 0,
    2 ^ -24, 2 ^ -24, 168 * 2 ^ -24, 1023 * 2 ^ -24 })
end

function T.test_taggrams_are_those_of_the_package()
  if not FOLDER then
    lu.skip "MOONSTEM_MUSICNN does not name the package's folder: no weights to compare"
  end
  local load = ms.models.musicnn_weights.load
  for name, expected in pairs(TAGGRAMS) do
    local model, about = load(FOLDER .. "/" .. name, { half_precision = true })
    assert(model, about)
    lu.assertEquals(#about.classes, 50)
    local rows = taggram(model, tone())
    lu.assertEquals(#rows, #expected)
    for k, row in ipairs(expected) do
      for c, p in ipairs(row) do lu.assertAlmostEquals(rows[k][c], p, 1e-4, name) end
    end
  end
end

function T.test_a_folder_that_is_damaged_says_so()
  local folder = assert(ms.sys.tempdir())
  local model, why = ms.models.musicnn_weights.load(folder)
  lu.assertNil(model)
  lu.assertStrContains(why, folder)
  ms.sys.run { "rm", "-r", folder }
end

-- A wave of another length, and a slice of waves in a data set: taggers of waves train as others
-- do.
function T.test_a_tagger_of_waves_trains()
  local folder = assert(ms.sys.tempdir())
  local list = { "path,split,labels" }
  for k, split in ipairs { "train", "train", "train", "train", "valid", "test" } do
    local path = ("%s/%d.wav"):format(folder, k)
    assert(ms.audio.write(path, ms.randn { 20000 } * 0.1, 16000))
    list[#list + 1] = ("%d.wav,%s,%s"):format(k, split, k % 2 == 0 and "p" or "p;q")
  end
  assert(ms.sys.write_file(folder .. "/list.csv", table.concat(list, "\n") .. "\n"))
  local data = assert(ms.data.manifest(folder .. "/list.csv", { partial = true }))
  local model = ms.models.musicnn { classes = #data.classes, frames = 20, filters = 4, hidden = 4 }
  local samples = model.input[1]
  lu.assertEquals(samples, 19 * 256 + 512)
  local task = assert(ms.train.tagging_task(data, { batch = 2, samples = samples }))
  local run = assert(ms.train.run { model = model, task = task, out = folder .. "/run",
    quiet = true,
    schedule = { phases = { { optimizer = "adam", lr = 1e-3, steps = 2 } } } })
  lu.assertTrue(run.done)
  local scores = assert(ms.evaluate.predict(model, data, "test", { samples = samples }))
  lu.assertEquals(#scores.scores, 1)
  lu.assertErrorMsgContains("not both", ms.train.tagging_task, data, { frames = 3, samples = 3 })
  ms.sys.run { "rm", "-r", folder }
end

return T
