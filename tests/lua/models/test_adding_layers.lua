--- Adding a layer as CONTRIBUTING.md says: in Lua, without C. It learns, is counted, kept, and
-- named in messages.
local lu = require "luaunit"
local ms = require "moonstem"

local T = {}

--- example{channels =}: x -> x times a gain for each channel.
local function example(o)
  return ms.net.module {
    name = "example", order = { "gain" },
    gain = ms.nn.parameter { size = { o.channels }, deviation = 0 },
    forward = function(self, x) return x * self.gain() end,
  }
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
  lu.assertEquals(layer:count(), 2)
  local gain = layer:parameters()[1].value
  lu.assertAlmostEquals(gain:slice(1, 1, 1):item(), 2, 1e-2)
  lu.assertAlmostEquals(gain:slice(1, 2, 2):item(), -1, 1e-2)
end

function T.test_it_is_kept_by_name_and_named_in_messages()
  local layer, other = example { channels = 3 }, example { channels = 3 }
  layer:parameters()[1].value:copy(ms.tensor { 1, 2, 3 })
  other:load(layer:state())
  lu.assertEquals(other(ms.ones { 1, 3 }):totable(), { { 1, 2, 3 } })
  lu.assertErrorMsgContains("example: ", layer, ms.ones { 1, 2 })
end

return T
