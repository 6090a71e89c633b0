--- Many tests at once: p values adjusted after Bonferroni and after Holm.
local options_of = require "moonstem.options"

local M = {}

-- Checked options, and the places of the p values in ascending order (equal ones in the order
-- given).
local function prepare(list, options, who)
  local o = options_of(options, who, { family = #list, alpha = 0.05 })
  local order = {}
  for i = 1, #list do
    local p = list[i]
    if p ~= false then
      if type(p) ~= "number" or not (p >= 0 and p <= 1) then
        error(("%s: p value %d must be between 0 and 1, or false for a test that could not be made")
          :format(who, i), 0)
      end
      order[#order + 1] = i
    end
  end
  if o.family < #order then
    error(("%s: a family of %d cannot hold %d tests"):format(who, o.family, #order), 0)
  end
  table.sort(order, function(i, j)
    if list[i] ~= list[j] then return list[i] < list[j] end
    return i < j
  end)
  return o, order
end

local function result(name, o, list, adjusted)
  local significant = {}
  for i = 1, #list do significant[i] = adjusted[i] and adjusted[i] < o.alpha or false end
  return { correction = name, family = o.family, alpha = o.alpha, adjusted = adjusted,
    significant = significant }
end

--- ms.statistics.bonferroni(ps, {family =, alpha = 0.05}) -> result
-- ps: list of p values, false for tests that could not be made. family: how many tests were
-- planned; #ps unless told otherwise, so that a test that failed still counts. Returns { correction
-- = "Bonferroni", family =, alpha =,
-- adjusted = list of min(1, family p) (or false), significant = list of adjusted < alpha }. Raises
-- when the family is smaller than the number of tests.
function M.bonferroni(ps, options)
  local o, order = prepare(ps, options, "bonferroni")
  local adjusted = {}
  for i = 1, #ps do adjusted[i] = false end
  for _, i in ipairs(order) do adjusted[i] = math.min(1, o.family * ps[i]) end
  return result("Bonferroni", o, ps, adjusted)
end

--- ms.statistics.holm(ps, {family =, alpha = 0.05}) -> result
-- Holm's step-down correction (1979): never weaker than Bonferroni's, under the same assumptions.
-- As bonferroni.
function M.holm(ps, options)
  local o, order = prepare(ps, options, "holm")
  local adjusted, most = {}, 0.0
  for i = 1, #ps do adjusted[i] = false end
  for rank, i in ipairs(order) do
    most = math.max(most, math.min(1, (o.family - rank + 1) * ps[i]))
    adjusted[i] = most
  end
  return result("Holm", o, ps, adjusted)
end

return M
