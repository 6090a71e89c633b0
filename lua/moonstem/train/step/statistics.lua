--- Running statistics of a model as they were before a step: a forward pass moves them layer by
-- layer, and a step that is not taken must leave them as it found them.
local core = require "moonstem.core.tensor"

local Kept = {}
Kept.__index = Kept

local M = {}

--- Copies of a model's tensors that are not trained.
function M.of(model)
  local pairs_of = {}
  for _, t in ipairs(model:tensors()) do
    if not t.trainable then
      pairs_of[#pairs_of + 1] = { core.keep(t.value), core.keep(t.value:clone()) }
    end
  end
  return setmetatable({ pairs = pairs_of }, Kept)
end

--- Copies them again.
function Kept:note()
  for _, pair in ipairs(self.pairs) do pair[2]:copy(pair[1]) end
end

--- Puts the model's back.
function Kept:restore()
  for _, pair in ipairs(self.pairs) do pair[1]:copy(pair[2]) end
end

return M
