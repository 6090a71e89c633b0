--- The geometry of an audio front end: a rate of sampling, and windows that begin
-- every so many samples. frontend.paper is the paper's (recipes/paper.md#front-end):
-- what all models, tasks and evaluations here take.
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"

local Frontend = {}
Frontend.__index = Frontend

local M = {}

--- ms.audio.frontend{ rate = 16000 Hz, window = 512, hop = 160 samples } -> front end
-- f.rate, f.window, f.hop; f:samples(frames) that so many frames span,
-- f:frames(samples) that fit, f:seconds(frames).
function M.new(options)
  return setmetatable(options_of(options, "frontend", { rate = options_of.count(16000),
    window = options_of.count(512), hop = options_of.count(160) }), Frontend)
end

--- Samples that so many frames span: the paper's 384 -> 61 792, 768 -> 123 232.
function Frontend:samples(frames)
  return (frames - 1) * self.hop + self.window
end

--- Frames that fit into so many samples.
function Frontend:frames(samples)
  return samples < self.window and 0 or 1 + (samples - self.window) // self.hop
end

--- Seconds that so many frames span.
function Frontend:seconds(frames)
  return self:samples(frames) / self.rate
end

strict.class(Frontend, "front end")

M.paper = M.new { rate = 16000, window = 512, hop = 160 }

return M
