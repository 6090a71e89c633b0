--- TensorFlow's checkpoints: every number of the generated ones (tests/golden/make_tensorflow.py),
-- what the authors' networks make of them, refusals, and thousands of damaged files.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local places = require "places"
local refuses = require "data_tools".refused
local files, sys = ms.io, ms.sys
local authors = ms.models.authors
local GOLDEN = places.GOLDEN .. "tensorflow/"
local SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"

local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

local function read(name) return assert(sys.read_file(GOLDEN .. name)) end
local function put(name, text)
  local f <close> = assert(io.open(dir .. "/" .. name, "wb"))
  assert(f:write(text))
end

-- ---- the format -----------------------------------------------------------------------------

function tests.every_type_over_three_files()
  local t = assert(files.load_tensorflow(GOLDEN .. "types"))
  local x = { 1.5, -2, 0, 65504, 2 ^ -24, 3 }
  lu.assertEquals(t.f32:totable(), { { x[1], x[2], x[3] }, { x[4], x[5], x[6] } })
  lu.assertEquals(t.f64:totable(), x)
  lu.assertEquals(t.f16:reshape { 6 }:totable(), x)
  lu.assertEquals(t.bf16:totable(), { 1.5, -2, 0, 65280, 2 ^ -24, 3 })
  lu.assertEquals(t.i32:totable(), { -7, 2 ^ 20 })
  lu.assertEquals(t.i64:item(), -123456)
  lu.assertEquals(t.flags:totable(), { 1, 0, 1 })
  lu.assertEquals(t.empty:size(), { 0, 4 })
  lu.assertNil(t.text)
end

function tests.info_needs_the_index_alone()
  put("types.index", read "types.index")
  local list = assert(files.tensorflow_info(dir .. "/types"))
  local names, by = {}, {}
  for k, e in ipairs(list) do names[k], by[e.name] = e.name, e end
  lu.assertEquals(names, { "bf16", "empty", "f16", "f32", "f64", "flags", "i32", "i64", "text" })
  lu.assertEquals({ by.f16.dtype, by.text.dtype, by.bf16.dtype },
    { "float16", "string", "bfloat16" })
  lu.assertEquals({ by.f16.shape, by.i64.shape, by.empty.shape }, { { 3, 2 }, {}, { 0, 4 } })
  refuses("types.data-00000-of-00003: No such file", files.load_tensorflow(dir .. "/types"))
end

function tests.numbers_we_cannot_read()
  lu.assertEquals(files.tensorflow_info(GOLDEN .. "complex")[1].dtype, "complex64")
  refuses("tensor z: complex64 is not read here", files.load_tensorflow(GOLDEN .. "complex"))
  refuses("cannot open " .. dir .. "/none.index", files.tensorflow_info(dir .. "/none"))
end

