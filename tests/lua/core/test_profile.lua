--- ms.profile: what operators cost.
local lu = require "luaunit"
local ms = require "moonstem"

local M = {}

local function rows_by_name(profile)
  local rows = {}
  for _, r in ipairs(profile.rows) do rows[r.name .. " " .. r.way] = r end
  return rows
end

function M.test_operators_are_counted_with_their_work()
  local x, w = ms.randn { 10, 20 }, ms.randn { 20, 30 }:needs_grad()
  local opt = ms.optim.sgd({ w }, { lr = 0.1 })
  local profile, answer = ms.profile(function(a)
    a:matmul(w):sum():backward()
    opt:step()
    return "answer"
  end, x)
  lu.assertEquals(answer, "answer")
  local rows, bytes = rows_by_name(profile), ms.machine().real == "f64" and 8 or 4
  lu.assertEquals(rows["matmul forward"].calls, 1)
  lu.assertEquals(rows["matmul forward"].flops, 2 * 10 * 20 * 30)
  lu.assertEquals(rows["matmul forward"].bytes, (10 * 20 + 20 * 30 + 10 * 30) * bytes)
  lu.assertEquals(rows["matmul backward"].flops, 2 * 10 * 20 * 30)
  lu.assertEquals(rows["sum forward"].flops, 0)
  lu.assertEquals(rows["sgd update"].bytes, 20 * 30 * 5 * bytes)
  lu.assertEquals(profile.flops, 4 * 10 * 20 * 30)
end

function M.test_layers_count_as_their_operators()
  local image = ms.randn { 1, 8, 8, 2 }
  local conv, up = ms.nn.conv2d { in_channels = 2, out_channels = 3, kernel = 3 },
    ms.nn.conv_transpose2d { in_channels = 3, out_channels = 1 }
  local attention = ms.nn.attention { dim = 4, heads = 2 }
  local rows = rows_by_name((ms.profile(function()
    up(conv(image)):sum():backward()
    attention(ms.randn { 1, 5, 4 })
  end)))
  lu.assertEquals(rows["conv2d forward"].flops, 2 * 8 * 8 * 3 * 9 * 2)
  -- the image needs no gradient
  lu.assertEquals(rows["conv2d backward"].flops, 2 * 8 * 8 * 3 * 9 * 2)
  lu.assertEquals(rows["conv_transpose2d forward"].flops, 8 * 8 * 8 * 3)
  lu.assertEquals(rows["conv_transpose2d backward"].flops, 2 * 8 * 8 * 8 * 3)
  lu.assertEquals(rows["attention forward"].flops, 2 * 2 * 5 * 5 * 4)
  lu.assertEquals(rows["linear forward"].flops, 2 * 5 * 4 * 12 + 2 * 5 * 4 * 4)
end

function M.test_loops_tell_what_more_cores_would_bring()
  local a, b, threads = ms.randn { 2000, 300 }, ms.randn { 300, 500 }, ms.threads()
  ms.threads(1)
  local wide = ms.profile(function() a:matmul(b) end).rows[1]
  local narrow = ms.profile(function() ms.ones { 3 }:exp() end).rows[1]
  ms.threads(threads)
  lu.assertAlmostEquals(wide.on[1], wide.seconds, 1e-6)
  lu.assertTrue(wide.on[2] < wide.on[1] and wide.on[128] <= wide.on[8])
  lu.assertAlmostEquals(narrow.on[128], narrow.seconds, 1e-9, "one chunk is no quicker anywhere")
end

function M.test_it_prints_as_a_table()
  local text = tostring((ms.profile(function() return ms.ones { 3 }:exp() end)))
  lu.assertStrContains(text, "operator")
  lu.assertStrMatches(text, ".*\nexp +forward +1 .*")
  lu.assertStrMatches(text, ".*\n%(the rest%) .*\nall .*")
end

function M.test_nothing_is_counted_outside_and_errors_pass()
  lu.assertErrorMsgContains("matmul", function()
    ms.profile(function() ms.ones { 2 }:matmul(ms.ones { 3 }) end)
  end)
  ms.ones { 3 }:exp()
  local profile = ms.profile(function() ms.ones { 3 }:sqrt() end)
  lu.assertEquals(#profile.rows, 1)
  lu.assertErrorMsgContains("a function is expected, got nil", ms.profile)
  lu.assertErrorMsgContains("being taken already", function()
    ms.profile(function() ms.profile(print) end)
  end)
end

--- The planner's choices: those that the costs name, of a model and of a step.
function M.test_convolutions_say_which_algorithm_they_take_and_why()
  lu.assertErrorMsgContains("explain: a network is expected, got number", ms.explain, 3)
  local rows = ms.explain(ms.models.unet { widths = { 16, 16 } }, { 2, 48, 64 })
  local first, up = rows[1], nil
  for _, r in ipairs(rows) do if r.layer == "unet.decoder.1.up" then up = r end end
  lu.assertEquals({ first.layer, first.shape, first.solver, first.why, #first.others, first.flops },
    { "unet.encoder.1.conv.1", "2x48x64x16", "rows", "the only one that applies", 0,
      2 * 2 * 48 * 64 * 16 * 9 })
  lu.assertEquals({ up.solver, up.others }, { "scatter", { "scatter_add" } })
  lu.assertStrContains(tostring(rows), "unet.decoder.1.up")
  local x, w = ms.randn { 2, 48, 64, 32 }, ms.randn { 3, 3, 32, 32 }:needs_grad()
  local y, gy = x:conv2d(w), ms.ones { 2, 48, 64, 32 }
  local profile = ms.profile(function() x:conv2d(w) y:backward(gy) end)
  lu.assertEquals(#profile.rows, 2)
  for _, r in ipairs(profile.rows) do
    lu.assertEquals({ #r.solvers, r.solvers[1].calls }, { 1, 1 })
    local costs = {}
    for cost in r.solvers[1].others:gmatch " ([%d.e+]+)" do costs[#costs + 1] = tonumber(cost) end
    lu.assertEquals(#costs, 2)
    lu.assertTrue(r.solvers[1].cost <= math.min(table.unpack(costs)) * 1.01)
  end
  lu.assertStrContains(tostring(profile), "  by ")
end

return M
