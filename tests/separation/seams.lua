--- What is separated stretch by stretch beside one pass over a whole recording in memory, which is
-- written here anew: all segments at once, all frames at once.
local ms = require "moonstem"
local masks = require "moonstem.evaluate.masks"
local network = require "network"

local HALF, LIMIT = 30896, 1e-5
local SECONDS = 21.7

-- Estimates (S, n) of a wave (n): segments that begin half a segment before it, weighed by
-- triangles and added up.
local function whole_estimates(model, wave)
  local n = wave:size(1)
  local count = n // HALF + 2
  local padded = ms.cat({ ms.zeros { HALF }, wave, ms.zeros { (count + 1) * HALF - n - HALF } }, 1)
  local up = (ms.range(1, HALF) - 0.5) / HALF
  local triangle = ms.cat({ up, 1 - up }, 1)
  local sum
  for k = 0, count - 1 do
    local segment = padded:slice(1, k * HALF + 1, (k + 2) * HALF)
    local part = model(segment:reshape { 1, 2 * HALF }):reshape { -1, 2 * HALF } * triangle
    sum = sum or ms.zeros { part:size(1), padded:size(1) }
    local place = { {}, { k * HALF + 1, (k + 2) * HALF } }
    sum[place] = sum[place] + part
  end
  return sum:slice(2, HALF + 1, HALF + n):clone()
end

-- Frames (S, frames, bins, 2) of signals (S, n) that begin three hops before them, until `after`
-- samples behind their end.
local function frames_of(x, size, hop, after)
  local left, right = ms.zeros { x:size(1), size - hop }, ms.zeros { x:size(1), after }
  return ms.cat({ left, x, right }, 2):spectrum(ms.window("hann", size), hop)
end

local function magnitude(x) return x:square():sum(-1):sqrt() end

-- Masks (S, frames, 321) of a whole wave.
local function whole_masks(estimates, wave)
  local all = ms.cat({ estimates, wave:reshape { 1, -1 } }, 1)
  local m = magnitude(frames_of(all, 640, 160, 480))
  local s = m:size(1) - 1
  return (m:slice(1, 1, s) / m:slice(1, s + 1, s + 1):maximum(1e-9)):clamp(0, 1)
end

-- The masks at the frames and bins of another rate.
local function at_rate(mask, rate, hop, frames)
  local size, last = 4 * hop, mask:size(2)
  local average = mask:slice(3, 1, 317):mean(3, { keep = true })
  mask = ms.cat({ mask, average }, 3)
  local lower, upper, share, bins = {}, {}, {}, {}
  for m = 0, frames - 1 do
    local place = math.min(math.max((m - 1) * hop * 100 / rate + 1, 0), last - 1)
    lower[m + 1] = math.floor(place + 1e-9) + 1
    upper[m + 1] = math.min(lower[m + 1] + 1, last)
    share[m + 1] = math.max(place + 1 - lower[m + 1], 0)
  end
  for k = 0, size // 2 do
    local hertz = k * rate / size
    bins[k + 1] = hertz <= 7900 and math.floor(hertz / 25 + 0.5) + 1 or 322
  end
  local low, high = mask:index_select(2, lower), mask:index_select(2, upper)
  return (low + (high - low) * ms.tensor(share):reshape { 1, frames, 1 }):index_select(3, bins)
end

-- Sources (S, C, n) of a recording (n, C) in one pass.
local function whole_sources(model, mono, wave, rate)
  local estimates = whole_estimates(model, mono)
  local mask = whole_masks(estimates, mono)
  local n, channels = wave:size(1), wave:size(2)
  local hop = math.max(rate // masks.RATE, 1)
  local spectrum = frames_of(wave:permute { 2, 1 }, 4 * hop, hop, 8 * hop)
  local size = spectrum:size()
  mask = at_rate(mask, rate, hop, size[2])
  local parts = spectrum:reshape { 1, channels, size[2], size[3], 2 }
    * mask:reshape { mask:size(1), 1, size[2], size[3], 1 }
  local reach = (n // hop + 11) * hop
  local sound = parts:overlap_spectrum(ms.window("hann", 4 * hop), hop, 0, reach) / 1.5
  return sound:slice(3, 3 * hop + 1, 3 * hop + n)
end

local function largest(x) return (x:abs():max()) end

-- All stretches of stems, joined along the samples.
local function collect(run)
  local list = {}
  assert(run(function(stems) list[#list + 1] = ms.keep(stems:clone()) return true end))
  return ms.cat(list, #list[1]:size()), #list
end

local function narrow(model, path, wave)
  local read, source = ms.evaluate.reader(path)
  local closing <close> = source
  local got, stretches = collect(function(visit) return ms.evaluate.blocks(model, read, visit) end)
  return largest(got - whole_estimates(model, wave)), stretches, closing and got:size(2)
end

local function full(model, path, mono, wave, rate)
  local read, source = ms.evaluate.reader(path)
  local closing <close> = source
  local other <close> = assert(ms.audio.open(path, { mono = false }))
  local each = require "moonstem.evaluate.full_band".each
  local got, stretches = collect(function(visit) return each(model, read, other, "average", visit)
  end)
  local want = whole_sources(model, mono, wave, rate)
  return largest(got:slice(1, 1, want:size(1)) - want), stretches, closing and got:size(3)
end

local function show(what, worst, stretches, samples)
  local good = worst <= LIMIT
  print(("  %-22s %9d samples in %2d stretches: off by %.2g at most%s"):format(what, samples,
    stretches, worst, good and "" or "  BEYOND " .. LIMIT))
  return good and 0 or 1
end

local function measure(dir)
  local model, bad = network(2), 0
  for _, rate in ipairs { 8000, 16000, 22050, 44100, 48000, 96000 } do
    local _ <close> = ms.scope()
    ms.seed(rate)
    local path = dir .. "/seams.wav"
    local wave = ms.randn { math.floor(rate * SECONDS), 2 } * 0.1
    assert(ms.audio.write(path, wave, rate, { encoding = "float" }))
    local mono = assert(ms.audio.read(path, { rate = 16000 }))
    if rate == 44100 then bad = bad + show("the network's own", narrow(model, path, mono)) end
    bad = bad + show(rate .. " Hz, stereo", full(model, path, mono, wave, rate))
  end
  return bad
end

return function(...) return ms.no_grad(measure, ...) end
