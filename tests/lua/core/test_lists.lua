--- Lists of any length: nothing that takes one holds it on the stack, none is too long but by
-- memory or by a limit that is told before the work, none is nested too deep without a sentence.
local lu = require "luaunit"
local ms = require "moonstem"

local M = {}

local LENGTHS = { 0, 1, 60, 200, 5000 }

local function repeated(n, make)
  local list = {}
  for i = 1, n do list[i] = make(i) end
  return list
end

-- Calls check(list, n) with lists of all lengths.
local function each_length(make, check)
  for _, n in ipairs(LENGTHS) do check(repeated(n, make), n) end
end

local function says(text, f, ...) lu.assertErrorMsgContains(text, f, ...) end

local function leaf(i) return ms.tensor { { i, -i } }:needs_grad() end

-- ---- tensors ------------------------------------------------------------------------------------
function M.test_cat()
  each_length(leaf, function(list, n)
    if n == 0 then
      return says("cat: a list of 1 or more tensors is expected, got 0", ms.cat, list)
    end
    local y = ms.cat(list, 2)
    lu.assertEquals(y:shape(), "1x" .. 2 * n)
    lu.assertEquals(y:get(1, 2 * n), -n)
    y:backward(ms.ones { 1, 2 * n })
    lu.assertEquals(list[n].grad:totable(), { { 1, 1 } })
    list[n] = "no tensor"
    says(("cat: item %d of the list must be a tensor, got string"):format(n), ms.cat, list)
  end)
end

