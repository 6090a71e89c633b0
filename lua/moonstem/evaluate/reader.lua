--- Audio files as networks hear them, piece by piece.
-- A reader is a function: read(n) -> the next n samples, mono at 16 kHz, fewer at the end; nil behind it; nil and a
-- sentence when there is something wrong.
local ms = require "moonstem"
local options_of = require "moonstem.options"
local plan = require "moonstem.data.plan"

local M = {}

local LOUD = 1e6 -- 120 dB above full scale: spectra and networks would end at infinity

-- What is wrong with samples at + 1, at + 2, ... of a file, or nil.
local function unfit(wave, path, at)
  if wave:finite() and wave:abs():max() <= LOUD then return nil end
  for i, x in ipairs(wave:totable()) do
    if x ~= x or math.abs(x) > LOUD then
      local what = (x ~= x or math.abs(x) == math.huge) and "is not a finite number"
        or ("is %g, beyond all sense where full scale is 1"):format(x)
      return ("%s: sample %d at 16000 Hz (%.2f s) %s"):format(path, at + i, (at + i - 1) / plan.RATE, what)
    end
  end
end

--- ms.evaluate.reader(path, {stream = 0}) -> a reader of an audio file and its source (see ms.audio.open), which
-- the caller closes; or nil and a sentence. Samples that are not finite, or of 1e6 and more, are refused: the sentence
-- names the place. source.notice tells at the end of what was damaged.
function M.reader(path, options)
  local o = options_of(options, "reader", { stream = 0 })
  local source, why = ms.audio.open(path, { rate = plan.RATE, mono = true, stream = o.stream })
  if not source then return nil, why end
  local at = 0
  return function(n)
    local wave, problem = source:read(n)
    if not wave then return nil, problem end
    problem = unfit(wave, path, at)
    if problem then return nil, problem end
    at = at + wave:size(1)
    return wave
  end, source
end

return M
