--- What a run of a kind needs of a cluster: time and memory, by what finished runs of its kind
-- took, else by a step of each network that is tried here on two crops. They are defaults: a run
-- that meets its limit saves, goes back into the queue and goes on.
local ms = require "moonstem"
local merge = require("moonstem.options").merge
local scale_of = require "moonstem.lab.scale"

local M = {}

local MINUTE, GIGABYTE = 60, 2 ^ 30
local SHORTEST, LONGEST = 10 * MINUTE, 24 * 3600 -- of a time limit
local SPARE = 2          -- times the time expected: other processors, validations, shared disks
local MARGIN = 1.25      -- times the memory expected
local PROGRAM = 1.0      -- gigabytes beside the tensors: program, libraries, clips that are read
local CHECKPOINT = 120   -- seconds from the signal to the limit: a step, and what saving takes
local CLASSES, CLIPS = 50, 25000 -- of MagnaTagATune

-- ---- what a network takes, tried here --------------------------------------------------------
local function unet_of(scale, sources)
  return ms.models.unet(merge(scale.unet, { sources = sources }))
end

local function tail_of(scale, backend)
  local own = { classes = CLASSES }
  if backend == "cnn" then return merge(scale.tail, own) end
  return merge(scale_of.only(scale.ast, scale_of.AST), own, { kind = "ast" })
end

-- The network of a kind of job and the part of the scale that it is trained by; nil for data.
local function network(scale, kind)
  local stage, backend = kind:match "^(%a+)/?(%a*)$"
  local part = scale[backend == "ast" and "ast" or stage == "tail" and "tagging" or "joint"]
  if stage == "separate" then
    return ms.models.separator(merge(scale.unet, { sources = 4 })), scale.separation
  elseif stage == "tail" then
    return ms.models.tail_only { tail = ms.models.tail(tail_of(scale, backend)) }, part
  elseif stage == "joint" then
    return ms.models.tagger { unet = unet_of(scale, 1), tail = tail_of(scale, backend) }, part
  end
end

-- Seconds and bytes of a crop of two, forward and backward (one alone has no batch statistics), and
-- the operations of a forward pass.
local function try(model)
  local _ <close> = ms.scope()
  model:train()
  local before, start = ms.memory().live, ms.sys.clock()
  local y = model(ms.uniform { 2, table.unpack(model.input) })
  local loss = (type(y) == "table" and y[1] or y):square():mean()
  local bytes = ms.memory().live - before
  loss:backward()
  local seconds = (ms.sys.clock() - start) / 2
  return seconds, bytes / 2, select(2, model:trace { 1, table.unpack(model.input) })
end

-- How many crops a run sees at most.
local function crops_of(scale, part)
  if part.steps then return part.steps * part.batch end
  local clips = 0
  for _, set in ipairs { "tags", "genres" } do
    clips = math.max(clips, (scale.corpora[set] or { clips = CLIPS }).clips)
  end
  return clips * (part.epochs or 200) * 2 -- Adam's epochs, and those of SGD
end

-- Expected seconds and gigabytes of a kind, and how they were found; nil for data.
local function tried(scale, kind)
  local model, part = network(scale, kind)
  if not model then return nil end
  local seconds, bytes, flops = try(model)
  local crops, batch = crops_of(scale, part), part.batch or 16
  local weights = 16 * select(1, model:count()) -- value, gradient, two moments
  return { seconds = seconds * crops, gigabytes = (bytes * batch + weights) / GIGABYTE,
    why_time = ("%.3g s a crop here (%.3g GFLOP forward), at most %d crops"):format(seconds,
      flops / 1e9, crops),
    why_mem = ("%.0f MB a crop here, %d a step"):format(bytes / 1e6, batch) }
end

-- ---- what finished runs took ------------------------------------------------------------------
local function measured(plan, kind)
  local most, count = 0, 0
  for _, job in ipairs(plan.list) do
    local record = job.kind == kind and job.done()
    if record and record.seconds then
      most, count = math.max(most, record.seconds), count + 1
    end
  end
  if count == 0 then return nil end
  return most, ("the longest of %d finished runs took %s"):format(count, ms.sys.duration(most))
end

-- ---- as Slurm takes it ------------------------------------------------------------------------
local function time_of(seconds)
  local bounded = math.max(SHORTEST, math.min(LONGEST, SPARE * seconds))
  local minutes = math.ceil(bounded / MINUTE / 10) * 10
  return ("%d:%02d:00"):format(minutes // 60, minutes % 60)
end

local function mem_of(gigabytes)
  return ("%dG"):format(math.ceil(PROGRAM + MARGIN * gigabytes))
end

local UNKNOWN = { seconds = LONGEST / SPARE, gigabytes = 1.5, why_time = "not measured",
  why_mem = "not measured" }

--- The needs of a level's runs: { time =, mem =, cpus =, why_time =, why_mem =, warning = }.
function M.of(plan, kind)
  local given = plan.asked.slurm
  local known = plan.scale and tried(plan.scale, kind) or UNKNOWN
  local seconds, why = measured(plan, kind)
  return { cpus = given.cpus, warning = CHECKPOINT,
    time = given.time or time_of(seconds or known.seconds),
    mem = given.mem or mem_of(known.gigabytes),
    why_time = given.time and "asked for" or why or known.why_time,
    why_mem = given.mem and "asked for" or known.why_mem }
end

return M
