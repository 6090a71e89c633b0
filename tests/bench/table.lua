--- The whole comparison with PyTorch, in turns on the same machine in the same minutes.
--   MOONSTEM_PYTHON=.../python moonstem tests/bench/table.lua '^ops'   single functions alone
--   (MOONSTEM_PYTHON: the Python whose PyTorch is the peer, also of what follows)
--   MOONSTEM_BENCH=.../bench.py moonstem tests/bench/table.lua [PATTERN ...] [--rounds 3]
--   [--seconds 4]
--       [--precision bf16] [--formats nhwc,nchw] [--plain] [--processor] [--json]
-- Cases have the names of the PyTorch benchmark; a Lua pattern picks those that it matches. In
-- every round a case is timed here and there, one process after the other (of single convolutions
-- all there, then all here). Speed is the median over the rounds of PyTorch's median time over ours
-- in the same round (above 1: faster), memory ours over PyTorch's (below 1: less). --plain adds
-- PyTorch as it comes, without the settings that its benchmark found. --json prints one JSON line
-- per case instead. --processor compares single functions by the processor time of one thread, the
-- least of a turn, where other programs use the machine. --precision bf16 compares bf16 here with
-- PyTorch's autocast to bf16: training steps, predictions, convolutions. Single convolutions come
-- from `bench-convolution` (cmake --build build --target bench-convolution).
local ms = require "moonstem"

local parser = require "argparse" ("table.lua", "Times everything here and in PyTorch, in turns.")
parser:argument("patterns", "Lua patterns of cases"):args "*"
parser:option("--rounds", "turns"):default("3"):convert(tonumber)
parser:option("--seconds", "at least so long per turn"):default("4"):convert(tonumber)
parser:option("--precision", "f32 or bf16"):default("f32"):choices { "f32", "bf16" }
parser:option("--formats", "memory formats of images that PyTorch tries; the faster counts")
  :default "nhwc,nchw"
parser:flag("--plain", "also PyTorch as it comes, for training steps")
parser:flag("--processor", "single functions: processor time of one thread, the least")
parser:flag("--json", "one JSON line per case")
local o = parser:parse(arg)

--- Single functions need no bench.py: whether no pattern asks for more.
local OPS_ALONE = #o.patterns > 0
for _, pattern in ipairs(o.patterns) do OPS_ALONE = OPS_ALONE and pattern:find "^%^?ops" ~= nil end

local BENCH = OPS_ALONE or os.getenv "MOONSTEM_BENCH"
  or error("MOONSTEM_BENCH must name the peer's bench.py", 0)
local PYTHON = os.getenv "MOONSTEM_PYTHON"
  or ms.sys.exists "/usr/bin/python3" and "/usr/bin/python3" or "python3"
local HERE = arg[0]:match "^(.*)/" or "."
local numbers = dofile(HERE .. "/numbers.lua")
local lines_of, median, rounded = numbers.lines_of, numbers.median, numbers.rounded
local PROGRAM = assert(ms.sys.absolute "/proc/self/exe")
local CONVOLUTIONS = PROGRAM:match "^(.*)/" .. "/bench-convolution"

local temporary <const> = ms.sys.tempdir()
local MP3 = temporary .. "/clip.mp3"

