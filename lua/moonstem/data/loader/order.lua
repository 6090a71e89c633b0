--- Which items an epoch holds, and in which order: a pure function of the loader's options and the
-- epoch.
local core = require "moonstem.core.tensor"
local items_of = require "moonstem.data.own_items"

local random = core.random

local M = {}

-- ---- as they stand, or shuffled -------------------------------------------------------------
local function plain(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

-- ---- by weights -----------------------------------------------------------------------------
--- The sums of weights up to each item; raises where they cannot be.
function M.sums(weights)
  local sums, total = {}, 0
  for i, weight in ipairs(weights) do
    if type(weight) ~= "number" or not (weight >= 0 and weight < math.huge) then
      error(("loader: weights are numbers, 0 or more, got %s for item %d")
        :format(tostring(weight), i), 0)
    end
    total = total + weight
    sums[i] = total
  end
  if total <= 0 then error("loader: all weights are 0", 0) end
  return sums
end

-- The first place whose sum lies above x.
local function place(sums, x)
  local low, high = 1, #sums
  while low < high do
    local middle = (low + high) // 2
    if sums[middle] > x then high = middle else low = middle + 1 end
  end
  return low
end

-- 48 bits: with 24, items of small weight would never come.
local function fine(seed, epoch, k)
  return random.uniform(seed, "loader weights", epoch, 2 * k)
    + random.uniform(seed, "loader weights", epoch, 2 * k + 1) / (1 << 24)
end

local function weighted(o, epoch, count)
  local list, sums = {}, o.sums
  for k = 1, count do list[k] = place(sums, fine(o.seed, epoch, k) * sums[#sums]) end
  return list
end

-- ---- classes in equal parts -----------------------------------------------------------------
--- The items of each class, classes in the order in which they first come.
function M.classes(labels)
  local classes, at = {}, {}
  for i, label in ipairs(labels) do
    if not at[label] then
      classes[#classes + 1] = {}
      at[label] = classes[#classes]
    end
    table.insert(at[label], i)
  end
  return classes
end

-- Item number k (from 0) of a class that is gone through again and again, shuffled each time.
local function member(o, epoch, class, number, k)
  local list, round = o.classes[class], k // #o.classes[class]
  local purpose = ("loader class %d %d"):format(class, round)
  if number.round ~= round then
    number.round, number.order = round, random.shuffle(o.seed, purpose, epoch, #list)
  end
  return list[number.order[k % #list + 1]]
end

-- Every class once in each run of as many samples as there are classes, in an order drawn anew.
local function balanced(o, epoch, count)
  local list, n, numbers = {}, #o.classes, {}
  for class = 1, n do numbers[class] = {} end
  for first = 1, count, n do
    local round = first // n
    local turn = random.shuffle(o.seed, "loader classes " .. round, epoch, n)
    for k = 1, math.min(n, count - first + 1) do
      list[#list + 1] = member(o, epoch, turn[k], numbers[turn[k]], round)
    end
  end
  return list
end

-- ---- all together ---------------------------------------------------------------------------
--- What the options say about sampling, worked out once: o.sums or o.classes, o.samples.
function M.prepare(o)
  local n = items_of.count(o.items, "loader: items")
  if (o.weights and 1 or 0) + (o.balanced and 1 or 0) + (o.shuffle and 1 or 0) > 1 then
    error("loader: shuffle, weights and balanced are three ways to draw items; give one of them", 0)
  end
  if o.samples and not (o.weights or o.balanced) then
    error("loader: samples goes with weights or balanced; otherwise each item comes once", 0)
  end
  o.sums = o.weights and M.sums(items_of.values(o.items, o.weights, "loader: weights"))
  o.classes = o.balanced and M.classes(items_of.values(o.items, o.balanced, "loader: balanced"))
  o.samples = o.samples or n
end

--- The items of an epoch in their order, and how often each came before in that epoch.
function M.epoch(o, epoch)
  local list
  if o.sums then list = weighted(o, epoch, o.samples)
  elseif o.classes then list = balanced(o, epoch, o.samples)
  elseif o.shuffle then list = random.shuffle(o.seed, "loader order", epoch, o.samples)
  else list = plain(o.samples) end
  local turns, times = {}, {}
  for k, i in ipairs(list) do
    turns[k] = times[i] or 0
    times[i] = turns[k] + 1
  end
  return list, turns
end

return M
