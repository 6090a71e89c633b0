--- Pictures of waves over time, a panel for each channel. Options: see ms.figure.wave.
local Paper = require "moonstem.figure.paper"
local channels_of = require "moonstem.figure.channels"
local frame = require "moonstem.figure.frame"
local given = require "moonstem.figure.options"
local scales = require "moonstem.figure.scale"
local words = require "moonstem.figure.words"

local WHO = "figure.wave"
local OPTIONS = { "x", "rate", "start", "title", "labels", "y_range", "width", "panel_height" }

local FULL_SCALE = { { y = 1, label = "full scale" }, { y = -1 } }
local LEFT, RIGHT, GAP = 58, 18, 22 -- pixels beside and between panels

-- The loudest finite sample of all channels, and how many samples are not finite.
local function extent(channels)
  local peak, odd = 0, 0
  for _, channel in ipairs(channels) do
    local low, high, odd_here = channel:extent()
    odd = odd + odd_here
    if low then peak = math.max(peak, math.abs(low), math.abs(high)) end
  end
  return peak, odd
end

local function check_labels(labels, n)
  if labels and (type(labels) ~= "table" or #labels ~= n) then
    error(("%s: labels must be a list of %d names, one for each channel"):format(WHO, n), 0)
  end
  return labels or n == 2 and { "left", "right" } or {}
end

local function prepare(options)
  if type(options) ~= "table" or #options > 0 then options = { x = options } end
  given.check(options, WHO, OPTIONS)
  local channels = channels_of(options.x, WHO .. ": x")
  local o = { channels = channels, rate = options.rate or nil,
    start = options.start or 0, samples = channels[1]:count(),
    labels = check_labels(options.labels, #channels), title = options.title,
    width = options.width or 760,
    height = options.panel_height or (#channels == 1 and 180 or 110) }
  if o.samples == 0 then error(WHO .. ": x is empty", 0) end
  o.peak, o.odd = extent(channels)
  local range = given.range(options.y_range, WHO .. ": y_range")
  o.low, o.high = range and range[1] or -o.peak, range and range[2] or o.peak
  return o
end

-- For each of about `columns` stretches the least and the greatest sample, in lists.
local function envelope(channel, columns)
  local n = channel:count()
  local each = math.ceil(n / columns)
  local full = n // each
  local body = channel[{ { 1, full * each } }]:reshape { full, each }
  local low, high = body:amin(2):totable(), body:amax(2):totable()
  if full * each < n then
    local rest = channel[{ { full * each + 1, n } }]
    low[full + 1], high[full + 1] = rest:amin():item(), rest:amax():item()
  end
  return low, high, each
end

-- Long waves are areas between their extremes, with an edge of a pixel; short ones lines.
local function draw_wave(paper, channel, x, y, columns)
  local style = { stroke = Paper.COLOURS[1], stroke_width = 1, fill = "none" }
  local points = {}
  if channel:count() <= 2 * columns then
    for i, value in ipairs(channel:totable()) do
      if given.finite(value) then points[#points + 1] = { x.at(i - 1), y.at(value) } end
    end
    return paper:path(points, style)
  end
  local low, high, each = envelope(channel, columns)
  local function add(i, value)
    if given.finite(value) then points[#points + 1] = { x.at((i - 0.5) * each), y.at(value) } end
  end
  for i = 1, #high do add(i, high[i]) end
  for i = #low, 1, -1 do add(i, low[i]) end
  style.fill = Paper.COLOURS[1]
  paper:path(points, style, true)
end

-- The scale of time: of positions in samples, with ticks in seconds where there is a rate.
local function time_scale(o, first, last)
  local rate = o.rate or 1
  local scale = scales.new(o.start, o.start + o.samples / rate, first, last,
    { exact = true, count = (last - first) // 90, whole = not o.rate })
  return { at = scale.at, ticks = scale.ticks,
    of_sample = { at = function(i) return scale.at(o.start + i / rate) end } }
end

local function draw_panel(paper, box, o, channel, label, is_last)
  local y = scales.new(o.low, o.high, box.y + box.height, box.y, { count = 4 })
  local time = time_scale(o, box.x, box.x + box.width)
  frame.y_axis(paper, box, y)
  paper:clip(box.x, box.y - 1, box.width, box.height + 2, function()
    draw_wave(paper, channel, time.of_sample, y, math.floor(box.width))
  end)
  frame.levels(paper, box, y, o.peak > 1 and FULL_SCALE or nil)
  frame.edges(paper, box)
  if label then
    paper:text(box.x + 6, box.y + 13, label, { size = 11, fill = Paper.FAINT, halo = true })
  end
  if is_last then frame.x_axis(paper, box, time, o.rate and "time (s)" or "sample") end
end

local function in_words(o)
  local length = o.rate and ("%s s at %s Hz"):format(words.number(o.samples / o.rate),
    words.number(o.rate)) or words.count(o.samples, "sample")
  local over = o.peak > 1 and ", above full scale" or ""
  return words.titled(o.title, ("a wave of %s, %s, peak %s%s"):format(
    words.count(#o.channels, "channel"), length, words.number(o.peak), over))
end

--- A picture of a wave, as a paper; see ms.figure.wave.
return function(options)
  local o = prepare(options)
  local top = o.title and 40 or 14
  local each = o.height + GAP
  local paper = Paper.new(o.width, top + #o.channels * each + 36)
  local box = { x = LEFT, y = top, width = o.width - LEFT - RIGHT, height = o.height }
  frame.title(paper, box, o.title)
  for i, channel in ipairs(o.channels) do
    box.y = top + (i - 1) * each
    draw_panel(paper, box, o, channel, o.labels[i], i == #o.channels)
  end
  paper:text(14, top + (#o.channels * each - GAP) / 2, "amplitude",
    { anchor = "middle", turn = -90 })
  frame.tell_odd(paper, o.odd)
  return paper:tell(o.title, in_words(o))
end
