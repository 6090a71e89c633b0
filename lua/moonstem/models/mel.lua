--- Log-mel images for the tails (recipes/paper.md#log-mel-images).
local core = require "moonstem.core.tensor"

local mel = {}
local FLOOR = 1e-4
local BINS = 256
local matrix

--- The mel matrix (256, 128), made once.
function mel.matrix()
  if not matrix then matrix = core.keep(require("moonstem.audio").mel_matrix()) end
  return matrix
end

--- Raises unless x is a magnitude (batch, frames, 256).
function mel.check(x)
  local s = core.check_tensor(x, "the magnitude"):size()
  if #s ~= 3 or s[3] ~= BINS then
    error(("the magnitude must be batch x frames x %d, got %s"):format(BINS, x:shape()), 0)
  end
end

--- log10(magnitude x matrix + 1e-4): (batch, frames, 256) -> (batch, frames, 128)
function mel.log_mel(magnitude)
  return magnitude:matmul(mel.matrix()):log10(FLOOR)
end

--- log10(magnitude + 1e-4) x matrix: as the paper words it; the authors' joint model does it to its
-- mixture channel
function mel.mel_of_log(magnitude)
  return magnitude:log10(FLOOR):matmul(mel.matrix())
end

--- Planes (batch, frames, 128) side by side as channels: (batch, frames, 128, #planes)
function mel.image(planes)
  local list = {}
  for k, p in ipairs(planes) do
    local s = p:size()
    list[k] = p:reshape { s[1], s[2], s[3], 1 }
  end
  return #list == 1 and list[1] or core.ops.cat(list)
end

return mel
