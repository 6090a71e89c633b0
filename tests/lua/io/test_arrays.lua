--- Arrays of NumPy: every kind that it writes, alone and in archives, and what hostile files do.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local python = require "python"
local files, sys = ms.io, ms.sys

local raises = lu.assertErrorMsgContains
local refuses = require "data_tools".refused
local tests = {}
local dir
local golden = (arg[0]:match "^(.*)/[^/]*$" or ".") .. "/../golden/numpy/"

own_folder(tests, function(path) dir = path end)

-- ---- reading ----------------------------------------------------------------------------------

local ROWS = { { 0, 1, 2 }, { 3, 4, 5 } }
local NUMBERS = { column = ROWS, big = ROWS, big_column = ROWS, whole = { 0, 1, 2 },
  complex = { { 1, 2 }, { 3, -4 } }, complex8 = { { { 1, 2 } } }, yes = { 1, 0 }, number = 3.5 }
local TEXTS = { names = { "a", "épée", "漢字😀", "" }, grid = { { "a", "bb" }, { "c", "" } },
  grid_column = { { "a", "b", "c" }, { "d", "e", "f" } }, bytes = { "x", "abc" }, text = "hello",
  no_names = {} }

local function check_all(arrays)
  for name, expected in pairs(NUMBERS) do
    lu.assertEquals(arrays[name]:totable(), expected, name)
  end
  for name, expected in pairs(TEXTS) do lu.assertEquals(arrays[name], expected, name) end
  lu.assertEquals(arrays.empty:size(), { 0, 3 })
  local count = 0
  for _ in pairs(arrays) do count = count + 1 end
  lu.assertEquals(count, 15)
end

function tests.numpy_archives()
  check_all(assert(files.load_npz(golden .. "plain.npz")))
  check_all(assert(files.load_npz(golden .. "packed.npz")))
end

function tests.an_archive_written_through_a_pipe()
  lu.assertEquals(assert(files.load_npz(golden .. "piped.npz")).rows:totable(), ROWS)
end

function tests.what_is_refused()
  refuses("structured array", files.load_npy(golden .. "structured.npy"))
  refuses("structures (type |V4)", files.load_npy(golden .. "void.npy"))
  refuses("Python objects", files.load_npy(golden .. "objects.npy"))
  refuses("times", files.load_npy(golden .. "times.npy"))
  refuses("numbers of type <f16", files.load_npy(golden .. "long_double.npy"))
  refuses("method 12, not by deflate", files.load_npz(golden .. "bzip2.npz"))
  refuses("not a zip file", files.load_npz(golden .. "void.npy"))
  refuses("not an npy file", files.load_npy(golden .. "plain.npz"))
  refuses("No such file", files.load_npz(golden .. "none.npz"))
end

-- ---- writing ----------------------------------------------------------------------------------

local function some()
  return { x = ms.randn { 3, 4 }, scale = ms.tensor(2.5), none = ms.zeros { 0, 3 },
    ["a/b"] = ms.tensor { 0, 1, 2, 3, 4 }, names = { "a", "épée", "漢字😀", "" }, one = "text",
    grid = { { "a", "bb" }, { "c", "" } }, no_names = {} }
end

local function assert_same(back, given)
  for name, value in pairs(given) do
    if type(value) ~= "userdata" then lu.assertEquals(back[name], value, name)
    else
      lu.assertEquals(back[name]:size(), value:size(), name)
      lu.assertEquals(back[name]:bytes(), value:bytes(), name)
    end
  end
end

function tests.archives_come_back_and_are_the_same_bytes_again()
  local path, given = dir .. "/x.npz", some()
  for _, compress in ipairs { false, true } do
    lu.assertTrue(files.save_npz(path, given, { compress = compress }))
    local bytes = sys.read_file(path)
    assert_same(assert(files.load_npz(path)), given)
    lu.assertTrue(files.save_npz(path, given, { compress = compress }))
    lu.assertEquals(sys.read_file(path), bytes)
  end
  lu.assertTrue(files.save_npz(path, {}))
  lu.assertEquals(files.load_npz(path), {})
end

