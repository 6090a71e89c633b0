--- Audio files piece by piece, mono at 16 kHz as networks get them.
-- A reader is a function: read(n) returns the next n samples, fewer at the end and nil after it;
-- nil and a message when something is wrong.
local audio = require "moonstem.audio"
local front = require("moonstem.audio.frontend").paper
local options_of = require "moonstem.options"

local M = {}

--- ms.evaluate.reader(path, {stream = 0}) -> reader, source
-- A reader of an audio file and its source (see ms.audio.open), which the caller closes; or nil and
-- a message. Samples that are not finite, or beyond 1e6, are refused: the message names the place.
-- At the end source.notice says what was damaged.
function M.reader(path, options)
  local o = options_of(options, "reader", { stream = 0 })
  local source, why = audio.open(path, { rate = front.rate, mono = true, stream = o.stream })
  if not source then return nil, why end
  return function(n)
    local wave, problem = source:read(n)
    problem = problem or source.odd
    if problem then return nil, problem end
    return wave
  end, source
end

return M
