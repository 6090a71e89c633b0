--- Items shared out to parts: training, validation and test, or folds. Groups stay together; with
-- `stratify`, each part gets its share of every class.
local core = require "moonstem.core.tensor"
local items_of = require "moonstem.data.own_items"
local options_of = require "moonstem.options"

local MOST = 1 << 27 -- items, whose numbers take some gigabytes as lists

local M = {}

-- ---- groups of items, and what classes they hold --------------------------------------------
-- The classes of an item as a list: one, or several tags.
local function classes_of(value)
  return type(value) == "table" and value or { value }
end

local function count_of(items, who)
  local n = items_of.count(items, who .. ": items")
  if n > MOST then error(("%s: %d items are more than %d"):format(who, n, MOST), 0) end
  return n
end

local NONE = {} -- counts of a group that has no classes

-- Groups in the order in which they first come: { items = list, counts = class -> items }.
local function groups_of(items, o, who)
  local n, groups, at = count_of(items, who), {}, {}
  local keys = o.group and items_of.values(items, o.group, who .. ": group")
  local classes = o.stratify and items_of.values(items, o.stratify, who .. ": stratify")
  for i = 1, n do
    local group = keys and at[keys[i]]
    if not group then
      group = { items = {}, counts = classes and {} or NONE }
      groups[#groups + 1] = group
      if keys then at[keys[i]] = group end
    end
    table.insert(group.items, i)
    for _, class in ipairs(classes and classes_of(classes[i]) or {}) do
      items_of.check_key(items, i, class, who .. ": stratify")
      group.counts[class] = (group.counts[class] or 0) + 1
    end
  end
  return groups
end

-- Items of each class in all groups.
local function totals_of(groups)
  local totals = {}
  for _, group in ipairs(groups) do
    for class, count in pairs(group.counts) do totals[class] = (totals[class] or 0) + count end
  end
  return totals
end

-- How many items there are of the rarest class of a group.
local function rarest(group, totals)
  local least = math.huge
  for class in pairs(group.counts) do least = math.min(least, totals[class]) end
  return least
end

-- Whether all groups are as large, and without classes.
local function are_alike(groups)
  for _, group in ipairs(groups) do
    if group.counts ~= NONE or #group.items ~= #groups[1].items then return false end
  end
  return true
end

-- The order in which groups are given away: large ones and rare classes first, for they are the
-- hardest to place, chance among equals.
local function order_of(groups, totals, seed)
  local order, rank, rare = core.random.shuffle(seed, "split", 0, #groups), {}, {}
  if are_alike(groups) then return order end
  for k, g in ipairs(order) do
    rank[g] = k
    rare[g] = rarest(groups[g], totals)
  end
  table.sort(order, function(a, b)
    local m, n = #groups[a].items, #groups[b].items
    if m ~= n then return m > n end
    if rare[a] ~= rare[b] then return rare[a] < rare[b] end
    return rank[a] < rank[b]
  end)
  return order
end

-- ---- giving them away -----------------------------------------------------------------------
local ZERO = { __index = function() return 0 end }

-- Counts of items: all of them, and by class; none so far.
local function new_counts() return { all = 0, of = setmetatable({}, ZERO) } end

local function add(counts, group)
  counts.all = counts.all + #group.items
  for class, count in pairs(group.counts) do counts.of[class] = counts.of[class] + count end
end

-- How far a part is behind its share of a group's classes, rare ones counting more; 1: by just such
-- a group. The sum goes in the order of size, so that it is the same on every run.
local function behind(part, group, given, totals)
  if group.counts == NONE then return 0 end
  local terms, sum, whole = {}, 0, 0
  for class, count in pairs(group.counts) do
    terms[#terms + 1] = { count / totals[class],
      part.share * given.of[class] - part.counts.of[class], count }
  end
  table.sort(terms, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
  for _, term in ipairs(terms) do
    sum, whole = sum + term[1] * term[2], whole + term[1] * term[3]
  end
  return whole > 0 and sum / whole or 0
end

local CLOSE = 1e-9 -- what rounding may make of equal numbers

-- The part that a group goes to: the one furthest behind in its classes, if by a whole group; else,
-- of those behind at all, the one furthest behind its share of all items.
local function choose(parts, group, given, totals)
  local by, best, most, chosen = {}, 1, -math.huge, nil
  for k, part in ipairs(parts) do
    by[k] = behind(part, group, given, totals)
    if by[k] > by[best] + CLOSE then best = k end
  end
  if by[best] > 1 + CLOSE then return parts[best] end
  local least = by[best] > CLOSE and CLOSE or -math.huge
  for k, part in ipairs(parts) do
    local all = part.share * given.all - part.counts.all
    if by[k] > least and all > most + CLOSE then most, chosen = all, part end
  end
  return chosen
end

-- Lists of item numbers, ascending, one for each share.
local function assign(items, shares, o, who)
  local groups, given, parts, lists = groups_of(items, o, who), new_counts(), {}, {}
  local totals = totals_of(groups)
  for k, share in ipairs(shares) do
    parts[k] = { share = share, counts = new_counts(), items = {} }
  end
  for _, g in ipairs(order_of(groups, totals, o.seed)) do
    local group = groups[g]
    add(given, group)
    local part = choose(parts, group, given, totals)
    add(part.counts, group)
    table.move(group.items, 1, #group.items, #part.items + 1, part.items)
  end
  for k, part in ipairs(parts) do
    table.sort(part.items)
    lists[k] = part.items
  end
  return lists
end

-- The items of some numbers.
local function pick(items, numbers)
  local list = {}
  for k, i in ipairs(numbers) do list[k] = items_of.at(items, i) end
  return list
end

-- ---- the two functions ----------------------------------------------------------------------
local VALUES = options_of.either(options_of.either(options_of.table, options_of.callable),
  options_of.string)

-- Names and shares of parts, by name; raises unless they add up to 1.
local function shares_of(parts)
  local names, shares, sum = {}, {}, 0
  for name, share in pairs(parts) do
    if type(name) ~= "string" or type(share) ~= "number" or not (share > 0 and share <= 1) then
      error(("split: parts are named and have a share above 0, at most 1, got %s = %s")
        :format(tostring(name), tostring(share)), 0)
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for k, name in ipairs(names) do
    shares[k] = parts[name]
    sum = sum + shares[k]
  end
  if math.abs(sum - 1) > 1e-6 then
    error(("split: the shares of parts must add up to 1, got %g"):format(sum), 0)
  end
  return names, shares
end

--- ms.data.split(items, { parts =, group =, stratify =, seed = 1 }) -> { NAME = list of items }
-- Shares items out at random, each to one part; in a part they keep their order.
-- items: a list, or n for the numbers 1 to n. parts: shares that add up to 1,
--   { train = 0.8, valid = 0.1, test = 0.1 } by default.
-- group: what must stay together, such as the artist: items of one group go to one part, so that
--   shares are met as well as the groups' sizes allow.
-- stratify: the class of each item, or a list of its tags: every part gets its share of each class,
--   to within one item where there are no groups and one class each.
-- group and stratify are lists of values, functions of an item, or names of a field of items.
-- The same seed gives the same parts.
function M.split(items, options)
  local o = options_of(options, "split", { parts = { train = 0.8, valid = 0.1, test = 0.1 },
    group = VALUES, stratify = VALUES, seed = 1 })
  local names, shares = shares_of(o.parts)
  local parts = {}
  for k, numbers in ipairs(assign(items, shares, o, "split")) do
    parts[names[k]] = pick(items, numbers)
  end
  return parts
end

--- ms.data.folds(items, k, { group =, stratify =, seed = 1 }) -> list of k { train =, test = }
-- Cross-validation: every item is in the test list of one fold and in the training lists of the
-- others. Options as of ms.data.split. At least k items, or groups, are needed.
function M.folds(items, k, options)
  local o = options_of(options, "folds", { group = VALUES, stratify = VALUES, seed = 1 })
  if math.type(k) ~= "integer" or k < 2 then
    error(("folds: k must be a whole number, 2 or more, got %s"):format(tostring(k)), 2)
  end
  local n = count_of(items, "folds")
  if k > n then error(("folds: %d folds are asked for, but there are %d items"):format(k, n), 2) end
  local shares = {}
  for fold = 1, k do shares[fold] = 1 / k end
  local parts, folds = assign(items, shares, o, "folds"), {}
  for fold, test in ipairs(parts) do
    if #test == 0 then
      error(("folds: fold %d of %d is empty; there are too few %s"):format(fold, k,
        o.group and "groups" or "items"), 2)
    end
    local out, train = {}, {}
    for _, i in ipairs(test) do out[i] = true end
    for i = 1, n do
      if not out[i] then train[#train + 1] = i end
    end
    folds[fold] = { train = pick(items, train), test = pick(items, test) }
  end
  return folds
end

return M
