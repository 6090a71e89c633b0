--- What the package musicnn calls a taggram: taggram(model, wave) -> rows of probabilities, one for
-- each slice of 187 frames, slices side by side, with zeros around the recording.
local ms = require "moonstem"

local HOP = 187 * 256 -- samples between slices

return function(model, wave)
  local padded = ms.cat({ ms.zeros { 256 }, wave, ms.zeros { 256 } }, 1)
  local size, rows = model.input[1], {}
  for first = 1, padded:size(1) - size + 1, HOP do
    local slice = padded:slice(1, first, first + size - 1):reshape { 1, size }
    rows[#rows + 1] = ms.no_grad(function() return model(slice):sigmoid() end):totable()[1]
  end
  return rows
end
