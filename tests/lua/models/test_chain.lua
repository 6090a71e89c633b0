--- Networks as values: names, fused operators, what is released, what may change, sums and
-- concatenations.
local lu = require "luaunit"
local ms = require "moonstem"

local T = {}

local nn, net = ms.nn, ms.net

local function norm(channels) return nn.batch_norm { channels = channels, slope = 0.1 } end
local function conv(inp, out) return nn.conv2d { in_channels = inp, out_channels = out } end

local function names(model)
  local list = {}
  for i, p in ipairs(model:parameters()) do list[i] = p.name end
  return list
end

-- A block of one's own, as models have theirs: norms, convolutions, pooling.
local function block()
  return net.chain { name = "own", norm(2), conv(2, 4), norm(4), conv(4, 4), norm(4),
    net.op("max_pool2d", 2) }:init(7)
end

function T.test_names()
  local model = net.chain { nn.conv_transpose2d { in_channels = 1, out_channels = 2 },
    norm(2), conv(2, 3), norm(3), { mask = conv(3, 1) }, net.op "sigmoid",
    { ["part."] = nn.layer_norm { channels = 1 } }, net.chain { name = "inner", conv(1, 1) } }
  lu.assertEquals(table.concat(names(model), " "), "up.weight up.bias norm.1.weight norm.1.bias "
    .. "norm.2.weight norm.2.bias conv.weight conv.bias mask.weight mask.bias part.1.weight "
    .. "part.1.bias inner.conv.weight inner.conv.bias")
  lu.assertEquals(tostring(model),
    "chain: 117 parameters (up, norm x2, conv, mask, part x1, inner)")
end

-- operator -> calls of f, forward.
local function operators(f)
  local calls = {}
  for _, row in ipairs(ms.profile(f).rows) do
    if row.way == "forward" then calls[row.name] = (calls[row.name] or 0) + row.calls end
  end
  return calls
end