function M.test_tensors_of_tables()
  each_length(function(i) return i end, function(list, n)
    lu.assertEquals(ms.tensor(list):totable(), list)
    lu.assertEquals(ms.tensor_from(list, { n, 1 }):shape(), n .. "x1")
    lu.assertEquals(ms.tensor { list, list }:shape(), "2x" .. n)
  end)
  each_length(function(i) return { { i }, { -i } } end, function(list, n)
    lu.assertEquals(#ms.tensor(list):totable(), n)
  end)
  local deep = 1
  for _ = 1, 5000 do deep = { deep } end
  says("tensor: nested deeper than 8", ms.tensor, deep)
end

function M.test_sizes()
  each_length(function() return 1 end, function(list, n)
    if n == 0 then return end
    if n == 1 then return lu.assertEquals(ms.zeros(list):shape(), "1") end
    says("a tensor has at most 8 dimensions", ms.zeros, list)
    says("a tensor has at most 8 dimensions", ms.tensor_from, { 1 }, list)
    says("a tensor has at most 8 dimensions", function() ms.ones { 1 }:reshape(list) end)
    says("at most 8", function() ms.ones { 1 }:permute(list) end)
    if n <= 200 then says("a tensor has at most 8 dimensions", ms.zeros, table.unpack(list)) end
  end)
end

function M.test_kept_and_let_go()
  each_length(leaf, function(list, n)
    local scope <close> = ms.scope()
    local inner = ms.scope()
    local inside = repeated(n, leaf)
    inner:keep(inside)
    if n <= 200 then lu.assertEquals(select("#", inner:keep(table.unpack(list))), n) end
    inner:close()
    for _, x in ipairs(inside) do lu.assertEquals(x:count(), 2) end
    lu.assertEquals(tostring(scope), "scope")
  end)
end

-- ---- parameters -----------------------------------------------------------------------------
function M.test_parameters_of_optimizers_and_recompute()
  each_length(leaf, function(list, n)
    local named = repeated(n, function(i) return { name = "p" .. i, value = list[i] } end)
    local optimizer = ms.optim.adam(named, { lr = 0.1 })
    local y = ms.recompute(function(x)
      for _, p in ipairs(list) do x = x + p end
      return x
    end, named, ms.zeros { 1, 2 })
    if n > 0 then y:sum():backward() end
    optimizer:step()
    optimizer:load(optimizer:state())
    for i, p in ipairs(list) do lu.assertAlmostEquals(p:get(1, 1), i - 0.1, 1e-3) end
  end)
end

function M.test_parts_of_networks()
  each_length(function() return ms.nn.linear { in_features = 1, out_features = 1 } end,
    function(list, n)
    local model = ms.net.module { name = "m", order = { "list" }, list = list,
      forward = function(self, x)
      for _, layer in ipairs(self.list) do x = layer(x) end
      return x
    end }
    lu.assertEquals(#model:parameters(), 2 * n)
    lu.assertEquals(model:load(model:state()), 2 * n)
    lu.assertEquals(model(ms.ones { 1, 1 }):shape(), "1x1")
  end)
  local cycle = { ms.nn.linear { in_features = 1, out_features = 1 } }
  cycle[2] = cycle
  local model = ms.net.module { name = "m", order = { "list" }, list = cycle,
    forward = function(self, x)
    return self.list[1](x)
  end }
  model.self = model
  lu.assertEquals(#model:parameters(), 2)
  lu.assertEquals(model(ms.ones { 1, 1 }):shape(), "1x1")
end

-- ---- records, files, processes --------------------------------------------------------------
function M.test_records_wide_and_deep()
  local path = os.tmpname()
  each_length(function(i) return { i, { name = "n" .. i } } end, function(list)
    local text = ms.io.json_encode(ms.io.list(list))
    lu.assertEquals(ms.io.json_decode(text), list)
    assert(ms.io.save_json(path, list))
    lu.assertEquals(#ms.io.load_json(path), #list)
  end)
  local deep, text = {}, ("["):rep(5000) .. ("]"):rep(5000)
  for _ = 1, 5000 do deep = { deep } end
  says("is nested too deep, or contains itself", ms.io.json_encode, deep)
  local value, why = ms.io.json_decode(text)
  lu.assertNil(value)
  lu.assertStrContains(why, "json_decode")
  os.remove(path)
end

function M.test_weights_of_many_names()
  local path = os.tmpname()
  each_length(function(i) return ms.tensor { i } end, function(list, n)
    local state, metadata = {}, {}
    for i, x in ipairs(list) do state["name" .. i], metadata["key" .. i] = x, "value" end
    assert(ms.io.save_safetensors(path, state, metadata))
    local back = assert(ms.io.load_safetensors(path))
    local count = 0
    for _ in pairs(back) do count = count + 1 end
    lu.assertEquals(count, n)
    lu.assertEquals(#ms.io.safetensors_info(path), n)
  end)
  os.remove(path)
end

function M.test_rows_of_a_feed()
  each_length(function(i) return { path = "/no/such/file" .. i } end, function(list, n)
    if n == 0 then return end
    for _, rows in ipairs { { list }, repeated(n, function(i) return { list[i] } end) } do
      local feed <close> = ms.audio.feed { samples = 8 }
      local wave, why = feed:push(rows):pop()
      lu.assertNil(wave)
      lu.assertStrContains(why, "/no/such/file")
    end
  end)
end

function M.test_arguments_and_environments_of_processes()
  each_length(function(i) return "a" .. i end, function(list, n)
    local env = {}
    for _, name in ipairs(list) do env["MOONSTEM_TEST_" .. name] = n end
    local _,
      text = assert(ms.sys.capture { "sh", "-c", 'echo $# "$MOONSTEM_TEST_a1"', "sh", env = env,
      table.unpack(list, 1, math.min(n, 200)) })
    lu.assertEquals(text:match "^%d+", tostring(math.min(n, 200)))
    if n > 0 then lu.assertEquals(text:match " (%d+)", tostring(n)) end
  end)
  each_length(function(i) return "a" .. i end, function(list, n)
    local command = table.move(list, 1, n, 5, { "sh", "-c", "echo $#", "sh" })
    lu.assertEquals(select(2, assert(ms.sys.capture(command))):match "%d+", tostring(n))
  end)
end

-- ---- numbers --------------------------------------------------------------------------------
function M.test_rows_of_metrics_and_figures()
  each_length(function(i) return { i % 7 / 7, i % 5 / 5 } end, function(scores, n)
    if n < 2 then return end
    local value = assert(ms.metrics.roc_auc(scores, repeated(n, function(i)
      return { i % 2, 1 - i % 2 }
    end)))
    lu.assertTrue(value >= 0 and value <= 1)
  end)
  local path = os.tmpname() .. ".svg"
  each_length(function(i)
    return { label = "s" .. i, x = { 1, 2 }, y = { i, i + 1 } }
  end, function(series, n)
    if n == 0 or n > 200 then return end
    lu.assertEquals(ms.figure.lines(path, { series = series }), path)
  end)
  each_length(function(i) return i end, function(points, n)
    if n > 0 then
      lu.assertEquals(
        ms.figure.lines(path, { series = { { label = "s", x = points, y = points } } }), path)
    end
  end)
  os.remove(path)
end

function M.test_names_of_options()
  each_length(function(i) return "option" .. i end, function(names, n)
    local last = { ["option" .. n] = 1 }
    says(n == 0 and "takes no options" or "there is no option zzz", ms.options, { zzz = 1 }, "test",
      names)
    if n > 0 then lu.assertEquals(ms.options(last, "test", names), last) end
  end)
end

return M
