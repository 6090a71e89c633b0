--- The constant-Q transform, as librosa.cqt: an octave at a time, each of the wave at half the rate
-- of the one above, by sparse products with the spectra of wavelets.
local audio = require "moonstem.core.audio"
local core = require "moonstem.core.tensor"
local frames = require "moonstem.audio.feature.frames"
local options_of = require "moonstem.options"

local M = {}

local KNOWN = { rate = options_of.count(22050), hop = options_of.count(512),
  low = options_of.positive(440 * 2 ^ (-45 / 12)), bins = options_of.count(84),
  bins_per_octave = options_of.count(12), tuning = 0.0, filter_scale = options_of.positive(1),
  sparsity = options_of.fraction(0.01), scale = true }

local BANDWIDTH = 1.50018310546875 -- of a Hann window in bins, as librosa knows it

-- The frequencies of the bins, and how many samples at 1 Hz of rate make the wavelet of each.
local function wavelets(o)
  local r = 2 ^ (1 / o.bins_per_octave)
  local q = o.filter_scale * (r ^ 2 + 1) / (r ^ 2 - 1)
  local list = {}
  for k = 0, o.bins - 1 do
    local hertz = o.low * 2 ^ (o.tuning / o.bins_per_octave) * r ^ k
    list[k + 1] = { hertz = hertz, turns = q / hertz }
  end
  return list, list[o.bins].hertz * (1 + 0.5 * BANDWIDTH / q)
end

-- A wavelet in the middle of `size` samples: its real and imaginary parts, tables of numbers. Sum
-- of magnitudes 1, times its length over size.
local function wavelet(w, rate, size)
  local length = w.turns * rate
  local first, last = math.floor(-length / 2), math.floor(length / 2)
  -- as NumPy's arange: from the first up to, without, the last
  local n, re, im, sum = last - first, {}, {}, 0
  local before = (size - n) // 2
  for k = 1, size do re[k], im[k] = 0, 0 end
  for k = 0, n - 1 do
    local angle = (first + k) * 2 * math.pi * w.hertz / rate
    local window = 0.5 - 0.5 * math.cos(2 * math.pi * k / n)
    re[before + k + 1], im[before + k + 1] = window * math.cos(angle), window * math.sin(angle)
    sum = sum + window
  end
  local scale = sum > 0 and length / size / sum or 0
  for k = before + 1, before + n do re[k], im[k] = re[k] * scale, im[k] * scale end
  return re, im
end

-- The row's numbers of the spectrum, its smallest ones 0 that sum up to that share of all.
local function sparsified(row, share)
  local sizes, sum = {}, 0
  for k, z in ipairs(row) do
    sizes[k] = math.sqrt(z[1] ^ 2 + z[2] ^ 2)
    sum = sum + sizes[k]
  end
  local sorted, up, least = { table.unpack(sizes) }, 0, nil
  table.sort(sorted)
  for _, size in ipairs(sorted) do
    up = up + size / sum
    if up >= share then least = size break end
  end
  for k, z in ipairs(row) do
    if least and sizes[k] < least then z[1], z[2] = 0, 0 end
  end
end

