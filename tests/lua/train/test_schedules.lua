--- Schedules of learning rates in the training loop and in loops written by hand; early stopping;
-- groups, clipping and averages together.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"
local net = require "moonstem.net"
local rules = require "moonstem.train.schedule.phases"

local T = {}

local folder, root = tools.folders(T)
local S = ms.train.schedule

-- ---- a toy: fit y = 3 a - 2 b ------------------------------------------------------------------
local function toy_model()
  return net.module {
    name = "toy", order = { "hidden", "out" },
    hidden = ms.nn.linear { in_features = 2, out_features = 6 },
    out = ms.nn.linear { in_features = 6, out_features = 1 },
    forward = function(self, x) return self.out(self.hidden(x):tanh()) end,
  }:init(7)
end

local function loss_of(model, step)
  local xs, ys = {}, {}
  for i = 1, 8 do
    local a, b = ms.random.uniform(5, "a", step, i), ms.random.uniform(5, "b", step, i)
    xs[i], ys[i] = { a, b }, { 3 * a - 2 * b }
  end
  return ms.loss.mse(model(ms.tensor(xs)), ms.tensor(ys))
end

local function toy_task(validation)
  local asked = 0
  return { steps_per_epoch = 4,
    batch = function(_, step) return nil, { step = step } end,
    loss = function(_, model, _, extra) return loss_of(model, extra.step) end,
    validate = function()
      asked = asked + 1
      return { loss = validation and validation[asked] or 1 / asked }
    end }
end

local function run(dir, phases, options)
  local given = { model = toy_model(), task = toy_task(), out = dir, quiet = true, name = "toy",
    schedule = { phases = phases, keep = "last" } }
  for key, value in pairs(options or {}) do given[key] = value end
  return assert(ms.train.run(given)), given.model
end

local function rates(dir)
  local list = {}
  for i, row in ipairs(assert(ms.io.load_json_lines(dir .. "/metrics.jsonl"))) do
    list[i] = row.lr
  end
  return list
end

local function after(n)
  return function()
    n = n - 1
    return n < 0
  end
end

-- ---- in the loop -------------------------------------------------------------------------------
function T.test_a_phase_follows_a_schedule_by_steps_or_rounds()
  local cosine = S.cosine { lr = 0.1, steps = 12 }
  local dir = folder()
  run(dir, { { optimizer = "adamw", lr = cosine, steps = 12 } })
  lu.assertEquals(rates(dir), { cosine:at(4), cosine:at(8), cosine:at(12) })
  local by_round = folder()
  run(by_round, { { optimizer = "sgd", lr = S.step { lr = 0.1, step_size = 2 }, lr_by = "round",
    rounds = 5 } })
  local expected = { 0.1, 0.1, 0.01, 0.01, 0.001 }
  for i, lr in ipairs(rates(by_round)) do lu.assertAlmostEquals(lr, expected[i], 1e-12) end
end

function T.test_a_plateau_follows_the_validation_loss()
  local losses = { 5, 4, 4, 4, 4, 4, 4 }
  local plateau = { kind = "plateau", lr = 0.1, patience = 1, factor = 0.5, cooldown = 1 }
  local dir = folder()
  local phases = { { optimizer = "sgd", lr = plateau, rounds = 7 } }
  run(dir, phases, { task = toy_task(losses) })
  lu.assertEquals(rates(dir), { 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05 })
  local again = S.plateau { lr = 0.1, patience = 1, factor = 0.5, cooldown = 1 }
  local seen = {}
  for i, loss in ipairs(losses) do
    seen[i] = again:at()
    again:observe(loss)
  end
  lu.assertEquals(seen, rates(dir))
end

function T.test_a_resumed_run_with_schedules_gives_the_same_bits()
  local phases = {
    { optimizer = "adamw", rounds = 3, clip_grad_norm = 0.5, groups = { { match = "bias",
      weight_decay = 0 }, { match = "^hidden", lr = 0.01 } },
      lr = S.chain { S.warm_up { lr = 0.05, steps = 3 }, S.cosine { lr = 0.05, steps = 9 } } },
    { optimizer = "rmsprop", rounds = 4, momentum = 0.5,
      lr = S.plateau { lr = 0.01, patience = 0, factor = 0.5 } },
  }
  local whole, parts = folder(), folder()
  run(whole, phases, { task = toy_task { 3, 2, 1, 5, 6, 7, 8 } })
  local rounds = { 3, 2, 1, 5, 6, 7, 8 }
  local task = toy_task()
  task.validate = function() return { loss = table.remove(rounds, 1) } end
  for _, turns in ipairs { 3, 6, 7, 4 } do
    run(parts, phases, { task = task, interrupted = after(turns) })
  end
  run(parts, phases, { task = task })
  lu.assertEquals(rates(parts), rates(whole))
  local a = assert(ms.io.load_safetensors(whole .. "/last.safetensors"))
  local b = assert(ms.io.load_safetensors(parts .. "/last.safetensors"))
  for name, value in pairs(a) do lu.assertEquals(b[name]:bytes(), value:bytes(), name) end
