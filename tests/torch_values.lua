--- Moonstem's values beside those of a PyTorch, from two sources: the lines of lua/README.md, whose
-- left cells are run there and right ones here on the same numbers; and the case table of
-- tests/lua/cases, whose rows are run here and, where functions and arguments map one to one, as
-- calls of PyTorch. Fails where numbers differ by more than 1e-5 of the largest, or a case's own
-- tolerance.
--   MOONSTEM_PYTHON=.../python build/moonstem tests/torch_values.lua [all]
-- The Python needs PyTorch and NumPy. all: says what was not compared, too.
local ms = require "moonstem"
local HERE = arg[0]:match "^(.*/)" or "./"
package.path = HERE .. "lua/tools/?.lua;" .. package.path
local page_rows = require "page_rows"
local case_files = require "case_files"
local recorded = require "recorded"

local SAYS_ALL = arg[1] == "all"
if arg[1] and not SAYS_ALL or arg[2] then error("the one argument is all, or none", 0) end
local PYTHON = os.getenv "MOONSTEM_PYTHON"
if not PYTHON then
  print "skipped: MOONSTEM_PYTHON names no Python with PyTorch"
  os.exit(0)
end
if ms.sys.capture { PYTHON, "-c", "import torch, numpy" } ~= 0 then
  print(("skipped: %s has no PyTorch and NumPy"):format(PYTHON))
  os.exit(0)
end
local DOUBLE = ms.machine().real == "f64"
local NEAR = DOUBLE and 1e-10 or 1e-5

