--- What a run draws by ms.randn and its like, and by math.random, depends on the run's seed, the
-- step and what is drawn for, and on nothing that was drawn before.
local core = require "moonstem.core.tensor"

local M = {}

-- The streams of a step: 2^32 tensors for each.
local PURPOSE = { loss = 0, batch = 1, validation = 2 }

-- And those of each part of a batch that is computed in parts.
local PART = 20

--- Everything drawn from here on belongs to that step (from 0) of the run with this seed.
-- purpose: "loss", "batch" or "validation". part: of a batch that is computed in parts, from 0 (0).
function M.at(seed, step, purpose, part)
  local stream = (step << 34 | PURPOSE[purpose] << 32) + ((part or 0) << PART)
  core.seed(seed, stream)
  math.randomseed(seed, stream)
end

return M
