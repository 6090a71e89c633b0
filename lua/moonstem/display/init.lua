--- How values look where they are shown: in a terminal, in a notebook, on a page. Objects say it
-- by a function __display in their metatable; all others are text.
local text = require "moonstem.display.text"

local M = {}

-- ---- bundles ---------------------------------------------------------------------------------
local function display_of(value)
  local kind = type(value)
  if kind ~= "table" and kind ~= "userdata" then return nil end
  return rawget(debug.getmetatable(value) or {}, "__display")
end

--- ms.display.bundle(value) -> a table of what there is to see of a value, by media type
-- ["text/plain"] = text, always; ["image/png"] = bytes and ["text/html"] = a piece of HTML, where
-- the value has them; alt = a picture in words. A value of your own has more than text when its
-- metatable holds a function __display(value) that returns such a table.
function M.bundle(value)
  local display = display_of(value)
  local bundle = {}
  for kind, content in pairs(display and display(value) or {}) do bundle[kind] = content end
  bundle["text/plain"] = bundle["text/plain"] or text.text(value)
  return bundle
end

-- ---- where shown things go -------------------------------------------------------------------
-- Prints what can be read; a picture needs a place that can show it.
local function on_standard_output(value)
  io.stdout:write(M.bundle(value)["text/plain"], "\n")
end

local sink = on_standard_output

--- ms.display.sink(f) -> the function before
-- From now on ms.show hands what it is given to f(value), which takes what it can show from
-- ms.display.bundle(value). A kernel for notebooks does so; nil brings back the terminal's.
function M.sink(f)
  local before = sink
  sink = f or on_standard_output
  return before
end

--- ms.show(value): shows a value where one looks at it: in the terminal or in a notebook.
function M.show(value) sink(value) end

return M
