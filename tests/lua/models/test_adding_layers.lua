--- Adding a layer as CONTRIBUTING.md says: a declaration, without C, in a folder moonstem/nn or in
-- a script. It is found, checked, learns, is counted, kept, fused around, and named in messages.
local lu = require "luaunit"
local ms = require "moonstem"

local T = {}

local LAYER = [[
local init = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

--- ms.nn.example{channels =, seed = nil} -> layer: x times a gain for each channel
return layer.define {
  name = "example",
  options = { channels = options_of.needed(options_of.count), seed = options_of.whole },
  parameters = function(o) return { { "gain", init.normal({ o.channels }, 0.5) } } end,
  forward = function(self, x) return x * self.gain end,
}
]]

local example = assert(load(LAYER, "=example"))()
ms.nn.example = nil -- other tests list what the library has

local function linear() return ms.nn.linear { in_features = 2, out_features = 2 } end

function T.test_it_is_short()
  lu.assertTrue(select(2, LAYER:gsub("\n", "")) <= 15)
end

function T.test_it_learns()
  local layer, x = example { channels = 2 }, ms.tensor { { 1, 2 }, { 3, 4 } }
  local target = ms.tensor { { 2, -2 }, { 6, -4 } } -- gains 2 and -1
  local opt = ms.optim.adam(layer:parameters(), { lr = 0.1 })
  for _ = 1, 300 do
    local _ <close> = ms.scope()
    local loss = ms.loss.mse(layer(x), target)
    opt:zero()
    loss:backward()
    opt:step()
  end
  lu.assertAlmostEquals(layer.gain:get(1), 2, 1e-2)
  lu.assertAlmostEquals(layer.gain:get(2), -1, 1e-2)
end

--- Inside of a network it has a name, counts, is kept, frozen and drawn by name.
function T.test_it_is_a_part_of_networks()
  local function model()
    return ms.net.chain { name = "m", input = { 2 }, linear(), example { channels = 2 } }
  end
  local a, b = model():init(1), model():init(2)
  lu.assertEquals(a:count(), 8)
  lu.assertEquals(a:parameters()[3].name, "example.gain")
  lu.assertStrContains(a:summary(), "m.example ")
  b:load(a:state())
  lu.assertEquals(b.example.gain:bytes(), a.example.gain:bytes())
  b:init(1)
  lu.assertEquals(b.example.gain:bytes(), a.example.gain:bytes())
  lu.assertEquals(#a:freeze "example":parameters(), 2)
  lu.assertEquals(tostring(a.example), "example  gain 2")
end

function T.test_what_is_wrong_is_told()
  local says = lu.assertErrorMsgContains
  says("example: the option channels is needed, a whole number, 1 or more", example, {})
  says("example: there is no option chanels; did you mean channels?", example, { chanels = 2 })
  local model = ms.net.chain { name = "m", example { channels = 3 } }
  says("m.example: example:10: mul: ", model, ms.ones { 1, 2 })
  says("example: x must be a tensor, got 5", example { channels = 3 }, 5)
  says("example: takes at most 1 argument, got 1 too many: 5", example { channels = 3 },
    ms.ones { 3 }, 5)
  says("nn.define: linear is a layer of ms.nn; take another name", ms.nn.define,
    { name = "linear", forward = function(_, x) return x end })
  says("nn.define: the option forward is needed, a function", ms.nn.define, { name = "other" })
end

--- With a seed the start depends on the kind and the seed alone, without one on what was made
-- before.
function T.test_seeds()
  local function bytes(o)
    o.channels = 3
    return example(o).gain:bytes()
  end
  local first = bytes { seed = 4 }
  lu.assertNotEquals(bytes {}, bytes {})
  lu.assertEquals(bytes { seed = 4 }, first)
  lu.assertNotEquals(bytes { seed = 5 }, first)
end

--- A file in a folder moonstem/nn on Lua's path is a layer of ms.nn, with help and completion.
function T.test_a_file_is_a_layer()
  local dir = assert(ms.sys.tempdir())
  assert(ms.sys.mkdir(dir .. "/moonstem/nn"))
  assert(ms.sys.write_file(dir .. "/moonstem/nn/example.lua", LAYER))
  local code = ([[
    package.path = %q .. "/?.lua;" .. package.path
    print(ms.nn.example { channels = 3 })
    print((require "moonstem.app.completion".at("ms.nn.ex", 8))[1])
  ]]):format(dir)
  local status, out = ms.sys.capture { ms.sys.absolute "/proc/self/exe", "-e", code }
  ms.sys.run { "rm", "-r", dir }
  lu.assertEquals({ status, out }, { 0, "example  gain 3\nexample\n" })
end

return T
