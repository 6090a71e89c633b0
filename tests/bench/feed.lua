--- What reading costs beside a training step: while one is computed, the feed's threads decode,
-- resample and crop the next batches' MP3s.
--   moonstem tests/bench/feed.lua [--steps 6] [--turns 3]
-- The CNN tail at batch 16, its crops out of a clip of noise as MP3 (44.1 kHz, stereo, 128 kbit/s).
-- In turns: steps whose batch lies in memory, and steps that take theirs from the feed. One JSON
-- line: the median step of either kind, the share that the feed adds to it, and the share of a step
-- for which it was waited.
local ms = require "moonstem"

local parser = require "argparse" ("feed.lua", "What reading costs beside a training step.")
parser:option("--steps", "steps to a turn"):default "6":convert(tonumber)
parser:option("--turns", "turns of either kind"):default "3":convert(tonumber)
local o = parser:parse(arg)

local clip = dofile((arg[0]:match "^(.*)/" or ".") .. "/clip.lua")
local BATCH <const>, SAMPLES <const>, RATE <const> = 16, 61792, 16000

local function rows(path, step)
  local list = {}
  for k = 1, BATCH do
    list[k] = { { path = path, start = (step * BATCH + k) * 7919 % (25 * RATE) } }
  end
  return list
end

local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end

local model = ms.models.tail_only { tail = ms.models.cnn_tail {} }
local opt, target = ms.optim.adam(model:parameters(), { lr = 1e-4 }), ms.zeros { BATCH, 50 }

local function learn(magnitude)
  opt:zero()
  ms.loss.bce_with_logits(model(magnitude), target):backward()
  opt:step()
end

--- Steps that call next_batch() for their images; their seconds, and those spent inside next_batch,
-- as lists.
local function turn(next_batch, all, waited)
  for k = 0, o.steps do
    local _ <close> = ms.scope()
    local began = ms.sys.clock()
    local images = next_batch()
    local got = ms.sys.clock()
    learn(images)
    if k > 0 then -- the first one finds the feed still empty
      all[#all + 1], waited[#waited + 1] = ms.sys.clock() - began, got - began
    end
  end
end

local folder <close> = setmetatable({ assert(ms.sys.tempdir()) }, { __close = function(self)
  for _, name in ipairs(ms.sys.list(self[1]) or {}) do ms.sys.remove(self[1] .. "/" .. name) end
  ms.sys.remove(self[1])
end })
local mp3 = clip(folder[1])
local ready = ms.randn { BATCH, SAMPLES }
local memory, fed, waited = {}, {}, {}
for _ = 1, o.turns do
  turn(function() return ready:magnitude() end, memory, {})
  local feed <close> = ms.audio.feed { samples = SAMPLES, rate = RATE, transform = "magnitude" }
  local pushed = 0
  turn(function()
    while feed:pending() < 4 do
      feed:push(rows(mp3, pushed))
      pushed = pushed + 1
    end
    return assert(feed:pop())
  end, fed, waited)
end
local with, without = median(fed), median(memory)
print(ms.io.json_encode { case = "feed/cnn_tail", step_s = without, fed_step_s = with,
  added = with / without - 1, waited = median(waited) / with })
