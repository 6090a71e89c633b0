--- AST tails from image models: coordinates of every resizing against known ones, a file of the
-- true names. With MOONSTEM_FULL_SIZE=1 in the environment also a file of the true size: 350 MB in
-- /tmp, 1.3 GB of memory, and ten seconds.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local imagenet = ms.models.imagenet

local tests = {}
local folder

function tests.setup() folder = assert(ms.sys.tempdir()) end

function tests.teardown()
  for _, name in ipairs(ms.sys.list(folder)) do ms.sys.remove(folder .. "/" .. name) end
  ms.sys.remove(folder)
end

local function difference(a, b) return (a - b):abs():max() end

--- Names and shapes of DeiT-base and ViT-base (recipes/paper.md#image-weights) for a dim, a depth
-- and a side of the grid.
local function image_sizes(dim, depth, side, distilled)
  local list = { cls_token = { 1, 1, dim }, pos_embed = { 1, side * side + (distilled and 2 or 1),
    dim }, ["patch_embed.proj.weight"] = { dim, 3, 16, 16 }, ["patch_embed.proj.bias"] = { dim },
    ["norm.weight"] = { dim }, ["norm.bias"] = { dim }, ["head.weight"] = { 1000, dim },
      ["head.bias"] = { 1000 } }
  if distilled then
    list.dist_token, list["head_dist.weight"], list["head_dist.bias"] = { 1, 1, dim },
      { 1000, dim }, { 1000 }
  end
  local sizes = { ["norm1.weight"] = { dim }, ["norm1.bias"] = { dim },
    ["attn.qkv.weight"] = { 3 * dim, dim },
    ["attn.qkv.bias"] = { 3 * dim }, ["attn.proj.weight"] = { dim, dim },
      ["attn.proj.bias"] = { dim },
    ["norm2.weight"] = { dim }, ["norm2.bias"] = { dim }, ["mlp.fc1.weight"] = { 4 * dim, dim },
    ["mlp.fc1.bias"] = { 4 * dim }, ["mlp.fc2.weight"] = { dim, 4 * dim },
      ["mlp.fc2.bias"] = { dim } }
  for k = 0, depth - 1 do
    for name, size in pairs(sizes) do list[("blocks.%d.%s"):format(k, name)] = size end
  end
  return list
end

--- The numbers of a tensor from its name and size alone, -0.05 to 0.05.
local function generated(name, size)
  local seed = 0
  for i = 1, #name do seed = (31 * seed + name:byte(i)) % 2 ^ 31 end
  ms.seed(math.tointeger(seed))
  return ms.uniform(size) * 0.1 - 0.05
end

local function image_model(dim, depth, side, distilled)
  local state = {}
  for name, size in pairs(image_sizes(dim, depth, side, distilled)) do
    state[name] = generated(name, size)
  end
  return state
end

function tests.test_coordinates()
  local known = {
    { 16, 1, { 7.5 } }, { 16, 2, { 3.5, 11.5 } }, { 16, 4, { 1.5, 5.5, 9.5, 13.5 } },
    { 16, 8, { 0.5, 2.5, 4.5, 6.5, 8.5, 10.5, 12.5, 14.5 } },
  }
  for _, row in ipairs(known) do
    lu.assertAlmostEquals(imagenet.coordinates(row[1], row[2]), row[3], 1e-12)
  end
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

--- Frequency rows are cut from the middle, time is stretched; [CLS] comes first, whatever else was
-- there goes.
function tests.test_positions()
  for _, case in ipairs { { 24, 1, 8 }, { 24, 2, 8 }, { 14, 1, 3 }, { 14, 2, 3 } } do
    local side, prefix, first = table.unpack(case)
    local p = imagenet.positions(numbered(side, prefix), prefix, 8, 48)
    local time = imagenet.coordinates(side, 48)
    lu.assertEquals(p:size(), { 1, 385, 1 })
    lu.assertEquals(p:get(1, 1, 1), -1)
    for row = 0, 7 do
      for column = 0, 47 do
        lu.assertAlmostEquals(p:get(1, 2 + row * 48 + column, 1),
          100 * (first + row) + time[column + 1], 1e-3)
      end
    end
  end
  -- a short picture: the middle of time, too
  local short = imagenet.positions(numbered(24, 1), 1, 8, 12)
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
  -- time 2, frequency 4
  lu.assertAlmostEquals(patch:get(3, 5, 1, 2), 3 * 2 * (100 * 4 + 2) / 2, 1e-2)
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

--- A safetensors file of that state.
local function save(state)
  local path = folder .. "/image_model.safetensors"
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
  lu.assertEquals(difference(mine["tail.layer.12.attention.qkv.weight"],
    state["blocks.11.attn.qkv.weight"]:permute { 2, 1 }), 0.0)
  lu.assertEquals(difference(mine["tail.layer.3.linear.2.weight"],
    state["blocks.2.mlp.fc2.weight"]:permute { 2, 1 }), 0.0)
  lu.assertEquals(difference(mine["tail.patch.weight"],
    imagenet.patch_kernel(state["patch_embed.proj.weight"], 2)), 0.0)
  lu.assertEquals(difference(mine["adapt.conv.5.weight"],
    imagenet.adaptation_kernel(state["patch_embed.proj.weight"], { 1, 2 }, 4)), 0.0)
  lu.assertEquals(mine["adapt.conv.1.bias"]:abs():max(), 0.0)
  lu.assertEquals(difference(mine["tail.position.value"],
    imagenet.positions(state.pos_embed, 2, 8, 8)), 0.0)
  lu.assertEquals(difference(mine["tail.head.weight"], before), 0.0)
  lu.assertEquals(tagger(ms.uniform { 1, 128, 256 }):size(), { 1, 5 })
end

--- Where a tensor of our tail comes from (recipes/paper.md#image-weights), and whether it is
-- turned.
local function origin(name)
  local layer, rest = name:match "^layer%.(%d+)%.(.*)$"
  if layer then
    rest = rest:gsub("^norm%.", "norm"):gsub("^linear%.", "mlp.fc")
      :gsub("^attention%.qkv", "attn.qkv")
      :gsub("^attention%.out", "attn.proj")
    return ("blocks.%d.%s"):format(layer - 1, rest), rest:find "^[am].*weight$" ~= nil
  end
  return ({ ["cls.value"] = "cls_token", ["patch.bias"] = "patch_embed.proj.bias" })[name] or name,
    false
end

--- Patches and positions of the joint AST, number by number at some places.
local function check_pictures(state, sizes)
  local colours = generated("patch_embed.proj.weight", sizes["patch_embed.proj.weight"])
  local embedding = generated("pos_embed", sizes.pos_embed)
  local time = imagenet.coordinates(24, 48)
  for n = 1, 200 do
    local function draw(k, most) return ms.random.integer(n, "place", k, 0, most) end
    local t, f, c, d = draw(1, 16), draw(2, 16), draw(3, 2), draw(4, 768)
    local sum = colours:get(d, 1, f, t) + colours:get(d, 2, f, t) + colours:get(d, 3, f, t)
    lu.assertAlmostEquals(state["patch.weight"]:get(t, f, c, d), sum / 2, 1e-7)
    local row, column = draw(5, 8), draw(6, 48)
    local low, part = math.floor(time[column]), time[column] % 1
    local function at(place)
      return embedding:get(1, 2 + (row + 7) * 24 + math.min(place, 23), d)
    end
    lu.assertAlmostEquals(state["position.value"]:get(1, 1 + (row - 1) * 48 + column, d),
      (1 - part) * at(low) + part * at(low + 1), 1e-7)
  end
  lu.assertEquals(difference(state["position.value"]:slice(2, 1, 1), embedding:slice(2, 1, 1)), 0.0)
end

--- A file of DeiT-base at 384 pixels as it is, and all of it in the joint AST.
function tests.test_full_size()
  if not os.getenv "MOONSTEM_FULL_SIZE" then lu.skip "MOONSTEM_FULL_SIZE is not set" end
  local sizes, path = image_sizes(768, 12, 24), save(image_model(768, 12, 24))
  local joint = ms.models.tagger { unet = ms.models.unet(), tail = { kind = "ast" }, classes = 50 }
  lu.assertEquals(joint:count(), 101801175)
  local head, started = joint.tail:state()["head.weight"]:clone(), ms.sys.clock()
  assert(imagenet.load(joint, path))
  print(("     %d bytes in %.2f s"):format(ms.sys.size(path), ms.sys.clock() - started))
  local state, compared = joint.tail:state(), 0
  for name, value in pairs(state) do
    local _ <close> = ms.scope()
    local theirs, turned = origin(name)
    if sizes[theirs] and not name:find "^head" then
      local expected = generated(theirs, sizes[theirs])
      lu.assertEquals(difference(value, turned and expected:permute { 2, 1 } or expected), 0.0,
        name)
      compared = compared + 1
    end
  end
  lu.assertEquals(compared, 12 * 12 + 4)
  check_pictures(state, sizes)
  lu.assertEquals(difference(state["head.weight"], head), 0.0)
end

-- ---- against PyTorch (tests/golden/make_imagenet.py) ----------------------------------------
local GOLDEN = places.GOLDEN .. "imagenet"

--- The generator's picture as the tail takes it, time first.
local function picture(columns)
  local list = {}
  for column = 0, columns - 1 do
    for row = 0, 127 do
      list[#list + 1] = math.sin(0.05 * (row + 1) * (1 + 0.1 * math.cos(0.3 * column))) - 2
    end
  end
  return ms.tensor_from(list, { 1, columns, 128, 1 })
end

--- An image model sees a gray picture; our tail with its weights, and a head that changes nothing,
-- says the same.
function tests.test_answers_of_the_image_model()
  local golden = assert(ms.io.load_json(GOLDEN .. ".json"))
  for columns, expected in pairs(golden) do
    local tail = ms.models.ast_tail { dim = 12, heads = 3, depth = 2, classes = 12,
      frames = math.tointeger(columns) }
    assert(imagenet.load(tail, GOLDEN .. ".safetensors"))
    local head = tail:state()["head.weight"]
    for i = 1, 12 do
      for j = 1, 12 do head:set(i, j, i == j and 1 or 0) end
    end
    local y = tail(picture(math.tointeger(columns))):totable()[1]
    for i = 1, 12 do
      lu.assertAlmostEquals(y[i], expected[i], 2e-5, ("%s frames, %d"):format(columns, i))
    end
  end
end

function tests.test_kernels_of_the_adaptation()
  local golden = assert(ms.io.load_safetensors(GOLDEN .. "_kernels.safetensors"))
  local weight = assert(ms.io.load_safetensors(GOLDEN .. ".safetensors"))["patch_embed.proj.weight"]
  for k = 0, 4 do
    local kernel = imagenet.adaptation_kernel(weight, { 16 >> k, 32 >> k }, 1)
    lu.assertTrue(difference(kernel, golden[tostring(k)]) < 1e-6)
  end
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
  lu.assertEquals(refusal(function(s)
    s.pos_embed = nil
  end), "it has no patch_embed.proj.weight or no pos_embed")
  lu.assertEquals(refusal(function() end, 1):match("^it has no blocks%.1%."), "it has no blocks.1.")
  lu.assertEquals(refusal(function(s) s["patch_embed.proj.weight"] = ms.ones { 8, 3, 16, 16 } end),
    "its patch_embed.proj.weight is 8x3x16x16, 12x3x16x16 was expected")
  lu.assertEquals(refusal(function(s) s.pos_embed = ms.ones { 1, 190, 12 } end),
    "its pos_embed is 1x190x12, no square grid of patches behind 1 tokens")
  lu.assertEquals(refusal(function(s) s["blocks.1.mlp.fc1.weight"] = ms.ones { 12, 48 } end),
    "its blocks.1.mlp.fc1.weight is 12x48, 48x12 was expected")
  lu.assertEquals(refusal(function(s) s["norm.bias"] = ms.ones { 13 } end),
    "its norm.bias is 13, 12 was expected")
  lu.assertEquals(difference(tail:state()["cls.value"], start), 0.0)
  lu.assertErrorMsgContains("no AST tail", imagenet.fill, ms.models.unet { widths = { 2, 2 } }, {})
  lu.assertNil((imagenet.load(tail, "/nowhere/model.safetensors")))
end

return tests
