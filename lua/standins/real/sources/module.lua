--- Songs from tracker modules: stems by the names of their instruments, played by libopenmpt with
-- all others silent.
local excerpts = require "standins.real.excerpts"
local mixing = require "standins.sound.mixing"
local sounds = require "standins.real.sounds"
local synth = require "standins.sound.synth"
local tensor = require "moonstem.core.tensor"
local tools = require "standins.tools"
local tracker = require "moonstem.core.tracker"

local M = {}

local LOOK = 8000      -- Hz at which modules are looked at
local LOUD = 1e-3      -- root mean square of a second that sounds
local UNKNOWN = 0.1    -- share of the level that instruments without a telling name may have
local LONGEST = 1200   -- seconds: longer ones never end

-- The stem of each instrument; "unknown" where its name does not tell.
local function groups(module)
  local list = {}
  for i, name in ipairs(module:names()) do
    local stem = sounds.stem(name)
    list[i] = (not stem or stem == "mixed") and "unknown" or stem
  end
  return list
end

-- `frames` of a module behind the first `skipped`, only the instruments of some stems sounding;
-- all, without `keep`.
local function play(bytes, rate, frames, keep, skipped)
  local module <close> = assert(tracker.open(bytes))
  if keep then
    for i, group in ipairs(groups(module)) do if not keep[group] then module:mute(i) end end
  end
  for first = 1, skipped or 0, rate do
    module:read(rate, math.min(rate, skipped - first + 1)):close()
  end
  return (module:read(rate, frames))
end

-- In which seconds a wave sounds; and its level.
local function seconds_of(wave)
  local active, level = {}, mixing.rms(wave)
  for second = 1, wave:size(1) // LOOK do
    local _ <close> = tensor.scope()
    local piece = wave:slice(1, (second - 1) * LOOK + 1, second * LOOK):clone()
    if mixing.rms(piece) > LOUD then active[second] = true end
  end
  return active, level
end

-- Activity of the three stems, or nil and a reason.
local function activity(bytes, frames)
  local _ <close> = tensor.scope()
  local whole = play(bytes, LOOK, frames)
  if mixing.peak(mixing.add(play(bytes, LOOK, frames), whole, 0, -1)) > 0 then
    return nil, "it has random variations: no two renderings are equal"
  end
  local active = {}
  for _, stem in ipairs { "drums", "bass", "other" } do
    active[stem] = seconds_of(play(bytes, LOOK, frames, { [stem] = true }))
    if not next(active[stem]) then return nil, "no instrument is named as " .. stem end
  end
  local unknown = mixing.rms(play(bytes, LOOK, frames, { unknown = true }))
  if unknown > UNKNOWN * mixing.rms(whole) then
    return nil, "too many of its instruments have names that do not tell what they are"
  end
  return active
end

--- As survey of standins.real.sources.midi.
function M.survey(path, wanted)
  local bytes = tools.read(path)
  if not bytes then return nil, "it cannot be read" end
  local module, why = tracker.open(bytes)
  if not module then return nil, why end
  local seconds = module:seconds()
  module:close()
  if not (seconds >= 1 and seconds <= LONGEST) then return nil, "it has no sound, or no end" end
  local active
  active, why = activity(bytes, math.floor(seconds * LOOK))
  if not active then return nil, why end
  local start, length, sounding = excerpts.choose(active, math.floor(seconds), wanted)
  if sounding == 0 then return nil, "drums, bass and other never sound together" end
  return { seconds = seconds, start = start, length = length }
end

local KEEP = { vocals = { vocals = true }, drums = { drums = true }, bass = { bass = true },
  other = { other = true, unknown = true } }

--- The stems of an entry's excerpt; nil and a message.
function M.stems(entry)
  local bytes = tools.read(entry.path)
  if not bytes then return nil, entry.path .. " cannot be read" end
  local stems, skipped = {}, math.floor(entry.start * synth.rate)
  local frames = math.floor(entry.length * synth.rate + 0.5)
  for name, keep in pairs(KEEP) do
    stems[name] = play(bytes, synth.rate, frames, keep, skipped)
  end
  return stems
end

return M
