--- The pictures of a report, as SVG text.
local audio = require "moonstem.audio"
local core = require "moonstem.core.tensor"
local figure = require "moonstem.figure"
local front = require("moonstem.audio.frontend").paper

local M = {}

local function columns(rows, names)
  local lists = {}
  for _, name in ipairs(names) do
    lists[name] = {}
    for i, row in ipairs(rows) do lists[name][i] = row[name] or false end
  end
  return lists
end

--- Training and validation loss over the steps of a run. rows: the lines of its metrics.jsonl.
function M.losses(title, rows)
  local c = columns(rows, { "step", "train_loss", "valid_loss" })
  return figure.svg.lines { title = title, x_label = "step", y_label = "loss", series = {
    { label = "training", x = c.step, y = c.train_loss },
      { label = "validation", x = c.step, y = c.valid_loss },
  } }
end

--- SI-SDR over the mixture on the validation split, over the steps of a run.
function M.improvement(title, rows)
  local c = columns(rows, { "step", "valid_improvement" })
  return figure.svg.lines { title = title, x_label = "step", y_label = "dB over the mixture",
    series = {
    { label = "validation", x = c.step, y = c.valid_improvement, marks = true },
  }, levels = { { y = 0, label = "mixture" } } }
end

--- Spectrograms under each other on one scale of decibels. panels: list of { title =, wave =
-- (samples) at 16 kHz }.
function M.spectrograms(panels)
  local _ <close> = core.scope()
  local list = {}
  for i, panel in ipairs(panels) do
    list[i] = { title = panel.title, x = audio.magnitude(
      panel.wave:reshape { 1, panel.wave:size(1) }) }
  end
  return figure.svg.spectrogram { panels = list, rate = front.rate, hop = front.hop }
end

return M
