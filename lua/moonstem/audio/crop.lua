--- The size of crops and slices: so many frames of the paper's front end, for models that see
-- magnitudes; or so many samples, for models that see waves.
local front = require("moonstem.audio.frontend").paper
local options_of = require "moonstem.options"

local M = {}

--- Options for either, to be merged into a function's.
M.OPTIONS = { frames = options_of.count, samples = options_of.count }

local FRAMES = 384

--- crop.of({ frames = 384 } or { samples = n }, who) -> { size =, noun =, unit =, samples =,
-- transform = }
-- size: so many frames or samples, which noun says; unit: samples from one place to the next;
-- samples: of a whole crop; transform: what a feed makes of it.
function M.of(given, who)
  if given.samples and given.frames then
    error(who .. ": give frames, for magnitudes, or samples, for waves, not both", 0)
  end
  if given.samples then
    return { size = given.samples, noun = "samples", unit = 1, samples = given.samples,
      transform = "wave" }
  end
  local frames = given.frames or FRAMES
  return { size = frames, noun = "frames", unit = front.hop, samples = front:samples(frames),
    transform = "magnitude" }
end

--- The options that give such crops as a model sees: its input is {frames, 256}, or {samples}.
function M.options_for(model)
  local input = model.input
  if not input then return {} end
  return #input == 1 and { samples = input[1] } or { frames = input[1] }
end

--- How long so many samples are, in frames or samples.
function M.length(crop, samples)
  return crop.noun == "frames" and front:frames(samples) or samples
end

return M