--- The names, shapes and order of the released checkpoints meet our models at full width.
function tests.true_names_and_shapes()
  local list = assert(files.tensorflow_info(GOLDEN .. "true_vocals"))
  lu.assertEquals(#list, 413)
  lu.assertEquals(#assert(files.tensorflow_info(GOLDEN .. "true_mtat_vocals")), 268)
  lu.assertEquals(#assert(files.tensorflow_info(GOLDEN .. "true_mtat_tail")), 98)
  local unet1, unet4 = ms.models.unet {}, ms.models.unet { sources = 4, pool = "avg" }
  local tail = ms.models.tail_only { tail = ms.models.cnn_tail {} }
  local one = ms.models.tagger { unet = unet1, variant = "authors", classes = 50 }
  local four = ms.models.tagger { unet = unet4, variant = "authors", classes = 16 }
  lu.assertTrue(
    assert(authors.check(ms.models.separator { unet = unet1 }, GOLDEN .. "true_vocals")))
  lu.assertTrue(assert(authors.check(tail, GOLDEN .. "true_mtat_tail")))
  lu.assertTrue(assert(authors.check(one, GOLDEN .. "true_mtat_vocals")))
  lu.assertTrue(assert(authors.check(four, GOLDEN .. "true_fma_multisource")))
  refuses(
    "layer 58 (unet.final.mask): kernel is 3x3x32x4 in the checkpoint but 3x3x32x1 in the model",
    authors.check(one, GOLDEN .. "true_fma_multisource"))
  refuses("layer 58", authors.check(ms.models.separator { unet = unet4 }, GOLDEN .. "true_vocals"))
end

-- ---- values and networks --------------------------------------------------------------------

--- The generator's values of a name, as float32 bytes.
local function value(name, count)
  local h = 0
  for i = 1, #name do h = (h * 31 + name:byte(i)) & 0xffffffff end
  local more = (name:find "gamma$" or name:find "variance$") and 1 or 0
  local list = {}
  for i = 0, count - 1 do
    list[i + 1] = string.pack("<f", ((h + i * 2654435761 & 0xffffffff) >> 9) / 2 ^ 23 - 0.5 + more)
  end
  return table.concat(list)
end

local function generated(name, size)
  local count = 1
  for _, n in ipairs(size) do count = count * n end
  return ms.from_string(value(name, count), size)
end

local WIDTHS, BLOCKS = { 2, 3, 4 }, { 4, 5, 6 }
local function tail_options() return { widths = BLOCKS, hidden = 8, classes = 5, frames = 24 } end

local makers = {
  separator = function() return ms.models.separator { widths = WIDTHS, seed = 3 } end,
  separator4 = function()
    return ms.models.separator { widths = WIDTHS, sources = 4, pool = "avg", seed = 3 }
  end,
  tail = function() return ms.models.tail_only { tail = ms.models.cnn_tail(tail_options()) } end,
  tagger = function()
    local unet = ms.models.unet { widths = WIDTHS, sources = 2, seed = 3 }
    return ms.models.tagger { unet = unet, tail = tail_options(), variant = "authors" }
  end,
}

--- The order of the small networks, written down: layers of our models as the authors count them.
local UNET = [[
  encoder.1.norm.1 encoder.1.conv.1 encoder.1.norm.2 encoder.1.conv.2
  encoder.2.norm.1 encoder.2.conv.1 encoder.2.norm.2 encoder.2.conv.2
  encoder.3.norm.1 encoder.3.conv.1 encoder.3.norm.2 encoder.3.conv.2
  decoder.1.up decoder.1.norm.1 decoder.1.conv.1 decoder.1.norm.2 decoder.1.conv.2
  decoder.2.up decoder.2.norm.1 decoder.2.conv.1 decoder.2.norm.2 decoder.2.conv.2
  decoder.3.up decoder.3.norm.1 decoder.3.conv.1 decoder.3.norm.2 decoder.3.conv.2
  final.norm.1 final.conv.1 final.norm.2 final.conv.2 final.mask]]
local TAIL = [[
  block.1.conv.1 block.1.norm.1 block.1.conv.2 block.1.norm.2
  block.2.conv.1 block.2.norm.1 block.2.conv.2 block.2.norm.2
  block.3.conv.1 block.3.norm.1 block.3.conv.2 block.3.norm.2
  head.linear.1 head.norm head.linear.2]]
local NORM = { weight = "gamma", bias = "beta", running_mean = "moving_mean",
  running_var = "moving_variance" }

local function order(name)
  local list = {}
  if name ~= "tail" then for p in UNET:gmatch "%S+" do list[#list + 1] = "unet." .. p end end
  if name:find "^ta" then for p in TAIL:gmatch "%S+" do list[#list + 1] = "tail." .. p end end
  return list
end

--- Fills a model directly; returns how many tensors there were.
local function fill(model, name)
  local state, count = model:state(), 0
  for k, path in ipairs(order(name)) do
    for field, theirs in pairs(path:find "norm" and NORM or { weight = "kernel", bias = "bias" }) do
      local t = assert(state[path .. "." .. field], path)
      local key, size = ("layer_with_weights-%d/%s"):format(k - 1, theirs), t:size()
      if path:find "up$" and field == "weight" then -- (2, 2, out, in) there
        t:copy(generated(key, { 2, 2, size[4], size[3] }):permute { 1, 2, 4, 3 })
      else
        t:copy(generated(key, size))
      end
      count = count + 1
    end
  end
  return count
end

--- What the generator computed: a mask for separators, logits for the others.
local function output(model)
  local magnitude = generated("magnitude", { 1, 24, 256 }) + 0.5
  return ms.no_grad(function()
    model:eval()
    if model.name == "separator" then return (model.unet(magnitude)) end
    return model(magnitude)
  end)
end

local function close_to(golden, y, name)
  lu.assertEquals(y:count(), golden.shape[1] * (golden.shape[2] or 1) * (golden.shape[3] or 1))
  local flat = y:reshape { y:count() }
  for k, want in ipairs(golden.values) do
    local got = flat:get((k - 1) * golden.every + 1)
    lu.assertTrue(math.abs(got - want) <= 2e-5 * math.max(1, math.abs(want)),
      ("%s: value %d is %.7g, not %.7g"):format(name, k, got, want))
  end
end

local golden = assert(files.load_json(GOLDEN .. "outputs.json"))
for name, make in pairs(makers) do
  tests["loads_" .. name] = function()
    local model, direct = make(), make()
    lu.assertEquals(fill(direct, name), #direct:tensors())
    lu.assertEquals(assert(authors.load(model, GOLDEN .. name)), model)
    local mine = direct:state()
    for key, t in pairs(model:state()) do lu.assertEquals(t:bytes(), mine[key]:bytes(), key) end
    local y = output(model)
    lu.assertEquals(y:bytes(), output(direct):bytes())
    close_to(golden[name], y, name)
  end
end

function tests.a_net_alone()
  local unet = ms.models.unet { widths = WIDTHS }
  local tail = ms.models.cnn_tail(tail_options())
  lu.assertEquals(assert(authors.load(unet, GOLDEN .. "separator")), unet)
  lu.assertEquals(assert(authors.load(tail, GOLDEN .. "tail")), tail)
  lu.assertEquals(unet:state()["encoder.1.conv.1.bias"]:bytes(),
    value("layer_with_weights-1/bias", 2))
end

function tests.optimizer_and_counters_keep_their_names()
  local t = assert(files.load_tensorflow(GOLDEN .. "separator"))
  lu.assertEquals(t["save_counter" .. SUFFIX]:item(), 20)
  lu.assertEquals(t["optimizer/iter" .. SUFFIX]:item(), 300000)
  lu.assertEquals(t["optimizer/learning_rate" .. SUFFIX]:item(), 0.5)
  lu.assertEquals(t["layer_with_weights-1/kernel/.OPTIMIZER_SLOT/optimizer/m" .. SUFFIX]:size(),
    { 3, 3, 1, 2 })
end

-- ---- refusals -------------------------------------------------------------------------------

local function bytes_of(model)
  local list = {}
  for _, t in ipairs(model:tensors()) do list[#list + 1] = t.value:bytes() end
  return table.concat(list)
end

function tests.another_model_is_refused_and_stays_as_it_was()
  local model = makers.separator()
  local before = bytes_of(model)
  refuses(
    "layer 31 (unet.final.mask): kernel is 3x3x4x4 in the checkpoint but 3x3x4x1 in the model",
    authors.load(model, GOLDEN .. "separator4"))
  refuses("the checkpoint has 15 layers with weights but the separator has 32",
    authors.load(model, GOLDEN .. "tail"))
  refuses("layers with weights", authors.load(model, GOLDEN .. "tagger"))
  refuses("the checkpoint has 0 layers", authors.load(model, GOLDEN .. "types"))
  refuses("cannot open", authors.load(model, dir .. "/none"))
  refuses("layer 1 (unet.encoder.1.conv.1)", authors.load(
    ms.models.separator { widths = { 3, 3, 4 } }, GOLDEN .. "separator"))
  lu.assertEquals(bytes_of(model), before)
  local paper = ms.models.tagger { unet = ms.models.unet { widths = WIDTHS, sources = 2 },
    tail = tail_options() }
  refuses("the authors have no adapt.conv.1.bias", authors.load(paper, GOLDEN .. "tagger"))
  for _, wrong in ipairs { "separator", 3, {}, { name = "separator?" }, { name = "separator" },
    ms.nn.linear { in_features = 1, out_features = 1 } } do
    local ok, message = pcall(authors.load, wrong, GOLDEN .. "separator")
    lu.assertFalse(ok)
    lu.assertStrContains(message, "a U-Net, separator, tail, tail_only or tagger is expected")
  end
end

function tests.damaged_numbers_are_refused()
  local index, data = read "tail.index", read "tail.data-00000-of-00001"
  put("x.index", index)
  local model = makers.tail()
  local before = bytes_of(model)
  put("x.data-00000-of-00001", data:sub(1, 5000) .. string.char(data:byte(5001) ~ 1)
    .. data:sub(5002))
  refuses("the checksum of its data is wrong", authors.load(model, dir .. "/x"))
  put("x.data-00000-of-00001", data:sub(1, -2))
  refuses("its data lies beyond the end of the file", authors.load(model, dir .. "/x"))
  lu.assertEquals(bytes_of(model), before)
  put("x.data-00000-of-00001", data)
  lu.assertEquals(authors.load(model, dir .. "/x"), model)
  put("x.index", index:sub(1, 100) .. string.char(index:byte(101) ~ 1) .. index:sub(102))
  refuses("the checksum of a block of the index is wrong", files.tensorflow_info(dir .. "/x"))
  put("x.index", index:sub(1, -2))
  refuses("not an index of a TensorFlow checkpoint", files.tensorflow_info(dir .. "/x"))
end

-- ---- indices made by hand: valid checksums around what must not be --------------------------

local function crc32c(text)
  local crc = 0xffffffff
  for i = 1, #text do
    crc = crc ~ text:byte(i)
    for _ = 1, 8 do crc = (crc & 1 == 1) and crc >> 1 ~ 0x82F63B78 or crc >> 1 end
  end
  return crc ~ 0xffffffff
end

local function masked(text)
  local crc = crc32c(text)
  return string.pack("<I4", (crc >> 15 | crc << 17) + 0xA282EAD8 & 0xffffffff)
end

local function varint(n)
  local out = ""
  while n > 127 or n < 0 do out, n = out .. string.char(n & 127 | 128), n >> 7 end
  return out .. string.char(n)
end

--- A pair that shares `shared` bytes with the key before.
local function pair(key, content, shared)
  shared = shared or 0
  return varint(shared) .. varint(#key - shared) .. varint(#content) .. key:sub(shared + 1)
    .. content
end

local function block(pairs_text, kind)
  local body = pairs_text .. string.pack("<I4I4", 0, 1) .. string.char(kind or 0)
  return body .. masked(body)
end

--- A table of one data block, or of these handles instead.
local function index_of(pairs_text, kind, handles)
  local data = block(pairs_text, kind)
  local own = varint(0) .. varint(#data - 5)
  local list = handles and handles(own) or pair("z", own)
  local index = block(list)
  local footer = varint(0) .. varint(0) .. varint(#data) .. varint(#index - 5)
  return data .. index .. footer .. ("\0"):rep(40 - #footer)
    .. string.pack("<I8", 0xdb4775248b80fb57)
end

local HEADER = pair("", "\x08\x01\x1a\x02\x08\x01")

--- An entry: number fields by number; shape as a list of sizes; extra bytes at the end.
local function entry(o)
  local shape = ""
  for _, n in ipairs(o.shape or {}) do
    local size = "\x08" .. varint(n)
    shape = shape .. "\x12" .. varint(#size) .. size
  end
  return "\x08" .. varint(o.dtype or 1) .. "\x12" .. varint(#shape) .. shape .. "\x18"
    .. varint(o.shard or 0) ..
    "\x20" .. varint(o.first or 0) .. "\x28" .. varint(o.bytes or 4) .. "\x35"
      .. masked(o.data or "\0\0\0\0") .. (o.extra or "")
end

local function both(text)
  put("h.index", text)
  return files.tensorflow_info(dir .. "/h")
end

function tests.indices_made_by_hand()
  put("h.data-00000-of-00001", "\0\0\0\0")
  lu.assertEquals(#assert(both(index_of(HEADER .. pair("a", entry {})))), 1)
  lu.assertEquals(files.load_tensorflow(dir .. "/h").a:item(), 0)
  local function wrong(part, text) refuses(part, both(text)) end
  local function entry_wrong(part, o) wrong(part, index_of(HEADER .. pair("a", entry(o)))) end
  wrong("compressed with snappy", index_of(HEADER, 1))
  wrong("unknown way (7)", index_of(HEADER, 7))
  wrong("no header", index_of(""))
  wrong("no header", index_of(pair("a", entry {})))
  wrong("0 data files", index_of(pair("", "\x1a\x02\x08\x01")))
  wrong("data files cannot be", index_of(pair("", "\x08" .. varint(-1))))
  wrong("big-endian", index_of(pair("", "\x08\x01\x10\x01")))
  wrong("a reader of version 9", index_of(pair("", "\x08\x01\x1a\x02\x10\x09")))
  wrong("the header of the index is malformed", index_of(pair("", "\x08\x01\x1a\x09\x10\x09")))
  wrong("not in rising order", index_of(HEADER .. pair("b", entry {}) .. pair("a", entry {})))
  wrong("not in rising order", index_of(HEADER .. pair("a", entry {}) .. pair("a", entry {})))
  wrong("not in rising order", index_of(HEADER .. HEADER))
  wrong("shares more", index_of(HEADER .. pair("abc", entry {}, 1)))
  wrong("longer than 1024", index_of(HEADER .. pair(("n"):rep(1025), entry {})))
  wrong("zero byte", index_of(HEADER .. pair("a\0b", entry {})))
  wrong("an entry of the index is malformed", index_of(HEADER .. "\0\x7f\0a"))
  wrong("blocks of the index overlap", index_of(HEADER, 0, function(own)
    return pair("y", own) .. pair("z", own)
  end))
  wrong("where the file has none", index_of(HEADER, 0, function()
    return pair("z", varint(-1) .. varint(-1))
  end))
  wrong("where the file has none", index_of(HEADER, 0, function()
    return pair("z", varint(0) .. varint(1 << 40))
  end))
  entry_wrong("values of an unknown type", { dtype = 99 })
  entry_wrong("values of an unknown type", { dtype = -1 })
  entry_wrong("a size is not a whole number", { shape = { -1 } })
  entry_wrong("more dimensions", { shape = { 1, 1, 1, 1, 1, 1, 1, 1, 1 } })
  entry_wrong("tensor a", { shape = { 1 << 40, 1 << 40 } })
  entry_wrong("do not give the length", { shape = { 2 } })
  entry_wrong("too large", { shape = { 1 << 61 }, bytes = 1 << 62 | 4 })
  entry_wrong("do not give the length", { bytes = 5 })
  entry_wrong("its place is malformed", { first = -1 })
  entry_wrong("its place is malformed", { first = math.maxinteger })
  entry_wrong("beyond the last one", { shard = 1 })
  entry_wrong("slices", { extra = "\x3a\0" })
  entry_wrong("its entry is malformed", { extra = "\x3a" })
  entry_wrong("its entry is malformed", { extra = "\x28" })
  entry_wrong("its shape is unknown", { extra = "\x12\x02\x18\x01" })
  wrong("its data overlaps another's", index_of(HEADER .. pair("a", entry {})
    .. pair("b", entry { first = 2 })))
end

--- A promise of much more than the file has costs nothing.
function tests.promises_are_held_against_the_file()
  local size = 1 << 40
  assert(both(index_of(HEADER .. pair("a", entry { shape = { size }, bytes = 4 * size }))))
  put("h.data-00000-of-00001", "\0\0\0\0")
  refuses("beyond the end of the file", files.load_tensorflow(dir .. "/h"))
  local key, list = ("k"):rep(1000), { HEADER, pair(("k"):rep(1000), "\x08\x07") }
  for high = 1, 20 do
    for low = 1, 255 do list[#list + 1] = pair(key .. string.char(high, low), "\x08\x07", 1000) end
  end
  refuses("out of proportion", both(index_of(table.concat(list))))
end

-- ---- thousands of damaged files -------------------------------------------------------------

--- One to four changes of bytes, a cut, a repeated or a missing stretch.
local function damaged(text, i)
  local function pick(j, n) return ms.random.integer(5, "damage", i, j, n) end
  local kind, at = pick(1, 8), pick(2, #text)
  if kind == 1 then return text:sub(1, at - 1) end
  if kind == 2 then return text:sub(1, at - 1) .. text:sub(at + pick(3, 20)) end
  if kind == 3 then return text:sub(1, at) .. text:sub(math.max(1, at - pick(3, 20))) end
  for j = 1, pick(3, 4) do
    at = pick(3 + 2 * j, #text)
    local byte = pick(4 + 2 * j, 4) == 1 and 255 or pick(30 + j, 256) - 1
    text = text:sub(1, at - 1) .. string.char(byte) .. text:sub(at + 1)
  end
  return text
end

local function survives(prefix)
  local t, why = files.load_tensorflow(prefix)
  lu.assertTrue(type(t) == "table" or #why > 10)
  return t
end

function tests.damaged_files_are_refused_in_words()
  local index = read "types.index"
  for k = 0, 2 do
    put(("m.data-0000%d-of-00003"):format(k), read(("types.data-0000%d-of-00003"):format(k)))
  end
  local truth, read_well = assert(files.load_tensorflow(GOLDEN .. "types")), 0
  for i = 1, 2000 do
    put("m.index", damaged(index, i))
    local t = survives(dir .. "/m")
    for name, x in pairs(t and truth or {}) do lu.assertEquals(t[name]:bytes(), x:bytes()) end
    if t then read_well = read_well + 1 end
  end
  lu.assertTrue(read_well < 400) -- the padding of the footer and the meta block are nobody's
end

--- The same behind checksums that hold, so that the parsers below them are reached.
function tests.damaged_contents_with_good_checksums()
  put("h.data-00000-of-00001", ("\0"):rep(64))
  local contents = HEADER .. pair("alpha/kernel",
    entry { shape = { 2, 3 }, bytes = 24, data = ("\0"):rep(24) }) ..
    pair("alpha/other", entry { shape = { 2 }, first = 24, bytes = 8, data = ("\0"):rep(8) }, 6) ..
    pair("beta", entry { dtype = 9, first = 32, bytes = 8, data = ("\0"):rep(8) }) ..
    pair("text", entry { dtype = 7, first = 40, bytes = 8 })
  assert(both(index_of(contents)))
  for i = 1, 3000 do
    put("h.index", index_of(damaged(contents, i)))
    survives(dir .. "/h")
  end
end

--- Handles and restarts of the index block, likewise.
function tests.damaged_lists_of_blocks_with_good_checksums()
  put("h.data-00000-of-00001", ("\0"):rep(64))
  local contents = HEADER .. pair("a", entry {})
  for i = 1, 1000 do
    put("h.index", index_of(contents, 0, function(own)
      return damaged(pair("z", own) .. string.pack("<I4I4", 0, 1), i)
    end))
    survives(dir .. "/h")
  end
end

return tests
