--- What backward must not get wrong without a word: tensors changed in between, both sides of a loss, parameters
-- under two names, layers put in place of others, lists of any length.
local lu = require "luaunit"
local ms = require "moonstem"

local M = {}

-- ---- lists of any length ------------------------------------------------------------------
local LENGTHS = { 1, 60, 200, 5000 }

local function repeated(n, make)
  local list = {}
  for i = 1, n do list[i] = make(i) end
  return list
end

function M.test_cat_takes_as_many_as_memory_holds()
  lu.assertErrorMsgContains("cat: a list of 1 or more tensors is expected, got 0", ms.cat, {})
  for _, n in ipairs(LENGTHS) do
    local list = repeated(n, function(i) return ms.tensor { { i, -i } }:needs_grad() end)
    local y = ms.cat(list, 2)
    lu.assertEquals(y:shape(), "1x" .. 2 * n)
    lu.assertEquals(y:get(1, 2 * n), -n)
    y:backward(ms.ones { 1, 2 * n })
    lu.assertEquals(list[n].grad:totable(), { { 1, 1 } })
    list[n] = "no tensor"
    lu.assertErrorMsgContains(("cat: item %d of the list must be a tensor, got string"):format(n), ms.cat, list)
  end
end

return M
