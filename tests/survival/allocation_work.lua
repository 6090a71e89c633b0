--- What tests/survival/allocations.lua takes memory away from: { name =, run = function(folder) },
-- each a small use of one part of the program. Files that they read are made by M.prepare.
local ms = require "moonstem"

local M = {}

local SOUNDS = { wav = {}, flac = {}, ogg = {}, aiff = {} }
local MADE = { mp3 = { "-c:a", "libmp3lame" }, opus = { "-c:a", "libopus", "-ar", "48000" },
  m4a = { "-c:a", "aac" } }

local function tone(samples) return (ms.range(0, samples - 1) * 0.05):sin() * 0.5 end

local function network()
  ms.seed(1)
  return ms.net.chain { ms.nn.conv2d { in_channels = 1, out_channels = 2 }, ms.nn.relu {},
    ms.nn.batch_norm { channels = 2 } }
end

--- Writes the files that the work reads. Sounds that only ffmpeg makes are missing without it.
function M.prepare(folder)
  local wave = tone(4000)
  for ending in pairs(SOUNDS) do
    assert(ms.audio.write(("%s/tone.%s"):format(folder, ending), wave, 16000))
  end
  for ending, options in pairs(MADE) do
    local command = { "ffmpeg", "-v", "error", "-i", folder .. "/tone.wav" }
    table.move(options, 1, #options, 6, command)
    command[#command + 1] = ("%s/tone.%s"):format(folder, ending)
    assert(ms.sys.run(command) == 0)
  end
  assert(ms.io.save_safetensors(folder .. "/w.safetensors", { w = ms.ones { 20, 3 } }, { a = "b" }))
  assert(ms.train.save_checkpoint(folder .. "/loop.safetensors", { model = network() }))
  assert(ms.io.save_json(folder .. "/r.json", { a = { 1, 2, { b = "text" } }, c = 0 / 0 }))
  assert(ms.io.save_npy(folder .. "/a.npy", ms.ones { 20, 3 }))
  assert(ms.io.save_npz(folder .. "/a.npz", { a = ms.ones { 20, 3 } }, { compress = true }))
  assert(ms.io.save_csv(folder .. "/t.csv", { { a = "x", b = 1 }, { a = "y", b = 2 } }))
end

local list = {}
local function add(name, run) list[#list + 1] = { name = name, run = run } end

-- ---- tensors ---------------------------------------------------------------------------------
add("pointwise", function() return (ms.ones { 30, 3 } * 2 + 1):exp():sum():item() end)
add("sort and unique", function()
  return ms.tensor_from({ 3, 1, 2, 3 }, { 4 }):sort(), ms.ones { 5 }:unique()
end)
add("convolution and its gradient", function()
  local x, model = ms.ones { 1, 6, 8, 1 }:needs_grad(), network()
  model(x):mean():backward()
  return x.grad
end)
add("matrices", function()
  local a = ms.eye(6) * 3
  return a:matmul(a), ms.linalg.solve(a, ms.ones { 6, 1 })
end)
add("Fourier transform", function() return ms.fft.rfft(ms.ones { 2, 48 }) end)
add("long Fourier transform", function() return ms.fft.rfft(ms.ones { 9973 }) end)
add("spectrogram", function() return ms.audio.stft(tone(4000)) end)
add("mel bands", function() return ms.audio.mel(tone(4000), { rate = 16000 }) end)
add("hpss", function() return ms.audio.hpss(tone(4000)) end)
add("resampling", function() return ms.audio.resample(tone(4000), 16000, 8000) end)
add("training step", function()
  local model = network()
  local adam = ms.optim.adam(model:parameters(), { lr = 1e-2 })
  ms.loss.l1(model(ms.ones { 1, 4, 4, 1 }), ms.zeros { 1, 4, 4, 2 }):backward()
  adam:step()
  return true
end)
add("bootstrap", function()
  return ms.statistics.bootstrap({ 1, 2, 4 }, function(x) return #x end, { resamples = 20 })
end)

-- ---- sound -----------------------------------------------------------------------------------
for _, ending in ipairs { "wav", "flac", "ogg", "aiff", "mp3", "opus", "m4a" } do
  add("read " .. ending, function(folder)
    return ms.audio.read(("%s/tone.%s"):format(folder, ending))
  end)
end
for _, ending in ipairs { "wav", "flac", "ogg" } do
  add("write " .. ending, function(folder)
    return ms.audio.write(("%s/own.%s"):format(folder, ending), tone(3000), 16000)
  end)
end
add("read at another rate", function(folder)
  return ms.audio.read(folder .. "/tone.wav", { rate = 11025, mono = true })
end)
add("loudness", function() return ms.audio.loudness(tone(16000), { rate = 16000 }) end)
add("beats", function() return ms.audio.beats(tone(16000), { rate = 16000 }) end)
add("stretch", function() return ms.audio.time_stretch(tone(8000), 1.25, { rate = 16000 }) end)
add("fingerprint", function() return ms.audio.fingerprint(tone(48000), { rate = 16000 }) end)

-- ---- files -----------------------------------------------------------------------------------
add("write weights", function(folder)
  return ms.io.save_safetensors(folder .. "/own.safetensors", { w = ms.ones { 9 } }, { a = "b" })
end)
add("read weights", function(folder) return ms.io.load_safetensors(folder .. "/w.safetensors") end)
add("write a checkpoint", function(folder)
  return ms.train.save_checkpoint(folder .. "/own_loop.safetensors", { model = network() })
end)
add("read a checkpoint", function(folder)
  return ms.train.load_checkpoint(folder .. "/loop.safetensors", { model = network() })
end)
add("write JSON", function(folder)
  return ms.io.save_json(folder .. "/own.json", { 1, { a = "x" } })
end)
add("read JSON", function(folder) return ms.io.load_json(folder .. "/r.json") end)
add("read an array", function(folder) return ms.io.load_npy(folder .. "/a.npy") end)
add("write arrays", function(folder)
  return ms.io.save_npz(folder .. "/own.npz", { a = ms.ones { 9 } }, { compress = true })
end)
add("read arrays", function(folder) return ms.io.load_npz(folder .. "/a.npz") end)
add("read a table", function(folder)
  return ms.io.load_csv(folder .. "/t.csv", { numbers = true })
end)
add("picture", function()
  return ms.io.heat_png(ms.ones { 20, 30 }, { palette = ("abc"):rep(255) })
end)
add("ONNX", function(folder)
  return ms.io.save_onnx(folder .. "/own.onnx", network(), { input = { 4, 4, 1 } })
end)

-- ---- the program -----------------------------------------------------------------------------
add("completion", function() return require("moonstem.app.completion").at("ms.audio.st", 11) end)
add("help", function() return require("moonstem.app.help").text "ms.zeros" end)
add("show a value", function() return require("moonstem.app.values").text(ms.ones { 3, 4 }) end)
add("another program", function() return ms.sys.capture { "echo", "text" } end)
add("loader", function()
  local n = 0
  local loader = ms.data.loader { items = 4, batch = 2, workers = 1,
    load = function(i) return i end }
  for _ in loader:epoch(1) do n = n + 1 end
  return n
end)

M.list = list

return M
