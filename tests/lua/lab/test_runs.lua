--- `moonstem runs`: lists, differences, the best, and runs made again to the bit.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"

local T = {}

local folder = tools.folders(T)

local SCRIPT = [[local ms = require "moonstem"
local task = { steps_per_epoch = 3, options = { note = 1 } }
function task.batch() return nil, { x = ms.keep(ms.randn { 8, 4 }) } end
function task.loss(_, model, _, extra)
  return ms.loss.mse(model(extra.x), extra.x:sum(-1):reshape { 8, 1 })
end
function task.validate(_, model)
  local _ <close> = ms.scope()
  local x = ms.randn { 8, 4 }
  return { loss = ms.loss.mse(model(x), x:sum(-1):reshape { 8, 1 }):item() }
end
return ms.lab.experiment { name = "toy", out = "out", vary = { width = { 4, 8 } }, task =
  function() return task end, score = { "x" },
  data = { kind = "tags", name = "d", hash = "h", notes = {}, content = os.getenv "CONTENT" },
  model = function(point)
    local seed = tonumber(os.getenv "SEED") or point.seed
    return ms.nn.sequential { ms.nn.linear { in_features = 4, out_features = point.width },
      ms.nn.linear { in_features = point.width, out_features = 1 } }:init(seed)
  end,
  train = { phases = { { optimizer = "adam", lr = 1e-2, rounds = 2 } }, keep = "last" },
  evaluate = function(model)
    return { x = model(ms.tensor { { 1, 2, 3, 4 } }):item(), seconds = ms.sys.clock() }
  end }
]]

-- A folder with the script, and call(env, word, ...): the exit status and what the program said.
local function place()
  local dir = folder()
  tools.text(dir .. "/toy.lua", SCRIPT)
  local function call(env, ...)
    local said, argv = dir .. "/said.txt", { "/proc/self/exe", ... }
    argv.dir, argv.env, argv.stdout, argv.stderr = dir, env, said, said
    return ms.sys.run(argv), ms.sys.read_file(said)
  end
  return dir, call
end

local function trained(env)
  local dir, call = place()
  local status, text = call(env or {}, "toy.lua")
  lu.assertEquals(status, 0, text)
  return dir, call
end

local function has(text, ...)
  for _, part in ipairs { ... } do lu.assertStrContains(text, part) end
end

function T.test_a_run_that_is_made_again_gives_the_same_bits()
  local dir, call = trained { CONTENT = "a" }
  local before = ms.sys.read_file(dir .. "/out/width=8/best.safetensors")
  local status, text = call({ CONTENT = "a" }, "runs", "rerun", "out/width=8/")
  lu.assertEquals(status, 0, text)
  has(text, "out/width=8: the same to the bit")
  lu.assertNotStrContains(text, "not as they were")
  lu.assertEquals(ms.sys.read_file(dir .. "/out/width=8/best.safetensors"), before)
  lu.assertFalse(ms.sys.exists(dir .. "/out/width=4/rerun"))
  local listed = select(2, call({}, "runs", "list", "out"))
  has(listed, "width=4", "width=8")
  lu.assertNotStrContains(listed, "rerun")
end

-- Workers train by `--node`, and what they are asked for stands in the record.
function T.test_runs_of_workers_are_made_again_too()
  local dir, call = place()
  local status, text = call({}, "toy.lua", "--jobs", "2")
  lu.assertEquals(status, 0, text)
  status, text = call({}, "runs", "rerun", "out/width=8")
  lu.assertEquals(status, 0, text)
  has(text, "out/width=8: the same to the bit")
  lu.assertTrue(ms.sys.exists(dir .. "/out/width=8/rerun/result.json"))
end

-- Finished runs are looked at, whether workers or this process has trained them.
function T.test_workers_refuse_finished_runs_as_one_process_does()
  local dir, call = trained()
  local function refused(part, ...)
    for _, jobs in ipairs { "1", "2" } do
      local status, text = call({}, "toy.lua", "--jobs", jobs)
      lu.assertEquals(status, 1, text)
      has(text, part, ...)
    end
  end
  tools.text(dir .. "/toy.lua", (SCRIPT:gsub("1e%-2", "2e-2")))
  refused("phases[1].lr = 0.01, but now it is 0.02")
  tools.text(dir .. "/toy.lua", SCRIPT)
  local path = dir .. "/out/width=4/result.json"
  tools.text(path, (ms.sys.read_file(path):gsub('"x": %d', '"x": 9')))
  refused("width=4/result.json", "checksum")
end

