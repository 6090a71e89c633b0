--- A collection of MP3 clips, tagged by `moonstem tag` and by the same network in onnxruntime,
-- which ffmpeg and NumPy feed, in turns: clips a minute, and how far the probabilities are apart.
--   MOONSTEM_PYTHON=python moonstem tests/bench/onnxruntime/collection.lua [--clips 200]
--     [--rounds 3] [--network joint|tail]
-- The Python needs onnxruntime and numpy. The clips are of noise, 30 s each, the weights random.
local ms = require "moonstem"
local HERE = arg[0]:match "^(.*)/" or "."
local clip = dofile(HERE .. "/../clip.lua")
local numbers = dofile(HERE .. "/../numbers.lua")
local describe = require "moonstem.train.model_config".describe

local parser = require "argparse" ("collection.lua", "Tags a collection beside onnxruntime.")
parser:option("--clips", "how many"):default("200"):convert(tonumber)
parser:option("--rounds", "turns"):default("3"):convert(tonumber)
parser:option("--network", "joint or tail"):default("joint"):choices { "joint", "tail" }
local o = parser:parse(arg)

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local PYTHON = os.getenv "MOONSTEM_PYTHON" or "python3"
local NETWORKS = {
  joint = function() return ms.models.tagger { unet = ms.models.unet {} } end,
  tail = function() return ms.models.tail_only { tail = ms.models.cnn_tail {} } end,
}

local function output_of(...)
  local status, text = ms.sys.capture { ... }
  if status ~= 0 then error(("%s ended with status %s"):format((...), status), 0) end
  return text
end

-- The network in both forms, and the clips, which differ by name alone.
local function prepare(dir)
  ms.seed(1)
  local model = NETWORKS[o.network]()
  assert(ms.train.save_weights(dir .. "/tagger.safetensors", model,
    { model = describe(model), kind = "tags" }))
  output_of(PROGRAM, "export", dir .. "/tagger.safetensors", "-o", dir .. "/tagger.onnx")
  assert(ms.sys.mkdir(dir .. "/clips"))
  local mp3 = clip(dir)
  for k = 1, o.clips do
    output_of("cp", mp3, ("%s/clips/%04d.mp3"):format(dir, k))
  end
end

-- Seconds of the whole command, and the probabilities of the first clip in order.
local function ours(dir)
  local began = ms.sys.clock()
  local text = output_of(PROGRAM, "tag", dir .. "/clips", "--model", dir .. "/tagger.safetensors",
    "--json")
  return ms.sys.clock() - began, ms.io.json_decode(text:match "[^\n]+")
end

-- The same there; starting Python does not count.
local function theirs(dir)
  local text = output_of(PYTHON, HERE .. "/collection_peer.py", dir .. "/tagger.onnx",
    dir .. "/clips")
  return ms.io.json_decode(text:match '{"seconds[^\n]+').seconds,
    ms.io.json_decode(text:match "[^\n]+").mean
end

-- Of probabilities by name ("class 3") and of a list of them.
local function difference(tags, list)
  local most = 0
  for k, p in ipairs(list) do most = math.max(most, math.abs(p - tags["class " .. k])) end
  return most
end

local dir = assert(ms.sys.tempdir())
local ok, why = pcall(function()
  prepare(dir)
  local here, there, ratios, mine, other = {}, {}, {}, nil, nil
  for round = 1, o.rounds do
    there[round], other = theirs(dir)
    here[round], mine = ours(dir)
    ratios[round] = there[round] / here[round]
  end
  print(("%s, %d clips of 30 s: %.1f clips a minute here, %.1f in onnxruntime: %.2f times as \z
    fast; probabilities differ by %.1e at most"):format(o.network, o.clips,
    60 * o.clips / numbers.median(here), 60 * o.clips / numbers.median(there),
    numbers.median(ratios), difference(mine.tags, other)))
end)
ms.sys.run { "rm", "-r", dir }
if not ok then error(why, 0) end
