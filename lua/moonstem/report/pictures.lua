--- The pictures of a report, as SVG text.
local audio = require "moonstem.audio"
local core = require "moonstem.core.tensor"
local figure = require "moonstem.figure"
local front = require("moonstem.audio.frontend").paper

local M = {}

local WIDTH, HEIGHT = 640, 340 -- pixels of charts: their letters can be read on a telephone

local function columns(rows, names)
  local lists = {}
  for _, name in ipairs(names) do
    lists[name] = {}
    for i, row in ipairs(rows) do lists[name][i] = row[name] or false end
  end
  return lists
end

--- The range of all training and validation losses of some runs, with a little room; nil without
-- any.
function M.loss_range(runs)
  local low, high
  for _, run in ipairs(runs) do
    for _, row in ipairs(run.rows) do
      for _, value in ipairs { row.train_loss or row.valid_loss, row.valid_loss } do
        if value == value and value < math.huge then
          low, high = math.min(low or value, value), math.max(high or value, value)
        end
      end
    end
  end
  if not low or low == high then return nil end
  local room = 0.05 * (high - low)
  return { low >= 0 and math.max(0, low - room) or low - room, high + room }
end

--- Training and validation loss over the steps of a run. rows: the lines of its metrics.jsonl;
-- range: of the y axis.
function M.losses(title, rows, y_label, range)
  local c = columns(rows, { "step", "train_loss", "valid_loss" })
  return figure.svg.lines { title = title, x_label = "step", y_label = y_label, y_range = range,
    width = WIDTH, height = HEIGHT, series = {
      { label = "training", x = c.step, y = c.train_loss, marks = #rows < 12 },
      { label = "validation", x = c.step, y = c.valid_loss, marks = #rows < 12 },
    } }
end

-- As wide as the names of the curves need.
local function width_for(curves)
  local most = 0
  for _, curve in ipairs(curves) do most = math.max(most, utf8.len(curve.label) or 0) end
  return math.max(WIDTH, math.min(1000, 430 + 8 * most))
end

--- Curves of several runs, { label =, x =, y =, low =, high = }, in one chart. options: y_label,
-- levels, marks.
function M.together(curves, options)
  local list, title = {}, #curves == 1 and curves[1].label or nil
  for i, c in ipairs(curves) do
    list[i] = { label = not title and c.label or nil, x = c.x, y = c.y, low = c.low,
      high = c.high, marks = options.marks or #c.x < 12 }
  end
  return figure.svg.lines { x_label = "step", y_label = options.y_label, title = title,
    series = list, levels = options.levels, width = title and WIDTH or width_for(curves),
    height = HEIGHT }
end

local COLUMNS = 600 -- of a spectrogram: more than the page has room for

-- Magnitudes (1, frame, bin) with as few frames as are worth their room, each the mean of `every`.
local function fewer(x, every)
  local frames = x:size(2) // every * every
  if every == 1 then return x end
  return x:slice(2, 1, frames):reshape { frames // every, every, x:size(3) }:mean(2)
end

--- Spectrograms under each other on one scale of decibels. panels: list of { title =, wave =
-- (samples) at 16 kHz }.
function M.spectrograms(panels)
  local _ <close> = core.scope()
  local list, every = {}, nil
  for i, panel in ipairs(panels) do
    local x = audio.magnitude(panel.wave:reshape { 1, panel.wave:size(1) })
    every = every or math.max(1, math.ceil(x:size(2) / COLUMNS))
    list[i] = { title = panel.title, x = fewer(x, every) }
  end
  return figure.svg.spectrogram { panels = list, rate = front.rate, hop = every * front.hop }
end

return M
