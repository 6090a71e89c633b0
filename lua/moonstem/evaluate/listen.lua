--- Tags of whole recordings, slice by slice.
local core = require "moonstem.tensor"
local front = require("moonstem.audio.frontend").paper
local evaluating = require "moonstem.evaluate.mode"
local probabilities = require "moonstem.evaluate.probabilities"

local M = {}

-- Slices of `size` samples, each `hop` after the one before, as long as they are whole.
-- visit(slice) for each, in a scope of its own. How many samples there were and their largest
-- magnitude, or nil and a message.
local function each_slice(read, size, hop, visit)
  local _ <close> = core.scope()
  local window, why = read(size)
  if why then return nil, why end
  local total, peak = window and window:size(1) or 0, window and (window:abs():max()) or 0
  while window and window:size(1) == size do
    local s <close> = core.scope()
    visit(window)
    local piece
    piece, why = read(hop)
    if why then return nil, why end
    local rest = window:slice(1, hop + 1, size)
    window:close()
    window = s:keep(piece and core.ops.cat({ rest, piece }, 1) or rest)
    if piece then total, peak = total + piece:size(1), math.max(peak, (piece:abs():max())) end
  end
  return total, peak
end

--- ms.evaluate.listen(model, kind, read) -> probabilities, sound
-- The mean of the probabilities of half-overlapping slices (a list by class), and the sound's
-- { samples =, peak =, slices = }. model: a tagger or tail model; kind: "tags" or "genres"; read: a
-- reader. nil and a message when there is less than one slice, or the reader's. Memory does not
-- grow with the sound.
function M.listen(model, kind, read)
  local frames = model.input and model.input[1]
  if not frames then
    error(("listen: %s does not tell its input = {frames, 256}"):format(model.name), 2)
  end
  local size, rows = front:samples(frames), {}
  local total, peak = evaluating(model, core.no_grad, each_slice, read, size,
    frames // 2 * front.hop, function(window)
    rows[#rows + 1] = model(window:reshape { 1, size }:magnitude()):totable()[1]
  end)
  if not total then return nil, peak end
  if #rows == 0 then
    return nil, ("it is %.2f s long; at least %.2f s are needed")
      :format(total / front.rate, size / front.rate)
  end
  return probabilities.average(kind, rows), { samples = total, peak = peak, slices = #rows }
end

return M
