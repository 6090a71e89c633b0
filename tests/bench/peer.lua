--- Times a case of the PyTorch benchmark here, under the same name and with the same fields.
--   moonstem tests/bench/peer.lua --list
--   moonstem tests/bench/peer.lua train/separator [--seconds S] [--repeats N]
--   moonstem tests/bench/peer.lua train/separator --ready   builds the case and ends
--   moonstem tests/bench/peer.lua train/cnn_model --recompute unet.encoder tail.block   these parts
--   again in backward
-- One JSON line: case, min_s, median_s, cpu_s (processor seconds of a step, of all threads),
-- repeats, gflop, gflops (over min_s), peak_mib (resident, of the whole process), times_real_time
-- where a case has a duration. One process per case: peaks are the process's.
local ms = require "moonstem"
local cases = dofile((arg[0]:match "^(.*)/" or ".") .. "/cases.lua")

local parser = require "argparse" ("peer.lua", "Times a case of the PyTorch benchmark here.")
parser:argument("case", "name of a case"):args "?"
parser:flag("--list", "name the cases")
parser:flag("--ready", "build the case and end")
parser:option("--seconds", "at least so long"):default("12"):convert(tonumber)
parser:option("--repeats", "at least so many steps"):default("5"):convert(tonumber)
parser:option("--precision", "f32 or bf16"):default("f32"):choices { "f32", "bf16" }
parser:option("--recompute",
  "parts of the network that backward computes again, instead of keeping them"):args "+"
parser:option("--mp3", "the file of feed/mp3, 29 s or more")
local o = parser:parse(arg)

local function peak_mib()
  for line in io.lines("/proc/self/status") do
    local kib = line:match("^VmHWM:%s+(%d+)")
    if kib then return kib // 1024 end
  end
end

local function rounded(x) return tonumber(("%.4g"):format(x)) end

local function measure(case)
  for _ = 1, 2 do case.step() end
  local times, stop, cpu = {}, ms.sys.clock() + o.seconds, os.clock()
  while #times < o.repeats or (ms.sys.clock() < stop and #times < 1000) do
    local t = ms.sys.clock()
    case.step()
    times[#times + 1] = ms.sys.clock() - t
  end
  cpu = (os.clock() - cpu) / #times
  table.sort(times)
  return times, cpu
end

local function run(name)
  if o.precision == "bf16" then assert(ms.precision "bf16") end
  local case = cases[name](o)
  if o.ready then return end
  if o.recompute then case.model:recompute(table.unpack(o.recompute)) end
  local times, cpu = measure(case)
  local line = { case = name, dtype = ms.precision(), threads = ms.threads(),
    cpu = ms.machine().cpu, repeats = #times,
    min_s = rounded(times[1]), median_s = rounded(times[#times // 2 + 1]), cpu_s = rounded(cpu),
      peak_mib = peak_mib() }
  if case.flops then
    local flops = case.flops()
    line.gflop = rounded(flops / 1e9)
    line.gflops = rounded(flops / times[1] / 1e9)
  end
  if case.audio_s then line.times_real_time = rounded(case.audio_s / times[1]) end
  print(ms.io.json_encode(line))
end

if o.list or not o.case then
  local names = {}
  for name in pairs(cases) do names[#names + 1] = name end
  table.sort(names)
  print(table.concat(names, "\n"))
elseif not cases[o.case] then
  error("there is no case " .. o.case .. "; --list names them", 0)
else
  run(o.case)
end
