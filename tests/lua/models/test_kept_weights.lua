--- Packed weights that are kept beside parameters while nothing is recorded: the same numbers, and
-- new ones when the weight changes.
local lu = require "luaunit"
local ms = require "moonstem"

local T = {}

-- A layer that Winograd's kernels take, and an image.
local function layer()
  ms.seed(1)
  local conv = ms.nn.conv2d { in_channels = 32, out_channels = 32, kernel = 3 }
  return ms.nn.sequential { conv }:init(1),
    ms.randn { 1, 24, 20, 32 }
end

local function same(a, b) lu.assertTrue(a:eq(b):all()) end

-- Nothing recorded: weights may be kept. Twice, so that what is kept is used.
local function kept(conv, x)
  return ms.no_grad(function()
    same(conv(x), conv(x))
    return conv(x)
  end)
end

function T.test_the_same_bits()
  local conv, x = layer()
  same(kept(conv, x), conv(x))
  local other = ms.randn { 3, 8, 9, 32 }
  same(kept(conv, other), conv(other))
  same(kept(conv, x), conv(x))
end

-- Whoever writes into a weight.
function T.test_a_changed_weight_is_packed_again()
  local conv, x = layer()
  local changes = {
    function() conv.conv.weight[{}] = conv.conv.weight:detach() * 2 end,
    function() conv.conv.weight[{ 1, 1, 1, 1 }] = 7 end,
    function() conv:init(2) end,
    function()
      local state = {}
      for name, value in pairs(conv:state()) do state[name] = value + 1 end
      conv:load(state)
    end,
  }
  for i, change in ipairs(changes) do
    local before = kept(conv, x)
    ms.no_grad(change)
    local after = kept(conv, x)
    lu.assertFalse(after:eq(before):all(), i)
    same(after, conv(x))
  end
end

function T.test_a_step_of_training_packs_again()
  local conv, x = layer()
  local before, opt = kept(conv, x), ms.optim.sgd(conv:parameters(), { lr = 0.1 })
  conv(x):sum():backward()
  opt:step()
  local after = kept(conv, x)
  lu.assertFalse(after:eq(before):all())
  same(after, conv(x))
end

-- Views of one storage with other shapes do not take each other's.
function T.test_views_of_a_weight()
  ms.seed(2)
  local all, x, wide = ms.randn { 3 * 3 * 32 * 64 }:needs_grad(), ms.randn { 1, 12, 12, 32 },
    ms.randn { 1, 12, 12, 64 }
  ms.no_grad(function()
    local one, two = all:reshape { 3, 3, 32, 64 }, all:reshape { 3, 3, 64, 32 }
    local plain = all:detach():clone()
    for _ = 1, 2 do
      same(x:conv2d(one), x:conv2d(plain:reshape { 3, 3, 32, 64 }))
      same(wide:conv2d(two), wide:conv2d(plain:reshape { 3, 3, 64, 32 }))
    end
  end)
end

function T.test_what_is_kept_goes_with_the_weight()
  local conv, x = layer()
  kept(conv, x)
  collectgarbage()
  local before = ms.memory().live
  ms.no_grad(function() conv.conv.weight[{ 1, 1, 1, 1 }] = 7 end)
  collectgarbage()
  lu.assertTrue(ms.memory().live < before)
end

return T
