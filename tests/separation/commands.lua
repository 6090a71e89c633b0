--- Small networks, and commands of moonstem in processes of their own with what they took: for the
-- long forms.
local ms = require "moonstem"
local describe = require "moonstem.train.model_config".describe

local M = {}

-- The command as the program runs it, and then the peak of this process in KiB.
local SCRIPT = [[
local status = require("moonstem.app.commands." .. ...).run { select(2, ...) }
assert(status == 0)
print(io.open("/proc/self/status"):read "a":match "VmHWM:%s*(%d+)")
]]

--- Writes a separator and a tagger with random weights into a folder: separate.safetensors and
-- tag.safetensors.
function M.save_networks(dir)
  ms.seed(1)
  local separator = ms.models.separator { unet = ms.models.unet { widths = { 4, 8, 8, 8, 8, 8 } } }
  local tail = ms.models.cnn_tail { classes = 3, widths = { 4, 4, 8, 8, 8, 8, 16 }, hidden = 16 }
  local tagger = ms.models.tail_only { tail = tail }
  assert(ms.train.save_weights(dir .. "/separate.safetensors", separator,
    { model = describe(separator) }))
  assert(ms.train.save_weights(dir .. "/tag.safetensors", tagger,
    { model = describe(tagger), kind = "tags" }))
  assert(ms.sys.write_file(dir .. "/child.lua", SCRIPT))
end

--- Runs a command of moonstem in a process of its own, where save_networks has been: peak MiB, and
-- seconds.
function M.peak_of(dir, command, ...)
  local start, said = ms.sys.clock(), dir .. "/said.txt"
  local argv = { ms.sys.absolute "/proc/self/exe", dir .. "/child.lua", command, ... }
  argv.stderr = said
  local status, text = ms.sys.capture(argv)
  assert(status == 0, status ~= 0 and text .. ms.sys.read_file(said))
  return tonumber(text:match "(%d+)%s*$") / 1024, ms.sys.clock() - start
end

return M
