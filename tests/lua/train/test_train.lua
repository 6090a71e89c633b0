--- The training loop on a toy model: schedules, plateaus, checkpoints, resuming, guards, transfer,
-- evaluation.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"
local net = require "moonstem.net"
local update_bn = require "moonstem.train.update_bn"
local checkpoint = require "moonstem.train.checkpoint"
local describe = require "moonstem.train.model_config"
local rules = require "moonstem.train.schedule.phases"

local T = {}

local folder, root = tools.folders(T)

-- Feeds validation losses to a schedule; returns what happened, one word a round.
local function happenings(schedule, losses)
  local position, words = rules.start(), {}
  for i, loss in ipairs(losses) do
    if position.done then break end
    rules.step(position, 1.0)
    local improved, switched = rules.validated(schedule, position, loss)
    words[i] = (improved and "best" or "stale") .. (switched and " switch" or "")
      .. (position.done and " done" or "")
  end
  return words, position
end

-- ---- schedules ---------------------------------------------------------------------------------
function T.test_rate_falls_by_a_tenth_every_15000_steps()
  local phase = ms.train.separation({ source = "vocals" }).phases[1]
  lu.assertEquals(rules.lr(phase, 0), 1e-3)
  lu.assertEquals(rules.lr(phase, 14999), 1e-3)
  lu.assertAlmostEquals(rules.lr(phase, 15000), 9e-4, 1e-18)
  lu.assertAlmostEquals(rules.lr(phase, 299999), 1e-3 * 0.9 ^ 19, 1e-18)
  lu.assertEquals(phase.epsilon, 1e-7)
  lu.assertEquals(rules.total_steps { phases = { phase } }, 300000)
end

function T.test_each_source_has_its_rate()
  local expected = { vocals = 1e-3, bass = 1e-4, drums = 2e-4, other = 3e-4, multi = 3e-4 }
  for source, rate in pairs(expected) do
    lu.assertEquals(ms.train.separation({ source = source }).phases[1].lr, rate)
  end
  lu.assertErrorMsgContains("no learning rate is known", ms.train.separation, { source = "flute" })
end

function T.test_adam_then_three_phases_of_sgd()
  local schedule = ms.train.adam_then_sgd { lr = 1e-4, patience = 10 }
  local said = {}
  for i, p in ipairs(schedule.phases) do
    said[i] = ("%s %g %d"):format(p.optimizer, p.lr, p.patience)
  end
  lu.assertEquals(said, { "adam 0.0001 10", "sgd 0.001 10", "sgd 0.0001 10", "sgd 1e-05 10" })
  lu.assertEquals(schedule.rounds, 200)
  lu.assertErrorMsgContains("did you mean patience", ms.train.adam_then_sgd, { patiance = 3 })
end

