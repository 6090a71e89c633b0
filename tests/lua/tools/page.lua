--- Runs the page for new users, lua/README.md, in the folder where it is called:
-- moonstem tests/lua/tools/page.lua lua/README.md
-- Every row of a table has code in its last cell. What its first block of Lua defines is made anew
-- for each; files that a row writes stay for those below. A comment at the end of a cell says
-- what comes out: `-- VALUE, VALUE` is compared, `-- raises "WORDS"` wants an error that has them.
-- The blocks of Lua behind the first are programs. What is shown or played is drawn, and neither
-- seen nor heard. Prints each row that fails with its text, then
-- how many rows and programs there are and how many failed.
local ms = require "moonstem"
package.path = arg[0]:match "^(.*/)" .. "?.lua;" .. package.path
local page_rows = require "page_rows"

ms.display.sink(ms.display.bundle)

local failures, rows = 0, 0

local function fail(row, why)
  failures = failures + 1
  print(("line %d: %s\n  %s"):format(row.line, row.text, why))
end

-- Within the digits that a page shows: four behind the point, or of a small number.
local function is_near(x, wanted)
  local size = math.abs(wanted)
  local tolerance = size == 0 and 1e-6 or size < 0.01 and 1e-3 * size or 1e-4 * math.max(1, size)
  return x == wanted or x ~= x and wanted ~= wanted or math.abs(x - wanted) <= tolerance
end

-- Tensors are compared as nested tables.
local function is_equal(got, wanted)
  if type(got) == "userdata" and type(wanted) ~= "userdata" then got = got:totable() end
  if type(got) == "number" and type(wanted) == "number" then return is_near(got, wanted) end
  if type(got) ~= "table" or type(wanted) ~= "table" then return got == wanted end
  for key, value in pairs(wanted) do
    if not is_equal(got[key], value) then return false end
  end
  for key in pairs(got) do if wanted[key] == nil then return false end end
  return true
end

local function in_words(value)
  if type(value) == "userdata" and value.totable then value = value:totable() end
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  for k, part in ipairs(value) do parts[k] = in_words(part) end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function compare(row, wanted, got)
  for k = 1, wanted.n do
    if not is_equal(got[k], wanted[k]) then
      return fail(row, ("value %d is %s"):format(k, in_words(got[k])))
    end
  end
end

local function run(row, prelude)
  if not row.code then return fail(row, "the last cell has no code in backticks") end
  local code, value = row.code:match "^(.-)%s+%-%-%s+(.*)$"
  local env = setmetatable({}, { __index = _G })
  assert(load(prelude, "=head", "t", env))()
  local chunk, why = page_rows.compile(code or row.code, env)
  if not chunk then return fail(row, why) end
  local got = table.pack(pcall(chunk))
  local words = value and value:match '^raises "(.*)"$'
  if words then
    if got[1] or not tostring(got[2]):find(words, 1, true) then fail(row, in_words(got[2])) end
  elseif not got[1] then fail(row, tostring(got[2]))
  elseif value then
    compare(row, table.pack(assert(load("return " .. value, "=value", "t", env))()),
      table.pack(table.unpack(got, 2, got.n)))
  end
end

local blocks, list = page_rows.read(arg[1])
local prelude = table.concat(blocks[1] or {}, "\n")
for _, row in ipairs(list) do
  local _ <close> = ms.scope()
  rows = rows + 1
  run(row, prelude)
end
for k = 2, #blocks do
  local code = table.concat(blocks[k], "\n")
  local chunk, why = load(code, "=program", "t", setmetatable({}, { __index = _G }))
  local ok, thrown = pcall(chunk or error, not chunk and why or nil)
  if not ok then fail(blocks[k], tostring(thrown)) end
end
print(("%d rows, %d programs, %d failures"):format(rows, math.max(0, #blocks - 1), failures))
os.exit(failures == 0 and 0 or 1, true)