-- ---- one turn --------------------------------------------------------------------------------
local function last_of(command)
  local lines = lines_of(command)
  return lines[#lines]
end

local function ours(case)
  return last_of { PROGRAM, HERE .. "/peer.lua", case, "--seconds", tostring(o.seconds),
    "--precision", o.precision }
end

local function faster(a, b)
  return a and a.median_s <= b.median_s and a or b
end

--- PyTorch in the faster of the memory formats asked for.
local function theirs_in(formats, case, ...)
  local best
  for _, line in ipairs(lines_of { PYTHON, BENCH, case, "--seconds", tostring(o.seconds), "--dtype",
    o.precision, "--format", formats, ... }) do
    best = faster(best, line)
  end
  return best
end

local function theirs(case) return theirs_in(o.formats, case) end
local function plain(case) return theirs_in("nchw", case, "--plain") end

--- round -> what single convolutions take in PyTorch, by case: one process for all that are wanted.
local convolutions_of = {}

local function convolutions_in(format, list)
  local command = { PYTHON, HERE .. "/peer_more.py", "convolutions", format, o.precision,
    tostring(math.min(o.seconds, 1)) }
  return lines_of(table.move(list, 1, #list, #command + 1, command))
end

local function their_convolution(case, round, list)
  if not convolutions_of[round] then
    local best = {}
    for format in o.formats:gmatch "[^,]+" do
      for _, line in ipairs(convolutions_in(format, list)) do
        best[line.case] = faster(best[line.case], line)
      end
    end
    convolutions_of[round] = best
  end
  return convolutions_of[round][case]
end

local function our_convolution(case)
  for _,
    line in ipairs(lines_of { CONVOLUTIONS, case, tostring(math.min(o.seconds, 1)),
    o.precision }) do
    if line.case == case then return line end
  end
  error("bench-convolution has no case " .. case, 0)
end

--- A process from its start until model and data are there; again: right after another one, which
-- has brought files and pages of memory to hand.
local function seconds_of(command, again)
  if again then lines_of(command) end
  local _, seconds = lines_of(command)
  return { median_s = seconds }
end

local function readiness(again)
  return {
    ours = function(case)
      return seconds_of({ PROGRAM, HERE .. "/peer.lua", case:match "/(.*)", "--ready" }, again)
    end,
    theirs = function(case)
      return seconds_of({ PYTHON, HERE .. "/peer_more.py", "ready", case:match "/(.*)" }, again)
    end,
  }
end

-- ---- the cases ---------------------------------------------------------------------------------
--- kind -> how a turn is taken on either side, of the case and the peer's name for it
local KINDS = {
  step = { ours = ours, theirs = theirs, plain = plain },
  timed = { ours = ours, theirs = theirs },
  convolution = { ours = our_convolution, theirs = their_convolution },
  ready = readiness(true),
  first = readiness(false),
  feed = {
    ours = function(case)
      return last_of { PROGRAM, HERE .. "/peer.lua", case, "--mp3", MP3, "--seconds",
        tostring(o.seconds) }
    end,
    theirs = function(case)
      return last_of { PYTHON, HERE .. "/peer_more.py", case, MP3, tostring(o.seconds) }
    end,
  },
}

local cases = {}

local function add(kind, case, speed, memory, peer)
  cases[#cases + 1] = { kind = KINDS[kind], case = case, peer = peer or case, speed = speed,
    memory = memory }
end

local REDUCED <const> = o.precision == "bf16"
for _, case in ipairs { "separator", "cnn_tail", "cnn_model" } do
  add("step", "train/" .. case, REDUCED and 1.3 or 1.5, 0.6)
end
for _, case in ipairs { "ast_tail", "ast_model" } do add("step", "train/" .. case, 1.3, 0.6) end
for _, case in ipairs { "cnn_model", "ast_model" } do add("timed", "predict/" .. case, 2) end
if not REDUCED then
  add("timed", "front/logmel", 2, nil, "front/torchaudio-logmel")
  add("timed", "front/stft", 2, nil, "front/torchaudio-stft")
  add("feed", "feed/mp3", 2)
  for _, case in ipairs { "separator", "cnn_model", "ast_model" } do
    add("ready", "ready/train/" .. case, 10)
    add("first", "first/train/" .. case)
  end
end

--- Single convolutions, as both sides name them; those at the ends of the networks have a higher
-- aim.
local function add_convolutions()
  local here = {}
  if not ms.sys.exists(CONVOLUTIONS) then
    io.stderr:write("without single convolutions: cmake --build build --target bench-convolution \z
      builds what times them\n")
    return
  end
  for _, line in ipairs(lines_of { CONVOLUTIONS, "--list" }) do here[line.case] = true end
  local pipe <close> = assert(io.popen(("%s '%s' --list 'conv.*|up2.*'"):format(PYTHON, BENCH)))
  for case in pipe:lines() do
    if here[case] then add("convolution", case, case:find "@384x256" and 1.5 or 0.95) end
  end
end

local function wanted(case)
  for _, pattern in ipairs(o.patterns) do
    if case:find(pattern) then return true end
  end
  return #o.patterns == 0
end

-- ---- the table ------------------------------------------------------------------------------
--- same_kind: the names there of all wanted cases of this kind.
local function measure(c, same_kind)
  local mine, other, ratios, loose = {}, {}, {}, {}
  local memory, peak, peer_peak
  for k = 1, o.rounds do
    local b = c.kind.theirs(c.peer, k, same_kind)
    local a = c.kind.ours(c.case)
    mine[k], other[k], ratios[k] = a.median_s, b.median_s, b.median_s / a.median_s
    if c.memory then
      peak, peer_peak = math.max(peak or 0, a.peak_mib),
        math.min(peer_peak or math.huge, b.peak_mib)
      memory = peak / peer_peak
    end
    if o.plain and c.kind.plain then loose[k] = c.kind.plain(c.peer).median_s end
  end
  return { case = c.case, peer = c.peer, precision = o.precision, rounds = o.rounds,
    threads = ms.threads(), cpu = ms.machine().cpu,
    median_s = rounded(median(mine)), peer_s = rounded(median(other)),
      speed = rounded(median(ratios)),
    lowest = rounded(math.min(table.unpack(ratios))),
      highest = rounded(math.max(table.unpack(ratios))),
    speed_aim = c.speed, peak_mib = peak, peer_mib = peer_peak, memory = rounded(memory),
      memory_aim = c.memory,
    plain_s = rounded(median(loose)) }
end

local function verdict(r)
  local fast = not r.speed_aim or r.speed >= r.speed_aim
  local small = not r.memory_aim or r.memory <= r.memory_aim
  return fast and small and "" or ("  below %s")
    :format(not fast and not small and "both" or fast and "memory" or "speed")
end

local FORMAT = "%-36s %10s %10s %7s %12s %5s %6s %6s %6s %5s %9s%s"

local function text(x, format) return x and (format or "%.4g"):format(x) or "" end

local function show(r)
  if o.json then return print(ms.io.json_encode(r)) end
  print((FORMAT:format(r.case, text(r.median_s), text(r.peer_s), text(r.speed, "%.2fx"),
    ("%.2f..%.2f"):format(r.lowest, r.highest), text(r.speed_aim), text(r.peak_mib, "%d"),
      text(r.peer_mib, "%d"),
    text(r.memory, "%.2f"), text(r.memory_aim), text(r.plain_s), verdict(r)):gsub("%s+$", "")))
end

--- What ops/table.lua adds: every function that Moonstem shares with PyTorch.
local function run_ops()
  dofile(HERE .. "/ops/table.lua") { o = o, lines_of = lines_of, wanted = wanted, program = PROGRAM,
    here = HERE }
end

local function run_networks()
  add_convolutions()
  dofile(HERE .. "/clip.lua")(temporary)
  if not o.json then
    print(FORMAT:format("case", "ours s", "PyTorch s", "speed", "range", "aim", "MiB", "peer",
      "memory", "aim", "plain s", ""))
  end
  local peers = {} -- kind -> list of names
  for _, c in ipairs(cases) do
    peers[c.kind] = peers[c.kind] or {}
    if wanted(c.case) then table.insert(peers[c.kind], c.peer) end
  end
  for _, c in ipairs(cases) do
    if wanted(c.case) then show(measure(c, peers[c.kind])) end
  end
end

local function run()
  io.stdout:setvbuf "line"
  if not OPS_ALONE then run_networks() end
  if o.precision == "f32" then run_ops() end
end

local ok, why = pcall(run)
for _, name in ipairs(ms.sys.list(temporary) or {}) do ms.sys.remove(temporary .. "/" .. name) end
ms.sys.remove(temporary)
if not ok then error(why, 0) end