-- ---- comparing -------------------------------------------------------------------------------
-- Numbers of a value in order, truth values as 1 and 0, and its sizes.
local function flat(value, list)
  if type(value) == "userdata" then value = value:detach():totable() end
  if type(value) == "boolean" then value = value and 1 or 0 end
  if type(value) == "number" then list[#list + 1] = value return list end
  if type(value) ~= "table" or getmetatable(value) then error("no numbers", 0) end
  for _, inner in ipairs(value) do flat(inner, list) end
  return list
end

local function sizes(value)
  if type(value) == "userdata" then return value:size() end
  local list = {}
  while type(value) == "table" do list[#list + 1], value = #value, value[1] end
  return list
end

local function same_sizes(a, b) return table.concat(a, "x") == table.concat(b, "x") end

local function largest(list)
  local most = 0
  for _, x in ipairs(list) do
    if x == x and math.abs(x) < math.huge then most = math.max(most, math.abs(x)) end
  end
  return most
end

-- The largest difference of two lists, over the largest number; infinite where one has what the
-- other has not.
local function distance(a, b, offset)
  if #a ~= #b then return math.huge end
  local worst, scale = 0, math.max(largest(b), 1e-30)
  for i, x in ipairs(a) do
    local y = b[i] + offset
    if x ~= y and not (x ~= x and y ~= y) then
      local d = math.abs(x - y)
      worst = math.max(worst, d == d and d / scale or math.huge)
    end
  end
  return worst
end

-- A result here and one there (size, data, whole); whole numbers there may count from 0.
local function difference(here, there)
  local mine = flat(here, {})
  if #mine > 0 and not same_sizes(sizes(here), there.size) then return math.huge, 0 end
  local d = distance(mine, there.data, 0)
  if d > 1e-3 and there.whole and distance(mine, there.data, 1) == 0 then return 0, 1 end
  return d, 0
end

-- ---- the page --------------------------------------------------------------------------------
local PRELUDE = { "x", "y", "v", "a", "logits", "targets", "seq", "image", "wave" }

local function cells_of(row)
  local list = ms.io.list {}
  local left = row.text:match "^|(.-)|" or ""
  for code in left:gmatch "`([^`]*)`" do list[#list + 1] = code end
  return list
end

local function environment(prelude, inputs)
  local env = setmetatable({}, { __index = _G })
  assert(load(prelude, "=head", "t", env))()
  for name, value in pairs(inputs) do env[name] = value:clone() end
  return env
end

-- All that a right cell gives; of `f(x):size()`, which the page has where numbers would be many,
-- also what f(x) gives.
local function values_here(row, prelude, inputs)
  local code, tries = row.code:gsub("%s+%-%-%s.*$", ""), {}
  for _, text in ipairs { code, (code:gsub(":size%(%-?%d*%)$", "")) } do
    local ok, why = page_rows.compile(text, environment(prelude, inputs))
    local got = table.pack(pcall(ok or error, not ok and why or nil))
    if got[1] then tries[#tries + 1] = table.pack(table.unpack(got, 2, got.n)) end
  end
  return tries
end

-- What is drawn at random agrees in sizes alone.
local function difference_of_draws(here, there)
  return same_sizes(sizes(here), there.size) and 0 or math.huge, 0
end

-- The least difference that a way to read the right cell has from the results of the left; nil
-- where there are no numbers on the right.
local function best(tries, there, is_drawn)
  local least, from_one
  for _, here in ipairs(tries) do
    local worst, ones = 0, 0
    for i = 1, math.max(1, math.min(here.n, #there)) do
      local ok, d, one = pcall(is_drawn and difference_of_draws or difference, here[i], there[i])
      worst, ones = ok and worst and math.max(worst, d), ones + (ok and one or 0)
    end
    if worst and worst < (least or math.huge) then least, from_one = worst, ones end
    least = least or worst or nil
  end
  return least, from_one
end

-- ---- the case table --------------------------------------------------------------------------
local function run_here(row)
  local list = {}
  for i, value in ipairs(row[2]) do list[i] = ms.tensor(value) end
  return table.pack(row[1](table.unpack(list)))
end

local function encoded(x)
  return { size = ms.io.list(x:size()), data = ms.io.list(x:reshape { -1 }:totable()) }
end

local function encoded_inputs(row)
  local list = ms.io.list {}
  for i, value in ipairs(row[2]) do list[i] = encoded(ms.tensor(value)) end
  return list
end

-- Rows of all files: { name =, row =, tree =, inputs = }, and how many others there are.
local function all_rows()
  local list, others = {}, {}
  for _, file in ipairs(case_files()) do
    local plain, traced = dofile(file), recorded.cases(file)
    for name, rows in pairs(plain) do
      for i, row in ipairs(rows) do
        local mark = ("%s, row %d"):format(name, i)
        local tree = traced[name] and recorded.tree(traced[name][i][1], #row[2])
        if tree then
          list[#list + 1] = { name = name, mark = mark, row = row, tree = tree,
            inputs = encoded_inputs(row) }
        else
          others[#others + 1] = mark .. ": does more than call"
        end
      end
    end
  end
  table.sort(list, function(a, b) return a.mark < b.mark end)
  return list, others
end

-- ---- all of it -------------------------------------------------------------------------------
local function peer(task)
  local folder = assert(ms.sys.tempdir())
  assert(ms.io.save_json(folder .. "/task.json", task))
  local peer_file = arg[0]:gsub("%.lua$", ".py")
  local status, text = ms.sys.capture { PYTHON, peer_file, folder .. "/task.json" }
  ms.sys.run { "rm", "-r", folder }
  assert(status == 0, "the peer failed")
  return assert(ms.io.json_decode(text))
end

-- Counts of what is compared, and a line about it at the end.
local function tally() return { compared = 0, failed = 0, worst = 0, from_one = 0, lacks = {},
  known = {}, left = {} } end

local function count(t, mark, d, near, from_one)
  t.compared, t.from_one = t.compared + 1, t.from_one + (from_one or 0)
  if d > near then
    t.failed = t.failed + 1
    print(("%s: differs by %.3g"):format(mark, d))
  elseif d > t.worst then t.worst, t.where = d, mark end
end

local LACKS = { AttributeError = true, ModuleNotFoundError = true }

local function leave(t, mark, failure)
  local why = ("%s: %s"):format(failure.kind, failure.why)
  if LACKS[failure.kind] then t.lacks[#t.lacks + 1] = ("%s (%s)"):format(mark, failure.why) end
  t.left[#t.left + 1] = mark .. ": " .. why
end

local function tell(t, what, total, says_all)
  print(("%s: %d of %d compared, %d failed; largest difference %.2g (%s)"):format(what, t.compared,
    total, t.failed, t.worst, t.where or "none"))
  if t.from_one > 0 then print(("  positions from 0 there: %d"):format(t.from_one)) end
  for _, text in ipairs(t.lacks) do print("  lacks: " .. text) end
  for _, text in ipairs(t.known) do print("  differs for a reason: " .. text) end
  if says_all then for _, text in ipairs(t.left) do print("  not compared: " .. text) end end
end

local PAGE, last_line = HERE .. "../lua/README.md", 0
for line in io.lines(PAGE) do
  if line == "## Differences that bite" then break end
  last_line = last_line + 1
end
local blocks, page = page_rows.read(PAGE)
local prelude = table.concat(blocks[1], "\n")
local env = setmetatable({}, { __index = _G })
assert(load(prelude, "=head", "t", env))()
local inputs, sent = {}, {}
for _, name in ipairs(PRELUDE) do
  inputs[name] = env[name]
  sent[name] = encoded(env[name])
end
for i = #page, 1, -1 do -- the last table compares habits, not values
  if page[i].line > last_line then table.remove(page, i) end
end
local cells = ms.io.list {}
for i, row in ipairs(page) do cells[i] = cells_of(row) end
local rows, others = all_rows()
local trees = ms.io.list {}
for i, r in ipairs(rows) do trees[i] = { tree = r.tree, inputs = r.inputs } end
local answer = peer { double = DOUBLE, inputs = sent, cells = cells, rows = trees }
print("PyTorch " .. answer.version)

-- All results of a row's left cells in a row; a failure where there is none.
local function results_there(answers)
  local list, failure = {}, { kind = "cell", why = "no code" }
  for _, got in ipairs(answers) do
    table.move(got.results or {}, 1, #(got.results or {}), #list + 1, list)
    failure = got.results and failure or got
  end
  return list, failure
end

local function compare_line(t, row, codes, answers)
  local _ <close> = ms.scope()
  local mark, there, failure = ("line %d, %s"):format(row.line, codes[1] or ""),
    results_there(answers)
  if #there == 0 then return leave(t, mark, failure) end
  local is_drawn = table.concat(codes):find "torch%.rand"
  local d, ones = best(values_here(row, prelude, inputs), there, is_drawn)
  if d then return count(t, mark, d, NEAR, ones) end
  leave(t, mark, { kind = "here", why = "no numbers" })
end

local function compare_case(t, r, results)
  local _ <close> = ms.scope()
  local here, worst = run_here(r.row), 0
  local near = r.row.near and r.row.near[DOUBLE and 2 or 1] or NEAR
  for k, there in ipairs(results) do
    local ok, d, from_one = pcall(difference, here[k], there)
    worst = math.max(worst, ok and from_one == 0 and d or math.huge)
  end
  if not r.row.differs or worst <= near then return count(t, r.mark, worst, near) end
  t.known[#t.known + 1] = ("%s (%s)"):format(r.mark, r.row.differs)
end

local lines, cases = tally(), tally()
for i, row in ipairs(page) do compare_line(lines, row, cells[i], answer.cells[i]) end
for i, r in ipairs(rows) do
  local got = answer.rows[i]
  if got.results then compare_case(cases, r, got.results) else leave(cases, r.mark, got) end
end
table.move(others, 1, #others, #cases.left + 1, cases.left)
tell(lines, "lua/README.md", #page, SAYS_ALL)
tell(cases, "the case table", #rows + #others, SAYS_ALL)
os.exit(lines.failed + cases.failed == 0)
