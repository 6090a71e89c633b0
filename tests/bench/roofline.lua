--- How close every operator of a training step comes to the machine: its rates beside the measured
-- limits of multiply-adds and memory, and its share of the step.
--   moonstem tests/bench/roofline.lua [CASE ...] [--steps 3] [--precision bf16] [--json] [--out
--   FOLDER] CASE: train/separator, train/cnn_tail, train/cnn_model, train/ast_tail (peer.lua
--   --list); by default the first, second and fourth. With --out a picture of each goes there as
--   roofline-NAME.svg. Limits come from `bench-limits` (cmake --build build --target bench-limits),
--   run before and after: the better figures count. FLOPs are those of the plain definition:
--   convolutions by Winograd's filtering do fewer, and may pass 100 %.
-- --json prints one JSON line for the step, and one for each operator, instead.
-- Bytes are what an operator must read and write at least; what stays in a cache may pass the
-- memory's limit.
local ms = require "moonstem"

local parser = require "argparse" ("roofline.lua",
  "Rates of every operator beside the machine's limits.")
parser:argument("cases", "training steps"):args "*"
parser:option("--steps", "steps to count"):default "3":convert(tonumber)
parser:option("--precision", "f32 or bf16, whose limit is twice that of the multiply-adds")
  :default("f32"):choices { "f32", "bf16" }
parser:flag("--json", "JSON lines")
parser:option("--out", "folder for pictures")
local o = parser:parse(arg)
if o.precision == "bf16" then assert(ms.precision "bf16") end
local names = #o.cases > 0 and o.cases or { "train/separator", "train/cnn_tail", "train/ast_tail" }
local cases = dofile((arg[0]:match "^(.*)/" or ".") .. "/cases.lua")
local PROBE = assert(ms.sys.absolute "/proc/self/exe"):match "^(.*)/" .. "/bench-limits"

local function probe()
  local pipe <close> = assert(io.popen("'" .. PROBE .. "'"))
  return ms.io.json_decode(pipe:read "a")
end

local function better(a, b)
  for _, key in ipairs { "gflops", "read_gbs", "triad_gbs" } do
    a[key] = math.max(a[key], b[key])
  end
  return a
end

--- Rates of a profile's rows, in GFLOP/s and GB/s, and the nearer limit's share.
local function rates(profile, limits)
  local bandwidth = math.max(limits.read_gbs, limits.triad_gbs)
  for _, r in ipairs(profile.rows) do
    r.gflops, r.gbs = r.flops / r.seconds / 1e9, r.bytes / r.seconds / 1e9
    r.of_fma, r.of_memory = r.gflops / limits.gflops, r.gbs / bandwidth
  end
  return bandwidth
end

local function show_json(name, profile, limits, bandwidth)
  print(ms.io.json_encode { case = name, step_s = profile.seconds / o.steps,
    gflops = profile.flops / profile.seconds / 1e9, limit_gflops = limits.gflops,
      limit_gbs = bandwidth, cpu = limits.cpu, threads = limits.threads })
  for _, r in ipairs(profile.rows) do
    local counts = r.flops > 0
    if r.share >= 0.001 then
      print(ms.io.json_encode { case = name, operator = r.name, way = r.way, share = r.share,
        gflops = counts and r.gflops or nil, of_fma = counts and r.of_fma or nil, gbs = r.gbs,
          of_memory = r.of_memory })
    end
  end
end

local function show(name, profile, limits, bandwidth)
  print(("\n%s: %.3f s a step, %.0f GFLOP/s of %.0f; memory %.0f GB/s (%s, %d threads)")
    :format(name, profile.seconds / o.steps, profile.flops / profile.seconds / 1e9, limits.gflops,
      bandwidth, limits.cpu, limits.threads))
  print(("%-15s %-9s %7s %10s %7s %9s %7s"):format("operator", "way", "share", "GFLOP/s", "of FMA",
    "GB/s", "of mem."))
  for _, r in ipairs(profile.rows) do
    if r.share >= 0.001 then
      print(("%-15s %-9s %6.1f%% %10s %7s %9.1f %6.0f%%"):format(r.name, r.way, r.share * 100,
        r.flops > 0 and ("%.1f"):format(r.gflops) or "",
        r.flops > 0 and ("%.0f%%"):format(r.of_fma * 100) or "", r.gbs, r.of_memory * 100))
    end
  end
end

--- Operators as dots under the roof: FLOPs to a byte, and GFLOP/s; those without FLOPs are in the
-- table alone.
local function draw(name, profile, limits, bandwidth)
  local knee = limits.gflops / bandwidth
  local series = { { label = "the machine", x = { 0.1, knee, 1e4 },
    y = { 0.1 * bandwidth, limits.gflops, limits.gflops }, colour = "#333333" } }
  for _, r in ipairs(profile.rows) do
    if r.flops > 0 and r.share >= 0.005 then
      series[#series + 1] = { label = ("%s %s, %.0f%%"):format(r.name, r.way, r.share * 100),
        marks = true, x = { r.flops / r.bytes }, y = { r.gflops } }
    end
  end
  local path = ("%s/roofline-%s.svg"):format(o.out, (name:gsub("/", "-")))
  assert(ms.figure.lines(path, { series = series,
    title = name .. ": operators under the machine's roof", log_x = true, log_y = true,
      x_label = "multiply-adds (as two) per byte", y_label = "GFLOP/s", width = 760,
        height = 460 }))
end

if not ms.sys.exists(PROBE) then
  error(PROBE .. " is not built: cmake --build build --target bench-limits", 0)
end
if o.out then assert(ms.sys.mkdir(o.out)) end
local limits = probe()
for _, name in ipairs(names) do
  if not (cases[name] and name:find "^train/") then
    error("there is no training step " .. name, 0)
  end
  local step = cases[name](o).step
  for _ = 1, 2 do step() end
  local profile = ms.profile(function() for _ = 1, o.steps do step() end end)
  limits = better(limits, probe())
  local bandwidth = rates(profile, limits)
  local print_rows = o.json and show_json or show
  print_rows(name, profile, limits, bandwidth)
  if o.out then draw(name, profile, limits, bandwidth) end
  step = nil -- luacheck: ignore
  collectgarbage()
end
