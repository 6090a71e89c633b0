--- Pooling of sequences and images by one name.
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"

local M = {}

-- Number of axes between batch and channel; raises unless it is 1 or 2.
local function axes_of(x, who)
  core.check_tensor(x, who .. ": x")
  local axes = #x:size() - 2
  if axes == 1 or axes == 2 then return axes end
  error(("%s: x must be batch x time x channel or batch x time x frequency x channel, got %s")
    :format(who, x:shape()), 0)
end

local KNOWN = {
  kernel = options_of.pair(2), stride = options_of.pair, padding = options_of.pair0(0),
}
local AVG = options_of.merge(KNOWN, { count_include_pad = true })

-- The one number of both, for sequences.
local function one(pair, who, name)
  if pair and pair[1] ~= pair[2] then
    error(("%s: sequences have one %s, got two"):format(who, name), 0)
  end
  return pair and pair[1]
end

local function pooled(x, given, name, known)
  local o, axes = options_of(given, name, known), axes_of(x, name)
  local kernel, rest = o.kernel, { stride = o.stride, padding = o.padding,
    count_include_pad = o.count_include_pad }
  if axes == 2 then return x[name .. "2d"](x, kernel[1], kernel[2], rest) end
  rest.stride, rest.padding = one(o.stride, name, "stride"), one(o.padding, name, "padding")
  return x[name .. "1d"](x, one(kernel, name, "kernel"), rest)
end

--- x:max_pool{kernel = 2, stride = kernel, padding = 0} -> the largest number of every window of
-- sequences (batch, time, channel) or images (batch, time, frequency, channel); numbers or, for
-- images, {rows, columns}. As max_pool1d and max_pool2d.
function M.max_pool(x, options) return pooled(x, options, "max_pool", KNOWN) end

--- x:avg_pool{kernel = 2, stride = kernel, padding = 0, count_include_pad = true} -> the mean of
-- every window of sequences (batch, time, channel) or images (batch, time, frequency, channel);
-- numbers or, for images, {rows, columns}. As avg_pool1d and avg_pool2d.
function M.avg_pool(x, options) return pooled(x, options, "avg_pool", AVG) end

local MODES = { mode = options_of.choice("avg", "max")("avg") }

--- x:global_pool([{mode = "avg"}]) -> (batch, channel): the mean, or with mode = "max" the largest
-- number, over all places of sequences (batch, time, channel) or images (batch, time, frequency,
-- channel)
function M.global_pool(x, options)
  local o = options_of(options, "global_pool", MODES)
  axes_of(x, "global_pool")
  local size = x:size()
  local batch, channels = size[1], size[#size]
  local places = size[2] * (size[4] and size[3] or 1)
  local flat <close> = x:reshape { batch, places, channels }
  local y <close> = o.mode == "avg" and flat:adaptive_avg_pool(1) or flat:max_pool1d(places)
  return y:reshape { batch, channels }
end

return M
