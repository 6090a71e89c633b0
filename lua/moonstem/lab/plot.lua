--- Learning curves of runs side by side.
local display = require "moonstem.display"
local figures = require "moonstem.figure.value"
local options_of = require "moonstem.options"
local results = require "moonstem.report.results"
local runs = require "moonstem.lab.runs"
local charts = require "moonstem.figure.charts.runs"

local M = {}

-- The runs that one argument means, behind those of a list: a run, a list of runs, or the name of a
-- run or of a folder with runs below it.
local function add(list, asked, i)
  if charts.is_run(asked) then
    list[#list + 1] = asked
  elseif type(asked) == "string" then
    local found = runs.list(results.find(asked))
    if #found == 0 then error(("plot: %s: there is no run"):format(results.find(asked)), 0) end
    table.move(found, 1, #found, #list + 1, list)
  elseif type(asked) == "table" and charts.is_run(asked[1]) then
    table.move(asked, 1, #asked, #list + 1, list)
  else
    error(("plot: argument %d must be a run, a list of runs or a name of one, got %s; ms.show \z
      draws other values"):format(i, options_of.shown(asked)), 0)
  end
end

-- Whether the last argument is a table of options.
local function is_options(value)
  return type(value) == "table" and not getmetatable(value) and value[1] == nil
    and not charts.is_run(value)
end

--- ms.plot(run, run, ..., {title=, log_y=, width=, height=}): shows the learning curves of runs
-- Validation losses as lines, training losses dashed; what runs learn decides with which others
-- they share an axis: separators, whose SI-SDR is drawn, too, and taggers do not. A run is what
-- ms.lab.runs gives, or a name as ms.lab.load takes it: of a run, or of a folder with runs below
-- it. They are shown as by ms.show; ms.figure.of(runs) is a figure to save.
function M.plot(...)
  local given = table.pack(...)
  local options = given.n > 0 and is_options(given[given.n]) and table.remove(given, given.n) or {}
  local list = {}
  for i, asked in ipairs(given) do add(list, asked, i) end
  display.show(figures.of(charts.paper(list, options, "plot")))
end

return M
