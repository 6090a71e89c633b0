--- Runs as cells: what was asked, how it was learnt, what came out.
local io_ = require "moonstem.core.io"
local sys = require "moonstem.core.sys"

local M = {}

local function text(...) return { kind = "markdown", text = table.concat({ ... }, "\n") } end
local function code(...) return { kind = "code", text = table.concat({ ... }, "\n") } end

-- A cell that plays what a separator did to a test song, where the run has kept it.
local function add_example(cells, dir)
  local about = io_.load_json(dir .. "/example/about.json")
  if not about then return end
  local names = { '"mixture"' }
  for _, source in ipairs(about.sources) do
    names[#names + 1] = ("%q, %q"):format(source .. "-separated", source)
  end
  cells[#cells + 1] = text("Ten seconds of a test song: the mixture, what the network takes for "
    .. "each source, and the source.")
  cells[#cells + 1] = code(("for _, name in ipairs { %s } do"):format(table.concat(names, ", ")),
    '  ms.play(("%s/example/%s.flac"):format(run.dir, name))', "end")
end

-- Cells for one run of several, or of one.
local function add_run(cells, i, run, name)
  cells[#cells + 1] = text("## " .. name, "", "What came out, and what was asked for.")
  cells[#cells + 1] = code(("run = runs[%d]"):format(i),
    'run.result and run.result.scores or "it is not finished"')
  add_example(cells, run.dir)
  cells[#cells + 1] = code "run.settings"
end

--- run_cells.of(folder) -> cells as source.cells tells them; nil and a message where there is no
-- run at or below it.
function M.of(folder)
  local runs = require "moonstem.lab.runs"
  local list = runs.list(folder)
  if #list == 0 then return nil, folder .. ": there is no run at or below it" end
  local learnt = false
  for _, run in ipairs(list) do learnt = learnt or #run.rows > 0 end
  local path = sys.absolute(folder) or folder
  local cells = { text("# " .. path:match "[^/]*$", "",
    "Settings, learning curves and scores of a training. The cells read the folder again when they "
    .. "run; nothing is trained."), code(("runs = ms.lab.runs(%q)"):format(folder), "runs") }
  if learnt then
    cells[#cells + 1] = text "## Learning curves"
    cells[#cells + 1] = code "ms.show(ms.figure.of(runs))"
  end
  for i, run in ipairs(list) do add_run(cells, i, run, runs.name(run, folder)) end
  return cells
end

return M
