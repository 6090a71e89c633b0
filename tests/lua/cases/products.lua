--- Products; values by hand.
local ms = require "moonstem"

return {
  matmul = {
    { function(a, b) return a:matmul(b) end, { { { 1, 2 }, { 3, 4 } }, { { 1, 0 }, { 2, -1 } } },
      { { 5, -2 }, { 11, -4 } } },
    { function(a) return a:matmul { { 1, 0 }, { 0, 2 } } end, { { { 1, 2 } } }, { { 1, 4 } } },
    wrong = {
      { function() return ms.zeros(2, 3):matmul { side = 1 } end, "got side = ..." },
    },
  },
}
