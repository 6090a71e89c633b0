--- Layers beside their cases in tests/lua/cases: what they start from, dropout inside them, layers
-- of more numbers than one register, what can be asked of modules.
local lu = require "luaunit"
local ms = require "moonstem"

local nn, net = ms.nn, ms.net
local DOUBLE = ms.machine().real == "f64"
local T = {}

local function largest(x) return x:abs():max() end

-- ---- starts ------------------------------------------------------------------------------------
local SIZE = { 3, 3, 50, 200 } -- fan in 450, fan out 1800

local function drawn(start) return start.draw(7, 11) end

local function deviation(x)
  local mean = x:mean():item()
  return math.sqrt(((x - mean) * (x - mean)):mean():item()), mean
end

--- name -> the deviation by its formula, and the largest number.
local BOUNDED = math.sqrt(6 / 2250)
local STARTS = {
  glorot = { BOUNDED / math.sqrt(3), BOUNDED },
  glorot_uniform = { BOUNDED / math.sqrt(3), BOUNDED },
  glorot_normal = { math.sqrt(2 / 2250) },
  kaiming_uniform = { math.sqrt(2 / 450), math.sqrt(6 / 450) },
  kaiming_normal = { math.sqrt(2 / 450) },
  normal = { 0.02 }, truncated_normal = { 0.02 * 0.8796256610342398, 0.04 }, -- scipy.stats
  uniform = { 1 / math.sqrt(12), 1, 0.5 }, zeros = { 0, 0 }, ones = { 0, 1, 1 },
}

function T.test_moments_of_starts()
  for name, expected in pairs(STARTS) do
    local x = drawn(nn.init[name](SIZE))
    local sd, mean = deviation(x)
    lu.assertEquals(x:size(), SIZE)
    lu.assertAlmostEquals(sd, expected[1], 0.01 * expected[1] + 1e-12, name)
    lu.assertAlmostEquals(mean, expected[3] or 0, 0.02 * (expected[1] + 1e-9), name)
    if expected[2] then lu.assertTrue(largest(x) <= expected[2] * (1 + 1e-6), name) end
  end
end

function T.test_options_of_starts()
  local a = deviation(drawn(nn.init.kaiming_normal(SIZE, { slope = 1, mode = "fan_out" })))
  lu.assertAlmostEquals(a, math.sqrt(1 / 1800), 3e-4)
  local b = deviation(drawn(nn.init.glorot_normal(SIZE, { gain = 3 })))
  lu.assertAlmostEquals(b, 3 * math.sqrt(2 / 2250), 1e-3)
  lu.assertEquals(drawn(nn.init.constant({ 2 }, -1.5)):totable(), { -1.5, -1.5 })
end

