--- One batch, made here and now: items are loaded and put together. What load draws at random
-- depends on (seed, epoch, item) alone, tensors of ms.randn and its like included.
local core = require "moonstem.core.tensor"
local sys = require "moonstem.core.sys"
local draw_of = require "moonstem.data.loader.draw"
local items_of = require "moonstem.data.own_items"
local message = require "moonstem.data.loader.message"

local SEEDS = 1 << 52

-- Puts the seed of random tensors back where it was.
local function seed_kept()
  local seed, count = core.seed()
  return setmetatable({}, { __close = function() core.seed(seed, count) end })
end

local function sample(o, epoch, item, turn)
  local purpose = ("loader tensors %d %d"):format(epoch, turn)
  core.seed(core.random.integer(o.seed, purpose, item, 0, SEEDS))
  local good, value, why = pcall(o.load, items_of.at(o.items, item),
    draw_of(o.seed, epoch, item, turn))
  if good and value ~= nil then return value end
  if sys.signal() then error(value, 0) end -- Ctrl-C is no fault of the item's
  local what = good and (why or "load returned nothing") or value
  error(("loader: item %s: %s"):format(items_of.name(o.items, item), tostring(what)), 0)
end

local function make(o, epoch, order, turns, k)
  local _ <close> = seed_kept()
  local samples = {}
  for n = (k - 1) * o.batch + 1, math.min(k * o.batch, #order) do
    samples[#samples + 1] = sample(o, epoch, order[n], turns[n])
  end
  return o.collate(samples)
end

--- text, tensors of batch k of an epoch (see message.lua); the tensors belong to the scope around
-- this call. order, turns: see order.lua. Raises with the item that failed.
return function(o, epoch, order, turns, k)
  local scope <close> = core.scope()
  local text, tensors = message.encode(core.no_grad(make, o, epoch, order, turns, k))
  scope:keep(tensors)
  return text, tensors
end
