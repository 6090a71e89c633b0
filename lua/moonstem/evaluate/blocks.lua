--- Separation of whole songs by half-overlapping segments, block by block.
local core = require "moonstem.core.tensor"
local front = require("moonstem.audio.frontend").paper
local evaluating = require "moonstem.evaluate.mode"
local options_of = require "moonstem.options"

local M = { HALF = front:samples(384) // 2 } -- of a segment of 61 792 samples

local HALF = M.HALF

-- Rising half of the cross-fade; with its mirror image it sums to one.
local function ramp(half)
  local list = {}
  for n = 1, half do list[n] = (n - 0.5) / half end
  return core.tensor_from(list, { half })
end

-- One segment's sources, (1, S, samples) -> its first and second half, (S, half) each.
local function halves(estimate, half)
  local sources = estimate:size(2)
  local flat = estimate:reshape { sources, 2 * half }
  return flat:slice(2, 1, half), flat:slice(2, half + 1, 2 * half)
end

-- The next HALF samples, filled up with silence, and how
-- many of them were read; or nil and a message.
local function next_half(read)
  local wave, why = read(HALF)
  if why then return nil, why end
  if not wave then return core.zeros { HALF }, 0 end
  local n = wave:size(1)
  return n == HALF and wave or core.ops.cat({ wave, core.zeros { HALF - n } }, 1), n
end

local function each_block(model, read, visit)
  local _ <close> = core.scope()
  local up = ramp(HALF)
  local down = core.ones { HALF } - up
  local before, known, tail = core.zeros { HALF }, 0, nil
  repeat
    local s <close> = core.scope()
    local piece, n = next_half(read)
    if not piece then return nil, n end
    local segment = core.ops.cat({ before, piece }, 1):reshape { 1, 2 * HALF }
    local first, second = halves(model(segment), HALF)
    if tail then
      local sources = first * up + tail * down
      local ok, why = visit(sources:slice(2, 1, known), before:slice(1, 1, known))
      if not ok then return nil, why end
      tail:close()
    end
    before:close()
    before, known, tail = s:keep(piece), n, s:keep(second:clone())
  until known == 0
  return true
end

--- Separates what a reader gives by half-overlapping segments with a linear cross-fade, and calls
-- visit(sources, mixture) for each stretch in order: (S, n) and (n), n = 30 896, at the end fewer.
-- They are released afterwards. visit returns true to go on, or nil and a message, with which all
-- ends. true, or nil and a message.
function M.blocks(model, read, visit)
  return evaluating(model, core.no_grad, each_block, model, read, visit)
end

-- A reader of a wave in memory.
local function reader_of(wave)
  local at, count = 0, wave:size(1)
  return function(n)
    local last = math.min(count, at + n)
    if last == at then return nil end
    local piece = wave:slice(1, at + 1, last)
    at = last
    return piece
  end
end

-- Joins the list's tensors along the second dimension; releases them and empties the list.
local function join(list)
  local whole = core.ops.cat(list, 2)
  for k = #list, 1, -1 do
    list[k]:close()
    list[k] = nil
  end
  return whole
end

--- Separates a whole song by half-overlapping segments with a linear cross-fade.
-- model: an ms.models.separator; wave: (samples) mono at 16 kHz, any length from 1.
-- options: { progress = function(done, total) }. Returns (sources, samples).
-- It takes twice the memory of the result, and that of one segment.
function M.separate(model, wave, options)
  local o = options_of(options, "separate", { progress = options_of.callable })
  if #wave:size() ~= 1 or wave:size(1) == 0 then
    error(("separate: the wave must be (samples) with one sample or more, got %s")
      :format(wave:shape()), 0)
  end
  local scope <close> = core.scope()
  local done, total, blocks, whole = 0, -(-wave:size(1) // HALF), {}, {}
  M.blocks(model, reader_of(wave), function(sources)
    blocks[#blocks + 1] = core.keep(sources:clone())
    if #blocks == 64 then whole[#whole + 1] = core.keep(join(blocks)) end
    done = done + 1
    if o.progress then o.progress(done, total) end
    return true
  end)
  table.move(blocks, 1, #blocks, #whole + 1, whole)
  return scope:keep(join(whole))
end

return M
