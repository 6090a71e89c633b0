--- Reduced precision: what it changes, what it leaves, and how it says that it is not to be had.
local lu = require "luaunit"
local ms = require "moonstem"

local M = {}

local FULL = ms.precision()
local ABLE = ms.precision "bf16"
ms.precision(FULL)

function M.test_a_processor_without_it_says_so()
  local pipe <close> = assert(io.popen(("MOONSTEM_CPU=avx2 '%s' -e 'print(ms.precision \"bf16\")' 2>&1")
    :format(assert(ms.sys.absolute "/proc/self/exe"))))
  local said = pipe:read "a"
  lu.assertStrContains(said, "nil")
  lu.assertStrContains(said, "precision: bf16 needs a processor with bf16 dot products (avx512_bf16)")
end

function M.test_it_is_named_and_unknown_names_are_refused()
  lu.assertEquals(ms.machine().precision, FULL)
  lu.assertErrorMsgContains("invalid option 'f16'", ms.precision, "f16")
  if not ABLE then return end
  lu.assertTrue(ms.precision "bf16")
  lu.assertEquals({ ms.precision(), ms.machine().precision }, { "bf16", "bf16" })
  ms.precision(FULL)
  lu.assertEquals(ms.precision(), FULL)
end

return M
