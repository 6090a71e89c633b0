--- Whole recordings as the slices that a tagger sees.
local core = require "moonstem.tensor"
local crop = require "moonstem.audio.crop"
local front = require("moonstem.audio.frontend").paper
local evaluating = require "moonstem.evaluate.mode"

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

-- A reader that gives `lead` zeros before and behind what read gives.
local function with_zeros(read, lead)
  local first, ended = true, false
  return function(size)
    if ended then return nil end
    local want = first and size - lead or size
    local piece, why = read(want)
    if why then return nil, why end
    local list = first and { core.zeros { lead } } or {}
    list[#list + 1], first = piece, false
    if not piece or piece:size(1) < want then
      list[#list + 1], ended = core.zeros { lead }, true
    end
    return core.ops.cat(list, 1)
  end
end

-- What slices a model sees: samples of one, from one to the next, zeros around the recording.
local function slices_of(model, who)
  if not model.input then
    error(("%s: %s does not tell its input = {frames, 256} or {samples}"):format(who,
      model.name), 4)
  end
  local size = crop.of(crop.options_for(model), who)
  local hop = model.input.hop or size.size // 2 * size.unit
  return size, hop, model.input.lead or 0
end

-- What is said of the slices: where each begins and how long it is, in seconds.
local function described(sound, slice, hop, lead, count)
  sound.slices, sound.starts, sound.seconds = count, {}, slice.samples / front.rate
  for k = 1, count do sound.starts[k] = math.max(0, (k - 1) * hop - lead) / front.rate end
  return sound
end

--- Calls visit(x) for each half-overlapping slice of what a reader gives, x a batch of one as the
-- model wants it, in evaluation mode. model: a tagger or tail model, whose input = {frames, 256}
-- or, of waves, {samples, hop = , lead = } says how long a slice is, how many samples lie from one
-- to the next (half a slice) and how many zeros around the recording (0). who: for messages.
-- Returns { samples =, peak = largest magnitude, slices = how many, starts = list of seconds,
-- seconds = of a slice }; nil and a message when there is less than one slice, or the reader's.
-- Memory does not grow with the sound.
function M.each(model, read, who, visit)
  local slice, hop, lead = slices_of(model, who)
  local count = 0
  local total, peak = evaluating(model, core.no_grad, each_slice,
    lead > 0 and with_zeros(read, lead) or read, slice.samples, hop, function(window)
      local x = window:reshape { 1, slice.samples }
      count = count + 1
      visit(slice.transform == "magnitude" and x:magnitude() or x)
    end)
  if not total then return nil, peak end
  if total == 0 then return nil, "there is no sound in it" end
  if count > 0 then return described({ samples = total, peak = peak }, slice, hop, lead, count) end
  return nil, ("it is %.2f s long; at least %.2f s are needed")
    :format(total / front.rate, slice.samples / front.rate)
end

return M