--- A chain of one's own runs the operators that a network of the library runs, and gives the same
-- bytes.
function T.test_neighbours_are_fused()
  local x, model = ms.uniform { 2, 8, 8, 2 }, block()
  local calls = operators(function() model(x) end)
  lu.assertEquals({ calls.norm_conv2d, calls.norm_max_pool2d }, { 2, 1 })
  lu.assertEquals({ calls.batch_norm, calls.conv2d, calls.max_pool2d }, {})
  local n, c = model.norm, model.conv
  local y = n[3]:max_pool2d(c[2]:after(n[2], c[1]:after(n[1], x)), 2)
  lu.assertEquals(model(x):bytes(), y:bytes())
  lu.assertEquals(#model:trace { 1, 8, 8, 2 }, 5) -- whoever listens hears each
end

function T.test_functions_stand_between()
  local x = ms.uniform { 2, 8, 8, 2 }
  local model = net.chain { norm(2), function(y) return y end, conv(2, 4) }
  local calls = operators(function() model(x) end)
  lu.assertEquals({ calls.batch_norm, calls.conv2d, calls.norm_conv2d }, { 1, 1 })
end

local function is_open(t) return (pcall(t.shape, t)) end

--- What lies between parts is released at once; a function may keep what it is given, an op does
-- not.
function T.test_what_is_released()
  local seen, by_op
  local model = net.chain { conv(2, 2), function(y) seen = y return y end, conv(2, 2),
    net.op(function(y) by_op = y return y:relu() end), function(y)
      lu.assertTrue(is_open(seen))
      lu.assertFalse(is_open(by_op))
      return y * 1
    end }
  local x = ms.uniform { 1, 4, 4, 2 }
  lu.assertEquals(model(x):shape(), "1x4x4x2")
  lu.assertTrue(is_open(x))
  lu.assertIs(net.chain { function(y) return y end }(x), x)
end

function T.test_functions_have_the_further_arguments()
  local model = net.chain { function(a, b) return a + b end, conv(2, 2),
    net.op(function(y, b) return y - b end) }
  local a, b = ms.ones { 1, 4, 4, 2 }, ms.ones { 1, 4, 4, 2 }
  lu.assertEquals(model(a, b):bytes(), (model.conv(a + b) - b):bytes())
end

function T.test_parts_may_change()
  local x, model = ms.uniform { 2, 8, 8, 2 }, block()
  model.norm[2] = net.chain { name = "other", norm(4) } -- no longer a batch norm
  lu.assertEquals(operators(function() model(x) end).norm_conv2d, 1)
  model.norm[2], model.conv[2] = nil, nil -- passed over
  lu.assertEquals(model(x):shape(), "2x4x4x4")
  model.conv[2] = conv(4, 4)
  model.conv[3] = conv(4, 4)
  lu.assertErrorMsgContains("own: conv[3] has no place in the chain", model, x)
end

function T.test_sums_and_concatenations()
  local x = ms.uniform { 1, 4, 4, 2 }
  local residual, skip = net.residual { conv(2, 2) }, net.skip { conv(2, 3) }
  lu.assertEquals(residual(x):bytes(), (x + residual.conv(x)):bytes())
  lu.assertEquals(skip(x):bytes(), ms.cat({ x, skip.conv(x) }):bytes())
  local both = net.concat { conv(2, 1), net.chain { name = "deep", conv(2, 3), net.op "relu" } }
  lu.assertEquals(both(x):bytes(), ms.cat({ both.branch[1](x), both.branch[2](x) }):bytes())
  lu.assertEquals(table.concat(names(both), " "),
    "branch.1.weight branch.1.bias branch.2.conv.weight branch.2.conv.bias")
  local nested = net.chain { net.residual { conv(2, 2) }, net.residual { conv(2, 2) } }
  lu.assertEquals(names(nested)[4], "residual.2.conv.bias")
end

--- Batch norm and what follows it, where the two have no operator of their own.
function T.test_general_convolutions_and_pooling()
  local x = ms.uniform { 2, 7, 8, 4 }
  for _, o in ipairs { { dilation = 2, padding = 2 }, { groups = 4 }, { padding = 1 } } do
    local layer = nn.conv2d(ms.options.merge({ in_channels = 4, out_channels = 4 }, o))
    local model = net.chain { name = "m", norm(4), layer }:init(3)
    lu.assertEquals(model(x):bytes(), model.conv(model.norm(x)):bytes())
  end
  local pool = net.chain { norm(4), net.op("max_pool2d", 3, 3, { stride = 2 }) }
  lu.assertEquals(pool(x):shape(), "2x3x3x4")
end

--- All layers of sequences in a row: shapes, and what the summary counts.
function T.test_layers_of_sequences()
  local model = net.chain { name = "m", input = { 81, 1 },
    nn.conv1d { in_channels = 1, out_channels = 8, stride = 3 }, norm(8),
    nn.conv1d { in_channels = 8, out_channels = 8, groups = 8, dilation = 2, padding = "same" },
    nn.group_norm { groups = 2, channels = 8 }, nn.prelu { channels = 8 },
    nn.max_pool { kernel = 3 }, nn.dropout1d {}, nn.instance_norm { channels = 8 },
    nn.conv_transpose1d { in_channels = 8, out_channels = 4, kernel = 4, stride = 2, padding = 1 },
    nn.upsample { scale = 2, mode = "linear" }, nn.avg_pool {}, nn.rms_norm { channels = 4 },
    nn.drop_path {}, nn.adaptive_avg_pool { size = 5 }, nn.global_pool {} }
  lu.assertEquals(model:eval()(ms.uniform { 2, 81, 1 }):shape(), "2x4")
  local text = model:summary()
  lu.assertStrContains(text, "m.up")
  lu.assertStrContains(text, "1x18x4")
end

function T.test_sentences()
  lu.assertErrorMsgContains("net.chain: element 2 must be a layer, a module, a function or an op",
    net.chain, { conv(1, 1), 3 })
  lu.assertErrorMsgContains("net.op: a function or the name of an operator", net.op, "max_poool2d")
  lu.assertErrorMsgContains("net.residual: a list of parts is needed", net.residual, conv(1, 1))
  lu.assertErrorMsgContains("own.norm.1: batch_norm: x has 3 channels", block(),
    ms.ones { 1, 4, 4, 3 })
end

return T
