--- Losses of many numbers, which go another way than a batch of labels: as the mean of their parts.
local lu = require "luaunit"
local ms = require "moonstem"

local tests = {}

-- The loss of all rows and its gradients, as numbers.
local function all(loss, inputs)
  local leaves = {}
  for i, x in ipairs(inputs) do leaves[i] = (x + 0):needs_grad() end
  local y = loss(table.unpack(leaves))
  y:backward()
  local list = { y:item() }
  for i, x in ipairs(leaves) do list[i + 1] = x.grad end
  return list
end

-- The same of one row after another.
local function by_rows(loss, inputs, rows)
  local sum, grads = 0, {}
  for r = 1, rows do
    local parts = {}
    for i, x in ipairs(inputs) do parts[i] = x:slice(1, r, r) end
    local one = all(loss, parts)
    sum = sum + one[1] / rows
    for i = 2, #one do
      grads[i] = grads[i] or {}
      grads[i][r] = one[i] * (1 / rows)
    end
  end
  local list = { sum }
  for i = 2, #inputs + 1 do list[i] = ms.cat(grads[i], 1) end
  return list
end

local function same(loss, inputs, rows)
  local _ <close> = ms.scope()
  local a, b = all(loss, inputs), by_rows(loss, inputs, rows)
  lu.assertAlmostEquals(a[1], b[1], 1e-5 * math.abs(b[1]))
  for i = 2, #a do
    local off, most = (a[i] - b[i]):abs():max(), b[i]:abs():max()
    lu.assertTrue(off <= 1e-5 * most, ("gradient %d is off by %g of %g"):format(i - 1, off, most))
  end
  ms.threads(3)
  local again = all(loss, inputs)
  ms.threads(2)
  lu.assertEquals(again[1], a[1])
  for i = 2, #a do lu.assertEquals(again[i]:bytes(), a[i]:bytes()) end
end

function tests.test_pairs_of_many_numbers()
  ms.seed(4)
  local rows, n = 20, 1500
  local y, t, v = ms.randn { rows, n } * 3, ms.uniform { rows, n }, ms.uniform { rows, n } + 0.5
  for _, name in ipairs { "bce_with_logits", "focal", "huber", "hinge", "poisson" } do
    same(ms.loss[name], { y, t }, rows)
  end
  same(ms.loss.bce, { v:log():sigmoid(), t }, rows)
  same(ms.loss.gaussian_nll, { y, t, v }, rows)
end

function tests.test_classes_of_many_numbers()
  ms.seed(5)
  local rows, n, list = 30, 700, {}
  for r = 1, rows do list[r] = (r * 37) % n + 1 end
  local y, shares = ms.randn { rows, n } * 3, (ms.randn { rows, n } * 2):softmax()
  local weight = ms.uniform { n } + 0.5
  local function of_classes(options)
    local at = 0
    return function(logits)
      local count = logits:size()[1]
      local class = count == rows and list or { list[at % rows + 1] }
      at = at + (count == rows and 0 or 1)
      return ms.loss.cross_entropy(logits, ms.tensor(class), options)
    end
  end
  same(of_classes {}, { y }, rows)
  same(of_classes { label_smoothing = 0.1 }, { y }, rows)
  same(function(logits, target)
    return ms.loss.cross_entropy(logits, target, { weight = weight, label_smoothing = 0.2 })
  end, { y, shares }, rows)
end

-- Of nothing there is a sum, and no mean.
function tests.test_nothing()
  local none = ms.zeros { 0, 3 }
  for _, name in ipairs { "l1", "mse", "huber", "bce", "bce_with_logits", "focal", "kl_div",
    "hinge", "poisson" } do
    lu.assertEquals(ms.loss[name](none, none, { reduction = "sum" }):item(), 0)
    lu.assertEquals(ms.loss[name](none, none, { reduction = "none" }):size(), { 0, 3 })
    lu.assertErrorMsgContains(name .. ": the tensors are empty", ms.loss[name], none, none)
  end
  lu.assertEquals(ms.loss.cross_entropy(none, ms.zeros { 0 }, { reduction = "sum" }):item(), 0)
end

function tests.test_names_of_pytorch_lead_here()
  for wrote, meant in pairs { CrossEntropyLoss = "cross_entropy", nll_loss = "nll",
    triplet_margin_loss = "triplet" } do
    lu.assertErrorMsgContains("did you mean ms.loss." .. meant,
      function() return ms.loss[wrote] end)
  end
  lu.assertErrorMsgContains("did you mean ms.optim.clip_grad_norm",
    function() return ms.optim.clip_grad_norm_ end)
  lu.assertErrorMsgContains("did you mean ms.train.schedule.one_cycle",
    function() return ms.train.schedule.OneCycleLR end)
  lu.assertErrorMsgContains("did you mean steps",
    function() return ms.train.schedule.cosine { lr = 1, T_max = 2 } end)
end

return tests