end

function T.test_a_loop_by_hand_gives_the_bits_of_a_plan()
  local cycle = S.one_cycle { lr = 0.1, steps = 12, cycle_momentum = true }
  local dir = folder()
  local _, planned = run(dir, { { optimizer = "sgd", momentum = 0.9, lr = cycle, steps = 12,
    clip_grad_norm = 1 } })
  local model = toy_model()
  local opt = ms.optim.sgd(model:parameters(), { lr = cycle:base(), momentum = 0.9 })
  for step = 1, 12 do
    local _ <close> = ms.scope()
    cycle:apply(opt, step)
    lu.assertEquals(opt.momentum, cycle:momentum(step))
    opt:zero()
    loss_of(model, step - 1):backward()
    ms.optim.clip_grad_norm(opt, 1)
    opt:step()
  end
  local theirs = planned:state()
  for name, value in pairs(model:state()) do
    lu.assertEquals(value:bytes(), theirs[name]:bytes(), name)
  end
end

function T.test_phases_refuse_what_is_no_schedule()
  local function refused(sentence, phase)
    phase.optimizer, phase.steps = phase.optimizer or "sgd", 1
    lu.assertErrorMsgContains(sentence, rules.check, { phases = { phase } })
  end
  refused("phase 1, lr: there is no schedule cosin; did you mean cosine?",
    { lr = { kind = "cosin" } })
  refused("phase 1, lr: the option steps is needed", { lr = { kind = "cosine", lr = 1 } })
  refused("phase 1, lr: a number or a schedule is expected, got string", { lr = "0.1" })
  refused("a schedule of lr and decay do not go together",
    { lr = S.constant { lr = 1 }, decay = { factor = 1, every = 1 } })
  refused("lr_by is of a schedule of lr", { lr = 1, lr_by = "round" })
  refused('option lr_by must be "step" or "round"', { lr = S.constant { lr = 1 }, lr_by = "epoch" })
  refused("option clip_grad_norm must be a number above 0", { lr = 1, clip_grad_norm = 0 })
end

-- ---- by hand -----------------------------------------------------------------------------------
function T.test_early_stopping()
  local stopper = ms.train.early_stopping { patience = 1, min_delta = 0.5 }
  local said = {}
  for i, value in ipairs { 5, 4, 3.8, 3.9, 3.4 } do
    local stop, better = stopper:update(value)
    said[i] = (stop and "stop" or "go on") .. (better and ", best" or "")
  end
  lu.assertEquals(said, { "go on, best", "go on, best", "go on", "stop", "go on, best" })
  lu.assertEquals(stopper.best, 3.4)
  lu.assertEquals(stopper.best_update, 5)
  local rising = ms.train.early_stopping { patience = 0, mode = "max" }
  lu.assertFalse((rising:update(0.5)))
  lu.assertTrue((rising:update(0.5)))
  lu.assertTrue((rising:update(0 / 0)))
  lu.assertErrorMsgContains("early_stopping: a number is expected, got nil", rising.update, rising)
  lu.assertErrorMsgContains("there is no option patient; did you mean patience?",
    ms.train.early_stopping, { patient = 3 })
end

function T.test_gradients_accumulate()
  local together, apart = toy_model(), toy_model()
  local function optimizer(model) return ms.optim.sgd(model:parameters(), { lr = 0.1 }) end
  local a, b = optimizer(together), optimizer(apart);
  ((loss_of(together, 1) + loss_of(together, 2)) / 2):backward()
  a:step()
  for step = 1, 2 do (loss_of(apart, step) / 2):backward() end
  b:step()
  local theirs = together:state()
  for name, value in pairs(apart:state()) do
    local off = (value - theirs[name]):abs():max()
    lu.assertTrue(off <= 1e-6, name)
  end
end

function T.test_groups_by_name()
  local model = toy_model()
  local opt = ms.optim.adamw(model:parameters(), { lr = 0.1, weight_decay = 0.2, groups = {
    { match = "bias$", weight_decay = 0 }, { match = { "^nothing", "^out" }, lr = 0.01 } } })
  local groups = opt:groups()
  lu.assertEquals(groups[1].parameters, { "hidden.weight" })
  lu.assertEquals(groups[2].parameters, { "hidden.bias", "out.bias" })
  lu.assertEquals(groups[3].parameters, { "out.weight" })
  lu.assertEquals(groups[2].weight_decay, 0.0)
  opt.lr = 0.05 -- the third keeps its tenth
  opt.weight_decay = 0.3
  groups = opt:groups()
  lu.assertAlmostEquals(groups[3].lr, 0.005, 1e-12)
  lu.assertEquals({ groups[1].weight_decay, groups[2].weight_decay, groups[3].weight_decay },
    { 0.3, 0.0, 0.3 })
end

