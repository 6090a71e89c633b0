--- Scripts become notebooks: their cells run, and what comes of them is written beside them.
local document = require "notebook.document"
local jupyter = require "moonstem.core.jupyter"
local media = require "notebook.media"
local session = require "notebook.session"
local small_png = require "notebook.small_png"
local sys = require "moonstem.core.sys"

local M = {}

local ZOOM = 1 -- of pictures: notebooks that are kept and mailed should be small

-- Adds what was printed since the last time.
local function take_streams(capture, outputs)
  local out, err = capture:read()
  if out ~= "" then outputs[#outputs + 1] = document.stream("stdout", out) end
  if err ~= "" then outputs[#outputs + 1] = document.stream("stderr", err) end
end

-- What is shown, in fewer bytes.
local function lightened(bundle, folder)
  local png, html = bundle["image/png"], bundle["text/html"]
  bundle["image/png"] = png and small_png(png)
  bundle["text/html"] = html and media.outside(html, folder)
  return bundle
end

-- Runs a cell of code: its outputs, and the error, if one stopped it.
local function run_cell(self, text)
  self.outputs = {}
  self.session.count = self.session.count + 1
  local problem, value = self.session:run(text)
  take_streams(self.capture, self.outputs)
  if value then
    table.insert(self.outputs, document.result(lightened(value, self.folder),
      self.session.count))
  elseif problem then
    table.insert(self.outputs, document.error(problem.kind, problem.message, problem.traceback))
  end
  return self.outputs, problem
end

-- What runs the cells; its capture is to be closed. folder: where the notebook will lie.
local function runner(folder)
  local capture, why = jupyter.capture()
  if not capture then return nil, why end
  local self = { capture = capture, folder = folder }
  self.session = session.new(function(bundle)
    take_streams(capture, self.outputs)
    table.insert(self.outputs, document.display(lightened(bundle, folder)))
  end, ZOOM)
  return self
end

local function first_lines(problem, i)
  return ("cell %d: %s"):format(i, problem.message)
end

-- The cells with their outputs; and what went wrong, the first time.
local function run_all(self, cells, goes_on)
  local done, first = {}, nil
  for i, cell in ipairs(cells) do
    if cell.kind == "markdown" then
      done[i] = document.markdown(cell.text)
    elseif first and not goes_on then
      done[i] = document.code(cell.text, nil, nil, cell.name)
    else
      local outputs, problem = run_cell(self, cell.text)
      if sys.signal() then
        goes_on = false
        problem = problem or { message = "interrupted" }
      end
      first = first or problem and first_lines(problem, i)
      done[i] = document.code(cell.text, self.session.count, outputs, cell.name)
    end
  end
  return done, first
end

local function unrun(cells)
  local list = {}
  for i, cell in ipairs(cells) do
    list[i] = cell.kind == "markdown" and document.markdown(cell.text)
      or document.code(cell.text, nil, nil, cell.name)
  end
  return list
end

local function run_captured(cells, goes_on, folder)
  local self, why = runner(folder)
  if not self then return nil, why end
  local done, problem = run_all(self, cells, goes_on)
  self.capture:close()
  return done, problem
end

--- export.write(cells, target, { source =, run =, allow_errors = }) -> true, or nil and a message
-- Writes the notebook of cells as source.cells tells them; source: what they come from. An error in
-- a cell stands in the notebook, which is written all the same; the cells behind it run only with
-- allow_errors.
function M.write(cells, target, options)
  local done, problem = unrun(cells), nil
  if options.run then
    done, problem = run_captured(cells, options.allow_errors,
      target:match "^(.*)/" or ".")
    if not done then return nil, problem end
  end
  local ok, why = document.save(target, done, { source = options.source:match "[^/]*/*$" })
  if not ok then return nil, why end
  if problem and not options.allow_errors then
    return nil, ("%s: %s; the notebook, %s, ends with it"):format(options.source, problem, target)
  end
  return true
end

return M
