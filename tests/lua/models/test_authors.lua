--- The networks against the authors' own, as far as their checkpoints tell: kinds, order and shapes
-- of all weighted layers (tests/golden/authors, read from the checkpoints' index files), and the
-- counts of parameters.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"

local KINDS = { conv2d = "conv2d", conv_transpose2d = "conv2d_transpose", batch_norm = "batch_norm",
  linear = "dense" }

--- The layers of a checkpoint in their order: list of "KIND KERNEL CHANNELS".
local function authors(name)
  local list = {}
  for line in io.lines((places.GOLDEN .. "authors/%s.tsv"):format(name)) do
    list[#list + 1] = line:gsub("\t", " ")
  end
  table.remove(list, 1) -- the names of the columns
  return list
end

--- One of our layers in the same words. TensorFlow's transposed kernels are height x width x out x
-- in.
local function describe(kind, state, path)
  local weight, other = state[path .. ".weight"]:size(), state[path .. ".bias"]:size()
  lu.assertEquals(#other, 1)
  if kind == "batch_norm" then
    for _, name in ipairs { "weight", "running_mean", "running_var" } do
      lu.assertEquals(state[path .. "." .. name]:size(), other)
    end
    return ("batch_norm - %d"):format(other[1])
  end
  if kind == "conv_transpose2d" then weight[3], weight[4] = weight[4], weight[3] end
  return ("%s %s %d"):format(KINDS[kind], table.concat(weight, "x"), other[1])
end

--- Our layers in the order in which they run.
local function ours(model, size)
  local list, state = {}, model:state()
  for _, row in ipairs(model:trace(size)) do
    if row.kind ~= "dropout" then
      list[#list + 1] = describe(row.kind, state, row.name:sub(#model.name + 2))
    end
  end
  return list
end

local function unet(sources) return ms.models.unet { sources = sources } end
local function tail_only(classes)
  return ms.models.tail_only { tail = ms.models.cnn_tail { classes = classes } }
end
local function joint(sources, classes, variant)
  return ms.models.tagger { unet = unet(sources), classes = classes, variant = variant }
end

local tests = {}

local SHORT = { 1, 63 * 160 + 512 } -- a wave of 64 frames: the least that six levels take

--- name of the list = {model, size of what runs through it}
local models = {
  separator = { function() return ms.models.separator {} end, SHORT },
  separator4 = { function() return ms.models.separator { sources = 4, pool = "avg" } end, SHORT },
  mtat_tail = { function() return tail_only(50) end },
  fma_tail = { function() return tail_only(16) end },
  mtat_vocals = { function() return joint(1, 50, "authors") end },
  mtat_multisource = { function() return joint(4, 50, "authors") end },
  fma_vocals = { function() return joint(1, 16, "authors") end },
  fma_multisource = { function() return joint(4, 16, "authors") end },
}

for name, case in pairs(models) do
  tests["test_layers_of_" .. name] = function()
    local _ <close> = ms.scope()
    lu.assertEquals(ours(case[1](), case[2]), authors(name))
  end
end

--- The pre-trained U-Net fits the joint model name by name.
function tests.test_transfer_is_the_identity()
  local _ <close> = ms.scope()
  local from, into = unet(4):state(), joint(4, 50, "authors"):state()
  for name, value in pairs(from) do
    lu.assertEquals(into["unet." .. name]:size(), value:size(), name)
  end
  lu.assertEquals(#unet(1):parameters(), 118) -- and as many in each of Adam's two sets of slots
end

--- model, trainable numbers, running statistics (recipes/paper.md#the-u-net, #sizes-and-cost)
local counts = {
  { "separator", function() return ms.models.separator {} end, 3921061, 4708 },
  { "separator, four sources", function()
    return ms.models.separator { sources = 4 }
  end, 3921928, 4708 }, { "tail, 50", function() return tail_only(50) end, 2396530, 4608 },
  { "tail, 16", function() return tail_only(16) end, 2379088, 4608 },
  { "joint, sum, 50", function() return joint(1, 50) end, 6390359, 9316 },
  { "joint, sum, 16", function() return joint(1, 16) end, 6372917, 9316 },
  { "joint, sum, four sources, 50", function() return joint(4, 50) end, 6392954, 9316 },
  { "joint, sum, four sources, 16", function() return joint(4, 16) end, 6375512, 9316 },
  { "joint, concatenated, 50", function() return joint(1, 50, "authors") end, 7240151, 9572 },
  { "joint, concatenated, 16", function() return joint(1, 16, "authors") end, 7222709, 9572 },
  { "joint, concatenated, four sources, 50", function()
    return joint(4, 50, "authors")
  end, 7242746, 9572 },
  { "joint, concatenated, four sources, 16", function()
    return joint(4, 16, "authors")
  end, 7225304, 9572 },
}

function tests.test_counts()
  for _, row in ipairs(counts) do
    local _ <close> = ms.scope()
    lu.assertEquals({ row[2]():count() }, { row[3], row[4] }, row[1])
  end
end

--- GFLOP of one segment of 384 frames, multiply-adds counted as two
-- (recipes/paper.md#sizes-and-cost)
local work = {
  { "U-Net", function() return unet(1) end, 10.806 },
  { "U-Net, four sources", function() return unet(4) end, 10.976 },
  { "tail", function() return tail_only(50) end, 7.468 },
  { "joint, sum", function() return joint(1, 50) end, 18.443 },
  { "joint, concatenated", function() return joint(1, 50, "authors") end, 24.099 },
}

function tests.test_work()
  for _, row in ipairs(work) do
    local _ <close> = ms.scope()
    local _, flops = row[2]():trace()
    lu.assertAlmostEquals(flops / 1e9, row[3], 0.0006, row[1])
  end
end

return tests
