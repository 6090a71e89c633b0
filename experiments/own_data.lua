-- Does it help to draw the loudness at random, when a network tells timbres apart and the test is
-- ten times softer? An example of data, task and score of one's own: whatever a Lua function makes.
--   build/moonstem experiments/own_data.lua        two minutes; needs no files
local ms = require "moonstem"
dofile((arg[0]:match "^.*/" or "") .. "_arguments.lua") { "--OPTION" }

local RATE, SAMPLES, CLIPS = 16000, 6000, 160
local TIMBRES = { { 1, 0, 1 / 3, 0, 1 / 5 }, { 1, 1 / 2, 1 / 3, 1 / 4, 1 / 5 },
  { 1, 0.1, 0.6, 0.1, 0.1 }, { 0.3, 1, 0.5, 0.2, 0.1 } } -- amplitudes of harmonics

-- A tone of a timbre, its pitch drawn anew in each epoch, in noise.
local function tone(class, draw, gain)
  local turn, wave = 2 * math.pi * 110 * 2 ^ draw:uniform(0, 2) / RATE, {}
  for n = 1, SAMPLES do
    local sum = 0
    for k, amplitude in ipairs(TIMBRES[class]) do sum = sum + amplitude * math.sin(k * turn * n) end
    wave[n] = 0.2 * sum
  end
  return { wave = (ms.tensor_from(wave, { SAMPLES }) + ms.randn { SAMPLES } * 0.02) * gain,
    class = class }
end

-- A loader of clips; gain(draw) says how loud.
local function clips(seed, gain)
  return ms.data.loader { items = CLIPS, batch = 16, shuffle = true, seed = seed, workers = 2,
    load = function(i, draw) return tone(i % #TIMBRES + 1, draw, gain(draw)) end }
end

local function as_it_is() return 1 end
local function random_gain(draw) return 10 ^ draw:uniform(-1.5, 0) end
local function soft() return 0.1 end

-- Mean magnitudes of the spectrum, in tens of decibels.
local function spectrum(batch) return batch.wave:magnitude():mean(2):log10(1e-5) end

local function loss(model, batch)
  return ms.loss.cross_entropy(model(spectrum(batch)), batch.class)
end

-- The share of soft clips that are named rightly.
local function accuracy(model)
  local right = 0
  for batch in clips(1000, soft):epoch(1) do
    local _ <close> = ms.scope()
    local y = model(spectrum(batch)):totable()
    for k, class in ipairs(batch.class:totable()) do
      if math.max(table.unpack(y[k])) == y[k][class] then right = right + 1 end
    end
  end
  return { accuracy = right / CLIPS }
end

return ms.lab.experiment {
  name = "own_data", data = { name = "tones", kind = "genres" }, score = { "accuracy" },
  vary = { gain = { "as it is", "random" }, seed = { 1, 2, 3 } },
  model = function(o)
    return ms.net.chain { ms.nn.linear { in_features = 256, out_features = #TIMBRES,
      seed = o.seed } }
  end,
  task = function(o)
    local gain = o.gain == "random" and random_gain or as_it_is
    return ms.train.loader_task { loader = clips(o.seed, gain), loss = loss,
      valid = clips(500, gain), options = { gain = o.gain } }
  end,
  train = { phases = { { optimizer = "adam", lr = 1e-2, steps = 300 } }, batch = 16,
    validate_every = 50, keep = "best" },
  evaluate = accuracy,
}
