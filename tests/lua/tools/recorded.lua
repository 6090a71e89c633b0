--- What a case of the case table calls, as a tree: recorded.case(file) -> the cases of a file, and
-- recorded.tree(f, count) -> the calls that f makes on so many inputs, or nil where it does more
-- than call functions of Moonstem on them.
--   { input = 2 }, { op = "linalg.solve", args = { tree, number, ... } }, { size =, data = }
local real = require "moonstem"

local M = { is_open = false, calls = 0 }

local Record = {} -- the metatable of what a call gives here

-- A loop over what has no end here stops at the hundredth call.
local function record(op, ...)
  M.calls = M.calls + 1
  if M.calls > 100 then error("too many calls", 0) end
  return setmetatable({ op = op, args = table.pack(...) }, Record)
end

local OPERATORS = { __add = "add", __sub = "sub", __mul = "mul", __div = "div", __pow = "pow",
  __mod = "remainder", __idiv = "floor_divide" }
for event, op in pairs(OPERATORS) do
  Record[event] = function(a, b) return record(op, a, b) end
end
Record.__unm = function(a) return record("neg", a) end

function Record.__index(self, key)
  if type(key) ~= "string" then return record("index", self, key) end
  return function(...) return record(key, ...) end
end

local function is_record(value) return getmetatable(value) == Record end

local function has_record(value)
  if is_record(value) then return true end
  if type(value) ~= "table" then return false end
  for _, inner in next, value do if has_record(inner) then return true end end
  return false
end

-- A table of functions that records calls on what is recorded, all of them while M.is_open, and
-- makes all others.
local function recording(space, prefix)
  return setmetatable({}, { __index = function(_, name)
    local value = space[name]
    if type(value) == "table" then
      return recording(value, name == "ops" and prefix or prefix .. name .. ".")
    end
    if type(value) ~= "function" then return value end
    return function(...)
      if M.is_open or has_record { ... } then return record(prefix .. name, ...) end
      return value(...)
    end
  end })
end

--- The cases of a file, whose calls are recorded.
function M.cases(file)
  local facade = recording(real, "")
  package.loaded.moonstem, package.loaded.loss_rows = facade, nil
  local ok, cases = pcall(dofile, file)
  package.loaded.moonstem, package.loaded.loss_rows = real, nil
  return ok and cases or {}
end

local plain -- a value as JSON can hold it; raises for functions and the like

local function list_of(values, n)
  local list = real.io.list {}
  for i = 1, n do
    if values[i] == nil then list[i] = real.io.null else list[i] = plain(values[i]) end
  end
  return list
end

function plain(value)
  if is_record(value) then
    local op, args = rawget(value, "op"), rawget(value, "args")
    if not op then return { input = rawget(value, "input") } end
    return { op = op, args = list_of(args, args.n) }
  end
  if type(value) == "userdata" then
    local numbers = value:reshape { -1 }:totable()
    return { size = real.io.list(value:size()), data = real.io.list(numbers) }
  end
  if type(value) ~= "table" then return assert(type(value) ~= "function" and value) end
  if #value > 0 or next(value) == nil then return list_of(value, #value) end
  local named = {}
  for key, inner in pairs(value) do named[key] = plain(inner) end
  return named
end

--- The tree of a row's function; nil where it cannot be told.
function M.tree(f, count)
  local inputs = {}
  for i = 1, count do inputs[i] = setmetatable({ input = i }, Record) end
  M.is_open, M.calls = count == 0, 0
  local results = table.pack(pcall(f, table.unpack(inputs)))
  M.is_open = false
  if not results[1] or results.n ~= 2 or not is_record(results[2]) then return nil end
  local ok, tree = pcall(plain, results[2])
  return ok and tree.op and tree or nil
end

return M
