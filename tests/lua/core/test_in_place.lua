--- Numbers that are changed in place never give a wrong gradient: backward raises and says which
-- operator needs them, through whatever view they were changed.
local lu = require "luaunit"
local ms = require "moonstem"

local tests = {}

local function refuses(f, ...)
  local ok, message = pcall(f)
  lu.assertFalse(ok)
  for _, part in ipairs { ... } do lu.assertStrContains(tostring(message), part) end
end

-- Ways to change the numbers of c, a constant list of four, all seen by c's views.
local ways = {
  position = function(c) c[2] = 9 end,
  range = function(c) c[{ { 1, 3, 2 } }] = { 8, 9 } end,
  mask = function(c) c[c:gt(2)] = 0 end,
  positions = function(c) c[ms.tensor { 4, 1 }] = 0 end,
  fill = function(c) c:fill_(2) end,
  zero = function(c) c:zero_() end,
  add = function(c) c:add_(1) end,
  mul = function(c) c:mul_(c) end,
  clamp = function(c) c:clamp_(2, 3) end,
  view = function(c) c:reshape { 2, 2 }[2]:fill_(0) end,
  slice = function(c) c:slice(1, 2, 3):zero_() end,
  alias = function(c) c:detach():sub_(1) end,
  region = function(c) c[{ { 2, 4 } }]:div_(2) end,
  nothing = function(c) c[{ { 2, 2 } }] = c[{ { 2, 2 } }] end,
}

for name, change in pairs(ways) do
  tests["test_a_constant_changed_by_" .. name] = function()
    local c, x = ms.tensor { 1, 2, 3, 4 }, ms.tensor { 1, 1, 1, 1 }:needs_grad()
    local y = (x * c[{ {} }]):sum()
    change(c)
    refuses(function() y:backward() end,
      "mul (4) needs its input 2 (4), which was changed in place")
    lu.assertNil(x.grad)
  end
  tests["test_a_leaf_changed_by_" .. name] = function()
    local x = ms.tensor { 1, 2, 3, 4 }:needs_grad()
    local y = (x * x):sum()
    ms.no_grad(change, x)
    refuses(function() y:backward() end, "changed in place after the forward pass")
    local again = (x * x):sum() -- with the new numbers all is well
    again:backward()
    lu.assertEquals(x.grad:totable(), (x:detach() * 2):totable())
  end
  tests["test_a_result_changed_by_" .. name] = function()
    local x = ms.tensor { 1, 2, 3, 4 }:needs_grad()
    local y = x * 2
    local z = (y * y):sum()
    change(y:detach())
    refuses(function() z:backward() end, "changed in place after the forward pass")
    refuses(function() return y + 1 end, "is a result that was changed in place")
  end
end

function tests.test_a_view_of_a_leaf_is_inside_the_graph()
  local x = ms.tensor { { 1, 2 }, { 3, 4 } }:needs_grad()
  refuses(function() x[1]:fill_(0) end, "fill_: x is the result of an operator inside the graph")
  refuses(function() x[1][1] = 0 end, "is the result of an operator inside the graph")
  ms.no_grad(function() x[1]:fill_(0) end)
  lu.assertEquals(x:totable(), { { 0, 0 }, { 3, 4 } })
end

function tests.test_what_does_not_need_the_numbers_goes_on()
  local c, x = ms.tensor { 1, 2 }, ms.tensor { 1, 1 }:needs_grad()
  local y = (x + c):sum()
  c:fill_(5)
  y:backward()
  lu.assertEquals(x.grad:totable(), { 1, 1 })
end

function tests.test_views_share_numbers_and_copies_do_not()
  local x = ms.range(1, 12):reshape { 3, 4 }
  x[2]:zero_()
  x[{ { 3 } }][1][1] = -9
  lu.assertEquals(x:totable(), { { 1, 2, 3, 4 }, { 0, 0, 0, 0 }, { -9, 10, 11, 12 } })
  x[{ {}, 1 }]:fill_(7) -- a column is a copy
  lu.assertEquals(x[{ {}, 1 }]:totable(), { 1, 0, -9 })
end

function tests.test_gradients_of_overlapping_regions_add_up()
  local x = ms.tensor { 1, 2, 3, 4 }:needs_grad()
  local y = (x[{ { 1, 3 } }] * x[{ { 4, 2, -1 } }]):sum() + x[{ { 2 } }]:sum()
  y:backward()
  lu.assertEquals(x.grad:totable(), { 4, 7, 4, 1 })
end

function tests.test_an_iterator_ends_with_a_message()
  local n = 0
  refuses(function() for _ in ipairs(ms.tensor { 1, 2 }) do n = n + 1 end end, "outside 1..2")
  lu.assertEquals(n, 2)
end

function tests.test_the_length_is_that_of_the_first_dimension()
  lu.assertEquals(#ms.zeros { 3, 2 }, 3)
  lu.assertEquals(#ms.zeros { 0 }, 0)
  refuses(function() return #ms.tensor(1) end, "#x: x has no dimensions")
  local x, sum = ms.range(1, 4), 0
  for i = 1, #x do sum = sum + x[i] end
  lu.assertEquals(sum, 10)
end

function tests.test_gradients_may_be_scaled_in_place()
  local x = ms.tensor { 1, 2 }:needs_grad()
  x:sum():backward()
  x.grad:mul_(0.5)
  x.grad[1] = 3
  lu.assertEquals(x.grad:totable(), { 3, 0.5 })
  x:sum():backward()
  lu.assertEquals(x.grad:totable(), { 4, 1.5 })
end

return tests
