--- Sources and rest as they stand in files, added up beside the input.
local ms = require "moonstem"
local network = require "network"

local LIMIT = 1e-4
local KINDS = { { "wav", "16" }, { "wav", "24" }, { "wav", "float" }, { "flac", "16" },
  { "flac", "24" } }

-- The largest |sum of the files - input * gain|.
local function residue(files, wave, gain)
  local sum
  for _, file in ipairs(files) do
    local x = assert(ms.audio.read(file, { mono = false }))
    sum = sum and sum + x or x
  end
  return ((sum - wave * gain):abs():max())
end

local function measure(dir, model, input, wave, kind, above)
  local files = {}
  for k = 1, 5 do files[k] = ("%s/stem-%d.%s"):format(dir, k, kind[1]) end
  local done = assert(ms.evaluate.separate_file(model, input, files,
    { bits = kind[2], above = above }))
  return residue(files, wave, done.gain), done.gain
end

-- Noise at -20 dB, and a passage that brings stems beyond full scale.
local function recordings(rate)
  local quiet = ms.randn { 7 * rate, 2 } * 0.1
  local loud = quiet:clone()
  loud[{ { 2 * rate, 3 * rate } }] = loud[{ { 2 * rate, 3 * rate } }] * 6
  return { { "-20 dB", quiet }, { "loud", loud } }
end

return function(dir)
  local model, bad, rate = network(4), 0, 44100
  ms.seed(6)
  for _, recording in ipairs(recordings(rate)) do
    local input, wave = dir .. "/input.wav", recording[2]
    assert(ms.audio.write(input, wave, rate, { encoding = "float" }))
    for _, kind in ipairs(KINDS) do
      for _, above in ipairs { "average", "rest" } do
        local _ <close> = ms.scope()
        local worst, gain = measure(dir, model, input, wave, kind, above)
        local good = worst < LIMIT
        bad = bad + (good and 0 or 1)
        print(("  %-6s  %-4s  %-5s  --above %-7s  gain %-8.4g off by %.2g of full scale%s"):format(
          recording[1], kind[1], kind[2], above, gain, worst, good and "" or "  BEYOND " .. LIMIT))
      end
    end
  end
  return bad
end
