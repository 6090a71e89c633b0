--- Pictures of magnitudes over time and frequency. Options: see ms.figure.spectrogram.
local front = require("moonstem.audio.frontend").paper
local Paper = require "moonstem.figure.paper"
local colour_bar = require "moonstem.figure.colour_bar"
local colours = require "moonstem.figure.colours"
local frame = require "moonstem.figure.frame"
local given = require "moonstem.figure.options"
local heat = require "moonstem.figure.heat"
local io_core = require "moonstem.core.io"
local mel_scale = require "moonstem.figure.mel_scale"
local scales = require "moonstem.figure.scale"
local words = require "moonstem.figure.words"

local M = {}

local OPTIONS = { "x", "panels", "title", "rate", "hop", "range", "decibel", "y_label", "z_label",
  "y_top", "y_scale", "y_low", "htk", "colours", "width", "panel_height" }

local RIGHT = 88     -- pixels of the colour bar and its numbers
local COLUMNS = 2000 -- wider pictures are narrowed to their maxima

-- (frame, frequency) of a tensor that may have a batch of one in front.
local function flat(x, who)
  if type(x) ~= "userdata" then error(who .. " must be a tensor of magnitudes", 0) end
  local size = x:size()
  if #size == 3 and size[1] == 1 then return x:detach():reshape { size[2], size[3] } end
  if #size ~= 2 then error(who .. " must be (frame, frequency), or a batch of one of that", 0) end
  return x
end

-- The least and the largest finite number of all panels, and how many numbers are not finite.
local function extent(panels)
  local low, high, odd
  for _, panel in ipairs(panels) do
    local least, most, odd_here = panel.x:extent()
    odd = (odd or 0) + odd_here
    if least then low, high = math.min(low or least, least), math.max(high or most, most) end
  end
  return low or 0, high or 0, odd
end

-- What the first and the last colour stand for: values, or dB where o.decibel. A number as `range`
-- is dB below the loudest point; the colour bar then counts from there.
local function set_ends(o, range)
  local low, high, odd = extent(o.panels)
  o.odd = odd
  if type(range) == "table" then
    local ends = given.range(range, "figure.spectrogram: range")
    o.low, o.high = ends[1], ends[2]
  elseif o.decibel then
    range = range or 80
    if not (given.finite(range) and range > 0) then
      error("figure.spectrogram: range must be a number above 0 (dB), or {low, high}", 0)
    end
    o.high = 20 * math.log(high > 0 and high or 1, 10)
    o.low, o.zero = o.high - range, o.high
  else
    if range then
      error("figure.spectrogram: with decibel = false, range must be {low, high}", 0)
    end
    local room = low < high and 0 or math.max(0.5, math.abs(low) / 10)
    o.low, o.high = low - room, high + room
  end
end

-- Options with the panels in a list and the ends of the colours.
local function prepare(options)
  if type(options) == "userdata" then options = { x = options } end
  given.check(options, "figure.spectrogram", OPTIONS)
  local o = { panels = {}, decibel = options.decibel ~= false,
    rate = options.rate == nil and front.rate or options.rate,
    hop = options.hop == nil and front.hop or options.hop,
    colours = colours.check(options.colours, "figure.spectrogram") or "viridis" }
  for i, panel in ipairs(options.panels or { { x = options.x } }) do
    given.check(panel, ("figure.spectrogram: panels[%d]"):format(i), { "x", "title" })
    o.panels[i] = { x = flat(panel.x, "figure.spectrogram: x"), title = panel.title }
    if o.panels[i].x:count() == 0 then error("figure.spectrogram: x is empty", 0) end
  end
  if #o.panels == 0 then error("figure.spectrogram: there is nothing to show", 0) end
  set_ends(o, options.range)
  o.z_label = options.z_label or o.zero and "dB below the loudest" or o.decibel and "dB" or "value"
  return o
end

local function picture(x, o)
  return io_core.heat_png(x, { low = o.low, high = o.high, decibel = o.decibel, columns = COLUMNS,
    palette = heat.palette(o.colours) })
end

--- PNG bytes of one spectrogram without a frame: a pixel for each frame and frequency.
function M.png(options)
  local o = prepare(options)
  if #o.panels ~= 1 then
    error("figure.spectrogram: a .png holds one panel; several need .svg", 0)
  end
  return picture(o.panels[1].x, o)
end

