--- Tags of whole recordings, slice by slice.
local probabilities = require "moonstem.evaluate.probabilities"
local slices = require "moonstem.evaluate.slices"

local M = {}

--- ms.evaluate.listen(model, kind, read) -> probabilities, sound
-- The mean of the probabilities of half-overlapping slices (a list by class), and the sound's
-- { samples =, peak =, slices = how many, starts = where each begins, in seconds, seconds = of a
-- slice, each = the probabilities of each slice }. model: a tagger or tail model, whose input =
-- {frames, 256} or, of waves, {samples, hop = , lead = } says how long a slice is, how many samples
-- lie from one to the next (half a slice) and how many zeros around the recording (0). kind: "tags"
-- or "genres"; read: a reader. nil and a message when there is less than one slice, or the
-- reader's. What is kept of a slice is its probabilities alone.
function M.listen(model, kind, read)
  local rows = {}
  local sound, why = slices.each(model, read, "listen", function(x)
    rows[#rows + 1] = model(x):totable()[1]
  end)
  if not sound then return nil, why end
  sound.each = {}
  for k, row in ipairs(rows) do sound.each[k] = probabilities.average(kind, { row }) end
  return probabilities.average(kind, rows), sound
end

return M
