--- Spectra of waves, as convolutions with windowed sines and cosines.
local core = require "moonstem.core.tensor"

local M = {}

-- cos and -sin of 2 pi k t / n for k = 0 .. bins - 1: two tensors (bins, n). Angles are found in a
-- table of n, so that none is rounded.
local function waves(n, bins)
  local tables = { {}, {} }
  for t = 1, n do
    tables[1][t] = { math.cos(2 * math.pi * (t - 1) / n) }
    tables[2][t] = { -math.sin(2 * math.pi * (t - 1) / n) }
  end
  local rows = {}
  for k = 0, bins - 1 do
    rows[k + 1] = {}
    for t = 0, n - 1 do rows[k + 1][t + 1] = k * t % n + 1 end
  end
  local places = core.tensor(rows)
  for k, list in ipairs(tables) do
    tables[k] = core.tensor(list):embedding(places):reshape { bins, n }
  end
  return tables[1], tables[2]
end

-- Frames of the wave v[1], seen through the window v[2]: (rows, 2 bins, frames), cosines first.
local function frames(g, row, v)
  local window = v[2].constant or error("save_onnx: a window depends on the input", 0)
  local n = window:count()
  local bins = n // 2 + 1
  local cosines, sines = waves(n, bins)
  local kernel = (core.ops.cat({ cosines, sines }, 1) * window):reshape { 2 * bins, 1, n }
  local samples = v[1].dims[#v[1].dims][1]
  local x = g:add("Reshape", { g:last(v[1]), g:integers { -1, 1, samples } })
  return g:add("Conv", { x, g:tensor(kernel) }, { kernel_shape = { n }, strides = { row.hop },
    pads = { row.padding, row.padding } }), bins
end

function M.power_spectrum(g, row, v, y)
  local x, bins = frames(g, row, v)
  local squares = g:add("Mul", { x, x })
  local parts = {}
  for k = 0, 1 do
    parts[k + 1] = g:add("Slice", { squares, g:integers { k * bins }, g:integers { (k + 1) * bins },
      g:integers { 1 } })
  end
  local power = g:add("Add", parts)
  if row.power == 1 then power = g:add("Sqrt", { power }) end
  y.last = g:reshape(g:transpose(power, { 1, 3, 2 }), y)
end

-- (..., frames, bins, 2)
function M.spectrum(g, row, v, y)
  local x, bins = frames(g, row, v)
  local count = y.dims[#y.dims - 2][1]
  local pairs_of = g:add("Reshape", { x, g:integers { -1, 2, bins, count } })
  y.last = g:reshape(g:transpose(pairs_of, { 1, 4, 3, 2 }), y)
end

-- Windows (batch, frame, size) laid over each other every `step` places.
function M.fold(g, row, v, y)
  local size = v[1].dims[3] and v[1].dims[3][1]
  if #v[1].dims ~= 3 or row.axis ~= 2 then error("save_onnx: such a fold is not written", 0) end
  local frames_of = v[1].dims[2][1]
  local kernel = core.eye(size):reshape { size, 1, size }
  local x = g:add("ConvTranspose", { g:transpose(g:last(v[1]), { 1, 3, 2 }), g:tensor(kernel) },
    { kernel_shape = { size }, strides = { row.step } })
  local rest = row.length - ((frames_of - 1) * row.step + size)
  if rest > 0 then x = g:add("Pad", { x, g:integers { 0, 0, 0, 0, 0, rest } }) end
  y.last = g:reshape(x, y)
end

-- The transform back to n real numbers of (..., bins, 2), its first, inner and last bins weighed;
-- inner ones count twice, for the other half of the spectrum.
local INVERSE_REAL = 3

local function back(row, bins)
  local weights = {}
  for k = 1, bins do weights[k] = { 2 * row.inner } end
  weights[1] = { row.first }
  if row.n % 2 == 0 and bins == row.n // 2 + 1 then weights[bins] = { row.last } end
  local cosines, sines = waves(row.n, bins)
  local weight, parts = core.tensor(weights), {}
  for k, part in ipairs { cosines, sines } do
    parts[k] = (part * weight):reshape { bins, 1, row.n }
  end
  return core.ops.cat(parts, 2):reshape { 2 * bins, row.n }
end

function M.transform(g, row, v, y)
  if row.kind ~= INVERSE_REAL or row.axis ~= #v[1].dims - 2 then
    error("save_onnx: such a Fourier transform is not written", 0)
  end
  local bins = v[1].dims[row.axis + 1][1]
  local flat = g:add("Reshape", { g:last(v[1]), g:integers { -1, 2 * bins } })
  y.last = g:reshape(g:add("MatMul", { flat, g:tensor(back(row, bins)) }), y)
end

return M
