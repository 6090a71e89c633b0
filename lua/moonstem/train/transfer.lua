--- Weights from stage to stage, by name (recipes/paper.md#from-stage-to-stage).
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"

local M = {}

-- Of a CNN, and of an AST.
local FIRST_KERNELS = { ["tail.block.1.conv.1.weight"] = true, ["tail.patch.weight"] = true }

-- A kernel for more channels: zeros for the estimates and the old kernel for the mixture, which is
-- last; or ("shared") an equal part of it for each.
local function widened(kernel, like, channels)
  local new, old = like:size(), kernel:size()
  local estimates = new[3] - old[3]
  if estimates == 0 then return kernel end
  if estimates < 0 then
    error(("transfer: the tail reads %d channels but the joint model only %d")
      :format(old[3], new[3]), 0)
  end
  if channels == "shared" then return kernel * core.ones { 1, 1, new[3], 1 } / new[3] end
  return core.ops.cat({ core.zeros { new[1], new[2], estimates, new[4] }, kernel }, 3)
end

--- Starts stage 3: copies a trained tail (ms.models.tail_only) into a joint model
-- (ms.models.tagger), running statistics too. The first kernel goes to the mixture's channel, the
-- estimates' channels start at zero, so the joint model begins as the tail alone plus what its
-- adaptation module adds. Raises when shapes do not fit.
-- options: { channels = "mixture", or "shared": every channel takes an equal part of the first
-- kernel }
-- Returns the joint model.
function M.tail(from, into, options)
  local o = options_of(options, "transfer", { channels = "mixture" })
  if o.channels ~= "mixture" and o.channels ~= "shared" then
    error(('transfer: channels must be "mixture" or "shared", got %s')
      :format(tostring(o.channels)), 0)
  end
  local _ <close> = core.scope()
  local state, mine = {}, into:state { shared = true }
  for name, value in pairs(from:state { shared = true }) do
    if not mine[name] then error("transfer: the joint model has no " .. name, 0) end
    if FIRST_KERNELS[name] then value = widened(value, mine[name], o.channels) end
    state[name:gsub("^tail%.", "")] = value
  end
  into.tail:load(state)
  return into
end

--- Copies a trained U-Net (an ms.models.unet, or the one inside an ms.models.separator) into a
-- model that holds one. Raises when shapes or names do not fit. Returns the model.
function M.unet(from, into)
  (rawget(into, "unet") or into):load((rawget(from, "unet") or from):state { shared = true })
  return into
end

return M
