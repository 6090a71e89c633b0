--- Losses of vectors: which of them are to be near each other.
local core = require "moonstem.tensor"
local options_of = require "moonstem.options"
local reduction = require "moonstem.reduction"

local M = {}

local function same_shape(who, a, b, what)
  local x, y = a:size(), b:size()
  local same = #x == #y and #x > 0
  for i = 1, #x do same = same and x[i] == y[i] end
  if not same then
    error(("%s: the vectors are %s but the %s are %s"):format(who, table.concat(x, "x"), what,
      table.concat(y, "x")), 3)
  end
end

local function cosine_of(x, y)
  local length = (x:square():sum(-1) + 1e-12) * (y:square():sum(-1) + 1e-12)
  return (x * y):sum(-1) / length:sqrt()
end

--- ms.loss.cosine(x, y, side, options) -> mean of 1 - cos(x, y) where side is 1, and of
-- max(0, cos(x, y) - margin) where it is -1 (PyTorch's cosine_embedding_loss).
-- x, y: (..., features) of one shape; side: (...), or one number for all
-- options: { margin = 0, reduction = "mean" ("sum", "none") }
function M.cosine(x, y, side, options)
  local o = options_of(options, "loss.cosine", { margin = 0.0, reduction = reduction.option })
  x, y, side = core.as_tensor(x), core.as_tensor(y), core.as_tensor(side)
  same_shape("cosine", x, y, "others")
  local cosine = cosine_of(x, y)
  local near, far = side:eq(1), side:eq(-1)
  if not (near + far):eq(1):all() then error("cosine: a side is 1 or -1", 2) end
  return reduction.of(near * (1 - cosine) + far * (cosine - o.margin):relu(), o.reduction)
end

local TRIPLET = { margin = 1.0, norm = options_of.positive(2), eps = 1e-6,
  swap = options_of.flag(false), reduction = reduction.option }
local TRIPLET_DEFAULTS = options_of({}, "loss.triplet", TRIPLET)

--- ms.loss.triplet(anchor, positive, negative, options) -> mean of max(0, d(anchor, positive) -
-- d(anchor, negative) + margin), d(x, y) the norm of x - y + eps (PyTorch's triplet_margin_loss).
-- All three are (..., features) of one shape.
-- options: { margin = 1, norm = 2 (its power; PyTorch's p), eps = 1e-6, swap = false (true: the
--   negative's distance to the positive, where that is smaller), reduction = "mean" ("sum",
--   "none") }
function M.triplet(anchor, positive, negative, options)
  local o = options == nil and TRIPLET_DEFAULTS or options_of(options, "loss.triplet", TRIPLET)
  anchor, positive, negative = core.as_tensor(anchor), core.as_tensor(positive),
    core.as_tensor(negative)
  same_shape("triplet", anchor, positive, "positives")
  same_shape("triplet", anchor, negative, "negatives")
  local function distance(x, y)
    local scope <close> = core.scope() -- releases the differences before the next ones are made
    return scope:keep((x - y + o.eps):norm(o.norm, -1))
  end
  local far = distance(anchor, negative)
  if o.swap then far = far:minimum(distance(positive, negative)) end
  return reduction.of((distance(anchor, positive) - far + o.margin):relu(), o.reduction)
end

-- Rows over their norms, at least 1e-12 as in PyTorch's normalize.
local function normalized(x)
  return x / x:norm(2, -1, { keep = true }):maximum(1e-12)
end

-- The partner of row i among 2 n: n rows on or back.
local function partners(n)
  local list = {}
  for i = 1, 2 * n do list[i] = (i + n - 1) % (2 * n) + 1 end
  return core.tensor(list)
end

--- ms.loss.nt_xent(x, y, options) -> mean cross-entropy of finding row i of y among all other rows
-- of x and y by its cosine to row i of x, over temperature, and the other way round (SimCLR, Chen
-- et al. 2020).
-- x, y: batch x features, two views of the same items
-- options: { temperature = 0.5, reduction = "mean" ("sum", "none": of 2 batch rows) }
function M.nt_xent(x, y, options)
  local o = options_of(options, "loss.nt_xent",
    { temperature = options_of.positive(0.5), reduction = reduction.option })
  x, y = core.as_tensor(x), core.as_tensor(y)
  same_shape("nt_xent", x, y, "others")
  local size = x:size()
  if #size ~= 2 then error("nt_xent: the vectors must be batch x features", 2) end
  local rows = normalized(core.ops.cat({ x, y }, 1))
  local alike = rows:matmul(rows:permute { 2, 1 }) * (1 / o.temperature)
  local itself = core.eye(2 * size[1])
  return core.loss.cross_entropy(alike:masked_fill(itself, -math.huge), partners(size[1]),
    { reduction = o.reduction })
end

return M