function T.test_the_ast_halves_its_rate_every_second_epoch_from_the_sixth()
  local schedule = ms.train.ast()
  local lrs = {}
  for epoch = 1, 15 do lrs[epoch] = rules.lr(schedule.phases[1], 0, epoch - 1) / 5e-5 end
  lu.assertEquals(lrs, { 1, 1, 1, 1, 1, 1 / 2, 1 / 2, 1 / 4, 1 / 4, 1 / 8, 1 / 8, 1 / 16, 1 / 16,
    1 / 32, 1 / 32 })
  local losses = {}
  for epoch = 1, 20 do losses[epoch] = -epoch end
  local words = happenings(schedule, losses)
  lu.assertEquals(#words, 17)
  lu.assertEquals(words[15], "best switch")
  lu.assertEquals(words[17], "best done")
  lu.assertEquals(rules.total_steps(schedule, 10), 170)
end

function T.test_a_schedule_that_cannot_be_run_is_refused()
  local function check(phase) return function() rules.check { phases = { phase } } end end
  lu.assertErrorMsgContains("optimizer must be a name in ms.optim",
    check { optimizer = "tiger", lr = 1, steps = 1 })
  lu.assertErrorMsgContains("needs lr, a learning rate", check { optimizer = "sgd", steps = 1 })
  lu.assertErrorMsgContains("give one of the three", check { optimizer = "sgd", lr = 1 })
end

function T.test_a_plateau_is_more_than_patience_rounds_without_a_new_best()
  local schedule = ms.train.adam_then_sgd { patience = 2, lrs = { 1e-3 } }
  local words = happenings(schedule, { 5, 4, 4, 6, 3, 3, 3, 3, 2.5, 9, 9, 9, 9 })
  lu.assertEquals(words, { "best", "best", "stale", "stale", "best", "stale", "stale",
    "stale switch",
                           "best", "stale", "stale", "stale done" })
end

function T.test_the_best_value_carries_over_between_phases()
  local schedule = ms.train.adam_then_sgd { patience = 0, lrs = { 1e-3 } }
  local words, position = happenings(schedule, { 1, 2, 1.5 })
  lu.assertEquals(words, { "best", "stale switch", "stale done" })
  lu.assertEquals(position.best, 1)
  lu.assertEquals(position.best_round, 1)
end

function T.test_epochs_are_capped()
  local schedule = ms.train.adam_then_sgd { patience = 10, epochs = 3 }
  local words = happenings(schedule, { 5, 4, 3, 2 })
  lu.assertEquals(words, { "best", "best", "best done" })
end

-- ---- a toy: fit y = 3 a - 2 b through a batch norm and a dropout ---------------------------
local function toy_model()
  return net.module {
    name = "toy", order = { "linear", "norm", "dropout", "out" },
    linear = ms.nn.linear { in_features = 2, out_features = 8 },
    norm = ms.nn.batch_norm { channels = 8, slope = 0 },
    dropout = ms.nn.dropout { p = 0.2, seed = 3 },
    out = ms.nn.linear { in_features = 8, out_features = 1 },
    forward = function(self, x) return self.out(self.dropout(self.norm(self.linear(x)))) end,
  }:init(7)
end

-- validation: the list of losses to report, or nil to measure.
local function toy_task(spoil, validation)
  local asked = 0
  return {
    steps_per_epoch = 5,
    batch = function(_, step)
      return nil, { step = step }
    end,
    loss = function(_, model, _, extra)
      local xs, ys = {}, {}
      for i = 1, 16 do
        local a = ms.random.uniform(5, "a", extra.step, i)
        local b = ms.random.uniform(5, "b", extra.step, i)
        xs[i], ys[i] = { a, b }, { 3 * a - 2 * b }
      end
      local loss = ms.loss.mse(model(ms.tensor(xs)), ms.tensor(ys))
      return spoil and spoil(extra.step, loss) or loss
    end,
    validate = function(_, model)
      asked = asked + 1
      if validation then return { loss = validation[asked] } end
      local _ <close> = ms.scope()
      return { loss = ms.loss.mse(model(ms.tensor { { 1, 0 }, { 0, 1 } }),
        ms.tensor { { 3 }, { -2 } }):item() }
    end,
  }
end

local TOY_SCHEDULE = {
  phases = { { optimizer = "adam", lr = 1e-2, steps = 13, decay = { factor = 0.5, every = 4 } },
             { optimizer = "sgd", lr = 1e-2, steps = 7 } },
  validate_every = 5, keep = "best",
}

local function run(dir, options)
  options = options or {}
  local settings = { model = options.model or toy_model(), task = options.task or toy_task(),
    schedule = TOY_SCHEDULE,
                     out = dir, seed = 1, quiet = true, name = "toy" }
  for key, value in pairs(options) do settings[key] = value end
  return ms.train.run(settings)
end

-- Interrupts after n turns of the loop, steps and validations.
local function after(n)
  return function()
    n = n - 1
    return n < 0
  end
end

local function bytes(dir, name)
  local state = assert(ms.io.load_safetensors(dir .. "/" .. name))
  local list = {}
  for key, value in pairs(state) do list[#list + 1] = key .. "=" .. value:bytes() end
  table.sort(list)
  return table.concat(list)
end

local function metrics(dir)
  return assert(ms.io.load_json_lines(dir .. "/metrics.jsonl"))
end

function T.test_a_run_learns_and_leaves_its_folder()
  local dir = folder()
  local result = assert(run(dir))
  lu.assertTrue(result.done)
  lu.assertEquals(result.steps, 20)
  local rows = metrics(dir)
  local steps = {}
  for i, row in ipairs(rows) do steps[i] = row.step end
  lu.assertEquals(steps, { 5, 10, 13, 18, 20 }) -- every five steps, and at the end of a phase
  lu.assertTrue(rows[5].train_loss < rows[1].train_loss)
  lu.assertEquals(rows[1].lr, 1e-2 * 0.5)     -- of the fifth step
  lu.assertEquals(rows[4].optimizer, "sgd")
  local record = assert(ms.io.load_json(dir .. "/settings.json"))
  lu.assertEquals(record.asked.seed, 1)
  lu.assertNotNil(record.machine.cpu)
  lu.assertStrContains(record.command, "run.lua")
  local cpuinfo = assert(ms.sys.read_file "/proc/cpuinfo")
  lu.assertStrContains(cpuinfo, record.machine.processor or cpuinfo)
  for _, name in ipairs { "best.safetensors", "last.safetensors", "log.txt" } do
    lu.assertTrue(ms.sys.exists(dir .. "/" .. name), name)
  end
end

function T.test_a_resumed_run_gives_the_same_bits()
  local whole, parts = folder(), folder()
  assert(run(whole))
  -- Inside a round, before its validation, before the change of phase.
  for _, turns in ipairs { 3, 2, 4, 6, 2 } do
    local result = assert(run(parts, { interrupted = after(turns) }))
    lu.assertTrue(result.interrupted)
  end
  lu.assertTrue(assert(run(parts)).done)
  lu.assertEquals(bytes(parts, "best.safetensors"), bytes(whole, "best.safetensors"))
  lu.assertEquals(bytes(parts, "last.safetensors"), bytes(whole, "last.safetensors"))
  lu.assertEquals(metrics(parts), metrics(whole))
end

-- As after kill -9: everything else in the folder is newer than last.safetensors.
function T.test_a_killed_run_gives_the_same_bits()
  local whole, killed = folder(), folder()
  assert(run(whole))
  assert(run(killed, { interrupted = after(4) }))
  local old = assert(ms.sys.read_file(killed .. "/last.safetensors"))
  assert(run(killed, { interrupted = after(11) }))
  assert(ms.sys.write_file(killed .. "/last.safetensors", old))
  assert(run(killed))
  lu.assertEquals(bytes(killed, "last.safetensors"), bytes(whole, "last.safetensors"))
  lu.assertEquals(bytes(killed, "best.safetensors"), bytes(whole, "best.safetensors"))
  lu.assertEquals(metrics(killed), metrics(whole))
end

function T.test_a_validation_that_is_cut_short_is_made_again()
  local whole, cut = folder(), folder()
  assert(run(whole))
  local task = toy_task()
  task.validate = function() return nil, "interrupted" end
  local result = assert(run(cut, { task = task }))
  lu.assertTrue(result.interrupted)
  lu.assertEquals(result.steps, 5)
  assert(run(cut))
  lu.assertEquals(bytes(cut, "last.safetensors"), bytes(whole, "last.safetensors"))
end

function T.test_lines_after_the_checkpoint_are_written_again()
  local dir = folder()
  assert(run(dir, { interrupted = after(7) }))
  assert(ms.io.append_json_line(dir .. "/metrics.jsonl", { step = 99, train_loss = 0 }))
  assert(run(dir))
  local rows = metrics(dir)
  lu.assertEquals(#rows, 5)
  lu.assertEquals(rows[5].step, 20)
end

function T.test_a_finished_run_is_not_run_again()
  local dir = folder()
  assert(run(dir))
  local task = toy_task()
  task.loss = function() error "a finished run takes no step" end
  local model = toy_model()
  local result = assert(run(dir, { task = task, model = model }))
  lu.assertTrue(result.done)
  local best = assert(ms.io.load_safetensors(dir .. "/best.safetensors"))
  lu.assertEquals(model:state()["linear.weight"]:bytes(), best["linear.weight"]:bytes())
end

function T.test_an_interrupt_says_how_to_go_on()
  local dir = folder()
  local result = assert(run(dir, { interrupted = after(4) }))
  lu.assertEquals(result.steps, 4)
  lu.assertStrContains(assert(ms.sys.read_file(dir .. "/log.txt")),
    "the same command goes on from there")
end

function T.test_other_settings_are_refused()
  local dir = folder()
  assert(run(dir))
  local result, why = run(dir, { seed = 2 })
  lu.assertNil(result)
  lu.assertStrContains(why, "was begun with seed = 1, but now it is 2")
  local task = toy_task()
  task.options = { mixing = "none" }
  result, why = run(dir, { task = task })
  lu.assertNil(result)
  lu.assertStrContains(why, "was begun with task = nothing, but now it is {")
end

function T.test_one_process_at_a_time()
  local dir = folder()
  assert(run(dir, { interrupted = after(2) }))
  local _ <close> = assert(ms.sys.lock(dir .. "/lock"))
  local result, why = run(dir)
  lu.assertNil(result)
  lu.assertStrContains(why, "in use by another process")
end

function T.test_a_folder_that_cannot_be_locked_is_not_one_in_use()
  local opened, why = require "moonstem.train.folder".open("/proc", {})
  lu.assertNil(opened)
  lu.assertStrContains(why, "cannot lock /proc/lock")
  lu.assertNotStrContains(why, "in use")
end

function T.test_a_run_that_another_process_has_taken_over_is_left_alone()
  local dir = folder()
  local steps = 0
  local result, why = run(dir, { interrupted = function()
    steps = steps + 1
    if steps == 2 then -- as after a stop of the process for longer than its lock lives
      ms.io.save_json(dir .. "/lock.2", { pid = 1, host = "far", place = "another" })
    end
    return steps > 2
  end })
  lu.assertNil(result)
  lu.assertStrContains(why, "another process goes on with this run")
  lu.assertFalse(ms.sys.exists(dir .. "/last.safetensors"))
end

function T.test_the_next_phase_starts_from_the_best_weights()
  local dir = folder()
  local weights = {}
  local task = toy_task(nil, { 3, 1, 2, 4, 5 })
  local validate = task.validate
  task.validate = function(self, model)
    weights[#weights + 1] = model:state()["linear.weight"]:bytes()
    return validate(self, model)
  end
  local schedule = { keep = "best", phases = { { optimizer = "adam", lr = 1e-2, patience = 1 },
                                           { optimizer = "sgd", lr = 0, patience = 0 } } }
  local result = assert(run(dir, { task = task, schedule = schedule }))
  lu.assertEquals(result.best_round, 2)
  lu.assertNotEquals(weights[4], weights[2])
  lu.assertEquals(weights[5], weights[2]) -- a rate of zero: what phase 2 began with
end

function T.test_a_loss_that_is_not_finite_stops_the_run()
  local dir = folder()
  local result, why = run(dir, { task = toy_task(function(step, loss)
    return step == 8 and loss * (0 / 0) or loss
  end) })
  lu.assertNil(result)
  lu.assertStrContains(why, "the loss at step 9 is not a finite number")
  lu.assertStrContains(why, "last.safetensors holds the state of an earlier step")
  local position = assert(checkpoint.position(dir .. "/last.safetensors"))
  lu.assertEquals(position.step, 5)
  for name, value in pairs(assert(ms.io.load_safetensors(dir .. "/last.safetensors"))) do
    lu.assertTrue(value:finite(), name)
  end
end

function T.test_weights_that_are_not_finite_are_named()
  local model = toy_model()
  local result, why = run(folder(), { model = model, task = toy_task(function(step, loss)
    if step == 2 then model:state()["out.bias"]:set(1, 1 / 0) end
    return loss
  end) })
  lu.assertNil(result)
  lu.assertStrContains(why, "what the step left of out.bias")
  lu.assertStrContains(why, "at step 3 is not a finite number")
end

-- A task whose batches are k, k, ... for step k, and a model that is one batch norm.
local function check_running_statistics(momentum)
  local model = net.module { name = "m", order = { "norm", "scale" },
    norm = ms.nn.batch_norm { channels = 1, momentum = momentum },
    scale = ms.nn.spectral_norm { layer = ms.nn.linear { in_features = 1, out_features = 1 } },
    forward = function(self, x) return self.scale(self.norm(x)) end }
  local task = { batch = function(_, step) return nil, step end }
  function task.loss(_, m, _, step)
    return m(ms.tensor { { step - 1 }, { step + 1 }, { step - 1 }, { step + 1 } }):mean()
  end
  assert(update_bn(model, task, 10, 3)) -- steps 10, 11, 12
  local state = model:state()
  lu.assertAlmostEquals(state["norm.running_mean"]:item(), 11, 1e-3)
  lu.assertAlmostEquals(state["norm.running_var"]:item(), 4 / 3, 1e-3) -- n - 1, as Keras keeps it
  lu.assertAlmostEquals(math.abs(state["scale.u"]:item()), 1, 1e-6)
end

function T.test_running_statistics_are_the_means_over_a_few_batches()
  check_running_statistics(0.99)
  check_running_statistics(0.9)
end

-- A model of two norms, one of them before a convolution, and a task whose step k gives the first
-- k - 1 and k + 1, `uses` times.
local function norms_and_task(uses)
  local model = net.module { name = "m", order = { "norm", "spare" },
    norm = ms.nn.batch_norm { channels = 1, momentum = 0.9 },
    spare = net.chain { name = "spare", ms.nn.batch_norm { channels = 1 },
      ms.nn.conv2d { in_channels = 1, out_channels = 1 } }, -- run as one operator
    forward = function(self, x) return self.norm(x):sum() end }
  local task = { batch = function(_, step) return nil, step end }
  function task.loss(_, m, _, step)
    local sum = ms.zeros {}
    for _ = 1, uses do sum = sum + m(ms.tensor { { step - 1 }, { step + 1 } }) end
    return sum
  end
  return model, task
end

-- As torch.optim.swa_utils.update_bn, where two views of a batch go through one network.
function T.test_running_statistics_are_means_however_often_a_step_uses_a_norm()
  for uses = 1, 3 do
    local model, task = norms_and_task(uses)
    assert(update_bn(model, task, 10, 3))
    lu.assertAlmostEquals(model.norm.running_mean:item(), 11, 1e-5)
    lu.assertAlmostEquals(model.norm.running_var:item(), 2, 1e-5)
  end
end

function T.test_a_norm_before_a_convolution_counts_its_uses()
  local model, task = norms_and_task(0)
  function task.loss(_, m, _, step)
    local image = ms.tensor { step - 1, step + 1 }:reshape { 1, 2, 1, 1 }
    return m.spare(image):sum() + m.spare(image * 3):sum()
  end
  assert(update_bn(model, task, 10, 3))
  local norm = model.spare.norm
  lu.assertAlmostEquals(norm.running_mean:item(), 11 * (0.99 + 3) / 1.99, 1e-4)
end

function T.test_norms_that_no_batch_uses_keep_their_running_statistics()
  local model, task = norms_and_task(1)
  model.spare.norm.running_mean:set(1, 5)
  assert(update_bn(model, task, 10, 3))
  lu.assertEquals(model.spare.norm.running_mean:item(), 5)
  model.norm:eval()
  assert(update_bn(model, task, 20, 3))
  lu.assertAlmostEquals(model.norm.running_mean:item(), 11, 1e-5)
end

function T.test_running_statistics_are_as_before_when_a_batch_fails()
  local model, task = norms_and_task(1)
  function task.loss(_, m, _, step)
    if step == 11 then error "no such file" end
    return m(ms.tensor { { step }, { step } })
  end
  lu.assertErrorMsgContains("no such file", update_bn, model, task, 10, 3)
  lu.assertEquals(model.norm.running_mean:item(), 0)
  lu.assertEquals(model.norm.running_var:item(), 1)
end

function T.test_a_calibrated_run_gives_the_same_bits_when_resumed()
  local whole, parts = folder(), folder()
  local schedule = { phases = TOY_SCHEDULE.phases, validate_every = 5, keep = "best",
    update_bn = 2 }
  assert(run(whole, { schedule = schedule }))
  for _, turns in ipairs { 7, 5 } do
    assert(run(parts, { schedule = schedule, interrupted = after(turns) }))
  end
  assert(run(parts, { schedule = schedule }))
  lu.assertEquals(bytes(parts, "last.safetensors"), bytes(whole, "last.safetensors"))
  lu.assertEquals(metrics(parts), metrics(whole))
end

-- ---- transfer and rebuilding --------------------------------------------------------------
local SMALL = { 4, 4, 4, 4, 4, 4, 4 }

local function small_tail_only(seed)
  return ms.models.tail_only { tail = ms.models.cnn_tail { classes = 3, widths = SMALL, hidden = 8,
    seed = seed } }
end

local function small_tagger(seed)
  return ms.models.tagger { unet = ms.models.unet { widths = { 2, 2, 4, 4, 4, 4 }, seed = seed },
    tail = { widths = SMALL, hidden = 8 }, classes = 3, seed = seed }
end

function T.test_the_tail_is_handed_over_by_name()
  local from, into = small_tail_only(1), small_tagger(2)
  ms.train.transfer.tail(from, into)
  local kernel = into:state()["tail.block.1.conv.1.weight"]
  lu.assertEquals(kernel:size(), { 3, 3, 2, 4 })
  lu.assertEquals(kernel:slice(3, 1, 1):abs():sum():item(), 0)
  lu.assertEquals(kernel:slice(3, 2, 2):bytes(), from:state()["tail.block.1.conv.1.weight"]:bytes())
  lu.assertEquals(into:state()["tail.head.linear.2.bias"]:bytes(),
    from:state()["tail.head.linear.2.bias"]:bytes())
end

function T.test_without_its_adaptation_the_joint_model_begins_as_the_tail()
  local from, into = small_tail_only(1):eval(), small_tagger(2):eval()
  ms.train.transfer.tail(from, into)
  for name, value in pairs(into:state()) do
    if name:find "^adapt" then value:copy(ms.zeros(value:size())) end
  end
  local x = ms.uniform { 2, 384, 256 }
  local a, b = from(x):totable(), into(x):totable()
  for n = 1, 2 do lu.assertAlmostEquals(a[n][2], b[n][2], 1e-5) end
end

function T.test_the_unet_is_handed_over_by_name()
  local separator = ms.models.separator { widths = { 2, 2, 4, 4, 4, 4 }, seed = 9 }
  local into = small_tagger(2)
  ms.train.transfer.unet(separator, into)
  for name, value in pairs(separator.unet:state()) do
    lu.assertEquals(into:state()["unet." .. name]:bytes(), value:bytes(), name)
  end
end

function T.test_a_checkpoint_knows_its_model()
  local path = root() .. "/best.safetensors"
  for _, model in ipairs { small_tagger(4), small_tail_only(5),
                           ms.models.separator { widths = { 2, 2, 4, 4, 4, 4 }, sources = 4,
                             seed = 6 } } do
    assert(checkpoint.save_weights(path, model, { model = describe.describe(model) }))
    local loaded, about = assert(ms.train.load_model(path))
    lu.assertEquals(loaded.name, model.name)
    lu.assertStrMatches(tostring(about), "checkpoint of step %?, loss %?: {model}")
    for name, value in pairs(model:state()) do
      lu.assertEquals(loaded:state()[name]:bytes(), value:bytes(), name)
    end
  end
end

-- ---- evaluation ----------------------------------------------------------------------------
function T.test_slices_are_averaged_as_probabilities()
  local mean = ms.evaluate.average("tags", { { 0, 100 }, { math.log(3), -100 } })
  lu.assertAlmostEquals(mean[1], (0.5 + 0.75) / 2, 1e-12)
  lu.assertAlmostEquals(mean[2], 0.5, 1e-12)
  mean = ms.evaluate.average("genres", { { 0, 0 }, { math.log(3), 0 } })
  lu.assertAlmostEquals(mean[1], (0.5 + 0.75) / 2, 1e-12)
  lu.assertAlmostEquals(mean[1] + mean[2], 1, 1e-12)
end

-- A data set of three clips: 1000 Hz, 3000 Hz and both.
local function tone_dataset()
  local dir = root()
  local items = {}
  for i, tones in ipairs { { 1000 }, { 3000 }, { 1000, 3000 } } do
    local samples = {}
    for n = 1, 100000 do
      samples[n] = 0.0
      for _, hz in ipairs(tones) do
        samples[n] = samples[n] + 0.1 * math.sin(2 * math.pi * hz * n / 16000)
      end
    end
    local path = ("%s/%d.wav"):format(dir, i)
    assert(ms.audio.write(path, ms.tensor_from(samples, { #samples }), 16000))
    items[i] = { id = tostring(i), path = path, labels = i == 3 and { 1, 2 } or { i } }
  end
  return { kind = "tags", name = "tones", classes = { "low", "high" }, items = function()
    return items
  end }
end

-- Logits that say which of the two tones sounds.
local function tone_model()
  local model = { training = false }
  function model:eval() self.training = false return self end
  function model:train() self.training = true return self end
  return setmetatable(model, { __call = function(_, magnitude)
    local n, t = magnitude:size(1), magnitude:size(2)
    local low = magnitude:slice(3, 33, 33):reshape { n, t }:mean(2):reshape { n, 1 }
    local high = magnitude:slice(3, 97, 97):reshape { n, t }:mean(2):reshape { n, 1 }
    return ms.cat({ low, high }, 2) - 5
  end })
end

function T.test_clips_are_scored_over_their_slices()
  local scores, predicted = ms.evaluate.tags(tone_model(), tone_dataset(), "test", { batch = 3 })
  lu.assertEquals(ms.metrics.roc_auc(predicted.scores, predicted.truths), 1)
  lu.assertEquals(scores.roc_auc, 1)
  lu.assertEquals(scores.pr_auc, 1)
  lu.assertEquals(scores.clips, 3)
  lu.assertEquals(scores.per_tag[2].name, "high")
end

function T.test_genres_are_scored_by_accuracy()
  local dataset = tone_dataset()
  dataset.kind = "genres"
  local items = dataset:items()
  items[3] = nil -- it has both tones
  for i, item in ipairs(items) do item.class = i end
  local scores = assert(ms.evaluate.tags(tone_model(), dataset, "test"))
  lu.assertEquals(scores.accuracy, 1)
  lu.assertEquals(scores.clips, 2)
  lu.assertTrue(assert(ms.evaluate.slice_loss(tone_model(), dataset, "valid")).loss < 1)
end

function T.test_the_validation_loss_is_the_mean_over_slices()
  local loss = assert(ms.evaluate.slice_loss(tone_model(), tone_dataset(), "valid",
    { batch = 2 })).loss
  lu.assertTrue(loss < 0.01)
end

function T.test_an_unreadable_clip_is_named()
  local dataset = tone_dataset()
  local item = dataset:items()[2]
  item.samples = 100000
  ms.sys.remove(item.path)
  local scores, why = ms.evaluate.tags(tone_model(), dataset, "test")
  lu.assertNil(scores)
  lu.assertStrContains(why, item.path)
end

-- A network's stand-in whose only source is half of the mixture.
local function halved()
  return setmetatable({ eval = function(self) return self end }, { __call = function(_, wave)
    return (wave * 0.5):reshape { wave:size(1), 1, wave:size(2) }
  end })
end

function T.test_a_whole_song_is_put_together_without_seams()
  for _, samples in ipairs { 1, 30896, 30897, 61792, 100001 } do
    local wave = ms.uniform { samples }
    local done = {}
    local sources = ms.evaluate.separate(halved(), wave, { progress = function(k, n)
      done[#done + 1] = k / n
    end })
    lu.assertEquals(sources:size(), { 1, samples })
    lu.assertTrue((sources:reshape { samples } - wave * 0.5):abs():max() < 1e-6)
    lu.assertEquals({ #done, done[#done] }, { math.ceil(samples / 30896), 1 })
  end
  lu.assertErrorMsgContains("(samples) with one sample or more", ms.evaluate.separate, halved(),
    ms.zeros { 0 })
end

function T.test_a_song_of_two_hundred_blocks_is_one_tensor_of_the_callers_scope()
  local sources
  do
    local _ <close> = ms.scope()
    local wave = ms.uniform { 200 * 30896 + 5 }
    sources = ms.evaluate.separate(halved(), wave)
    lu.assertTrue((sources:reshape { -1 } - wave * 0.5):abs():max() < 1e-6)
  end
  lu.assertErrorMsgContains("closed", sources.size, sources)
end

function T.test_long_clips_are_evaluated_in_pieces()
  local dataset, largest = tone_dataset(), 0
  local model = tone_model()
  local watched = setmetatable({ eval = function() end }, { __call = function(_, magnitude)
    largest = math.max(largest, magnitude:size(1))
    return model(magnitude)
  end })
  local whole = assert(ms.evaluate.predict(model, dataset, "test", { hop = 16 }))
  local some = assert(ms.evaluate.predict(watched, dataset, "test", { hop = 16, batch = 4 }))
  lu.assertTrue(largest >= 4 and largest < 8)
  lu.assertEquals(#some.scores, #whole.scores)
  for i, row in ipairs(whole.scores) do
    for c, value in ipairs(row) do lu.assertAlmostEquals(some.scores[i][c], value, 1e-6) end
    lu.assertEquals(some.truths[i], whole.truths[i])
    lu.assertIs(some.items[i], whole.items[i])
  end
  largest = 0
  local loss = assert(ms.evaluate.slice_loss(watched, dataset, "test",
    { frames = 48, batch = 2 })).loss
  lu.assertTrue(largest >= 2 and largest < 4)
  lu.assertAlmostEquals(loss,
    assert(ms.evaluate.slice_loss(model, dataset, "test", { frames = 48, batch = 64 })).loss, 1e-6)
end

return T
