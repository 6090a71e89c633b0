--- Charts of points in the plane. Options: see ms.figure.scatter.
local axes = require "moonstem.figure.axes"
local given = require "moonstem.figure.options"
local words = require "moonstem.figure.words"

local WHO = "figure.scatter"
local OPTIONS = { "series", "x", "y", "labels", "size", "opacity", table.unpack(axes.OPTIONS) }
local SERIES = { "label", "x", "y", "colour" }

-- x and y with a label for each point as series, one for each label, in the order of first use.
local function by_labels(options)
  local x, y = given.numbers(options.x, WHO .. ": x"), given.numbers(options.y, WHO .. ": y")
  local labels = options.labels
  if given.is_tensor(labels) then labels = labels:totable() end
  if labels and type(labels) ~= "table" then
    error(("%s: labels must be a list, one for each point, got %s"):format(WHO,
      given.shown(labels)), 0)
  end
  if labels and #labels ~= #x then
    error(("%s: there are %d labels for %d points"):format(WHO, #labels, #x), 0)
  end
  local list, place = {}, {}
  for k = 1, math.max(#x, #y) do
    local label = labels and labels[k] or false
    if label ~= label then error(("%s: label %d is nan"):format(WHO, k), 0) end
    if not place[label] then
      list[#list + 1] = { label = label and (math.tointeger(label) or label), x = {}, y = {} }
      place[label] = list[#list]
    end
    local s = place[label]
    s.x[#s.x + 1], s.y[#s.y + 1] = x[k], y[k]
  end
  if labels and #list > 1 then
    table.sort(list, function(a, b)
      if type(a.label) == type(b.label) then return a.label < b.label end
      return tostring(a.label) < tostring(b.label)
    end)
  end
  return list
end

local function prepare(series, i, n)
  local who = ("%s: series[%d]"):format(WHO, i)
  given.check(series, who, SERIES)
  local s = { label = series.label or nil, colour = series.colour or axes.colour(i, n) }
  local odd_x, odd_y
  s.x, odd_x = given.numbers(series.x, who .. ".x")
  s.y, odd_y = given.numbers(series.y, who .. ".y")
  if #s.x ~= #s.y then
    error(("%s: x has %d numbers, y %d"):format(who, #s.x, #s.y), 0)
  end
  s.odd = odd_x + odd_y
  return s
end

local function columns(series, name)
  local lists = {}
  for i, s in ipairs(series) do lists[i] = s[name] end
  return lists
end

local function draw_points(series, options, paper, x, y)
  local radius, opacity = options.size or 3, options.opacity or 0.75
  for _, s in ipairs(series) do
    for k = 1, #s.x do
      local px, py = s.x[k] and x.at(s.x[k]), s.y[k] and y.at(s.y[k])
      if px and py then
        paper:circle(px, py, radius, { fill = s.colour, fill_opacity = opacity })
      end
    end
  end
end

local function in_words(options, series)
  local points = 0
  for _, s in ipairs(series) do points = points + #s.x end
  return words.titled(options.title, ("%s%s, %s"):format(words.count(points, "point"),
    words.axes(options), words.series(series, "y")))
end

--- A chart of points, as a paper; see ms.figure.scatter.
return function(options)
  given.check(options, WHO, OPTIONS)
  local series, odd, list = {}, 0, options.series or by_labels(options)
  for i, s in ipairs(list) do
    series[i] = prepare(s, i, #list)
    odd = odd + series[i].odd
  end
  local x = axes.ends(options.x_range, columns(series, "x"), options.log_x, WHO .. ": x_range")
  local y = axes.ends(options.y_range, columns(series, "y"), options.log_y, WHO .. ": y_range")
  local function draw(...) draw_points(series, options, ...) end
  local paper = axes.chart(options, axes.widened(x, options.log_x), axes.widened(y, options.log_y),
    axes.entries(series, true), odd, draw)
  return paper:tell(options.title, in_words(options, series))
end
