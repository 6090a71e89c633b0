--- One state in which the cells of a notebook run, one after another.
local display = require "moonstem.display"
local failure = require "moonstem.app.failure"
local jupyter = require "moonstem.core.jupyter"
local statement = require "moonstem.app.statement"
local sys = require "moonstem.core.sys"
require "moonstem.app.values" -- functions and libraries are told with their names

local M = {}

local Session = {}
Session.__index = Session

--- A new one. show(bundle): takes what ms.show is given, as ms.display.bundle tells it; zoom: of
-- pictures; typed: is told of what was run, as the prompt's session is, if there is one.
function M.new(show, zoom, typed)
  _G.ms = _G.ms or require "moonstem"
  display.sink(function(value) show(display.bundle(value, zoom)) end)
  return setmetatable({ count = 0, zoom = zoom, typed = typed }, Session)
end

-- An error as notebooks tell it.
local function error_of(kind, text)
  local lines = {}
  for line in (tostring(text) .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = line end
  return { kind = kind, message = lines[1] or "", traceback = lines }
end

-- A cell whose last call returns a single nil, as most functions that only do something would.
local function is_nothing(results, text)
  return results.n == 0 or results.n == 1 and results[1] == nil and load(text, "=text", "t")
end

-- Several values are text, a line each.
local function bundle_of(results, zoom)
  if results.n == 1 then return display.bundle(results[1], zoom) end
  local texts = {}
  for i = 1, results.n do texts[i] = display.bundle(results[i])["text/plain"] end
  return { ["text/plain"] = table.concat(texts, "\n") }
end

-- Keeps what was run, for save_session.
local function note(typed, text, values, silent)
  typed:cell()
  local pieces = statement.pieces(text)
  for i, piece in ipairs(pieces) do
    if not statement.is_empty(piece) then typed:add(piece, i == #pieces and values or 0, silent) end
  end
end

--- session:run(text) -> nil or an error { kind =, message =, traceback = lines }; and what the
-- value of its last statement looks like, as ms.display.bundle tells it, or nil.
function Session:run(text)
  if statement.is_empty(text) then return nil end
  local chunk, silent = statement.compile(text, ("=In[%d]"):format(self.count))
  if not chunk then
    return error_of("SyntaxError", silent == "more" and "the statement is not finished" or silent)
  end
  if sys.signal() then return error_of("Interrupted", "interrupted") end -- before it began
  local value
  local ok, thrown = jupyter.attempt(function()
    local results = table.pack(chunk())
    if self.typed then note(self.typed, text, results.n, silent) end
    if is_nothing(results, text) then return end
    _G._ = results[1]
    if not silent then value = bundle_of(results, self.zoom) end
  end, failure.handler)
  if ok then return nil, value end
  if sys.signal() then return error_of("Interrupted", "interrupted") end
  return error_of("Error", thrown)
end

return M
