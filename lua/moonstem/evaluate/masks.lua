--- Ratio masks of a separator along a recording, frame by frame.
local core = require "moonstem.tensor"
local front = require("moonstem.audio.frontend").paper
local blocks = require "moonstem.evaluate.blocks"

local M = {
  RATE = 100,      -- frames a second
  OVERLAP = 4,     -- frames that every sample lies in
  TOP = 7900,      -- Hz: above it, little is left of the networks' 16 kHz
}

local HOP = front.rate // M.RATE
local SIZE = M.OVERLAP * HOP
local TINY = 1e-9

--- Bins of a mask, and Hz from one to the next.
M.BINS, M.SPACING = SIZE // 2 + 1, front.rate / SIZE

--- Bins of a mask up to TOP.
M.BAND = math.floor(M.TOP / M.SPACING) + 1

--- A Hann window of that size, whose squares add up to 1.5 where frames overlap four times.
function M.window(size)
  return core.window("hann", size)
end

-- Masks (S, frames, bins) of signals (S + 1, samples), the sources and the mixture.
local function masks_of(signals, window)
  local spectra = signals:spectrum(window, HOP)
  local size = spectra:size()
  local magnitudes = spectra:square():sum(-1):sqrt()
  local mixture = magnitudes:slice(1, size[1], size[1])
  return (magnitudes:slice(1, 1, size[1] - 1) / mixture:maximum(TINY)):clamp(0, 1)
end

-- Masks of the frames that lie in what was left over and the next signals; what is left over now.
local function advance(rest, signals, window)
  local all = core.ops.cat({ rest, signals }, 2)
  local frames = (all:size(2) - SIZE) // HOP + 1
  if frames < 1 then return nil, all end
  return masks_of(all, window), all:slice(2, frames * HOP + 1, all:size(2)):clone()
end

-- A stretch of signals becomes masks; what is left over is kept for the next one.
local Frames = {}
Frames.__index = Frames

function Frames:push(signals, visit)
  local _ <close> = core.scope()
  local rest = self.rest or core.zeros { signals:size(1), SIZE - HOP }
  local mask, left = advance(rest, signals, self.window)
  self:close()
  self.rest = core.keep(left)
  if mask then return visit(mask) end
  return true
end

-- Frames that reach beyond the end, but have 10 ms of sound or more.
function Frames:finish(visit)
  if not self.rest then return true end
  return self:push(core.zeros { self.rest:size(1), SIZE - HOP }, visit)
end

function Frames:close()
  if self.rest then self.rest:close() end
  self.rest = nil
end

Frames.__close = Frames.close

--- Separates what a reader gives (mono at 16 kHz) and calls visit(mask) with (S, frames, 321) for
-- each stretch: |estimate| / |mixture|, at most 1, of frames of 40 ms. The first frame ends after
-- 10 ms, every further one 10 ms later; the last ones reach beyond the end. visit returns true to
-- go on, or nil and a message, with which all ends. true, or nil and a message.
function M.each(model, read, visit)
  local _ <close> = core.scope()
  local frames <close> = setmetatable({ window = M.window(SIZE) }, Frames)
  local ok, why = blocks.blocks(model, read, function(sources, mixture)
    return frames:push(core.ops.cat({ sources, mixture:reshape { 1, -1 } }, 1), visit)
  end)
  if not ok then return nil, why end
  return frames:finish(visit)
end

return M