--- Rows or columns, whichever are fewer, are orthonormal; the signs and places are spread.
function T.test_orthogonal()
  for _, size in ipairs { { 40, 40 }, { 90, 20 }, { 20, 90 }, { 3, 3, 4, 16 }, { 5, 1 } } do
    local x = drawn(nn.init.orthogonal(size, { gain = 2 })):reshape { -1, size[#size] }
    local rows, columns = x:size(1), x:size(2)
    local square = rows < columns and x:matmul(x:permute { 2, 1 }) or x:permute { 2, 1 }:matmul(x)
    for i = 1, square:size(1) do square:set(i, i, square:get(i, i) - 4) end
    lu.assertTrue(largest(square) <= (DOUBLE and 1e-11 or 1e-5), table.concat(size, "x"))
    local near = columns == 1 and 2 or 2 / math.sqrt(rows * columns)
    lu.assertTrue(math.abs(x:mean():item()) < near)
  end
end

--- What is drawn depends on the seed and the name alone.
function T.test_starts_by_name()
  local function weights(seed, name)
    local layer = nn.linear { in_features = 8, out_features = 8, init = "orthogonal" }
    return net.module { name = "m", order = { name }, [name] = layer,
      forward = function(_, x) return x end }:init(seed)[name].weight:bytes()
  end
  lu.assertEquals(weights(1, "a"), weights(1, "a"))
  lu.assertNotEquals(weights(1, "a"), weights(2, "a"))
  lu.assertNotEquals(weights(1, "a"), weights(1, "b"))
  local says = lu.assertErrorMsgContains
  says("there is no initialiser orthogonel; did you mean orthogonal?", nn.linear,
    { in_features = 1, out_features = 1, init = "orthogonel" })
  local own = nn.linear { in_features = 2, out_features = 1, init = nn.init.ones }
  lu.assertEquals(own.weight:totable(), { { 1 }, { 1 } })
end

--- Each direction is a matrix of its own.
function T.test_recurrent_starts()
  local lstm = nn.lstm { in_features = 4, hidden = 6, bidirectional = true, init = "orthogonal" }
  local w = lstm["weight_hh.1"]
  for d = 1, 2 do
    local rows = w:slice(1, d, d):reshape { 6, 24 }
    local square = rows:matmul(rows:permute { 2, 1 })
    for i = 1, 6 do square:set(i, i, square:get(i, i) - 1) end
    lu.assertTrue(largest(square:detach()) < 1e-5)
  end
  lu.assertEquals(largest(lstm["bias_ih.1"]:detach()), 0)
  local plain = nn.gru { in_features = 4, hidden = 25 }
  lu.assertTrue(largest(plain["weight_ih.1"]:detach()) <= 0.2)
  lu.assertEquals(net.chain { nn.lstm { in_features = 3, hidden = 5, layers = 2 } }:count(), 440)
end

function T.test_padding_row()
  local layer = nn.embedding { count = 5, dim = 3, padding = 2 }
  lu.assertEquals(layer.weight:slice(1, 2, 2):totable(), { { 0, 0, 0 } })
  layer(ms.tensor { 2, 3, 3 }):sum():backward()
  lu.assertEquals(layer.weight.grad:sum(2):totable(), { 0, 0, 6, 0, 0 })
end

-- ---- recurrent layers --------------------------------------------------------------------------
-- The same by operators, step by step.
local CELLS = {
  lstm = function(xt, h, c, wi, wh, bi, bh, n)
    local z = xt:linear(wi, bi) + h:linear(wh, bh)
    local function gate(k) return z:slice(2, (k - 1) * n + 1, k * n) end
    c = gate(2):sigmoid() * c + gate(1):sigmoid() * gate(3):tanh()
    return gate(4):sigmoid() * c:tanh(), c
  end,
  gru = function(xt, h, c, wi, wh, bi, bh, n)
    local a, b = xt:linear(wi, bi), h:linear(wh, bh)
    local function gate(x, k) return x:slice(2, (k - 1) * n + 1, k * n) end
    local r, z = (gate(a, 1) + gate(b, 1)):sigmoid(), (gate(a, 2) + gate(b, 2)):sigmoid()
    local new = (gate(a, 3) + r * gate(b, 3)):tanh()
    return new + z * (h - new), c
  end,
  rnn = function(xt, h, c, wi, wh, bi, bh)
    return (xt:linear(wi, bi) + h:linear(wh, bh)):tanh(), c
  end,
}

local function step_by_step(kind, x, n, wi, wh, bi, bh)
  local batch, ys = x:size(1), {}
  local h, c = ms.zeros { batch, n }, ms.zeros { batch, n }
  for t = 1, x:size(2) do
    h, c = CELLS[kind](x:slice(2, t, t):reshape { batch, -1 }, h, c, wi, wh, bi, bh, n)
    ys[t] = h:reshape { batch, 1, n }
  end
  return ms.cat(ys, 2)
end

local function difference(a, b) return largest(a:detach() - b:detach()) / largest(b:detach()) end

-- Gradients of (y g) at x and all weights.
local function gradients(y, g, leaves) return ms.grad((y * g):sum(), leaves) end

--- Hidden sizes, batches and steps that no register and no chunk divides.
function T.test_recurrent_layers_are_their_steps()
  for kind in pairs(CELLS) do
    for _, s in ipairs { { 19, 5, 7, 70 }, { 1, 9, 3, 33 }, { 2, 4, 40, 128 }, { 37, 2, 9, 64 } } do
      local batch, steps, inputs, n = table.unpack(s)
      local _ <close> = ms.scope()
      local layer = nn[kind] { in_features = inputs, hidden = n, seed = 3 }
      local x, flat = ms.randn { batch, steps, inputs }:needs_grad(), {}
      local leaves = { x }
      for k, t in ipairs(layer:tensors()) do
        leaves[k + 1] = t.value
        local size = t.value:size()
        flat[k] = t.value:reshape { table.unpack(size, 2) }
      end
      local g, y = ms.randn { batch, steps, n }, layer(x)
      local expected = step_by_step(kind, x, n, table.unpack(flat))
      local near = DOUBLE and 1e-12 or 2e-5
      lu.assertTrue(difference(y, expected) < near, kind)
      local a, b = gradients(y, g, leaves), gradients(expected, g, leaves)
      for k in ipairs(a) do lu.assertTrue(difference(a[k], b[k]) < near, kind .. k) end
    end
  end
end

--- More steps than one stretch, more sequences than a stretch has rows.
function T.test_recurrent_layers_are_the_same_where_no_gradient_comes()
  for kind in pairs(CELLS) do
    for _, s in ipairs { { 3, 900, 5 }, { 1030, 2, 3 }, { 2, 1, 4 }, { 2, 0, 4 } } do
      local batch, steps, inputs = table.unpack(s)
      local _ <close> = ms.scope()
      local layer = nn[kind] { in_features = inputs, hidden = 7, seed = 3, bidirectional = true }
      local x, given = ms.randn { batch, steps, inputs }, { h = ms.randn { 2, batch, 7 } }
      if kind == "lstm" then given.c = ms.randn { 2, batch, 7 } end
      if steps > 1 then given.lengths = ms.randint(1, steps, { batch }) end
      local kept = { layer(x, given) }
      for k, y in ipairs { ms.no_grad(function() return layer(x, given) end) } do
        lu.assertEquals(y:bytes(), kept[k]:detach():bytes(), kind .. k)
      end
    end
  end
end

--- Which compares the bits of the first pass, which keeps nothing, with those of the second.
function T.test_recurrent_layers_are_computed_again()
  for kind in pairs(CELLS) do
    for _, n in ipairs { 1, 32 } do
      local _ <close> = ms.scope()
      local m = net.chain { nn[kind] { in_features = 64, hidden = n } }
      m:recompute()
      m(ms.randn { 4, 800, 64 }):sum():backward()
      lu.assertTrue(largest(m:parameters()[1].value.grad) > 0)
    end
  end
end

function T.test_dropout_between_layers()
  local x = ms.randn { 2, 5, 3 }
  local function layer(p)
    return nn.gru { in_features = 3, hidden = 4, layers = 2, dropout = p, seed = 5 }
  end
  local dropped, plain = layer(0.5), layer(0)
  lu.assertNotEquals(dropped(x):bytes(), plain(x):bytes())
  lu.assertEquals(dropped(x):bytes(), dropped(x):bytes()) -- of one step
  lu.assertEquals(dropped:eval()(x):bytes(), plain(x):bytes())
end

-- ---- attention ---------------------------------------------------------------------------------
--- A share of the softmax's numbers is 0, the others are larger; the same for a stream; gradients.
function T.test_dropout_of_attention()
  local qkv = ms.zeros { 1, 1000, 3 }
  for t = 1, 1000 do qkv:set(1, t, 3, 1) end
  local function dropped(stream)
    return qkv:attention(1, nil, { dropout = 0.25, seed = 1, stream = stream })
  end
  local y = dropped(2)
  lu.assertAlmostEquals(y:mean():item(), 1, 5e-3) -- each sum of 1000 has a deviation of 0.018
  lu.assertTrue(largest(y - 1) > 0.02)
  lu.assertEquals(y:bytes(), dropped(2):bytes())
  lu.assertNotEquals(y:bytes(), dropped(3):bytes())
  if not DOUBLE then return end
  local worst = ms.gradcheck(function(x)
    return x:attention(2, nil, { dropout = 0.4, causal = true, seed = 3 })
  end, { ms.randn { 2, 9, 12 } })
  lu.assertTrue(worst < 1e-6)
end

--- Blocks of queries see different numbers of keys: gradients of a long sequence.
function T.test_long_causal_attention()
  local x = ms.randn { 1, 450, 6 }:needs_grad()
  local mask = ms.zeros { 450, 450 }
  for i = 1, 450 do
    for j = 1, i do mask:set(i, j, 1) end
  end
  local g = ms.randn { 1, 450, 2 }
  local a, b = x:attention(1, nil, { causal = true }), x:attention(1, mask)
  lu.assertTrue(difference(a, b) < 1e-5)
  lu.assertTrue(difference(gradients(a, g, { x })[1], gradients(b, g, { x })[1]) < 1e-5)
end

-- ---- in networks -------------------------------------------------------------------------------
local tagger = net.define { name = "layers_tagger",
  options = { classes = ms.options.count(3), seed = 0 },
  build = function(o)
    return net.chain { name = "layers_tagger", input = { 12, 4 },
      nn.positions { dim = 4, kind = "learnt", length = 20 },
      nn.transformer_layer { dim = 4, heads = 2, dropout = 0.1, rotary = true },
      nn.lstm { in_features = 4, hidden = 3, bidirectional = true, init = "orthogonal" },
      nn.silu {}, nn.sequential { nn.linear { in_features = 6, out_features = 6 }, nn.relu {} },
      nn.lambda(function(x) return x:mean(2) end),
      nn.parallel { nn.linear { in_features = 6, out_features = o.classes } },
    }:init(o.seed)
  end }

--- In a chain a recurrent layer gives y alone; numbers are drawn by name, kept and loaded.
function T.test_in_a_network()
  local a, b, x = tagger { seed = 1 }:eval(), tagger { seed = 2 }:eval(), ms.randn { 2, 12, 4 }
  lu.assertEquals(a(x):shape(), "2x3")
  lu.assertNotEquals(a(x):bytes(), b(x):bytes())
  b:load(a:state())
  lu.assertEquals(a(x):bytes(), b(x):bytes())
  lu.assertEquals(tagger { seed = 1 }:eval()(x):bytes(), a(x):bytes())
  lu.assertStrContains(a:summary(), "layers_tagger.lstm")
  lu.assertStrContains(a:summary(ms.zeros { 7, 12, 4 }), "7x12x6")
  lu.assertStrContains(a:summary(function() a(x) end), "2x12x6")
end

function T.test_a_network_learns()
  ms.seed(1)
  ms.step(0)
  local m, x = tagger { seed = 1 }, ms.randn({ 6, 12, 4 }, { seed = 1 })
  local target = ms.tensor { 1, 2, 3, 1, 2, 3 }
  local opt, first, last = ms.optim.adam(m:parameters(), { lr = 0.02 }), nil, nil
  for _ = 1, 60 do
    local _ <close> = ms.scope()
    local loss = ms.loss.cross_entropy(m(x), target):mean()
    opt:zero()
    loss:backward()
    opt:step()
    last = loss:item()
    first = first or last
  end
  lu.assertTrue(last < first / 4, ("%g, then %g"):format(first, last))
end

function T.test_watching()
  local m = net.chain { name = "m", nn.batch_norm { channels = 2 },
    nn.conv2d { in_channels = 2, out_channels = 3 } }
  local x, heard = ms.randn { 1, 4, 4, 2 }, {}
  local plain = m(x):bytes()
  local stop = m:watch(function(name, y) heard[#heard + 1] = name .. " " .. y:shape() end)
  m(x)
  lu.assertEquals(heard, { "norm 1x4x4x2", "conv 1x4x4x3", "m 1x4x4x3" })
  stop()
  lu.assertEquals(m(x):bytes(), plain)
  lu.assertEquals(#heard, 3)
  lu.assertErrorMsgContains("watch: a function is needed, got nil", m.watch, m)
end

function T.test_applying_and_freezing()
  local m, names = tagger {}, {}
  m:apply(function(_, name) names[#names + 1] = name end)
  lu.assertEquals(names[#names], "layers_tagger")
  lu.assertEquals(names[1], "positions")
  local all = #m:parameters()
  m:freeze "transformer_layer%.linear%.[12]"
  lu.assertEquals(#m:parameters(), all - 4)
  m:freeze "lstm"
  lu.assertEquals(#m:parameters(), all - 8)
  m:unfreeze "transformer_layer"
  lu.assertEquals(#m:parameters(), all - 4)
  m:unfreeze()
  lu.assertEquals(#m:parameters(), all)
end

return T
