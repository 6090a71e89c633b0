--- Runs the Lua tests here and those of the stand-ins: moonstem tests/lua/run.lua [pattern ...]
-- Folders are named as those of the library; tools/ has what several tests use.
-- Every test_*.lua returns a table of test functions (setup and teardown run around each); the
-- patterns, plain pieces of text, pick among "file.function"; of patterns such as "app/", folders
-- here, and "standins/", the first alone is heard. Status 0 when all passed, else 1.
local sys = require "moonstem.core.sys"

local folder = arg[0]:match "^(.*)/[^/]*$" or "."
local STANDINS = folder .. "/../../lua/standins/tests"
package.path = folder .. "/tools/?.lua;" .. package.path -- what several tests use

local part = arg[1] and arg[1]:match "^([%w_]+)/$"
local patterns = #arg > 0 and not part and { table.unpack(arg) } or { "" }
local passed, failed = 0, 0

local function tell(kind, name, text)
  print(("%-4s %s%s"):format(kind, name, text and "\n     " .. text:gsub("\n", "\n     ") or ""))
end

-- The lines of the test file through which an error came.
local function places()
  local list, level = {}, 3
  for info in function() level = level + 1 return debug.getinfo(level, "Sl") end do
    if info.source:match "/test_[%w_]+%.lua$" then
      list[#list + 1] = info.source:match "[^/]*$" .. ":" .. info.currentline
    end
  end
  return list
end

-- LuaUnit marks its own failures, and tests that skip themselves, by words in front.
local function handler(thrown)
  local own = type(thrown) == "string" and thrown:match "LuaUnit test (%u+):"
  local text = tostring(thrown)
  local list = places()
  if #list > 0 then text = text .. "\nat " .. table.concat(list, ", ") end
  return { status = own or "ERROR", msg = text }
end

local function attempt(name, f)
  local start = sys.clock()
  local ok, thrown = xpcall(f, handler)
  if ok or thrown.status == "SUCCESS" then
    passed = passed + 1
    local seconds = sys.clock() - start
    if seconds > 2 then tell("slow", name, ("%.1f s"):format(seconds)) end
  elseif thrown.status == "SKIP" then
    tell("skip", name, (thrown.msg:gsub("\nat .*$", "")))
  else
    failed = failed + 1
    tell("FAIL", name, thrown.msg)
  end
  if sys.signal() then error("interrupted", 0) end
end

local function functions_of(path)
  local chunk, why = loadfile(path, "t")
  if not chunk then error(why, 0) end
  local tests, names = chunk(), {}
  for name, f in pairs(type(tests) == "table" and tests or {}) do
    if type(name) == "string" and type(f) == "function" and name ~= "setup"
      and name ~= "teardown" then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return tests, names
end

local function has_one(text, pieces)
  for _, piece in ipairs(pieces) do
    if text:find(piece, 1, true) then return true end
  end
  return false
end

local function run_file(path, stem)
  local ok, tests, names = pcall(functions_of, path)
  if not ok or #names == 0 then
    failed = failed + 1
    tell("FAIL", stem, ok and "it returns no table of test functions" or tostring(tests))
    return
  end
  for _, name in ipairs(names) do
    local whole = stem .. "." .. name
    if has_one(whole, patterns) then
      if tests.setup then tests.setup() end
      attempt(whole, tests[name])
      if tests.teardown then tests.teardown() end
    end
  end
end

-- Patterns that name files spare the others from being loaded.
local wanted = {}
for i, pattern in ipairs(patterns) do wanted[i] = pattern:match "^(test_[%w_]+)" or "test_" end

local function run_folder(path)
  for _, name in ipairs(assert(sys.list(path))) do
    local whole, stem = path .. "/" .. name, name:match "^(test_[%w_]+)%.lua$"
    if sys.is_dir(whole) then run_folder(whole)
    elseif stem and has_one(stem, wanted) then run_file(whole, stem) end
  end
end

if part ~= "standins" then run_folder(part and folder .. "/" .. part or folder) end
if not part or part == "standins" then run_folder(STANDINS) end

print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0 and 0 or 1, true)
