--- What checkpoints say about themselves. Nothing of it is believed before it was looked at: files
-- come from elsewhere, and are damaged.
local core_io = require "moonstem.core.io"
local naming = require "moonstem.naming"
local options_of = require "moonstem.options"
local settings = require "moonstem.train.settings"

local M = {}

local natural, number = options_of.natural, options_of.number

local POSITION = { step = natural, round = natural, phase = options_of.count, phase_step = natural,
  rounds_in_phase = natural, round_step = natural, loss_sum = number, rounds_since_best = natural,
  best_round = natural, seconds = number, done = options_of.flag }
-- What a position need not have.
local MORE = { best = number, plateau = options_of.table, skipped = natural,
  round_skipped = natural }

local function damaged(path, what, why)
  return nil, ("%s is damaged: %s%s"):format(path, what, why and (" (%s)"):format(why) or "")
end

--- What f gives; nil and the sentence where it raises.
function M.attempt(path, what, f, ...)
  local ok, value = pcall(f, ...)
  if ok then return value end
  return damaged(path, what, naming.reason(value))
end

--- The table that the text `metadata[name]` of a file encodes; nil and a sentence.
function M.table(path, metadata, name)
  local text = metadata[name]
  local value, why = nil, "it is missing"
  if text then value, why = core_io.json_decode(text) end
  if type(value) == "table" then return value end
  return damaged(path, ("the metadata %s are no table"):format(name), value == nil and why or nil)
end

local function check_position(position)
  for name in pairs(POSITION) do
    if position[name] == nil then error(name .. " is missing", 0) end
  end
  options_of.check(position, "position", options_of.merge(POSITION, MORE))
  return position
end

--- The position of a run in a file's metadata; nil and a sentence.
function M.position(path, metadata)
  if not metadata.position then return nil, path .. " is not the checkpoint of a run" end
  local position, why = M.table(path, metadata, "position")
  if not position then return nil, why end
  return M.attempt(path, "its position cannot be", function()
    return check_position(settings.position(position))
  end)
end

--- A whole number in a file's metadata, 0 or more; nil and a sentence.
function M.natural(path, metadata, name)
  local n = math.tointeger(tonumber(metadata[name]))
  if n and n >= 0 then return n end
  return damaged(path, ("%s is no whole number, 0 or more"):format(name))
end

return M
