--- AST tails from image models: coordinates of every resizing against known ones, a file of the true names.
local lu = require "luaunit"
local ms = require "moonstem"
local imagenet = ms.models.imagenet

local tests = {}

local function difference(a, b) return (a - b):abs():max() end

--- Names and shapes of DeiT-base and ViT-base (facts, section 8) for a dim, a depth and a side of the grid.
local function image_model(dim, depth, side, distilled)
  local state = { cls_token = ms.randn { 1, 1, dim }, pos_embed = ms.randn { 1, side * side + (distilled and 2 or 1), dim },
    ["patch_embed.proj.weight"] = ms.randn { dim, 3, 16, 16 }, ["patch_embed.proj.bias"] = ms.randn { dim },
    ["norm.weight"] = ms.randn { dim }, ["norm.bias"] = ms.randn { dim },
    ["head.weight"] = ms.randn { 10, dim }, ["head.bias"] = ms.randn { 10 } }
  if distilled then state.dist_token = ms.randn { 1, 1, dim } end
  local sizes = { ["norm1.weight"] = { dim }, ["norm1.bias"] = { dim }, ["attn.qkv.weight"] = { 3 * dim, dim },
    ["attn.qkv.bias"] = { 3 * dim }, ["attn.proj.weight"] = { dim, dim }, ["attn.proj.bias"] = { dim },
    ["norm2.weight"] = { dim }, ["norm2.bias"] = { dim }, ["mlp.fc1.weight"] = { 4 * dim, dim },
    ["mlp.fc1.bias"] = { 4 * dim }, ["mlp.fc2.weight"] = { dim, 4 * dim }, ["mlp.fc2.bias"] = { dim } }
  for k = 0, depth - 1 do
    for name, size in pairs(sizes) do state[("blocks.%d.%s"):format(k, name)] = ms.randn(size) end
  end
  return state
end

function tests.test_coordinates()
  local known = {
    { 16, 1, { 7.5 } }, { 16, 2, { 3.5, 11.5 } }, { 16, 4, { 1.5, 5.5, 9.5, 13.5 } },
    { 16, 8, { 0.5, 2.5, 4.5, 6.5, 8.5, 10.5, 12.5, 14.5 } },
  }
  for _, row in ipairs(known) do lu.assertAlmostEquals(imagenet.coordinates(row[1], row[2]), row[3], 1e-12) end
  for _, sizes in ipairs { { 16, 32 }, { 24, 48 } } do
    local list = imagenet.coordinates(sizes[1], sizes[2])
    lu.assertEquals({ list[1], list[2], list[3], list[4] }, { 0, 0.25, 0.75, 1.25 })
    lu.assertEquals(list[sizes[2]], sizes[1] - 1)
  end
end

