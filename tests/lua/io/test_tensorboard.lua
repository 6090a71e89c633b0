--- Event files of TensorBoard that training writes: what they hold, also of runs that were stopped
-- and went on.
local lu = require "luaunit"
local ms = require "moonstem"
local python = require "python"
local tools = require "data_tools"
local protobuf_fields = require "protobuf_fields"

local tests = {}
local folder = tools.folders(tests)
local NAME = "/events.out.tfevents.moonstem"

local function model()
  return ms.net.chain { name = "toy", ms.nn.linear { in_features = 2, out_features = 4 },
    ms.nn.relu {}, ms.nn.linear { in_features = 4, out_features = 1 } }:init(3)
end

-- The mean of two numbers, from the step's own.
local TASK = {
  steps_per_epoch = 5, options = { note = "a | b" },
  batch = function(_, step) return nil, { step = step } end,
  loss = function(_, net, _, extra)
    local a, b = ms.random.uniform(5, "a", extra.step), ms.random.uniform(5, "b", extra.step)
    return ms.loss.mse(net(ms.tensor { { a, b } }), ms.tensor { { (a + b) / 2 } })
  end,
  validate = function(_, net)
    local _ <close> = ms.scope()
    local loss = ms.loss.mse(net(ms.tensor { { 1, 0 } }), ms.tensor { { 0.5 } }):item()
    return { loss = loss, odd = 0 / 0, note = "text" }
  end,
}

local function run(dir, options)
  local o = { model = model(), task = TASK, out = dir, quiet = true, tensorboard = true,
    schedule = { phases = { { optimizer = "adam", lr = 1e-2, steps = 13 } }, keep = "last" } }
  for key, value in pairs(options or {}) do o[key] = value end
  return assert(ms.train.run(o))
end

local function after(n)
  return function()
    n = n - 1
    return n < 0
  end
end

