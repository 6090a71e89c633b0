--- Decibels of powers and of amplitudes, with librosa's definitions.
local core = require "moonstem.tensor"
local options_of = require "moonstem.options"

local M = {}

local function known(amin)
  return { ref = options_of.either(options_of.positive, options_of.choice "max"),
    amin = options_of.positive(amin),
    top_db = options_of.either(options_of.number, options_of.flag) }
end
local POWER, AMPLITUDE = known(1e-10), known(1e-5)

-- Decibels of powers over amin; ref a number or nil for 1.
local function decibels(x, amin, ref, top_db)
  local db = (x:maximum(amin):log10() - math.log(math.max(amin, ref or 1), 10)) * 10
  if not top_db or db:count() == 0 then return db end
  return db:maximum(db:amax() - top_db)
end

local function top_of(o, who)
  if o.top_db == false then return nil end
  if o.top_db == nil or o.top_db == true then return 80 end
  if o.top_db < 0 then error(("%s: top_db must be 0 or more, got %g"):format(who, o.top_db), 0) end
  return o.top_db
end

local function reference(o, x)
  if o.ref ~= "max" then return o.ref end
  return x:count() > 0 and x:detach():abs():max() or 1
end

--- ms.audio.power_to_db(x, { ref = 1, amin = 1e-10, top_db = 80 }) -> decibels, in x's shape
-- 10 log10(max(x, amin) / max(ref, amin)), at least top_db below the largest of all (librosa's
-- power_to_db). Gradients pass, but for ref's.
-- options: { ref = 1, or "max", the largest number, amin = 1e-10, top_db = 80, or false for none }
function M.power_to_db(x, options)
  local o = options_of(options, "audio.power_to_db", POWER)
  x = core.as_tensor(x)
  return decibels(x, o.amin, reference(o, x), top_of(o, "audio.power_to_db"))
end

--- ms.audio.amplitude_to_db(x, { ref = 1, amin = 1e-5, top_db = 80 }) -> decibels, in x's shape
-- 20 log10(max(|x|, amin) / max(ref, amin)), at least top_db below the largest of all (librosa's
-- amplitude_to_db). Gradients pass, but for ref's.
-- options: { ref = 1, or "max", the largest amplitude, amin = 1e-5,
--   top_db = 80, or false for none }
function M.amplitude_to_db(x, options)
  local o = options_of(options, "audio.amplitude_to_db", AMPLITUDE)
  x = core.as_tensor(x)
  local ref = reference(o, x)
  return decibels(x:square(), o.amin ^ 2, ref and ref ^ 2, top_of(o, "audio.amplitude_to_db"))
end

return M
