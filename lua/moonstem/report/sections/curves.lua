--- How runs learnt: validation losses of one kind on one axis, then each run by itself, all of one
-- kind with the same y axis.
local losses = require "moonstem.report.losses"
local pictures = require "moonstem.report.pictures"
local series = require "moonstem.report.sections.series"
local settings = require "moonstem.report.settings"

local M = {}

local APART = 24 -- runs that have a chart of their own
local ROWS = 100 -- in a table of numbers

local MIXES = " Training mixes are sums of several songs, louder and harder than the songs of the "
  .. "validation split, so that their loss is higher."
local DROPOUT = " The loss on training data is the mean since the last validation, with dropout "
  .. "switched on where the network has it."

-- ---- numbers behind the charts ---------------------------------------------------------------
-- At most ROWS of a list, evenly, its last among them.
local function thinned(rows)
  if #rows <= ROWS then return rows end
  local list = {}
  for i = 1, ROWS do list[i] = rows[1 + (i - 1) * (#rows - 1) // (ROWS - 1)] end
  return list
end

local function text_of(value)
  return type(value) == "number" and settings.number(tonumber(("%.5g"):format(value))) or "-"
end

local function numbers_of(rows, header, names)
  local list = {}
  for i, row in ipairs(thinned(rows)) do
    list[i] = {}
    for c, name in ipairs(names) do list[i][c] = text_of(row[name]) end
  end
  return { header = header, rows = list, caption = #rows > ROWS
    and ("%d of %d validations."):format(ROWS, #rows) or nil }
end

local function together_numbers(curves)
  local header, names = { "step" }, { "step" }
  for c, curve in ipairs(curves) do header[c + 1], names[c + 1] = curve.label, c end
  return numbers_of(series.rows(curves), header, names)
end

-- ---- all runs of a kind ----------------------------------------------------------------------
local function with_rows(runs, field)
  local list = {}
  for _, run in ipairs(runs) do
    for _, row in ipairs(run.rows) do
      if row[field] then
        list[#list + 1] = run
        break
      end
    end
  end
  return list
end

local function together(doc, kind, runs, field, o)
  local there = with_rows(runs, field)
  if #there == 0 or (#there == 1 and field == "valid_loss") then return end
  local curves, words = series.of(there, field)
  doc:picture { name = ("%s-%s"):format(o.name, kind), svg = pictures.together(curves, o),
    caption = o.caption .. words, numbers = together_numbers(curves) }
end

-- ---- each run --------------------------------------------------------------------------------
local function file_of(run) return "loss-" .. run.label:gsub("[^%w]", "-") end

local function add_run(doc, run, kind, range)
  doc:picture { name = file_of(run), svg = pictures.losses(run.label, run.rows, losses.name(kind),
    range), caption = run.label .. ": loss on the training data and on the validation split."
      .. (kind == "separation" and MIXES or DROPOUT),
    numbers = numbers_of(run.rows, { "step", "training", "validation" },
      { "step", "train_loss", "valid_loss" }) }
end

local function add_each(doc, kind, runs)
  local there = with_rows(runs, "valid_loss")
  local range = pictures.loss_range(there)
  for i = 1, math.min(#there, APART) do add_run(doc, there[i], kind, range) end
  if #there > APART then
    doc:paragraph { text = ("%d more runs have no chart of their own here; moonstem report RUN "
      .. "makes a page of one."):format(#there - APART) }
  end
end

local function add_kind(doc, new, kind, runs, titled)
  local several = #with_rows(runs, "valid_loss") > 1
  if titled then doc:heading { text = losses.title(kind), level = 3 } end
  together(doc, kind, runs, "valid_loss", { name = "losses", y_label = losses.name(kind),
    caption = "Validation loss of all runs of this kind: lower is better." })
  together(doc, kind, runs, "valid_improvement", { name = "improvement", marks = true,
    y_label = "dB over the mixture", levels = { { y = 0, label = "mixture" } },
    caption = "SI-SDR over the mixture, median of validation segments: higher is better." })
  local own = several and new() or doc
  add_each(own, kind, runs)
  if several and #own.blocks > 0 then
    doc:fold { title = "Training and validation loss, run by run", inside = own }
  end
end

--- Adds the learning curves of runs. new: makes an empty document.
function M.add(doc, runs, new)
  if #with_rows(runs, "valid_loss") == 0 then return end
  doc:heading { text = "Learning curves" }
  local kinds, of = losses.grouped(runs)
  for _, kind in ipairs(kinds) do add_kind(doc, new, kind, of[kind], #kinds > 1) end
end

return M
