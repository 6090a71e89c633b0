--- What Tab offers where a cursor stands; nothing runs for it.
local lu = require "luaunit"
local ms = require "moonstem"
local completion = require "moonstem.app.completion"

local tests = {}

local before, dir
function tests.setup()
  before = _G.ms
  _G.ms = ms
  _G.tx, _G.tnet = ms.zeros { 2, 3 }, ms.models.unet { widths = { 2, 3 } }
  _G.tt = { { inner = { leaf = 1 } }, _G.tx }
end

function tests.teardown()
  _G.ms, _G.tx, _G.tnet, _G.tt = before, nil, nil, nil
  if dir then ms.sys.run { "rm", "-r", dir } end
  dir = nil
end

-- What is offered behind a text, as one string.
local function offered(text)
  local list, from, to = completion.at(text, #text)
  lu.assertEquals(to, #text)
  lu.assertTrue(from >= 1 and from <= to + 1)
  return table.concat(list, "|")
end

-- The kinds of things that people complete, and what they find.
function tests.what_calls_give()
  for text, wanted in pairs {
    ["tx:reshap"] = "reshape", ["tx:relu():meshg"] = "meshgrid",
    ["ms.randn{2}:sigm"] = "sigmoid", ["ms.randn{2}:relu():sigm"] = "sigmoid",
    ["(tx + 1):sigm"] = "sigmoid", ["(2 * tx - 1):sigm"] = "sigmoid", ["-tx:sigm"] = "sigmoid",
    ["tx[1]:sigm"] = "sigmoid", ["tt[2]:sigm"] = "sigmoid", ["tt[1].inner.l"] = "leaf",
    ["tnet.enc"] = "encoder", ["tnet(tx):sigm"] = "sigmoid", ["tnet:summ"] = "summary",
    ["ms.models.unet{}:summ"] = "summary", ["ms.nn.linear{in_features = 1}:rese"] = "reset",
    ["ms.optim.adam(p, {lr = 1}):ste"] = "step", ["ms.linalg.svd(tx):sigm"] = "sigmoid",
    ["ms.audio.read('x'):sigm"] = "sigmoid", ["ms.loss.mse(tx, tx):backw"] = "backward",
    ["('a'):upp"] = "upper", ["('a' .. 'b'):upp"] = "upper",
    ["later = ms.randn{3}\nlater:sigm"] = "sigmoid", ["?tx:sigm"] = "sigmoid",
    ["local n = tx:relu()\nfor i = 1, 2 do\n  n:sigm"] = "sigmoid",
    ["function f(waveform)\n  return wavef"] = "waveform",
    -- numbers, and what is not known, have no methods
    ["tx:item():sigm"] = "", ["tx:size(1):sigm"] = "", ["nothing:sigm"] = "", ["f():sigm"] = "",
    ["-- tx:sigm"] = "", ["tx:nope"] = "",
  } do
    lu.assertEquals(offered(text), wanted, text)
  end
end

function tests.options_and_their_words()
  for text, wanted in pairs {
    ["ms.audio.read('x', { ra"] = "rate = ", ["ms.nn.linear { in_f"] = "in_features = ",
    ["ms.nn.linear { in_features = 5, in"] = "init = ",
    ["tx:avg_pool2d(2, 2, { "] = "count_include_pad = |padding = |stride = ",
    ["ms.lab.experiment { data = d, var"] = "vary = ",
    ["ms.nn.upsample { mode = "] = '"bilinear"|"linear"|"nearest"',
    ["ms.nn.upsample { mode = 'b"] = "bilinear'",
    ["ms.audio.write('x', tx, 5, { encoding = \"f"] = 'float"',
    ["ms.loss.l1(tx, tx, { reduction = \""] = 'mean"|none"|sum"',
    ["ms.figure.of(tx, { kind = \"he"] = 'heat_map"',
    ["ms.show(tx, { kind = \"spec"] = 'spectrogram"',
  } do
    lu.assertEquals(offered(text), wanted, text)
  end
  local text = "ms.nn.upsample { mode = '' }" -- the quote that is there is not doubled
  lu.assertEquals((completion.at(text, #text - 3)), { "bilinear", "linear", "nearest" })
end

function tests.parts_of_networks()
  lu.assertEquals(offered "tnet:freeze('enc", "encoder")
  lu.assertEquals(offered "tnet:freeze('encoder.", "encoder.1|encoder.2")
end

function tests.files()
  dir = assert(ms.sys.tempdir())
  assert(ms.sys.mkdir(dir .. "/some music"))
  assert(ms.sys.write_file(dir .. '/say "a".wav', ""))
  assert(ms.sys.write_file(dir .. "/.hidden", ""))
  lu.assertEquals(offered('f("' .. dir .. "/so"), dir .. "/some music/")
  lu.assertEquals(offered("f('" .. dir .. "/say"), dir .. "/say \"a\".wav'")
  lu.assertEquals(offered('f("' .. dir .. "/say"), dir .. '/say \\"a\\".wav"')
  lu.assertEquals(offered("f [[" .. dir .. "/say"), dir .. '/say "a".wav')
  lu.assertEquals(offered("f'" .. dir .. "/none"), "")
end

function tests.places_in_a_text()
  local text = "tx:rel + 1\nother"
  lu.assertEquals({ completion.at(text, 6) }, { { "relu", "relu6" }, 4, 6 })
  lu.assertEquals({ completion.at("for i = 1, 2 do\n  ", 18) }, { { "  " }, 19, 18 })
  lu.assertEquals({ completion.at("", 0) }, { { "  " }, 1, 0 })
end

-- Nothing of what is completed is called.
function tests.nothing_runs()
  local calls = 0
  _G.tt = setmetatable({}, { __call = function() calls = calls + 1 end,
    __index = function(_, key) if key == "method" then return function() calls = 99 end end end })
  local seed, drawn = ms.seed()
  offered "tt(1):x"
  offered "tt:method():x"
  offered "ms.nn.linear{in_features = 2, out_features = 2}:"
  offered "ms.randn{2}:"
  lu.assertEquals({ calls, ms.seed() }, { 0, seed, drawn })
end

return tests
