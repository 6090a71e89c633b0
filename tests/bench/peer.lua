--- Times a case of the PyTorch benchmark here, under the same name and with the same fields.
--   moonstem tests/bench/peer.lua --list
--   moonstem tests/bench/peer.lua train/separator [--seconds S] [--repeats N]
-- One JSON line: case, min_s, median_s, repeats, gflop, gflops (over min_s), peak_mib (resident, of the
-- whole process), times_real_time where a case has a duration. One process per case: peaks are the process's.
local ms = require "moonstem"

local CLIP_S, FRAMES, RATE = 29, 384, 16000

local function noise(...) return ms.randn { ... } * 0.1 end
local function samples(frames) return (frames - 1) * 160 + 512 end

--- One training step as the peer counts it: forward, loss, backward, Adam.
local function train(model, x, target, loss)
  local opt = ms.optim.adam(model:parameters(), { rate = 1e-4 })
  local _, flops = model:trace()
  return { flops = 3 * flops * x:size(1), step = function()
    local _ <close> = ms.scope()
    opt:zero()
    loss(model(x), target):backward()
    opt:step()
  end }
end

local function separation(sources)
  return function()
    local target = noise(8, sources, samples(FRAMES))
    return train(ms.models.separator { sources = sources }, noise(8, samples(FRAMES)), target, ms.loss.l1)
  end
end

local function tags(classes, batch)
  if classes == 50 then
    local scope <close> = ms.scope()
    return scope:keep((ms.uniform { batch, 50 } - 0.9):relu() * 10), ms.loss.bce_with_logits
  end
  local list = {}
  for k = 1, 16 do list[k] = k end
  return ms.tensor(list), ms.loss.cross_entropy
end

local function tagging(make, classes, batch, frames)
  return function()
    local target, loss = tags(classes, batch or 16)
    return train(make(classes), noise(batch or 16, samples(frames or FRAMES)):magnitude(), target, loss)
  end
end

local function tail(classes)
  return ms.models.tail_model { tail = ms.models.cnn_tail { classes = classes } }
end

local function joint(sources)
  return function(classes)
    return ms.models.tagger { unet = ms.models.unet { sources = sources }, classes = classes }
  end
end

local function ast_tail(classes)
  return ms.models.tail_model { tail = ms.models.ast_tail { classes = classes } }
end

local function ast_joint(classes)
  return ms.models.tagger { unet = ms.models.unet(), tail = { kind = "ast" }, classes = classes }
end

--- A clip's prediction: the mean over half-overlapping slices.
local function predict(make, frames)
  frames = frames or FRAMES
  return function()
    local model, wave = make(50):eval(), noise(1, CLIP_S * RATE)
    local _, flops = model:trace()
    model:eval()
    local n = (CLIP_S * 100 - frames) // (frames // 2) + 1
    return { flops = flops * n, audio_s = CLIP_S, step = function()
      local _ <close> = ms.scope()
      ms.no_grad(function()
        local magnitude, slices = wave:magnitude():reshape { -1, 256 }, {}
        for k = 1, n do
          local first = (k - 1) * (frames // 2) + 1
          slices[k] = magnitude:slice(1, first, first + frames - 1):reshape { 1, frames, 256 }
        end
        return model(ms.cat(slices, 1)):sigmoid():mean(1)
      end)
    end }
  end
end

local function front(f)
  return function()
    local wave, mel = noise(1, CLIP_S * RATE), ms.audio.mel_matrix()
    return { audio_s = CLIP_S, step = function()
      local _ <close> = ms.scope()
      f(wave, mel)
    end }
  end
end

local cases = {
  ["train/separator"] = separation(1),
  ["train/separator4"] = separation(4),
  ["train/cnn_tail"] = tagging(tail, 50),
  ["train/cnn_tail16"] = tagging(tail, 16),
  ["train/cnn_model"] = tagging(joint(1), 50),
  ["train/cnn_model4"] = tagging(joint(4), 50),
  ["train/ast_tail"] = tagging(ast_tail, 50, 4, 768),
  ["train/ast_model"] = tagging(ast_joint, 50, 4, 768),
  ["predict/ast_model"] = predict(ast_joint, 768),
  ["predict/cnn_tail"] = predict(tail),
  ["predict/cnn_model"] = predict(joint(1)),
  ["front/stft"] = front(function(wave) wave:magnitude() end),
  ["front/logmel"] = front(function(wave, mel) wave:magnitude():matmul(mel):log10(1e-4) end),
  ["front/stft-istft"] = front(function(wave) wave:stft():istft() end),
}

local function peak_mib()
  for line in io.lines("/proc/self/status") do
    local kib = line:match("^VmHWM:%s+(%d+)")
    if kib then return kib // 1024 end
  end
end

local function rounded(x) return tonumber(("%.4g"):format(x)) end

local function measure(case, seconds, repeats)
  for _ = 1, 2 do case.step() end
  local times, stop = {}, ms.sys.now() + seconds
  while #times < repeats or (ms.sys.now() < stop and #times < 1000) do
    local t = ms.sys.now()
    case.step()
    times[#times + 1] = ms.sys.now() - t
  end
  table.sort(times)
  return times
end

local function run(name, o)
  local case = cases[name]()
  local times = measure(case, o.seconds, o.repeats)
  local line = { case = name, dtype = ms.machine().real, threads = ms.threads(), cpu = ms.machine().cpu, repeats = #times,
    min_s = rounded(times[1]), median_s = rounded(times[#times // 2 + 1]), peak_mib = peak_mib() }
  if case.flops then
    line.gflop = rounded(case.flops / 1e9)
    line.gflops = rounded(case.flops / times[1] / 1e9)
  end
  if case.audio_s then line.times_real_time = rounded(case.audio_s / times[1]) end
  print(ms.io.json_encode(line))
end

local parser = require "argparse" ("peer.lua", "Times a case of the PyTorch benchmark here.")
parser:argument("case", "name of a case"):args "?"
parser:flag("--list", "name the cases")
parser:option("--seconds", "at least so long"):default("12"):convert(tonumber)
parser:option("--repeats", "at least so many steps"):default("5"):convert(tonumber)
local o = parser:parse(arg)
if o.list or not o.case then
  local names = {}
  for name in pairs(cases) do names[#names + 1] = name end
  table.sort(names)
  print(table.concat(names, "\n"))
elseif not cases[o.case] then
  error("there is no case " .. o.case .. "; --list names them", 0)
else
  run(o.case, o)
end
