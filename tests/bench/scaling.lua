--- How the cost of a training step grows with batch, length and width: time and memory, measured
-- one process a point.
--   moonstem tests/bench/scaling.lua [separator | cnn_tail | ast_tail ...] [--repeats 3] [--out
--   FOLDER]
-- One JSON line per point: network, vary (batch, seconds or width), value, median_s, cpu_s,
-- peak_mib; and for each sweep a line with its exponents, the slopes of log cost over log value
-- between the two largest values: 1 is linear. Width enters products twice, so that 2 is linear in
-- the number of weights; memory counts what the tensors hold, without the process itself. --out:
-- pictures, scaling-NETWORK-VARY-time.svg and -memory.svg.
local ms = require "moonstem"

local SECONDS_TO_FRAMES = 100
local UNET, TAIL = { 16, 32, 64, 128, 192, 192 }, { 64, 64, 128, 128, 128, 128, 256 }

local parser = require "argparse" ("scaling.lua", "Time and memory over batch, length and width.")
parser:argument("networks", "separator, cnn_tail, ast_tail"):args "*"
parser:option("--repeats", "steps that are timed"):default "3":convert(tonumber)
parser:option("--out", "folder for pictures")
parser:option("--point", "what a process of its own measures: network,batch,frames,width")
  :hidden(true)
local o = parser:parse(arg)

local SWEEPS = {
  { vary = "batch", values = { 1, 2, 4, 8, 16, 32 } },
  { vary = "seconds", values = { 1, 2, 4, 8, 16, 30 } },
  { vary = "width", values = { 0.25, 0.5, 1, 2 } },
}

-- ---- one point ------------------------------------------------------------------------------
local function scaled(widths, by)
  local list = {}
  for k, n in ipairs(widths) do list[k] = math.floor(n * by) end
  return list
end

--- batch, frames: where another thing is varied; least: the smallest batch, also where the length
-- is varied; multiple: of frames.
local NETWORKS = {
  separator = {
    batch = 4, least = 1, frames = 384, multiple = 64,
    make = function(batch, frames, width)
      local samples = (frames - 1) * 160 + 512
      return ms.models.separator { unet = ms.models.unet { widths = scaled(UNET, width) } },
        ms.randn { batch, samples }, ms.randn { batch, 1, samples }, ms.loss.l1
    end,
  },
  cnn_tail = {
    batch = 8, least = 2, frames = 384, multiple = 192,
    make = function(batch, frames, width)
      local tail = ms.models.cnn_tail { widths = scaled(TAIL, width), frames = frames }
      return ms.models.tail_only { tail = tail }, ms.uniform { batch, frames, 256 },
        ms.zeros { batch, 50 }, ms.loss.bce_with_logits
    end,
  },
  ast_tail = {
    batch = 4, least = 1, frames = 384, multiple = 16,
    make = function(batch, frames, width)
      local tail = ms.models.ast_tail { dim = math.floor(768 * width),
        heads = math.floor(12 * width), frames = frames, depth = 4 }
      return ms.models.tail_only { tail = tail }, ms.uniform { batch, frames, 256 },
        ms.zeros { batch, 50 }, ms.loss.bce_with_logits
    end,
  },
}

local function measure_point(text)
  local network, batch, frames, width = text:match "^([%w_]+),(%d+),(%d+),([%d.]+)$"
  local model, x, target, loss = NETWORKS[network].make(math.tointeger(batch),
    math.tointeger(frames), tonumber(width))
  local opt, times, cpu = ms.optim.adam(model:parameters(), { lr = 1e-4 }), {}, 0
  for k = 0, o.repeats do
    local _ <close> = ms.scope()
    local began, busy = ms.sys.clock(), os.clock()
    opt:zero()
    loss(model(x), target):backward()
    opt:step()
    -- the first one takes fresh memory
    if k > 0 then times[k], cpu = ms.sys.clock() - began, cpu + os.clock() - busy end
  end
  table.sort(times)
  print(ms.io.json_encode { median_s = times[(#times + 1) // 2], cpu_s = cpu / #times,
    peak_mib = ms.memory().peak / 2 ^ 20 })
end

-- ---- sweeps -----------------------------------------------------------------------------------
--- Batch, frames and width of every point of a sweep, and the value that stands for it.
local function places(network, sweep)
  local list = {}
  for _, value in ipairs(sweep.values) do
    local at = { batch = network.batch, frames = network.frames, width = 1, value = value }
    if sweep.vary == "seconds" then
      at.batch = network.least
      at.frames =
        math.max(1, (value * SECONDS_TO_FRAMES + network.multiple // 2) // network.multiple)
        * network.multiple
      at.value = at.frames / SECONDS_TO_FRAMES
    else
      at[sweep.vary] = math.max(value, sweep.vary == "batch" and network.least or 0)
      at.value = at[sweep.vary]
    end
    if not list[1] or list[#list].value ~= at.value then list[#list + 1] = at end
  end
  return list
end

local function point(name, vary, at)
  local pipe <close> = assert(io.popen(("/proc/%d/exe '%s' --repeats %d --point %s,%d,%d,%g")
    :format(ms.sys.pid(), arg[0], o.repeats, name, at.batch, at.frames, at.width)))
  local line = ms.io.json_decode(pipe:read "a")
  line.network, line.vary, line.value = name, vary, at.value
  print(ms.io.json_encode(line))
  io.stdout:flush()
  return line
end

local function slope(points, key)
  local a, b = points[#points - 1], points[#points]
  return math.log(b[key] / a[key]) / math.log(b.value / a.value)
end

local function draw(name, vary, points)
  local x, time, memory, first = {}, {}, {}, points[1]
  local even_time, even_memory = {}, {}
  for k, p in ipairs(points) do
    x[k], time[k], memory[k] = p.value, p.median_s, p.peak_mib
    even_time[k], even_memory[k] = first.median_s * p.value / first.value,
      first.peak_mib * p.value / first.value
  end
  for what, c in pairs { time = { time, even_time, "s a step" },
    memory = { memory, even_memory, "MiB of tensors" } } do
    assert(ms.figure.lines(("%s/scaling-%s-%s-%s.svg"):format(o.out, name, vary, what), {
      title = ("%s: %s over %s"):format(name, what, vary), x_label = vary, y_label = c[3],
        log_x = true, log_y = true,
      series = { { label = "measured", x = x, y = c[1], marks = true },
        { label = "in proportion", x = x, y = c[2], dash = true } },
    }))
  end
end

if o.point then return measure_point(o.point) end
if o.out then assert(ms.sys.mkdir(o.out)) end
for _, name in ipairs(#o.networks > 0 and o.networks or { "separator", "cnn_tail", "ast_tail" }) do
  if not NETWORKS[name] then error("there is no network " .. name, 0) end
  for _, sweep in ipairs(SWEEPS) do
    local points = {}
    for k, at in ipairs(places(NETWORKS[name], sweep)) do
      points[k] = point(name, sweep.vary, at)
    end
    print(ms.io.json_encode { network = name, vary = sweep.vary,
      time_exponent = slope(points, "median_s"),
      cpu_exponent = slope(points, "cpu_s"), memory_exponent = slope(points, "peak_mib") })
    if o.out then draw(name, sweep.vary, points) end
  end
end
