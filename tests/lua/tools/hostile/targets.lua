--- What is called: every public function below ms, every operator, and the methods of every object
-- that the case table and the page for new users make; with the arguments that those give it.
local ms = require "moonstem"
local reach = require "moonstem.app.reach"
local case_files = require "case_files"
local page_rows = require "page_rows"
local places = require "places"

local M = {}

local MOST = 12 -- calls of a function that are kept

-- What takes its time as it is told, draws sound for minutes, or is heard.
local LEFT_OUT = { ["ms.sys.sleep"] = true, ["ms.sys.wait"] = true, ["ms.corpora.songs"] = true,
  ["ms.corpora.tags"] = true, ["ms.corpora.genres"] = true, ["ms.memory_limit"] = true,
  ["ms.sys.lock"] = true, ["ms.play"] = true, ["ms.display.play"] = true }

local list, by_name = {}, {}

-- A function under a name: called by a script that calls it so, as users do, for the sake of errors
-- that tell the name.
local function add(name, f, calls)
  if by_name[name] or LEFT_OUT[name] then return end
  local path = name:gsub(":", ".")
  local holder, last = {}, path:match "[%w_]+$"
  holder[last] = f
  by_name[name] = { name = name, f = f, calls = calls or {}, seen = {}, call = assert(load(
    ("local f, a = ... f.%s(table.unpack(a, 1, a.n))"):format(last), "=user")), holder = holder }
  list[#list + 1] = by_name[name]
end

-- ---- functions -------------------------------------------------------------------------------
local function tensor_methods()
  local index = debug.getmetatable(ms.zeros { 1 }).__index
  if type(index) == "function" then index = select(2, debug.getupvalue(index, 1)) end
  return index
end

-- The tables that hold functions: { table, name, name of the function }.
local function places_of_functions()
  local all = {}
  reach.all(function(path, value)
    local owner, name = path:match "^(.*)%.([^.]+)$"
    local holder = owner == "ms" and ms or reach.value(owner)
    if type(value) == "function" and rawget(holder, name) then
      all[#all + 1] = { holder, name, path }
    end
  end)
  for name, f in pairs(tensor_methods()) do
    if type(f) == "function" then all[#all + 1] = { tensor_methods(), name, "x:" .. name } end
  end
  return all
end

-- ---- the calls that are right ----------------------------------------------------------------
-- The kinds of some arguments, as a word.
local function kinds(arguments)
  local words = {}
  for k = 1, arguments.n do
    local value = arguments[k]
    words[k] = type(value)
    if type(value) == "table" and not getmetatable(value) then
      local keys = {}
      for key in next, value do keys[#keys + 1] = tostring(key) end
      table.sort(keys)
      words[k] = table.concat(keys, "+")
    end
  end
  return table.concat(words, ",")
end

local function remember(target, arguments)
  local word = kinds(arguments)
  if #target.calls >= MOST or target.seen[word] then return end
  target.seen[word] = true
  target.calls[#target.calls + 1] = arguments
end

local objects = {} -- class -> an object of it

local function remember_object(value)
  local meta = debug.getmetatable(value)
  local is_one = (type(value) == "userdata" or type(value) == "table") and type(meta) == "table"
  if is_one and not objects[meta] then objects[meta] = value end
end

local function recorded(target)
  return function(...)
    remember(target, table.pack(...))
    local results = table.pack(target.f(...))
    for k = 1, results.n do remember_object(results[k]) end
    return table.unpack(results, 1, results.n)
  end
end

local function run_cases()
  for _, file in ipairs(case_files()) do
    for _, rows in pairs(dofile(file)) do
      for _, row in ipairs(rows) do
        local inputs = {}
        for i, value in ipairs(row[2]) do inputs[i] = ms.tensor(value) end
        pcall(row[1], table.unpack(inputs))
      end
    end
  end
end

local function run_page()
  local blocks, rows = page_rows.read(places.ROOT .. "lua/README.md")
  for _, row in ipairs(rows) do
    local env = setmetatable({}, { __index = _G })
    assert(load(table.concat(blocks[1], "\n"), "=head", "t", env))()
    local chunk = row.code and page_rows.compile((row.code:gsub("%s+%-%-.*$", "")), env)
    if chunk then pcall(chunk) end
  end
end

-- Runs what is known to be right, while every function notes its arguments.
local function record(all)
  for _, place in ipairs(all) do
    local holder, name, path = table.unpack(place)
    local target = by_name[path]
    if target then holder[name] = recorded(target) end
  end
  run_cases()
  run_page()
  for _, place in ipairs(all) do
    local target = by_name[place[3]]
    if target then place[1][place[2]] = target.f end
  end
end

-- ---- methods of objects ----------------------------------------------------------------------
local function name_of(object, meta)
  local name = type(meta.__name) == "string" and meta.__name:gsub("^moonstem%.", "")
  local good, text = pcall(tostring, object)
  return name or good and text:match "^[%a_]+" or "object"
end

local function add_methods(object)
  local meta = debug.getmetatable(object)
  local methods, name = meta, name_of(object, meta)
  if type(object) == "userdata" then
    methods = meta.__index
    if type(methods) == "function" then methods = select(2, debug.getupvalue(methods, 1)) end
  end
  if name == "tensor" or name == "FILE*" or type(methods) ~= "table" then return end
  for key, f in next, methods do
    if type(key) == "string" and type(f) == "function" and not key:find "^__" then
      add(("%s:%s"):format(name, key), f, { { object, n = 1 } })
    end
  end
end

local function sorted_by_name()
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- The list of targets, by name: { name =, call =, holder =, calls = lists of right arguments };
-- target.call(target.holder, arguments) calls it. It makes files in the folder where it runs.
function M.all()
  local all = places_of_functions()
  for _, place in ipairs(all) do add(place[3], place[1][place[2]]) end
  for name, f in pairs(ms.ops) do
    if not by_name["x:" .. name] then add("ms.ops." .. name, f) end
  end
  record(all)
  for _, object in pairs(objects) do add_methods(object) end
  return sorted_by_name()
end

return M
