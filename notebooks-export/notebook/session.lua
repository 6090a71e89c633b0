--- One state in which the cells of a notebook run, one after another.
local display = require "moonstem.display"
local failure = require "moonstem.app.failure"
local statement = require "moonstem.app.statement"
local sys = require "moonstem.core.sys"
require "moonstem.app.values" -- functions and libraries are told with their names

local M = {}

local Session = {}
Session.__index = Session

--- A new one. show(bundle): takes what ms.show is given, as ms.display.bundle tells it; zoom: of
-- pictures.
function M.new(show, zoom)
  _G.ms = _G.ms or require "moonstem"
  display.sink(function(value) show(display.bundle(value, zoom)) end)
  return setmetatable({ count = 0, zoom = zoom }, Session)
end

-- An error as notebooks tell it.
local function error_of(kind, text)
  local lines = {}
  for line in (tostring(text) .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = line end
  return { kind = kind, message = lines[1] or "", traceback = lines }
end

-- A cell whose last call returns a single nil, as most functions that only do something would.
local function is_nothing(results, text)
  return results.n == 1 or results.n == 2 and results[2] == nil and load(text, "=text", "t")
end

-- Several values are text, a line each.
local function bundle_of(results, zoom)
  if results.n == 2 then return display.bundle(results[2], zoom) end
  local texts = {}
  for i = 2, results.n do texts[#texts + 1] = display.bundle(results[i])["text/plain"] end
  return { ["text/plain"] = table.concat(texts, "\n") }
end

-- Runs a function; what xpcall returned, and whether a signal stopped it. A signal that comes when
-- all is done is ignored.
local function run(chunk)
  local results
  pcall(function()
    sys.clear_interrupt()
    results = table.pack(xpcall(chunk, failure.handler))
    sys.interrupted() -- from here on signals stop nothing
  end)
  local _, signal = sys.interrupted()
  return results or { n = 2, false, "interrupted" }, signal
end

--- session:run(text) -> nil or an error { kind =, message =, traceback = lines }; and what the
-- value of its last statement looks like, as ms.display.bundle tells it, or nil.
function Session:run(text)
  if statement.is_empty(text) then return nil end
  local chunk, silent = statement.compile(text, ("=In[%d]"):format(self.count))
  if not chunk then
    return error_of("SyntaxError", silent == "more" and "the statement is not finished" or silent)
  end
  local results, signal = run(chunk)
  if not results[1] then
    return error_of(signal and "Interrupted" or "Error", signal and "interrupted" or results[2])
  end
  if is_nothing(results, text) then return nil end
  _G._ = results[2]
  if silent then return nil end
  local ok, bundle = xpcall(bundle_of, failure.handler, results, self.zoom)
  if not ok then return error_of("Error", bundle) end
  return nil, bundle
end

return M