-- The matrix (2 bins of the transform, 2 wavelets), real and imaginary parts in turn, that maps
-- spectra of frames of `size` samples to these wavelets.
local function new_basis(list, rate, size, o)
  local parts = { {}, {} }
  for w, one in ipairs(list) do parts[1][w], parts[2][w] = wavelet(one, rate, size) end
  local whole = core.ones { size }
  local function spectra(rows)
    return core.tensor(rows):spectrum(whole, size):reshape(#list, size // 2 + 1, 2):totable()
  end
  local c, s = spectra(parts[1]), spectra(parts[2])
  for w = 1, #list do -- the transform of c + i s
    for k, z in ipairs(c[w]) do
      z[1], z[2] = z[1] - s[w][k][2], z[2] + s[w][k][1]
    end
    sparsified(c[w], o.sparsity)
  end
  local matrix = {}
  for k = 1, size // 2 + 1 do
    for part = 1, 2 do
      for w = 1, #list do
        local z = c[w][k]
        matrix[#matrix + 1] = part == 1 and z[1] or -z[2]
        matrix[#matrix + 1] = part == 1 and z[2] or z[1]
      end
    end
  end
  return core.tensor_from(matrix, { 2 * (size // 2 + 1), 2 * #list })
end

local function basis_of(list, rate, o)
  local size, longest = 2, 0
  for _, w in ipairs(list) do longest = math.max(longest, w.turns * rate) end
  if longest > 65536 then
    error(("audio.cqt: bins of %g Hz need windows of %.0f samples, above 65536; take a smaller "
      .. "rate, or a hop with more factors of 2"):format(list[1].hertz, longest), 0)
  end
  while size < longest do size = size * 2 end
  local key = ("cqt %.17g %.17g %.17g %d %d %.17g")
    :format(list[1].hertz, list[1].turns, rate, #list, o.bins_per_octave, o.sparsity)
  return frames.once(key, function() return new_basis(list, rate, size, o) end), size
end

-- Every row of (..., samples) at 1/factor of the rate, louder by the root of the factor.
local function halved(wave, factor)
  local size = wave:size()
  local rows = wave:reshape(-1, size[#size]):permute { 2, 1 }
  local channels, parts = rows:size()[2], {}
  for first = 1, channels, 64 do
    local part = rows:slice(2, first, math.min(channels, first + 63))
    parts[#parts + 1] = audio.resample(part, factor, 1)
  end
  local out = core.ops.cat(parts, 2):permute { 2, 1 } * math.sqrt(factor)
  size[#size] = out:size()[2]
  return out:reshape(size)
end

local function twos(n)
  local count = 0
  while n % 2 == 0 do n, count = n // 2, count + 1 end
  return count
end

-- How often the rate may be halved before the first octave.
local function early(o, cutoff, octaves)
  local by_rate = math.ceil(math.log(o.rate / 2 / cutoff, 2)) - 2
  return math.max(0, math.min(by_rate, twos(o.hop) - octaves + 1))
end

-- The response of an octave's wavelets: (..., frames, wavelets, 2).
local function respond(wave, list, rate, hop, o, loudness)
  local basis, size = basis_of(list, rate, o)
  local d = wave:spectrum(core.ones { size }, hop, size // 2)
  local shape = d:size()
  shape[#shape - 1], shape[#shape] = shape[#shape - 1] * 2, nil
  local y = d:reshape(shape):matmul(basis * loudness)
  shape[#shape], shape[#shape + 1] = #list, 2
  return y:reshape(shape)
end

-- The responses of all octaves, from the lowest up; cut to as many frames as all have.
local function stacked(parts)
  local least = math.maxinteger
  for _, part in ipairs(parts) do
    local size = part:size()
    least = math.min(least, size[#size - 2])
  end
  for k, part in ipairs(parts) do parts[k] = part:slice(-3, 1, least) end
  return core.ops.cat(parts, -2)
end

local function check(o, cutoff)
  if cutoff > o.rate / 2 then
    error(("audio.cqt: the highest bin reaches up to %g Hz, above half the rate; take fewer bins")
      :format(cutoff), 0)
  end
end

-- 1 / sqrt(length) of every wavelet, as (bins, 1).
local function scales(list, rate)
  local s = {}
  for k, w in ipairs(list) do s[k] = { 1 / math.sqrt(w.turns * rate) } end
  return core.tensor(s)
end

--- ms.audio.cqt(wave, { rate = 22050, hop = 512, bins = 84, ... }) -> (..., frames, bins, 2)
-- The constant-Q transform of a wave (samples) or (channels, samples), real and imaginary parts:
-- librosa.cqt, transposed, whose steps it follows, so that a hop with few factors of 2 is slow. No
-- gradient.
-- options: { rate = 22050 (whole), hop = 512, low = 32.7 Hz (C1), bins = 84, bins_per_octave = 12,
--   tuning = 0 parts of a bin, filter_scale = 1 (below: shorter wavelets), sparsity = 0.01 of each
--   wavelet's spectrum that is taken for 0, scale = true (by the root of the wavelets' length) }
function M.cqt(wave, options)
  local o = options_of(options, "audio.cqt", KNOWN)
  wave = frames.wave(wave, "audio.cqt"):detach()
  if o.bins > 1000 or o.hop > 2 ^ 20 then error("audio.cqt: at most 1000 bins, hop 2^20", 2) end
  local list, cutoff = wavelets(o)
  check(o, cutoff)
  local octaves = math.ceil(o.bins / o.bins_per_octave)
  local count = early(o, cutoff, octaves)
  local rate, hop = o.rate, o.hop
  if count > 0 then
    wave, rate, hop = halved(wave, 2 ^ count // 1 | 0), rate / 2 ^ count, hop >> count
    if not o.scale then wave = wave * math.sqrt(2 ^ count) end
  end
  local parts, own_rate, last = {}, rate, #list
  for octave = octaves, 1, -1 do
    local of = { table.unpack(list, math.max(1, last - o.bins_per_octave + 1), last) }
    last = last - #of
    parts[octave] = respond(wave, of, own_rate, hop, o, math.sqrt(rate / own_rate))
    if hop % 2 == 0 and octave > 1 then
      wave, own_rate, hop = halved(wave, 2), own_rate / 2, hop // 2
    end
  end
  local all = stacked(parts)
  return o.scale and all * scales(list, rate) or all
end

return M
