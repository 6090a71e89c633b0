-- Does a moving average of the weights do what a falling learning rate does? An example of a loop
-- of one's own: a schedule, groups of parameters, clipped gradients, an average, early stopping.
--   build/moonstem experiments/own_loop.lua [steps=300]      half a minute; needs no files
local ms = require "moonstem"

local given = dofile((arg[0]:match "^.*/" or "") .. "_arguments.lua") { "steps=N" }
local STEPS = math.tointeger(tonumber(given.steps or 300))
if not STEPS or STEPS < 10 then error("steps must be a whole number, 10 or more", 0) end
local RATE, SAMPLES, BATCH, SEEDS = 16000, 6000, 16, 3
local TIMBRES = { { 1, 0, 1 / 3, 0, 1 / 5 }, { 1, 1 / 2, 1 / 3, 1 / 4, 1 / 5 },
  { 1, 0.1, 0.6, 0.1, 0.1 }, { 0.3, 1, 0.5, 0.2, 0.1 } } -- amplitudes of harmonics

-- Spectra of tones of random pitch and timbre in noise, in tens of decibels, and their timbres.
local function tones(count, seed, step)
  local pitch, times, class = {}, {}, {}
  for i = 1, count do
    pitch[i] = { 2 * math.pi * 110 * 2 ^ (2 * ms.random.uniform(seed, "pitch", step, i)) / RATE }
    class[i] = (i - 1) % #TIMBRES + 1
  end
  for n = 1, SAMPLES do times[n] = n end
  local phase = ms.tensor(pitch) * ms.tensor(times)
  local wave = ms.randn { count, SAMPLES } * 0.05
  for k = 1, #TIMBRES[1] do
    local amplitude = {}
    for i = 1, count do amplitude[i] = { 0.2 * TIMBRES[class[i]][k] } end
    wave = wave + (phase * k):sin() * ms.tensor(amplitude)
  end
  return wave:magnitude():mean(2):log10(1e-5) + 1, ms.tensor(class)
end

local function network(seed)
  return ms.net.chain {
    ms.nn.linear { in_features = 256, out_features = 32, seed = seed }, ms.net.op "relu",
    ms.nn.linear { in_features = 32, out_features = #TIMBRES, seed = seed } }
end

-- Trains a network; returns its losses on held-out tones with the last weights and with their
-- average.
local function train(schedule, seed, held_out)
  ms.seed(seed)
  local model = network(seed)
  local opt = ms.optim.adamw(model:parameters(), { lr = schedule:base(), weight_decay = 0.05,
    groups = { { match = "bias$", weight_decay = 0 } } })
  local ema = ms.optim.ema(opt, { decay = 0.98 })
  local stopper = ms.train.early_stopping { patience = 8 }
  local function measured()
    return ms.no_grad(ms.loss.cross_entropy, model(held_out.x), held_out.class):item()
  end
  for step = 1, STEPS do
    local _ <close> = ms.scope()
    schedule:apply(opt, step)
    opt:zero()
    local x, class = tones(BATCH, seed, step)
    ms.loss.cross_entropy(model(x), class, { label_smoothing = 0.02 }):backward()
    ms.optim.clip_grad_norm(opt, 1)
    opt:step()
    ema:update()
    if step % 25 == 0 and stopper:update(measured()) then break end
  end
  local last = measured()
  ema:swap()
  return last, measured()
end

local S = ms.train.schedule
local schedules = {
  { "constant", S.constant { lr = 2e-2 } },
  { "warm-up, then cosine", S.chain { S.warm_up { lr = 2e-2, steps = STEPS // 10 },
    S.cosine { lr = 2e-2, steps = STEPS - STEPS // 10 } } },
}

local x, class = tones(200, 0, 0)
print "held-out loss, mean and standard deviation of the seeds"
print(("%-22s %-18s %s"):format("learning rate", "last weights", "average of weights"))
for _, row in ipairs(schedules) do
  local last, average = {}, {}
  for seed = 1, SEEDS do
    last[seed], average[seed] = train(row[2], seed, { x = x, class = class })
  end
  local function shown(list) return ("%.3f (%.3f)"):format(ms.lab.mean_sd(list)) end
  print(("%-22s %-18s %s"):format(row[1], shown(last), shown(average)))
end