function tests.packing_makes_zeros_small()
  assert(files.save_npz(dir .. "/z.npz", { z = ms.zeros { 100000 } }, { compress = true }))
  lu.assertTrue(#sys.read_file(dir .. "/z.npz") < 2000)
  lu.assertEquals(files.load_npz(dir .. "/z.npz").z:count(), 100000)
end

function tests.texts_alone()
  local path = dir .. "/t.npy"
  for _, texts in ipairs { { "a", "漢字" }, "one", { { { "deep" } } }, {}, { "" } } do
    lu.assertTrue(files.save_npy(path, texts))
    lu.assertEquals(files.load_npy(path), texts)
  end
end

function tests.numpy_reads_what_is_written()
  local given = some()
  assert(files.save_npz(dir .. "/x.npz", given))
  assert(files.save_npz(dir .. "/y.npz", given, { compress = true }))
  assert(files.save_npy(dir .. "/n.npy", given.names))
  local text = python.run("numpy", [[
import sys, zipfile, numpy as np
for name in "x", "y":
    path = f"{sys.argv[1]}/{name}.npz"
    assert zipfile.ZipFile(path).testzip() is None
    z = np.load(path)
    print(z["names"].tolist(), z["names"].dtype, z["one"][()], z["grid"].tolist(), z["none"].shape,
          z["no_names"].tolist(), z["a/b"].tolist(), float(z["scale"]), z["x"].dtype, z["x"].shape)
    print(z["x"].tobytes().hex())
print(np.load(sys.argv[1] + "/n.npy").tolist())]], dir)
  local hex = given.x:bytes():gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  local row = "['a', 'épée', '漢字😀', ''] <U4 text [['a', 'bb'], ['c', '']] (0, 3) [] " ..
    "[0.0, 1.0, 2.0, 3.0, 4.0] 2.5 float32 (3, 4)\n" .. hex .. "\n"
  lu.assertEquals(text, row .. row .. "['a', 'épée', '漢字😀', '']\n")
end

function tests.mistakes_of_the_caller()
  local path = dir .. "/x.npz"
  local function refused(part, arrays, options)
    raises(part, files.save_npz, path, arrays, options)
  end
  refused("save_npz: a: a tensor or a list of strings is expected, got number", { a = { 1 } })
  refused("lists inside a list must have the same length", { a = { { "a" }, { "b", "c" } } })
  refused("text 2 is not valid UTF-8", { a = { "x", "\xff" } })
  refused("text 1 is not valid UTF-8", { a = { "\xed\xa0\x80" } }) -- a surrogate
  refused("{name = tensor or list of strings}", { ms.zeros { 1 } })
  refused("a name is not valid UTF-8", { ["\xff"] = "x" })
  refused("did you mean compress?", { a = "x" }, { compres = true })
  raises("a tensor or a list of strings is expected, got boolean", files.save_npy, path, true)
  lu.assertFalse(sys.exists(path))
  refuses("No such file or directory", files.save_npz(dir .. "/no/x.npz", { a = "x" }))
end

-- A list that a finalizer makes longer while it is read must not write where it may not.
function tests.lists_that_change_meanwhile()
  local list = {}
  for i = 1, 20000 do list[i] = "a" end
  for _ = 1, 50 do
    setmetatable({}, { __gc = function()
      for i = 1, 20000 do list[i] = list[i] .. "bcdefgh" end
    end })
  end
  pcall(files.save_npy, dir .. "/x.npy", list)
  lu.assertTrue(true)
end

-- ---- hostile files ----------------------------------------------------------------------------

local function archive(text)
  assert(sys.write_file(dir .. "/x.npz", text))
  return files.load_npz(dir .. "/x.npz")
end

local function npy(descr, shape, data, order)
  local header = ("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }"):format(descr,
    order or "False", shape)
  assert(sys.write_file(dir .. "/x.npy", "\x93NUMPY\1\0" .. string.pack("<s2", header) .. data))
  return files.load_npy(dir .. "/x.npy")
end

function tests.headers_that_lie()
  refuses("promises 9 times 12 bytes", npy("<U3", "(9,)", "abcd"))
  refuses("have no characters", npy("<U0", "(1000000000000,)", ""))
  lu.assertEquals(npy("<U1", "(10000000, 0)", ""), {})
  refuses("no character of Unicode", npy("<U1", "(1,)", "\0\0\x11\0"))
  refuses("no character of Unicode", npy("<U1", "(1,)", "\0\xd8\0\0"))
  refuses("type <U99999999999", npy("<U99999999999", "(1,)", ""))
  refuses("one more dimension", npy("<c8", "(1,1,1,1,1,1,1,1)", ("\0"):rep(8)))
  refuses("type <c32", npy("<c32", "(1,)", ("\0"):rep(32)))
  refuses("type x", npy("x", "(1,)", "abcd"))
  lu.assertEquals(npy("|S2", "(2,2)", "a\0b\0c\0d\0", "True"), { { "a", "c" }, { "b", "d" } })
end

-- Where the list of members holds a number: its offset in the first entry, and how many bytes.
local function changed(text, offset, format, value)
  local at = text:find("PK\1\2", 1, true) + offset
  local new = string.pack(format, value)
  return text:sub(1, at - 1) .. new .. text:sub(at + #new)
end

function tests.archives_that_lie()
  assert(files.save_npz(dir .. "/good.npz", { a = ms.randn { 4 } }, { compress = true }))
  local good = sys.read_file(dir .. "/good.npz")
  refuses("cannot hold 4294967294", archive(changed(good, 24, "<I4", 0xFFFFFFFE)))
  refuses("size that cannot be", archive(changed(good, 20, "<I4", 0xFFFFFFFE)))
  refuses("packed bytes are damaged", archive(changed(good, 24, "<I4", 100)))
  refuses("checksum is wrong", archive(changed(good, 16, "<I4", 7)))
  refuses("is encrypted", archive(changed(good, 8, "<I2", 1)))
  refuses("header is damaged", archive(changed(good, 42, "<I4", 99999999)))
  refuses("list is cut short", archive(changed(good, 28, "<I2", 0xFFFF)))
  refuses("not a zip file", archive(good:sub(1, -10)))
  refuses("not a zip file", archive "")
  refuses("not fit", archive("PK\5\6" .. string.pack("<I4I2I2I4I4I2", 0, 65535, 65535, 46, 0, 0)))
end

-- Members that share their bytes would unpack to more than any file of this size holds.
function tests.archives_that_lie_over_themselves()
  assert(files.save_npz(dir .. "/z.npz", { z = ms.zeros { 1000000 } }, { compress = true }))
  local text = sys.read_file(dir .. "/z.npz")
  local at = text:find("PK\1\2", 1, true)
  local entry, list = text:sub(at, text:find("PK\5\6", 1, true) - 1), {}
  for i = 1, 50 do list[i] = entry:gsub("z%.npy", ("%c.npy"):format(48 + i)) end
  local all = table.concat(list)
  refuses("over each other", archive(text:sub(1, at - 1) .. all
    .. "PK\5\6" .. string.pack("<I4I2I2I4I4I2", 0, 50, 50, #all, at - 1, 0)))
  list = entry .. entry
  refuses("two members", archive(text:sub(1, at - 1) .. list
    .. "PK\5\6" .. string.pack("<I4I2I2I4I4I2", 0, 2, 2, #list, at - 1, 0)))
end

-- Whatever comes, a reader answers with a value or with nil and a message.
function tests.mutated_archives()
  local state = 7
  local function random(n)
    state = (state * 6364136223846793005 + 1442695040888963407) & math.maxinteger
    return (state >> 20) % n + 1
  end
  local given = { x = ms.randn { 5 }, names = { "a", "bc" } }
  for _, compress in ipairs { false, true } do
    assert(files.save_npz(dir .. "/good.npz", given, { compress = compress }))
    local good = sys.read_file(dir .. "/good.npz")
    for _ = 1, 250 do
      local at, out = random(#good), assert(io.open(dir .. "/m.npz", "wb"))
      out:write(good:sub(1, at - 1), string.char(random(256) - 1),
        good:sub(at + random(3), random(8) > 1 and -1 or random(#good)))
      out:close()
      local value, message = files.load_npz(dir .. "/m.npz")
      if value == nil then lu.assertIsString(message) end
    end
  end
end

return tests
