--- How fast the paper's separator separates stereo of 44.1 kHz, where the time goes, and the same
-- U-Net in onnxruntime, in turns.
local ms = require "moonstem"
local full_band = require "moonstem.evaluate.full_band"
local reader = require "moonstem.evaluate.reader"

local RATE, SEGMENTS = 44100, 15
local PARTS = { "network", "spectra", "reading", "writing" }

local function write_song(path, seconds)
  local sink <close> = assert(ms.audio.create(path, RATE, { channels = 2 }))
  for second = 1, seconds do
    local _ <close> = ms.scope()
    ms.seed(second)
    assert(sink:write(ms.randn { RATE, 2 } * 0.1))
  end
  assert(sink:finish())
end

local function seconds_of(f, ...)
  local started = ms.sys.clock()
  local results = table.pack(f(...))
  return ms.sys.clock() - started, table.unpack(results, 1, results.n)
end

-- A function like f whose seconds are added to spent[part].
local function timed(spent, part, f)
  local function add(seconds, ...)
    spent[part] = spent[part] + seconds
    return ...
  end
  return function(...) return add(seconds_of(f, ...)) end
end

-- A model that is in evaluation mode already.
local function timed_model(spent, model)
  local call = timed(spent, "network", model)
  return setmetatable({ eval = function() end, train = function() end }, {
    __call = function(_, wave) return call(wave) end,
  })
end

-- Puts functions that tell their time in the place of those that separate_file calls; one that puts
-- all back.
local function watch(spent)
  local open_reader, each = reader.reader, full_band.each
  reader.reader = function(...)
    local read, source = open_reader(...)
    return timed(spent, "reading", read), source
  end
  full_band.each = function(model, read, source, above, visit)
    local original = { rate = source.rate, channels = source.channels,
      read = timed(spent, "reading", function(_, n) return source:read(n) end) }
    return each(timed_model(spent, model), read, original, above,
      timed(spent, "writing", visit))
  end
  full_band.each = timed(spent, "each", full_band.each)
  return function() reader.reader, full_band.each = open_reader, each end
end

-- One separation: its seconds, and those of its parts.
local function separation(model, song, dir)
  local spent = { reading = 0, network = 0, writing = 0, each = 0 }
  local put_back = watch(spent)
  local all = seconds_of(ms.evaluate.separate_file, model, song,
    { dir .. "/stem.wav", dir .. "/rest.wav" })
  put_back()
  spent.spectra = spent.each - spent.reading - spent.network - spent.writing
  spent.writing = spent.writing + all - spent.each
  return all, spent
end

local function sorted(list)
  list = table.move(list, 1, #list, 1, {})
  table.sort(list)
  return list[#list // 2 + 1], list[1], list[#list]
end

local function measure_song(model, dir, o)
  local song, times, shares = dir .. "/speed.wav", {}, {}
  write_song(song, o.seconds)
  for round = 0, o.rounds do -- the first one warms up
    local all, spent = separation(model, song, dir)
    times[round] = all
    for _, part in ipairs(PARTS) do
      shares[part] = shares[part] or {}
      shares[part][round] = 100 * spent[part] / all
    end
  end
  local median, best, worst = sorted(times)
  print(("  %.1f times faster than the music lasts (%.1f to %.1f in %d rounds)"):format(o.seconds
    / median, o.seconds / worst, o.seconds / best, o.rounds))
  for _, part in ipairs(PARTS) do
    print(("  %5.1f %%  %s (%.1f to %.1f)"):format((sorted(shares[part])), part,
      select(2, sorted(shares[part]))))
  end
end

-- ---- beside onnxruntime ----------------------------------------------------------------------
local HERE = arg[0]:match "^.*/" or "./"

-- Seconds of a segment here, the median of some calls.
local function here(unet)
  local x, times = ms.randn({ 1, 384, 256 }):abs(), {}
  for k = 1, SEGMENTS + 2 do
    local _ <close> = ms.scope()
    times[k] = ms.no_grad(seconds_of, function() return unet(x) end)
  end
  return (sorted(table.move(times, 3, #times, 1, {})))
end

local function there(python, file)
  local status, text = ms.sys.capture { python, HERE .. "separation/onnxruntime_peer.py", file,
    tostring(SEGMENTS) }
  return status == 0 and tonumber(text) or nil
end

local function compare(model, dir, rounds)
  local python, file = os.getenv "MOONSTEM_PYTHON", dir .. "/unet.onnx"
  assert(ms.io.save_onnx(file, model.unet, { input = { 384, 256 } }))
  if not python or not there(python, file) then
    return print "  skipped: MOONSTEM_PYTHON names no Python with onnxruntime and numpy"
  end
  local ours, theirs, ratios = {}, {}, {}
  for k = 1, rounds do
    ours[k], theirs[k] = here(model.unet), there(python, file)
    ratios[k] = theirs[k] / ours[k]
  end
  local ratio, least, most = sorted(ratios)
  local median, best = sorted(ours)
  local other, their_best = sorted(theirs)
  print(("  U-Net, a segment of 3.9 s: %.1f ms here, %.1f ms in onnxruntime: %.2f times as fast \z
    (%.2f to %.2f in %d turns; the best of both %.2f)"):format(1e3 * median, 1e3 * other, ratio,
    least, most, rounds, their_best / best))
end

return function(dir, o)
  local threads = ms.threads()
  ms.threads(2)
  local model = ms.models.separator {}:eval()
  measure_song(model, dir, o)
  compare(model, dir, o.rounds)
  ms.threads(threads)
  return 0
end