-- ---- reading ---------------------------------------------------------------------------------
-- All points as "tag step value", in order, and the text.
local function points(dir)
  local bytes, at, list, text = assert(ms.sys.read_file(dir .. NAME)), 1, {}, nil
  while at <= #bytes do
    local n = string.unpack("<I8", bytes, at)
    lu.assertEquals(ms.io.tfrecord(bytes:sub(at + 12, at + 11 + n)), bytes:sub(at, at + 15 + n))
    local event = protobuf_fields(bytes:sub(at + 12, at + 11 + n))
    for _, value in ipairs(event[5] and protobuf_fields(event[5][1])[1] or {}) do
      value = protobuf_fields(value)
      if value[8] then text = protobuf_fields(value[8][1])[8][1]
      else list[#list + 1] = ("%s %d %.6g"):format(value[1][1], event[2][1], value[2][1]) end
    end
    at = at + 16 + n
  end
  return list, text
end

-- ---- tests --------------------------------------------------------------------------------------
-- CRC-32C of "123456789" is 0xE3069283, of eight zeros 0x8C28B28A; masked as TFRecord files say.
function tests.records()
  local function masked(crc) return (crc >> 15 | crc << 17) + 0xA282EAD8 & 0xFFFFFFFF end
  local record = ms.io.tfrecord "123456789"
  lu.assertEquals(record:sub(1, 8), string.pack("<I8", 9))
  lu.assertEquals(record:sub(13, 21), "123456789")
  lu.assertEquals(string.unpack("<I4", record, 22), masked(0xE3069283))
  lu.assertEquals(string.unpack("<I4", ms.io.tfrecord "", 9), masked(0x8C28B28A))
end

function tests.steps_rounds_and_settings()
  local dir = folder()
  run(dir)
  local list, text = points(dir)
  local rows = ms.io.load_json_lines(dir .. "/metrics.jsonl")
  lu.assertEquals(#list, 13 * 2 + #rows * 3)
  lu.assertEquals(list[2], "train/lr 1 0.01")
  lu.assertEquals(list[11], ("train/loss_of_round 5 %.6g"):format(rows[1].train_loss))
  lu.assertEquals(list[12], ("valid/loss 5 %.6g"):format(rows[1].valid_loss))
  lu.assertStrMatches(list[13], "valid/odd 5 %-?nan")
  lu.assertStrContains(text, "| schedule.phases.1.lr | 0.01 |")
  lu.assertStrContains(text, "| task.note | a   b |")
end

function tests.runs_that_go_on_have_each_point_once()
  local whole, parts = folder(), folder()
  run(whole)
  for _, turns in ipairs { 3, 2, 4, 3 } do run(parts, { interrupted = after(turns) }) end
  -- As after kill -9: points that were written behind the last checkpoint, the last one cut short.
  local bytes = ms.sys.read_file(parts .. NAME)
  local file = assert(io.open(parts .. NAME, "ab"))
  local event = string.pack("<BdBB", 9, 0, 0x10, 99)
  file:write(ms.io.tfrecord(event), ms.io.tfrecord(event):sub(1, 20))
  file:close()
  lu.assertTrue(run(parts).done)
  lu.assertEquals(ms.sys.read_file(parts .. NAME):sub(1, #bytes), bytes)
  lu.assertEquals(points(parts), points(whole))
end

-- A kill between the event of a round and the checkpoint behind it, where the one before is of the
-- same step.
function tests.a_round_that_is_made_again_has_its_points_once()
  local whole, parts = folder(), folder()
  run(whole)
  run(parts, { interrupted = after(5) })
  local before = ms.sys.read_file(parts .. "/last.safetensors")
  run(parts, { interrupted = after(1) })
  lu.assertNotEquals(ms.sys.read_file(parts .. "/last.safetensors"), before)
  assert(ms.sys.write_file(parts .. "/last.safetensors", before))
  lu.assertTrue(run(parts).done)
  lu.assertEquals(points(parts), points(whole))
end

function tests.a_file_that_comes_late_has_the_rounds_before()
  local dir = folder()
  run(dir, { tensorboard = false, interrupted = after(9) })
  lu.assertFalse(ms.sys.exists(dir .. NAME))
  run(dir)
  local seen = {}
  for _, point in ipairs(points(dir)) do
    local tag, step = point:match "^(%S+) (%d+)"
    if tag == "valid/loss" then seen[#seen + 1] = tonumber(step) end
  end
  lu.assertEquals(seen, { 5, 10, 13 })
end

function tests.an_experiment_passes_it_on()
  local dir = folder()
  local e = ms.lab.experiment { name = "e", data = { kind = "tags", hash = "h", notes = {} },
    out = dir, model = model, task = function() return TASK end, score = {},
    train = { phases = { { optimizer = "adam", lr = 1e-2, steps = 2 } }, keep = "last" },
    evaluate = function() return { x = 1 } end, tensorboard = true }
  assert(e:run { quiet = true })
  lu.assertTrue(#points(dir) > 4)
end

function tests.tensorboard_reads_it()
  python.needs "tensorboard"
  local dir = folder()
  run(dir, { interrupted = after(8) })
  run(dir)
  local text = python.run("tensorboard", [[
import sys
from tensorboard.backend.event_processing import event_accumulator
a = event_accumulator.EventAccumulator(sys.argv[1], size_guidance={"tensors": 0})
a.Reload()
tags = a.Tags()
for tag in sorted(set(tags["scalars"]) | set(tags["tensors"])):
    events = a.Scalars(tag) if tag in tags["scalars"] else a.Tensors(tag)
    if tag == "settings":
        print(tag, events[0].step, events[0].tensor_proto.string_val[0].decode().split("\n")[0])
    else:
        print(tag, [e.step for e in events])]], dir)
  lu.assertStrContains(text, "settings 0 | setting | value |\n"
    .. "train/loss [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]\n"
    .. "train/loss_of_round [5, 10, 13]\n"
    .. "train/lr [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]\nvalid/loss [5, 10, 13]\n"
    .. "valid/odd [5, 10, 13]\n")
end

return tests