function T.test_states_of_optimizers_go_on()
  for _, name in ipairs { "adam", "adamw", "nadam", "radam", "sgd", "rmsprop", "adagrad", "lion",
    "lamb" } do
    local options = { lr = 0.01, weight_decay = 0.1 }
    if name == "sgd" or name == "rmsprop" then options.momentum = 0.9 end
    if name == "rmsprop" then options.centered = true end
    if name == "adam" then options.amsgrad = true end
    local model, other = toy_model(), toy_model()
    local opt = ms.optim[name](model:parameters(), options)
    local function step(m, o, n)
      o:zero()
      loss_of(m, n):backward()
      o:step()
    end
    for n = 1, 3 do step(model, opt, n) end
    local again = ms.optim[name](other:parameters(), options)
    other:load(model:state())
    again:load(opt:state())
    for n = 4, 6 do
      step(model, opt, n)
      step(other, again, n)
    end
    local theirs = model:state()
    for key, value in pairs(other:state()) do
      lu.assertEquals(value:bytes(), theirs[key]:bytes(), name .. ", " .. key)
    end
  end
end

function T.test_averages_are_swapped_and_kept()
  local model = toy_model()
  local opt = ms.optim.sgd(model:parameters(), { lr = 0.1 })
  local ema = ms.optim.ema(opt, { decay = 0.5 })
  local function step(n)
    opt:zero()
    loss_of(model, n):backward()
    opt:step()
    ema:update()
  end
  step(1)
  step(2)
  local weights, kept = model:state()["out.weight"]:totable(), ema:state()
  local averages = kept["out.weight"]:totable()
  lu.assertEquals(kept.steps, 2)
  ema:swap()
  lu.assertEquals(model:state()["out.weight"]:totable(), averages)
  lu.assertErrorMsgContains("call ema:swap() before", ema.state, ema)
  ema:swap()
  lu.assertEquals(model:state()["out.weight"]:totable(), weights)
  local again = ms.optim.ema(model:parameters(), { decay = 0.5 })
  again:load(ema:state())
  step(3)
  again:update()
  lu.assertEquals(again:state()["out.bias"]:bytes(), ema:state()["out.bias"]:bytes())
end

-- A loop with dropout, stopped after three of six steps and gone on with in new objects.
function T.test_a_loop_by_hand_goes_on_from_its_checkpoint()
  local path = root() .. "/loop.safetensors"
  local function objects()
    local model = net.chain { ms.nn.linear { in_features = 2, out_features = 6, seed = 1 },
      ms.nn.dropout { p = 0.5, seed = 3 }, ms.nn.linear { in_features = 6, out_features = 1,
      seed = 2 } }:train()
    local opt = ms.optim.nadam(model:parameters(), { lr = 0.05 })
    return { model = model, opt = opt, ema = ms.optim.ema(opt, { decay = 0.5 }) }
  end
  local function steps(parts, first, last)
    for step = first, last do
      parts.opt:zero()
      loss_of(parts.model, step):backward()
      parts.opt:step()
      parts.ema:update()
    end
  end
  ms.step(0)
  local whole = objects()
  steps(whole, 1, 6)
  ms.step(0)
  local first, second = objects(), objects()
  local stopper = ms.train.early_stopping { patience = 2 }
  stopper:update(0.5)
  steps(first, 1, 3)
  assert(ms.train.save_checkpoint(path, first, { step = 3, best = stopper.best }))
  ms.step(99)
  lu.assertEquals(assert(ms.train.load_checkpoint(path, second)), { step = 3, best = 0.5 })
  steps(second, 4, 6)
  for _, part in ipairs { "model", "ema", "opt" } do
    local theirs = whole[part]:state()
    for name, value in pairs(second[part]:state()) do
      if type(value) == "number" then lu.assertEquals(value, theirs[name])
      else lu.assertEquals(value:bytes(), theirs[name]:bytes(), part .. "/" .. name) end
    end
  end
end

function T.test_checkpoints_of_loops_that_do_not_fit()
  local path, model = root() .. "/loop.safetensors", toy_model()
  local save, load = ms.train.save_checkpoint, ms.train.load_checkpoint
  assert(save(path, { model = model }))
  lu.assertEquals(assert(load(path, { model = model })), {})
  local function refused(sentence, ...)
    local ok, why = ...
    lu.assertNil(ok)
    lu.assertStrContains(why, sentence)
  end
  refused("holds no part opt", load(path, { model = model, opt = model }))
  assert(save(path, { model = model, other = model }))
  refused("holds a part other, which is not asked for", load(path, { model = model }))
  refused("No such file", load(path .. "x", { model = model }))
  local weights = root() .. "/weights.safetensors"
  assert(ms.train.save_weights(weights, model))
  refused("is not a checkpoint of a loop by hand", load(weights, { model = model }))
  lu.assertErrorMsgContains("parts are a table", save, path, {})
  lu.assertErrorMsgContains("parts are a table", save, path, { model })
  lu.assertErrorMsgContains("opt has no state", save, path, { opt = 5 })
end

return T