--- A grid whose number at (row, column) is 100 row + column, in [1, prefix + side^2, 1].
local function numbered(side, prefix)
  local list = {}
  for k = 1, prefix do list[k] = -k end
  for row = 0, side - 1 do
    for column = 0, side - 1 do list[#list + 1] = 100 * row + column end
  end
  return ms.tensor_from(list, { 1, #list, 1 })
end

--- Frequency rows are cut from the middle, time is stretched; [CLS] comes first, whatever else was there goes.
function tests.test_positions()
  for _, case in ipairs { { 24, 1, 8 }, { 24, 2, 8 }, { 14, 1, 3 }, { 14, 2, 3 } } do
    local side, prefix, first = table.unpack(case)
    local p = imagenet.positions(numbered(side, prefix), prefix, 8, 48)
    local time = imagenet.coordinates(side, 48)
    lu.assertEquals(p:size(), { 1, 385, 1 })
    lu.assertEquals(p:get(1, 1, 1), -1)
    for row = 0, 7 do
      for column = 0, 47 do
        lu.assertAlmostEquals(p:get(1, 2 + row * 48 + column, 1), 100 * (first + row) + time[column + 1], 1e-3)
      end
    end
  end
  local short = imagenet.positions(numbered(24, 1), 1, 8, 12) -- a short picture: the middle of time, too
  lu.assertEquals(short:get(1, 2, 1), 806)
end

--- Row and column of a patch become frequency and time; every kernel answers equal channels alike.
function tests.test_kernels()
  local list = {}
  for o = 1, 2 do
    for _ = 1, 3 do
      for row = 0, 15 do
        for column = 0, 15 do list[#list + 1] = o * (100 * row + column) end
      end
    end
  end
  local weight = ms.tensor_from(list, { 2, 3, 16, 16 })
  local patch = imagenet.patch_kernel(weight, 2)
  lu.assertEquals(patch:size(), { 16, 16, 2, 2 })
  lu.assertAlmostEquals(patch:get(3, 5, 1, 2), 3 * 2 * (100 * 4 + 2) / 2, 1e-2) -- time 2, frequency 4
  for k = 0, 4 do
    local size = { 16 >> k, 32 >> k }
    local kernel = imagenet.adaptation_kernel(weight, size, 4, 2)
    local time, frequency = imagenet.coordinates(16, size[1]), imagenet.coordinates(16, size[2])
    lu.assertEquals(kernel:size(), { size[1], size[2], 4, 2 })
    for t = 1, size[1] do
      for f = 1, size[2] do
        lu.assertAlmostEquals(kernel:get(t, f, 3, 1), 2 / 4 * (100 * frequency[f] + time[t]), 1e-2)
      end
    end
  end
end

local function save(state)
  local path = ms.sys.tempdir() .. "/image_model.safetensors"
  assert(ms.io.save_safetensors(path, state))
  return path
end

--- A small file with every name, into a joint model.
function tests.test_small_file()
  local unet = ms.models.unet { widths = { 2, 2, 4, 4, 4, 4 } }
  local tail = { kind = "ast", dim = 12, heads = 3, depth = 12, classes = 5, frames = 128 }
  local tagger = ms.models.tagger { unet = unet, tail = tail, classes = 5 }
  local state = image_model(12, 12, 24, true)
  local before = tagger.tail:state()["head.weight"]:clone()
  lu.assertTrue(rawequal(assert(imagenet.load(tagger, save(state))), tagger))
  local mine = tagger:state()
  lu.assertEquals(difference(mine["tail.layer.12.attention.qkv.weight"], state["blocks.11.attn.qkv.weight"]:permute { 2, 1 }), 0.0)
  lu.assertEquals(difference(mine["tail.layer.3.linear.2.weight"], state["blocks.2.mlp.fc2.weight"]:permute { 2, 1 }), 0.0)
  lu.assertEquals(difference(mine["tail.patch.weight"], imagenet.patch_kernel(state["patch_embed.proj.weight"], 2)), 0.0)
  lu.assertEquals(difference(mine["adapt.conv.5.weight"],
    imagenet.adaptation_kernel(state["patch_embed.proj.weight"], { 1, 2 }, 4)), 0.0)
  lu.assertEquals(mine["adapt.conv.1.bias"]:abs():max(), 0.0)
  lu.assertEquals(difference(mine["tail.position.value"], imagenet.positions(state.pos_embed, 2, 8, 8)), 0.0)
  lu.assertEquals(difference(mine["tail.head.weight"], before), 0.0)
  lu.assertEquals(tagger(ms.uniform { 1, 128, 256 }):size(), { 1, 5 })
end

--- The true sizes, of one layer.
function tests.test_true_sizes()
  local tail = ms.models.ast_tail { depth = 1 }
  local state = image_model(768, 1, 24)
  lu.assertTrue(rawequal(assert(imagenet.load(tail, save(state))), tail))
  lu.assertEquals(difference(tail:state()["cls.value"], state.cls_token), 0.0)
  lu.assertEquals(tail:state()["position.value"]:size(), { 1, 385, 768 })
end

--- What does not fit is refused, and the tail stays as it was.
function tests.test_refusals()
  local tail = ms.models.ast_tail { dim = 12, heads = 3, depth = 2, frames = 64 }
  local start = tail:state()["cls.value"]:clone()
  local function refusal(change, depth)
    local state = image_model(12, depth or 2, 14)
    change(state)
    local nothing, why = imagenet.fill(tail, state)
    lu.assertNil(nothing)
    return why
  end
  lu.assertEquals(refusal(function(s) s.pos_embed = nil end), "it has no patch_embed.proj.weight or no pos_embed")
  lu.assertEquals(refusal(function() end, 1):match("^it has no blocks%.1%."), "it has no blocks.1.")
  lu.assertEquals(refusal(function(s) s["patch_embed.proj.weight"] = ms.ones { 8, 3, 16, 16 } end),
    "its patch_embed.proj.weight is 8x3x16x16, 12x3x16x16 was expected")
  lu.assertEquals(refusal(function(s) s.pos_embed = ms.ones { 1, 190, 12 } end),
    "its pos_embed is 1x190x12, no square grid of patches behind 1 tokens")
  lu.assertEquals(difference(tail:state()["cls.value"], start), 0.0)
  lu.assertErrorMsgContains("no AST tail", imagenet.fill, ms.models.unet { widths = { 2, 2 } }, {})
  lu.assertNil((imagenet.load(tail, "/nowhere/model.safetensors")))
end

return tests