function T.test_a_run_that_is_made_again_says_which_input_differs()
  local dir, call = trained { CONTENT = "a" }
  local status, text = call({ CONTENT = "b" }, "runs", "rerun", "out/width=4")
  lu.assertEquals(status, 0, text)
  has(text, "although these are not as they were", "data.content a / b")
  status, text = call({ MOONSTEM_CPU = "portable" }, "runs", "rerun", "out/width=4")
  if ms.machine().cpu ~= "portable" then
    lu.assertEquals(status, text:find("out/width=4: not the same", 1, true) and 1 or 0, text)
    has(text, ("kernels %s / portable"):format(ms.machine().cpu),
      "MOONSTEM_CPU=" .. ms.machine().cpu)
  end
  -- the weights that the script makes are not those of then; nothing else tells
  status, text = call({ SEED = "5" }, "runs", "rerun", "out/width=4")
  lu.assertEquals(status, 1, text)
  has(text, "not the same", "first weights ")
  tools.text(dir .. "/toy.lua", (SCRIPT:gsub("1e%-2", "2e-2")))
  status, text = call({}, "runs", "rerun", "out/width=4")
  lu.assertEquals(status, 1)
  has(text, "not trained again", "phases[1].lr = 0.01, but now it is 0.02")
  status, text = call({}, "runs", "rerun", "--dry-run", "out/width=4")
  lu.assertEquals(status, 1)
  has(text, "not as it was", "script ")
end

function T.test_what_cannot_be_made_again_says_why()
  local dir, call = trained()
  local function refused(part, ...)
    local status, text = call({}, "runs", "rerun", ...)
    lu.assertEquals(status, 1)
    has(text, part)
  end
  refused("nothing is no run", "nothing")
  local record = ms.io.load_json(dir .. "/out/width=4/settings.json")
  for command, part in pairs { ["moonstem"] = "was not trained by a script",
    ["moonstem kernel x"] = "was not trained by a script" } do
    record.crc32c, record.command = nil, command
    assert(ms.io.save_json(dir .. "/out/width=4/settings.json", record))
    refused(part, "out/width=4")
  end
  record.command = nil
  assert(ms.io.save_json(dir .. "/out/width=4/settings.json", record))
  refused("does not record how it was started", "out/width=4")
  ms.sys.remove(dir .. "/out/width=4/last.safetensors")
  refused("is not finished", "out/width=4")
  -- another run of the script that is not finished is not trained in passing
  lu.assertEquals(call({}, "runs", "rerun", "out/width=8"), 0)
  lu.assertFalse(ms.sys.exists(dir .. "/out/width=4/last.safetensors"))
end

function T.test_two_runs_are_compared()
  local _, call = trained()
  local status, text = call({}, "runs", "diff", "out/width=4", "out/width=8")
  lu.assertEquals(status, 0)
  has(text, "also.options.width            4            8", "first weights", "weights  ",
    "metrics  ")
  status, text = call({}, "runs", "diff", "out/width=4", "out/width=4")
  lu.assertEquals(status, 0)
  has(text, "asked for with the same settings", "the same program, kernels", "the same scores",
    "the same bits of weights")
  status, text = call({}, "runs", "diff", "out/width=4", "out")
  lu.assertEquals(status, 1)
  has(text, "out is no run", "moonstem runs list")
end

function T.test_the_best_run_is_named()
  local dir, call = trained()
  local losses = {}
  for _, width in ipairs { 4, 8 } do
    losses[width] = require "moonstem.report.folders".about(dir .. "/out/width=" .. width).best
  end
  local best = losses[4] < losses[8] and 4 or 8
  local status, text = call({}, "runs", "best", "out")
  lu.assertEquals(status, 0)
  has(text, ("width=%d"):format(best), ("%.5f"):format(losses[best]),
    ("out/width=%d/best.safetensors"):format(best))
  lu.assertNotStrContains(text, ("width=%d"):format(12 - best))
  status, text = call({}, "runs", "best", "out", "--score", "x")
  lu.assertEquals(status, 0, text)
  has(text, "best.safetensors")
  status, text = call({}, "runs", "best", "out", "--score", "y")
  lu.assertEquals(status, 1)
  has(text, "no run there has a score y")
end

-- Tab after `moonstem runs`: what it can do, and runs.
function T.test_runs_are_completed()
  local dir, call = place()
  tools.text(dir .. "/runs/a/b/settings.json", "{}")
  has(select(2, call({}, "--complete", "runs", "")), "best\ndiff\nlist\nrerun\nruns/a/b\n:files")
  lu.assertEquals(select(2, call({}, "--complete", "runs", "diff", "r")), "runs/a/b\n:files\n")
  lu.assertEquals(select(2, call({}, "--complete", "runs", "rerun", "--d")), "--dry-run\n")
end

return T
