--- Charts of how often numbers occur. Options: see ms.figure.histogram.
local axes = require "moonstem.figure.axes"
local core = require "moonstem.tensor"
local given = require "moonstem.figure.options"
local words = require "moonstem.figure.words"

local WHO = "figure.histogram"
local OPTIONS = { "x", "series", "bins", "density", table.unpack(axes.OPTIONS) }
local SERIES = { "label", "x", "colour" }

local SOME = 1000000 -- of more numbers a part tells how far they spread

-- The finite numbers of x in one dimension, and how many others there are.
local function finite_of(value, who)
  local x = given.tensor(value, who)
  x = x:reshape { x:count() }
  if x:count() == 0 then return x, 0 end
  local _, _, odd = x:extent()
  return odd > 0 and x:masked_select(x:isfinite()) or x, odd
end

local function prepare(series, i, n)
  local who = ("%s: series[%d]"):format(WHO, i)
  given.check(series, who, SERIES)
  local s = { label = series.label, colour = series.colour or axes.colour(i, n) }
  s.x, s.odd = finite_of(series.x, who .. ".x")
  s.n = s.x:count()
  return s
end

-- By the rule of Freedman and Diaconis, within reason.
local function bins_for(series, low, high)
  local most = 10
  for _, s in ipairs(series) do
    if s.n > 1 then
      local some = s.x[{ { 1, s.n, math.ceil(s.n / SOME) } }]
      local spread = some:quantile(0.75):item() - some:quantile(0.25):item()
      local width = 2 * spread / s.n ^ (1 / 3)
      if width > 0 then most = math.max(most, math.ceil((high - low) / width)) end
    end
  end
  return math.min(most, 80)
end

-- The least and the greatest number of all series, or what x_range says.
local function ends(series, options)
  local range = given.range(options.x_range, WHO .. ": x_range")
  if range then return range[1], range[2] end
  local low, high
  for _, s in ipairs(series) do
    if s.n > 0 then
      local least, most = s.x:extent()
      low, high = math.min(low or least, least), math.max(high or most, most)
    end
  end
  low, high = low or 0, high or 1
  if low == high then return low - 0.5, high + 0.5 end
  return low, high
end

local function count_all(series, bins, low, high, density)
  for _, s in ipairs(series) do
    if s.n == 0 then s.counts = core.zeros { bins }:totable()
    else
      s.counts = s.x:histogram(bins, { min = low, max = high, density = density or false })
        :totable()
    end
  end
end

local function draw_bins(series, low, high, paper, x, y, box)
  local base = y.at(0) or box.y + box.height -- 0 has no logarithm
  for _, s in ipairs(series) do
    local step = (high - low) / #s.counts
    for b, count in ipairs(s.counts) do
      local left, right = x.at(low + (b - 1) * step), x.at(low + b * step)
      if count > 0 then
        paper:rect(left, y.at(count), math.max(right - left - 0.5, 0.5), base - y.at(count),
          { fill = s.colour, fill_opacity = #series > 1 and 0.5 or 1 })
      end
    end
  end
end

local function in_words(options, series, low, high)
  local parts = {}
  for i, s in ipairs(series) do
    parts[i] = ("%s%d numbers"):format(s.label and s.label .. " " or "", s.n)
  end
  return words.titled(options.title, ("a histogram%s of %s from %s to %s"):format(
    options.x_label and " of " .. options.x_label or "", table.concat(parts, ", "),
    words.number(low), words.number(high)))
end

local function series_of(options)
  local list, odd, asked = {}, 0, options.series or { { x = options.x } }
  for i, s in ipairs(asked) do
    list[i] = prepare(s, i, #asked)
    odd = odd + list[i].odd
  end
  return list, odd
end

--- A histogram, as a paper; see ms.figure.histogram.
return function(options)
  if type(options) ~= "table" or #options > 0 then options = { x = options } end
  given.check(options, WHO, OPTIONS)
  if options.log_x then error(WHO .. ": log_x: bins are even; take the logarithm of x", 0) end
  local series, odd = series_of(options)
  local low, high = ends(series, options)
  local bins = options.bins or bins_for(series, low, high)
  if not (math.tointeger(bins) and bins >= 1 and bins <= 2000) then
    error(("%s: bins must be a whole number from 1 to 2000, got %s"):format(WHO, tostring(bins)), 0)
  end
  count_all(series, bins, low, high, options.density)
  local most = 0
  for _, s in ipairs(series) do most = math.max(most, table.unpack(s.counts)) end
  local y = given.range(options.y_range, WHO .. ": y_range")
    or { options.log_y and 0.5 or 0, most > 0 and most or 1 }
  local shown = setmetatable({ y_label = options.y_label or options.density and "density"
    or "count" }, { __index = options })
  local function draw(...) draw_bins(series, low, high, ...) end
  local paper = axes.chart(shown, { low = low, high = high, exact = true },
    { low = y[1], high = y[2], exact = options.y_range ~= nil }, axes.entries(series, true), odd,
    draw)
  return paper:tell(options.title, in_words(options, series, low, high))
end
