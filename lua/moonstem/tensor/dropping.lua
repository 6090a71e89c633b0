--- Dropout of whole channels and of whole clips: masks that are functions of (seed, stream), which
-- stretch over what is dropped together.
local core = require "moonstem.core.tensor"

local M = {}

-- x times a mask of ones, dropped out, of x's sizes where kept[d] is set and 1 elsewhere.
local function masked(x, keeps, p, seed, stream)
  local size = x:size()
  for d in ipairs(size) do size[d] = keeps(d, #size) and size[d] or 1 end
  local ones <close> = core.ones(size)
  local mask <close> = ones:dropout(p, seed, stream)
  return x * mask
end

local function channels(d, dims) return d == 1 or d == dims end

local function check(x, dims, who, what)
  core.check_tensor(x, who .. ": x")
  if #x:size() ~= dims then
    error(("%s: x must be batch x %s x channel, got %s"):format(who, what, x:shape()), 0)
  end
end

--- x:dropout1d([p = 0.5], [seed = 0], [stream = 0]) -> sequences (batch, time, channel) with a
-- share p of the channels of each clip zeroed, all times of them, and the others divided by 1 - p
function M.dropout1d(x, p, seed, stream)
  check(x, 3, "dropout1d", "time")
  return masked(x, channels, p, seed, stream)
end

--- x:dropout2d([p = 0.5], [seed = 0], [stream = 0]) -> images (batch, time, frequency, channel)
-- with a share p of the channels of each clip zeroed, all places of them, and the others divided by
-- 1 - p
function M.dropout2d(x, p, seed, stream)
  check(x, 4, "dropout2d", "time x frequency")
  return masked(x, channels, p, seed, stream)
end

--- x:drop_path([p = 0.5], [seed = 0], [stream = 0]) -> x (batch, ...) with a share p of the clips
-- zeroed, all numbers of them, and the others divided by 1 - p (stochastic depth, before a residual
-- sum)
function M.drop_path(x, p, seed, stream)
  core.check_tensor(x, "drop_path: x")
  if #x:size() < 1 then error("drop_path: x must be batch x ..., got a number", 0) end
  return masked(x, function(d) return d == 1 end, p, seed, stream)
end

return M
