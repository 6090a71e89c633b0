--- Convolutions and pooling, with channels behind the batch; also behind a batch norm.
local norms = require "moonstem.io.onnx.operators.norms"

local M = {}

-- One number or two, as many as there are axes.
local function each(value, axes)
  if type(value) == "table" then
    return axes == 1 and { value[#value] } or value
  end
  return axes == 1 and { value } or { value, value }
end

-- Zeros before and after: for as many places as size / stride the smaller half stands before.
local function pads_of(x, row, kernel, stride, dilation)
  local before, after = {}, {}
  for d = 1, #kernel do
    local given = row.padding
    if type(given) == "table" then given = given[#given - #kernel + d] end
    if given == nil or given == -2 then given = row.same and "same" or 0 end
    if given == "same" then
      local size = x.dims[d + 1][1]
      local places = (size + stride[d] - 1) // stride[d]
      local all = math.max(0, (places - 1) * stride[d] + dilation[d] * (kernel[d] - 1) + 1 - size)
      before[d], after[d] = all // 2, all - all // 2
    else
      before[d], after[d] = given, given
    end
  end
  return table.move(after, 1, #after, #before + 1, before)
end

-- Kernels (places, in, out) as (out, in, places); of transposed ones as (in, out, places).
local function kernel_of(g, w, transposed)
  local n = #w.dims
  local order = transposed and { n - 1, n } or { n, n - 1 }
  local size = {}
  for d = 1, n - 2 do order[d + 2], size[d] = d, w.dims[d][1] end
  if not w.constant then return g:transpose(g:last(w), order), size end
  local layout = transposed and "transposed_kernel" or "kernel"
  w[layout] = w[layout] or g:tensor(w.constant:permute(order), w.name)
  return w[layout], size
end

local function weights(g, list, k, transposed)
  local kernel, size = kernel_of(g, list[k], transposed)
  return { kernel, list[k + 1] and g:last(list[k + 1]) }, size
end

-- The convolution of the input called `name`, of x's sizes.
local function convolve(g, row, name, x, v, k, y)
  local given, kernel = weights(g, v, k)
  local axes = #kernel
  local stride, dilation = each(row.stride, axes), each(row.dilation or 1, axes)
  local pads = pads_of(x, row, kernel, stride, dilation)
  y.first = g:add("Conv", { name, table.unpack(given) }, { kernel_shape = kernel, strides = stride,
    dilations = dilation, group = row.groups or 1, pads = pads })
end

function M.conv2d(g, row, v, y) convolve(g, row, g:first(v[1]), v[1], v, 2, y) end

M.conv1d = M.conv2d

function M.norm_conv2d(g, row, v, y)
  convolve(g, row, norms.normalised(g, row, v), v[1], v, 6, y)
end

local function twice(list)
  return table.move(list, 1, #list, #list + 1, table.move(list, 1, #list, 1, {}))
end

function M.conv_transpose2d(g, row, v, y)
  local given, kernel = weights(g, v, 2, true)
  local axes = #kernel
  y.first = g:add("ConvTranspose", { g:first(v[1]), table.unpack(given) }, { kernel_shape = kernel,
    strides = each(row.stride, axes), dilations = each(row.dilation, axes), group = row.groups,
    pads = twice(each(row.padding, axes)), output_padding = each(row.output_padding, axes) })
end

M.conv_transpose1d = M.conv_transpose2d

-- ---- pooling ------------------------------------------------------------------------------------
-- The windows of any of the pooling operators: kernel, stride (0: the kernel's), padding.
local function window(row, axes)
  local kernel = row.kernel and each(row.kernel, axes)
    or each(row.size or { row.ph, row.pw ~= 0 and row.pw or row.ph }, axes)
  local stride = each(row.stride or 0, axes)
  for d = 1, axes do stride[d] = stride[d] ~= 0 and stride[d] or kernel[d] end
  return { kernel_shape = kernel, strides = stride, pads = twice(each(row.padding or 0, axes)) }
end

local function max_pool(g, row, v, y)
  y.first = g:add("MaxPool", { g:first(v[1]) }, window(row, #v[1].dims - 2))
end

local function avg_pool(g, row, v, y)
  local how = window(row, #v[1].dims - 2)
  how.count_include_pad = row.count_include_pad and 1 or 0
  y.first = g:add("AveragePool", { g:first(v[1]) }, how)
end

M.max_pool, M.max_pool1d, M.max_pool2d = max_pool, max_pool, max_pool
M.avg_pool, M.avg_pool1d, M.avg_pool2d = avg_pool, avg_pool, avg_pool

function M.norm_max_pool2d(g, row, v, y)
  y.first = g:add("MaxPool", { norms.normalised(g, row, v) }, window(row, 2))
end

return M
