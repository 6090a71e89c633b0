--- Attention over more tokens than its tiles hold, beside matrix products and softmax.
local lu = require "luaunit"
local ms = require "moonstem"

local M = {}

--- softmax(q k' / sqrt(width)) v of every head, one by one; `change` may change weights
-- (query, key).
local function plain(q, k, v, heads, hidden, change)
  local batches = {}
  for b = 1, q:size(1) do
    local outs, width = {}, q:size(3) // heads
    for h = 1, heads do
      local function head(x)
        return x:slice(1, b, b):slice(3, (h - 1) * width + 1, h * width):reshape { -1, width }
      end
      local scores = head(q):matmul(head(k):permute { 2, 1 }) * (1 / math.sqrt(width))
      local weights = (hidden and scores - hidden * 1e4 or scores):softmax()
      outs[h] = (change and change(weights) or weights):matmul(head(v))
    end
    batches[b] = ms.cat(outs, 2):reshape { 1, q:size(2), -1 }
  end
  return ms.cat(batches, 1)
end

local function near(a, b, what)
  lu.assertTrue((a - b):abs():max() < 2e-5 * (1 + b:abs():max()), what)
end

--- y and the gradients of both inputs, here and by `plain`.
local function compare(what, queries, keys, dim, heads, options, hidden, change)
  local _ <close> = ms.scope()
  ms.seed(queries)
  local batch, results = change and 1 or 2, {}
  local q, memory = ms.randn { batch, queries, dim }, ms.randn { batch, keys, 2 * dim }
  local gy = ms.randn { batch, queries, dim }
  local mask = hidden and not options.causal and 1 - hidden or nil
  for k, f in ipairs {
    function(a, b) return a:cross_attention(b, heads, mask, options) end,
    function(a, b)
      return plain(a, b:slice(3, 1, dim), b:slice(3, dim + 1, 2 * dim), heads, hidden, change)
    end } do
    local a, b = q:detach():needs_grad(), memory:detach():needs_grad()
    local y = f(a, b)
    y:backward(gy)
    results[k] = { y:detach(), a.grad, b.grad }
  end
  for k, name in ipairs { "", ", gradient of queries", ", gradient of the memory" } do
    near(results[1][k], results[2][k], what .. name)
  end
end

function M.test_more_tokens_than_a_tile_holds()
  for _, s in ipairs { { 1, 1, 2, 1 }, { 3, 230, 8, 2 }, { 33, 17, 33, 1 }, { 65, 104, 70, 2 },
    { 50, 220, 195, 3 } } do
    compare(table.concat(s, " "), s[1], s[2], s[3], s[4], {})
  end
end

--- 1 where key j comes behind query i.
local function behind(tokens)
  local rows = {}
  for i = 1, tokens do
    rows[i] = {}
    for j = 1, tokens do rows[i][j] = j > i and 1 or 0 end
  end
  return ms.tensor(rows)
end

function M.test_masks_over_several_tiles()
  compare("causal", 120, 120, 24, 2, { causal = true }, behind(120))
  compare("mask", 40, 210, 24, 2, {}, (ms.uniform { 40, 210 } - 0.3):sign() * 0.5 + 0.5)
end

--- Values that are rows of the unit matrix show the weights themselves.
function M.test_dropout_zeroes_a_share_of_the_weights_everywhere()
  local keys, options = 210, { dropout = 0.25, seed = 3, stream = 5 }
  local q, k = ms.randn { 1, 40, keys }, ms.randn { 1, keys, keys }
  local weights = q:cross_attention(ms.cat({ k, ms.eye(keys):reshape { 1, keys, keys } }, 3), 1,
    nil, options):reshape { 40, keys }
  local kept = weights:sign()
  for first = 1, keys, 70 do
    local share = kept:slice(2, first, first + 69):mean():item()
    lu.assertTrue(share > 0.72 and share < 0.78, share)
  end
  compare("dropout", 40, keys, 24, 1, options, nil,
    function(softmax) return softmax * kept * (1 / 0.75) end)
end

function M.test_same_bits_for_any_number_of_threads()
  local before, bits, x = ms.threads(), {}, ms.randn { 3, 120, 3 * 48 }
  for _, n in ipairs { 1, 2, 5 } do
    ms.threads(n)
    local qkv = x:detach():needs_grad()
    local y = qkv:attention(4)
    y:backward(y:detach())
    bits[#bits + 1] = y:bytes() .. qkv.grad:bytes()
  end
  ms.threads(before)
  lu.assertTrue(bits[1] == bits[2] and bits[1] == bits[3])
end

return M