-- The scale of frequencies along an axis of so many bins, and what it counts.
local function frequency_scale(box, bins, o, options)
  local first, last, count = box.y + box.height, box.y, box.height // 35
  local top = options.y_top or o.rate and o.rate / 2
  if options.y_scale == "mel" then
    return mel_scale(options.y_low or 0, top, bins, options.htk, first, last), "frequency (Hz)"
  end
  if not top then
    return scales.new(0.5, bins + 0.5, first, last,
      { exact = true, whole = true, count = count }), "bin"
  end
  return scales.new(options.y_low or 0, top, first, last, { exact = true, count = count }),
    "frequency (Hz)"
end

-- The scale of time, in seconds where rate and hop are known, and what it counts.
local function time_scale(box, frames, o)
  local first, last, count = box.x, box.x + box.width, box.width // 80
  if o.rate and o.hop then
    return scales.new(0, frames * o.hop / o.rate, first, last, { exact = true, count = count }),
      "time (s)"
  end
  return scales.new(0.5, frames + 0.5, first, last,
    { exact = true, whole = true, count = count }), "frame"
end

local function draw_panel(paper, box, panel, o, options, is_last)
  local y, y_label = frequency_scale(box, panel.x:size(2), o, options)
  local x, x_label = time_scale(box, panel.x:size(1), o)
  for _, tick in ipairs(y.ticks) do
    paper:line(box.x - 4, y.at(tick.value), box.x, y.at(tick.value), { stroke = Paper.FAINT })
    paper:text(box.x - 7, y.at(tick.value) + 4, tick.text,
      { size = 11, anchor = "end", fill = Paper.FAINT })
  end
  paper:text(box.x - 46, box.y + box.height / 2, options.y_label or y_label,
    { anchor = "middle", turn = -90 })
  paper:image(box.x, box.y, box.width, box.height, picture(panel.x, o))
  if panel.title then paper:text(box.x, box.y - 7, panel.title, { size = 12, weight = "bold" }) end
  frame.x_axis(paper, box, x, is_last and x_label or nil)
end

local function in_words(o, options)
  local x, names = o.panels[1].x, {}
  for i, panel in ipairs(o.panels) do names[i] = panel.title end
  local length = o.rate and o.hop
    and words.number(x:size(1) * o.hop / o.rate) .. " s" or words.count(x:size(1), "frame")
  local what = #o.panels == 1 and "a spectrogram" or words.count(#o.panels, "spectrogram")
  return words.titled(options.title, ("%s of %s and %s, colours from %s to %s %s%s"):format(what,
    length, words.count(x:size(2), options.y_scale == "mel" and "mel band" or "bin"),
    words.number(o.low - (o.zero or 0)), words.number(o.high - (o.zero or 0)), o.z_label,
    #names > 0 and ": " .. table.concat(names, ", ") or ""))
end

-- Raises where the frequency axis cannot be drawn as it is asked for.
local function check_axes(o, options)
  local scale = options.y_scale
  if scale ~= nil and scale ~= "mel" and scale ~= "linear" then
    error(('figure.spectrogram: y_scale must be "linear" or "mel", got %s'):format(
      given.shown(scale)), 0)
  end
  if scale == "mel" and not (options.y_top or o.rate) then
    error("figure.spectrogram: a mel axis needs rate or y_top, in Hz", 0)
  end
end

--- Axes and a colour bar, panels under each other, as a paper; see ms.figure.spectrogram.
function M.paper(options)
  local o = prepare(options)
  if type(options) == "userdata" then options = {} end
  check_axes(o, options)
  local width, height = options.width or 760, options.panel_height
    or (#o.panels == 1 and 260 or 170)
  local top, gap = options.title and 44 or 12, 34
  local titled = o.panels[1].title and 16 or 0
  local each = height + gap + titled
  local paper = Paper.new(width, math.ceil(top + #o.panels * each + 24))
  if options.title then paper:text(62, 24, options.title, { size = 15, weight = "bold" }) end
  for i, panel in ipairs(o.panels) do
    local box = { x = 62, y = top + (i - 1) * each + titled, width = width - 62 - RIGHT - 14,
      height = height }
    draw_panel(paper, box, panel, o, options, i == #o.panels)
  end
  colour_bar(paper, width - RIGHT, top + titled, height, o)
  frame.tell_red(paper, o.odd)
  return paper:tell(options.title, in_words(o, options))
end

return M
