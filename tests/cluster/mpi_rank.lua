--- What each rank does in the tests of MPI: trains a network on numbers that depend on the step
-- alone, with an optimizer of its own, and saves weights and running statistics.
--   moonstem tests/cluster/mpi_rank.lua network=cnn steps=50 out=FILE [micro=2] [batch=8]
--     [size=small] [ranks=no] [optimizer=sgd] [lr=1e-3] [stops=RANK at=STEP] [marks=1,2,5]
-- ranks=no: one process without MPI, loss:backward() and nothing else. marks: after these steps it
-- saves, too, as FILE-STEP.
package.path = arg[0]:match "^(.*/)" .. "?.lua;" .. package.path
local ms = require "moonstem"
local given = require "mpi_tools".given(arg)

-- ---- networks: { model =, x = shape of a clip, y = shape of its target, loss = } ---------------
local function tags(logits, y) return ms.loss.bce_with_logits(logits, (y + 0.5):round()) end
local SMALL_UNET = { widths = { 4, 8, 8 } }
local SMALL_TAIL = { classes = 5, widths = { 8, 8, 16, 16, 16, 16, 16 }, hidden = 16 }

local NETWORKS = {
  separator = function(small)
    local model = ms.models.separator(small and SMALL_UNET or {})
    return { model = model, x = { 61792 }, y = { 1, 61792 }, loss = ms.loss.l1 }
  end,
  cnn = function(small)
    local o = small and ms.options.merge(SMALL_TAIL, { frames = 192 }) or {}
    local model = ms.models.cnn_tail(o)
    return { model = model, x = { small and 192 or 384, 128, 1 }, y = { o.classes or 50 },
      loss = tags }
  end,
  joint = function(small)
    local model = ms.models.tagger { unet = ms.models.unet(small and SMALL_UNET or {}),
      tail = small and SMALL_TAIL or {}, classes = small and 5 or 50 }
    return { model = model, x = { 384, 256 }, y = { small and 5 or 50 }, loss = tags,
      positive = true }
  end,
  ast = function(small)
    local model = ms.models.ast_tail { classes = 5, dim = small and 24 or 192,
      depth = small and 2 or 12, heads = 3, frames = small and 192 or 768 }
    return { model = model, x = { small and 192 or 768, 128, 1 }, y = { 5 }, loss = tags }
  end,
}

-- ---- training ----------------------------------------------------------------------------------
local function batch_of(net, step, count)
  ms.seed(step)
  local x, y = ms.randn { count, table.unpack(net.x) }, ms.uniform { count, table.unpack(net.y) }
  return net.positive and x:abs() or x * 0.5, y - 0.5
end

-- A rank that stands still at its step.
local function lose(step)
  if given.stops ~= ms.distributed.rank() or given.at ~= step then return end
  os.execute("kill -STOP " .. ms.sys.pid())
end

local function backward(net, dp, x, y, count)
  local function loss_of(first, last)
    return net.loss(net.model(x:slice(1, first, last)), y:slice(1, first, last))
  end
  if dp then return dp:backward(count, loss_of) end
  local loss = net.loss(net.model(x), y)
  loss:backward()
  return loss:item()
end

local function save(path, model, about)
  if ms.distributed.rank() == 0 then
    assert(ms.io.save_safetensors(path, model:state(), about))
  end
end

-- Whether a step is one of the marks.
local function is_marked(step)
  return given.marks and ("," .. given.marks .. ","):find("," .. step .. ",", 1, true) ~= nil
end

local function train(net)
  local count = given.batch or 8
  local dp = given.ranks ~= "no" and assert(ms.distributed.data_parallel(net.model,
    { micro_batch = given.micro }))
  local opt = given.optimizer == "adam" and ms.optim.adam(net.model:parameters(), { lr = 1e-4 })
    or ms.optim.sgd(net.model:parameters(), { lr = given.lr or 1e-3, momentum = 0.9 })
  local loss
  for step = 1, given.steps do
    local _ <close> = ms.scope()
    ms.step(step)
    lose(step)
    opt:zero()
    local x, y = batch_of(net, step, count)
    loss = assert(backward(net, dp, x, y, count))
    opt:step()
    if is_marked(step) then save(given.out .. "-" .. step, net.model) end
  end
  if dp then assert(dp:same()) end
  return loss
end

if given.ranks ~= "no" and given.ranks ~= "one" then
  assert(ms.distributed.init { patience = given.patience })
end
ms.threads(1)
local net = NETWORKS[given.network](given.size == "small")
net.model:train()
local began = ms.sys.now()
local loss = train(net)
save(given.out, net.model,
  { loss = ("%.17g"):format(loss), seconds = ("%.3f"):format(ms.sys.now() - began) })
