--- Records, arrays, weights and pictures: what they keep, and what hostile files do to them.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local files, sys = ms.io, ms.sys

local raises = lu.assertErrorMsgContains
local refuses = require "data_tools".refused
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

-- ---- JSON -----------------------------------------------------------------------------------

function tests.json_keeps_numbers_exactly()
  for _, x in ipairs { 0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 3.0, 2^53 + 2.0 } do
    local back = files.json_decode(files.json_encode(x))
    lu.assertEquals(math.type(back), "float")
    lu.assertEquals(string.pack("d", back), string.pack("d", x))
  end
  for _, n in ipairs { math.maxinteger, math.mininteger, 2^53 // 1 | 0, 0, -1 } do
    local back = files.json_decode(files.json_encode(n))
    lu.assertEquals(math.type(back), "integer")
    lu.assertEquals(back, n)
  end
end

function tests.json_keys_are_sorted_and_the_text_is_stable()
  local value = {}
  for i = 1, 50 do value[("k%02d"):format(51 - i)] = i end
  local text = files.json_encode(value)
  lu.assertTrue(text:find("k01", 1, true) < text:find("k02", 1, true))
  lu.assertEquals(files.json_encode(files.json_decode(text)), text)
  lu.assertEquals(files.json_encode({ b = 1, a = { 1, 2 } }, { indent = 2 }),
    '{\n  "a": [\n    1,\n    2\n  ],\n  "b": 1\n}')
end

function tests.json_empty_tables_and_null()
  lu.assertEquals(files.json_encode {}, "{}")
  lu.assertEquals(files.json_encode(files.list {}), "[]")
  lu.assertEquals(files.json_encode(files.json_decode '[{}, [], null, "", false]'),
    '[{}, [], null, "", false]')
  lu.assertEquals(files.json_decode "null", files.null)
end

function tests.json_strings_of_all_kinds()
  local text = 'a"\\\n\t\0é漢😀/'
  lu.assertEquals(files.json_decode(files.json_encode(text)), text)
  lu.assertEquals(files.json_decode(files.json_encode { ["é漢😀 \n\""] = 1 }), { ["é漢😀 \n\""] = 1 })
  lu.assertEquals(files.json_decode(files.json_encode { ["a\0b"] = 1 }), { ["a\0b"] = 1 })
end

function tests.json_says_what_it_cannot_hold_and_where()
  raises("json_encode: value.runs[2].loss is a function", files.json_encode,
    { runs = { {}, { loss = print } } })
  raises("value.f is a function", files.json_encode, { f = print })
  raises("value.x is a moonstem.tensor", files.json_encode, { x = ms.zeros { 1 } })
  raises("neither a list without holes", files.json_encode, { 1, nil, 3 })
  raises("neither a list without holes", files.json_encode, { 1, x = 2 })
  raises("neither a list without holes", files.json_encode, { [1.5] = 2 })
  local loop = {}
  loop.loop = loop
  raises("contains itself", files.json_encode, loop)
  raises("did you mean indent?", files.json_encode, {}, { indnt = 1 })
end

function tests.json_texts_that_are_wrong()
  refuses("duplicate", files.json_decode '{"a": 1, "a": 2}')
  refuses("line 2, column", files.json_decode '[1,\n2,]')
  refuses("overflow", files.json_decode "[1e999]")
  refuses("big", files.json_decode "[99999999999999999999]")
  refuses("end of file expected", files.json_decode "[1] [2]")
  refuses("deeper than 1000", files.json_decode(("["):rep(1500) .. ("]"):rep(1500)))
  refuses("maximum parsing depth", files.json_decode(("["):rep(1000000)))
  lu.assertTrue(files.json_decode(("["):rep(1000) .. ("]"):rep(1000)) ~= nil)
end

function tests.json_files_and_logs()
  local path = dir .. "/run.json"
  lu.assertTrue(files.save_json(path, { b = 1, a = "x" }))
  lu.assertEquals(files.load_json(path), { a = "x", b = 1 })
  lu.assertEquals(sys.read_file(path):sub(-1), "\n")
  refuses(dir .. "/none.json", files.load_json(dir .. "/none.json"))
  local log = dir .. "/metrics.jsonl"
  lu.assertTrue(files.append_json_line(log, { step = 1 }))
  lu.assertTrue(files.append_json_line(log, { step = 2 }))
  local out = assert(io.open(log, "a"))
  out:write '{"step": 3, "los' -- a crash in the middle of a line
  out:close()
  lu.assertTrue(files.append_json_line(log, { step = 4 }))
  local rows, damaged = files.load_json_lines(log)
  lu.assertEquals(rows, { { step = 1 }, { step = 2 }, { step = 4 } })
  lu.assertEquals(damaged, 1)
  assert(ms.sys.write_file(log, "\n \t\r\n{}" .. ("\n"):rep(1000000) .. "3\n"))
  lu.assertEquals({ files.load_json_lines(log) }, { { {}, 3 }, 0 })
end

-- ---- arrays ---------------------------------------------------------------------------------

local function npy(descr, shape, data, order)
  local header = ("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }"):format(
    descr, order or "False", shape)
  header = header .. (" "):rep(-(10 + #header + 1) % 64) .. "\n"
  return "\x93NUMPY\1\0" .. string.pack("<s2", header) .. data
end

local function load_npy_text(text)
  local path = dir .. "/x.npy"
  assert(sys.write_file(path, text))
  return files.load_npy(path)
end

function tests.npy_round_trip()
  for _, size in ipairs { {}, { 1 }, { 7 }, { 2, 3, 4 }, { 0 }, { 3, 0, 2 },
    { 1, 1, 1, 1, 1, 1, 1, 2 } } do
    local x = #size == 0 and ms.tensor(2.5) or ms.randn(size)
    lu.assertTrue(files.save_npy(dir .. "/a.npy", x))
    local y = assert(files.load_npy(dir .. "/a.npy"))
    lu.assertEquals(y:size(), x:size())
    lu.assertEquals(y:bytes(), x:bytes())
  end
end

function tests.npy_types()
  local cases = {
    { "<f4", "<f" }, { "<f8", "<d" }, { "<i8", "<i8" }, { "<i4", "<i4" }, { "<i2", "<i2" },
    { "|i1", "<i1" }, { "<u8", "<I8" }, { "<u4", "<I4" }, { "<u2", "<I2" }, { "|u1", "<B" },
      { "|b1", "<B" },
  }
  for _, case in ipairs(cases) do
    local data = string.pack(case[2], 1) .. string.pack(case[2], 0) .. string.pack(case[2], 100)
    lu.assertEquals(load_npy_text(npy(case[1], "(3,)", data)):totable(), { 1, 0, 100 }, case[1])
  end
  local half = string.pack("<I2I2I2I2", 0x3c00, 0xc000, 0x0001, 0x3555) -- 1, -2, 2^-24, 0.333
  lu.assertEquals(load_npy_text(npy("<f2", "(4,)", half)):totable(),
    { 1, -2, 2^-24, 0.333251953125 })
end

function tests.npy_files_that_are_wrong()
  local data = ("\0"):rep(12)
  refuses("x.npy: it is not an npy file", load_npy_text "hello, world and more")
  refuses("promises 4 times 4 bytes of data, there are 12", load_npy_text(npy("<f4", "(4,)", data)))
  refuses("promises 2 times 4 bytes", load_npy_text(npy("<f4", "(2,)", data)))
  refuses("type |O", load_npy_text(npy("|O", "(3,)", data)))
  refuses("header is damaged", load_npy_text(npy("<f4", "(3,)", data, "Maybe")))
  refuses("not a whole number", load_npy_text(npy("<f4", "(-3,)", data)))
  refuses("more dimensions", load_npy_text(npy("<f4", "(1,1,1,1,1,1,1,1,3)", data)))
  refuses("too large", load_npy_text(npy("<f4", "(99999999999, 99999999999)", data)))
  refuses("Is a directory", files.save_npy(dir, ms.zeros { 1 }))
  refuses("not a regular file", files.load_npy(dir))
  raises("tensor or a list of strings is expected", files.save_npy, dir .. "/q.npy", { 1 })
  raises("zero byte", files.load_npy, "a\0b")
end

-- ---- weights --------------------------------------------------------------------------------

local function weights(header, data)
  return string.pack("<s8", header) .. data
end

local function load_weights_text(text)
  local path = dir .. "/x.safetensors"
  assert(sys.write_file(path, text))
  return files.load_safetensors(path)
end

function tests.safetensors_round_trip()
  local path = dir .. "/m.safetensors"
  local state = { ["b.weight"] = ms.randn { 3, 4 }, ["a.bias"] = ms.randn { 5 },
    scale = ms.tensor(2), empty = ms.zeros { 0, 3 } }
  lu.assertTrue(files.save_safetensors(path, state, { note = 'é "quoted"', format = "1" }))
  local back, metadata = files.load_safetensors(path)
  lu.assertEquals(metadata, { note = 'é "quoted"', format = "1" })
  for name, x in pairs(state) do
    lu.assertEquals(back[name]:size(), x:size())
    lu.assertEquals(back[name]:bytes(), x:bytes())
  end
  local text = sys.read_file(path)
  lu.assertEquals((8 + string.unpack("<I8", text)) % 64, 0)
  lu.assertTrue(files.save_safetensors(path, state, metadata))
  lu.assertEquals(sys.read_file(path), text) -- the same state gives the same bytes
  local info = files.safetensors_info(path)
  lu.assertEquals(#info, 4)
  lu.assertTrue(files.save_safetensors(path, {}))
  lu.assertEquals({ files.load_safetensors(path) }, { {}, {} })
end

function tests.safetensors_types()
  local header = '{"h": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]},'
    .. '"b": {"dtype": "BF16", "shape": [1], "data_offsets": [4, 6]},'
    .. '"d": {"dtype": "F64", "shape": [1], "data_offsets": [6, 14]},'
    .. '"l": {"dtype": "I64", "shape": [], "data_offsets": [14, 22]},'
    .. '"i": {"dtype": "I32", "shape": [1, 1], "data_offsets": [22, 26]}}'
  local data = string.pack("<I2I2I2di8i4", 0x3800, 0xfc00, 0x4049, 0.125, -7, 123456)
  local state = assert(load_weights_text(weights(header, data)))
  lu.assertEquals(state.h:totable(), { 0.5, -math.huge })
  lu.assertEquals(state.b:totable(), { 3.140625 })
  lu.assertEquals(state.d:totable(), { 0.125 })
  lu.assertEquals(state.l:item(), -7)
  lu.assertEquals(state.i:totable(), { { 123456 } })
end

function tests.safetensors_files_that_are_wrong()
  local four = ("\0"):rep(16)
  local function entry(name, type, shape, first, last)
    return ('"%s": {"dtype": "%s", "shape": %s, "data_offsets": [%d, %d]}')
      :format(name, type, shape, first, last)
  end
  local function refused(part, header, data)
    refuses(part, load_weights_text(weights(header, data or four)))
  end
  refuses("too short", load_weights_text "abc")
  refuses("cannot be", load_weights_text(string.pack("<I8", 200000000) .. four))
  refuses("cannot be", load_weights_text(string.pack("<I8", -1) .. four))
  refuses("cannot be", load_weights_text(string.pack("<I8", 17) .. four))
  refused("not a table", "[]", "")
  refused("x.safetensors: line 1", "{", "")
  refused("duplicate", "{" .. entry("a", "F32", "[2]", 0, 8) .. ","
    .. entry("a", "F32", "[2]", 8, 16) .. "}")
  refused("overlaps", "{" .. entry("a", "F32", "[4]", 0, 16) .. ","
    .. entry("b", "F32", "[2]", 8, 16) .. "}")
  refused("leaves a hole", "{" .. entry("a", "F32", "[2]", 0, 8) .. ","
    .. entry("b", "F32", "[1]", 12, 16) .. "}")
  refused("there are 16", "{" .. entry("a", "F32", "[2]", 0, 8) .. "}")
  refused("describes 32 bytes", "{" .. entry("a", "F32", "[8]", 0, 32) .. "}")
  refused("do not give the length", "{" .. entry("a", "F32", "[3]", 0, 16) .. "}")
  refused("unknown type", "{" .. entry("a", "F8", "[16]", 0, 16) .. "}")
  refused("not a whole number", "{" .. entry("a", "F32", "[-4]", 0, 16) .. "}")
  refused("too large", "{" .. entry("a", "F32", "[4611686018427387904, 4]", 0, 16) .. "}")
  refused("more dimensions", "{" .. entry("a", "F32", "[1,1,1,1,1,1,1,1,4]", 0, 16) .. "}")
  refused("rising", "{" .. entry("a", "F32", "[4]", 16, 0) .. "}")
  refused("are expected", '{"a": 5}')
  refused("are expected", '{"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16], "x": 1}}')
  refused("not a string", '{"__metadata__": {"a": 1}}', "")
  refused("NUL byte", '{"a\\u0000b": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}')
end

function tests.safetensors_mistakes_of_the_caller()
  local path = dir .. "/m.safetensors"
  raises("it is no tensor", files.save_safetensors, path, { a = 1 })
  raises("{name = tensor}", files.save_safetensors, path, { ms.zeros { 1 } })
  raises("that name is taken", files.save_safetensors, path, { __metadata__ = ms.zeros { 1 } })
  raises("metadata is {name = string}", files.save_safetensors, path, {}, { a = 1 })
  refuses("not valid UTF-8", files.save_safetensors(path, { ["\xff"] = ms.zeros { 1 } }))
  lu.assertFalse(sys.exists(path))
end

-- ---- hostile files --------------------------------------------------------------------------

-- A small generator of our own, so that a failure can be repeated.
local function generator(seed)
  local state = seed
  return function(n)
    state = (state * 6364136223846793005 + 1442695040888963407) & math.maxinteger
    return (state >> 20) % n + 1
  end
end

local function mutate(text, random)
  for _ = 1, random(4) do
    local at, how = random(#text), random(5)
    if how == 1 then text = text:sub(1, at - 1) .. string.char(random(256) - 1) .. text:sub(at + 1)
    elseif how == 2 then text = text:sub(1, at - 1) .. text:sub(at + random(8))
    elseif how == 3 then text = text:sub(1, at) .. text:sub(at, at + random(8)) .. text:sub(at + 1)
    elseif how == 4 then text = text:sub(1, at)
    else text = text:sub(1, at) .. tostring(random(1 << 40)) .. text:sub(at + 1) end
    if #text == 0 then text = "x" end
  end
  return text
end

-- Whatever comes, a reader answers with a value or with nil and a message.
local function withstands(original, count, read)
  local random, whole = generator(7), 0
  for _ = 1, count do
    local value, message = read(mutate(original, random))
    if value == nil then lu.assertIsString(message) else whole = whole + 1 end
  end
  return whole
end

local function written(save, ...)
  local path = dir .. "/original"
  assert(save(path, ...))
  return sys.read_file(path)
end

-- Written plainly: the readers are on trial, not fsync.
local function through_file(read)
  local path = dir .. "/mutant"
  return function(text)
    local out = assert(io.open(path, "wb"))
    out:write(text)
    out:close()
    return read(path)
  end
end

function tests.mutated_json()
  withstands(files.json_encode { a = { 1, 2.5, "x\n", false, files.null }, b = { c = { d = {} } } },
    4000, files.json_decode)
end

function tests.mutated_npy()
  withstands(written(files.save_npy, ms.randn { 2, 3 }), 1500, through_file(files.load_npy))
end

function tests.mutated_safetensors()
  local original = written(files.save_safetensors, { a = ms.randn { 2, 2 }, b = ms.randn { 3 } },
    { n = "1" })
  original = original:gsub("moonstem_crc32c", "moonstem_unknown") -- the parser, not the checksums
  withstands(original, 1500, through_file(files.load_safetensors))
end

-- ---- checksums --------------------------------------------------------------------------------
function tests.checksums_of_strings()
  lu.assertEquals(files.crc32c "123456789", 0xE3069283) -- the check value of its definition
  lu.assertEquals(files.crc32c(("\0"):rep(32)), 0x8A9136AA) -- RFC 3720, B.4
  lu.assertEquals(files.crc32c(("\255"):rep(32)), 0x62A8AB43)
  local ascending = {}
  for k = 0, 31 do ascending[#ascending + 1] = string.char(k) end
  lu.assertEquals(files.crc32c(table.concat(ascending)), 0x46DD794E)
  lu.assertEquals(files.crc32c "", 0)
end

-- Two flipped bits that make another valid number are what nothing else notices.
function tests.every_flipped_bit_is_noticed()
  local path = dir .. "/flipped"
  local original = written(files.save_safetensors, { a = ms.randn { 2, 2 }, b = ms.randn { 3 } },
    { position = '{"step":17}' })
  local key = original:find("moonstem_crc32c", 1, true)
  for at = 1, #original do
    if at < key or at >= key + #"moonstem_crc32c" then
      local flipped = string.char(original:byte(at) ~ (1 << at % 8))
      local file <close> = assert(io.open(path, "wb"))
      file:write(original:sub(1, at - 1), flipped, original:sub(at + 1)):flush()
      local tensors, why = files.load_safetensors(path)
      lu.assertNil(tensors, at)
      lu.assertStrContains(why, path)
    end
  end
  refuses("flipped is damaged: its numbers are not those that were written",
    files.load_safetensors(path))
end

function tests.checksums_stay_out_of_the_way()
  local path = dir .. "/x.safetensors"
  assert(files.save_safetensors(path, { a = ms.ones { 2 } }))
  local _, metadata = assert(files.load_safetensors(path))
  lu.assertEquals(metadata, {})
  assert(files.save_safetensors(path, { a = ms.ones { 2 } }, { moonstem_crc32c = "mine" }))
  lu.assertEquals(select(2, assert(files.load_safetensors(path))), {})
  local bytes = assert(sys.read_file(path))
  assert(sys.write_file(path, (bytes:gsub('"moonstem_crc32c"', '"other"'):gsub('"a"',
    '"a"' .. (" "):rep(10))))) -- a file without checksums, such as another program's
  lu.assertEquals(assert(files.load_safetensors(path)).a:totable(), { 1, 1 })
  assert(sys.write_file(path, (bytes:gsub('"a"', '"b"')))) -- changed, with the old checksums
  refuses("must not keep moonstem_crc32c in the metadata", files.safetensors_info(path))
end

-- ---- files that must not be lost ------------------------------------------------------------

function tests.a_refused_write_leaves_the_old_file()
  local path = dir .. "/keep.json"
  assert(files.save_json(path, { old = true }))
  -- A limit on file size stands in for a full disk; the child must not disturb this process.
  local script = dir .. "/child.lua"
  assert(sys.write_file(script, [[
    local ms = require "moonstem"
    local value, why = ms.io.save_safetensors(arg[1], { a = ms.zeros { 100000 } })
    io.write(tostring(value), "\n", why)]]))
  local program = sys.absolute "/proc/self/exe"
  local status, text = sys.capture { "sh", "-c", 'ulimit -f 8; exec "$0" "$1" "$2"', program,
    script, path }
  lu.assertEquals(status, 0)
  lu.assertStrContains(text, "nil\ncannot write " .. path .. " (400")
  lu.assertStrContains(text, " bytes needed)")
  lu.assertEquals(files.load_json(path), { old = true })
  lu.assertEquals(sys.list(dir), { "child.lua", "keep.json" }) -- no temporary file is left
end

function tests.places_that_cannot_be_written()
  refuses("bytes needed): No such file or directory", files.save_json(dir .. "/no/x.json", {}))
  refuses("Is a directory", files.save_json(dir, {}))
  refuses("not a regular file", sys.write_file("/dev/null", "x"))
  refuses("Not a directory", files.append_json_line("/dev/null/x", {}))
  refuses("letters", sys.write_file(("x"):rep(5000), "x"))
end

-- The temporary file beside it has a name, too, which two long names must not share.
function tests.names_may_be_as_long_as_the_file_system_takes()
  local long = dir .. "/" .. ("n"):rep(254)
  assert(sys.write_file(long .. "a", "one"))
  assert(sys.write_file(long .. "b", "two"))
  lu.assertEquals({ sys.read_file(long .. "a"), sys.read_file(long .. "b") }, { "one", "two" })
  lu.assertEquals(#sys.list(dir), 2)
end

function tests.a_link_survives_and_its_file_is_replaced()
  assert(sys.write_file(dir .. "/file", "old"))
  assert(sys.run { "ln", "-s", "file", dir .. "/link" } == 0)
  lu.assertTrue(sys.write_file(dir .. "/link", "new"))
  lu.assertEquals(sys.read_file(dir .. "/file"), "new")
  lu.assertEquals(sys.run { "test", "-L", dir .. "/link" }, 0)
end

-- ---- pictures and bytes ---------------------------------------------------------------------

function tests.pictures()
  local png = files.png(("\255\0\0"):rep(6), 3, 2, 3)
  lu.assertEquals(png:sub(1, 8), "\137PNG\r\n\26\n")
  lu.assertEquals({ string.unpack(">I4I4", png, 17) }, { 3, 2, 25 })
  raises("are not 5 bytes", files.png, "12345", 3, 2, 3)
  raises("channels", files.png, "12345", 3, 2, 2)
  local palette = ("abc"):rep(255)
  local heat = files.heat_png(ms.randn { 10, 4 }, { palette = palette, columns = 5 })
  lu.assertEquals({ string.unpack(">I4I4", heat, 17) }, { 5, 4, 25 })
  raises("palette", files.heat_png, ms.randn { 10, 4 }, { palette = "x" })
  raises("high above low", files.heat_png, ms.randn { 10, 4 },
    { palette = palette, low = 1, high = 1 })
  raises("(column, row)", files.heat_png, ms.randn { 10 }, { palette = palette })
end

function tests.base64()
  local cases = { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==",
    fooba = "Zm9vYmE=", foobar = "Zm9vYmFy", ["\255\254\0"] = "//4A" }
  for text, expected in pairs(cases) do lu.assertEquals(files.base64(text), expected) end
end

return tests
