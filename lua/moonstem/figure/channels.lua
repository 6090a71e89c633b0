--- The channels of a wave, whichever way round it is.
local given = require "moonstem.figure.options"

local MOST = 64 -- channels of a recording

--- The channels of x, each a tensor (sample): of (sample), of (channel, sample) as features take
-- it, or of (sample, channel) as ms.audio.read gives it; the shorter axis is that of the channels.
-- Raises on anything else, with `who` in front.
return function(x, who)
  x = given.tensor(x, who)
  local size = x:size()
  if #size == 1 then return { x } end
  if #size ~= 2 or math.min(size[1], size[2]) > MOST then
    error(("%s must be (sample), (channel, sample) or (sample, channel), got %s"):format(who,
      x:shape()), 0)
  end
  return { x:unbind(size[1] <= size[2] and 1 or 2) }
end
