--- The AST tail and its adaptation module: sizes, the order of tokens, what [CLS] sees, options,
-- threads.
local lu = require "luaunit"
local ms = require "moonstem"

local tests = {}

local function small(o)
  local options = { dim = 24, heads = 3, depth = 6, frames = 128, classes = 5 }
  for key, value in pairs(o or {}) do options[key] = value end
  return options
end

local function small_unet(o)
  return ms.models.unet { widths = { 4, 4, 8, 8, 8, 8 }, sources = o and o.sources, seed = 1 }
end

local function difference(a, b) return (a - b):abs():max() end

--- The paper's sizes (recipes/paper.md#the-ast-tail, #adaptation-of-the-ast, #sizes-and-cost), all
-- from one joint model.
function tests.test_parameter_counts()
  local joint = ms.models.tagger { unet = ms.models.unet(), tail = { kind = "ast" }, classes = 50 }
  lu.assertEquals(joint:count(), 101801175)
  lu.assertEquals(select(2, joint:count()), 4708)
  lu.assertEquals(joint.adapt:count(), 12095232)
  local channel, class = 16 * 16 * 768, 769
  lu.assertEquals(joint.tail:count() - channel, 85588274)
  lu.assertEquals(joint.tail:count() - channel - 34 * class, 85562128)
  lu.assertEquals(joint.input, { 768, 256 })
end

--- Token f * columns + t is the patch at column t, row f: a patch that changes moves that token
-- alone.
function tests.test_token_order()
  local tail = ms.models.ast_tail(small { depth = 2 })
  local seen
  local function tokens(x)
    tail:forward(x, function(_, t) return t end)
    return seen
  end
  local first = tail.layer[1].forward
  tail.layer[1].forward = function(self, x)
    seen = x
    return first(self, x)
  end
  local x = ms.zeros { 1, 128, 128, 1 }
  local before = tokens(x)
  x:set(1, 16 * 4 + 3, 16 * 5 + 2, 1, 7) -- column 4, row 5, from 0
  local after = tokens(x)
  for k = 1, 65 do
    local moved = difference(after:slice(2, k, k), before:slice(2, k, k)) > 0
    lu.assertEquals(moved, k == 1 + 5 * 8 + 4 + 1, "token " .. k)
  end
end

--- Every second layer meets a map, [CLS] never changes there.
function tests.test_adaptation()
  local tagger = ms.models.tagger { unet = small_unet(), tail = small { kind = "ast", depth = 12 },
    classes = 5 }
  local met, adapt = {}, tagger.adapt.forward
  tagger.adapt.forward = function(self, k, x, map)
    local y = adapt(self, k, x, map)
    met[#met + 1] = { k, map:size(2), difference(x:slice(2, 1, 1), y:slice(2, 1, 1)),
      difference(x:slice(2, 2, -1), y:slice(2, 2, -1)) > 0 }
    return y
  end
  tagger(ms.uniform { 2, 128, 256 })
  lu.assertEquals(met, { { 3, 128, 0.0, true }, { 5, 64, 0.0, true }, { 7, 32, 0.0, true },
    { 9, 16, 0.0, true }, { 11, 8, 0.0, true } })
end

--- A tail that is made already, several sources, few levels and layers.
function tests.test_tagger_with_a_tail()
  local tail = ms.models.ast_tail(small { channels = 5, depth = 4 })
  local tagger = ms.models.tagger { unet = small_unet { sources = 4 }, tail = tail, classes = 5 }
  lu.assertEquals(#tagger.adapt.conv, 1)
  lu.assertEquals(tagger(ms.uniform { 1, 128, 256 }):size(), { 1, 5 })
end

function tests.test_normalise()
  local plain = ms.models.ast_tail(small { seed = 4 })
  local tail = ms.models.ast_tail(small { seed = 4, normalise = { mean = -2.5, deviation = 0.7 } })
  local x = ms.randn { 2, 128, 128, 1 }
  lu.assertTrue(difference(tail(x), plain((x + 2.5) / 1.4)) < 1e-4)
  lu.assertEquals(tail.options.normalise.mean, -2.5)
  lu.assertErrorMsgContains("needs a mean", ms.models.ast_tail, small { normalise = { mean = 1 } })
end

--- Checkpoints build the same model again.
function tests.test_description()
  local describe = require "moonstem.train.model_config"
  local tail = small { kind = "ast", depth = 2, normalise = { mean = -2, deviation = 1.5 } }
  for _, model in ipairs { ms.models.tail_only { tail = ms.models.tail(tail) },
    ms.models.tagger { unet = small_unet(), tail = tail, classes = 5 } } do
    local spec = ms.io.json_decode(ms.io.json_encode(describe.describe(model)))
    local again = assert(describe.build(spec))
    again:load(model:state())
    local x = ms.uniform { 1, 128, 256 }
    lu.assertEquals(difference(again:eval()(x), model:eval()(x)), 0.0)
  end
end

--- Stage 3 from a tail that was trained alone: its patches read the mixture, which is the last
-- channel.
function tests.test_hand_over()
  local from = ms.models.tail_only { tail = ms.models.tail(
    small { kind = "ast", depth = 2, seed = 8 }) }
  local into = ms.models.tagger { unet = small_unet(), tail = small { kind = "ast", depth = 2 },
    classes = 5 }
  ms.train.transfer.tail(from, into)
  local x = ms.uniform { 2, 128, 256 }
  lu.assertTrue(difference(into:eval()(x), from:eval()(x)) < 1e-4)
end

function tests.test_sentences()
  lu.assertErrorMsgContains("multiple of the 16", ms.models.ast_tail, small { frames = 100 })
  lu.assertErrorMsgContains("3 heads", ms.models.ast_tail, small { dim = 25 })
  lu.assertErrorMsgContains('kind must be "cnn" or "ast"', ms.models.tail, { kind = "rnn" })
  lu.assertErrorMsgContains("authors' variant", ms.models.tagger,
    { unet = small_unet(), tail = small { kind = "ast" }, variant = "authors" })
  lu.assertErrorMsgContains("attention: 10 numbers", function()
    return ms.ones { 1, 2, 10 }:attention(3)
  end)
  lu.assertErrorMsgContains("layer_norm: x is 2x3", function()
    return ms.ones { 2, 3 }:layer_norm(ms.ones { 4 }, ms.ones { 4 })
  end)
end

--- Numbers and gradients are the same for one thread, two and three.
function tests.test_threads_same_bits()
  local function run(threads)
    ms.threads(threads)
    local tail = ms.models.ast_tail(small { seed = 3, frames = 640, depth = 2 })
    local x = ms.tensor_from(ms.uniform { 2 * 640 * 128 }:totable(), { 2, 640, 128, 1 })
    return tail, x
  end
  local before = ms.threads()
  local _, x = run(1)
  local results = {}
  for k = 1, 3 do
    local tail = run(k)
    ms.loss.mse(tail(x), ms.zeros { 2, 5 }):backward()
    local parts = {}
    for _, p in ipairs(tail:parameters()) do parts[#parts + 1] = p.value.grad:bytes() end
    results[k] = table.concat(parts)
  end
  ms.threads(before)
  lu.assertTrue(results[1] == results[2] and results[2] == results[3])
end

return tests
