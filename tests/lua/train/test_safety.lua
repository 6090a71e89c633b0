--- Runs that meet numbers that are not finite, that are killed, and whose files were damaged.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"
local net = require "moonstem.net"
local checkpoint = require "moonstem.train.checkpoint"
local sealed = require "moonstem.sys.sealed"

local T = {}

local folder = tools.folders(T)

local function toy_model()
  return net.module {
    name = "toy", order = { "linear", "norm", "out" },
    linear = ms.nn.linear { in_features = 2, out_features = 4 },
    norm = ms.nn.batch_norm { channels = 4, slope = 0 },
    out = ms.nn.linear { in_features = 4, out_features = 1 },
    forward = function(self, x) return self.out(self.norm(self.linear(x))) end,
  }:init(7)
end

-- Everything random about it is drawn where it is needed. spoil(step, loss, x) -> loss
local function toy_task(spoil)
  local task = { steps_per_epoch = 4 }
  function task.batch(_, step)
    return nil, { step = step, x = ms.keep(ms.randn { 8, 2 }) }
  end
  function task.loss(_, model, _, extra)
    local noise = ms.randn { 8, 2 } * (0.1 + math.random())
    local x = extra.x + noise
    local loss = ms.loss.mse(model(x), x:sum(-1):reshape { 8, 1 })
    return spoil and spoil(extra.step, loss, model) or loss
  end
  function task.validate(_, model)
    local _ <close> = ms.scope()
    local x = ms.randn { 8, 2 }
    return { loss = ms.loss.mse(model(x), x:sum(-1):reshape { 8, 1 }):item() }
  end
  return task
end

local SCHEDULE = { phases = { { optimizer = "adam", lr = 1e-2, rounds = 3 } }, keep = "last" }

local function given(dir, options)
  local o = { model = toy_model(), task = toy_task(), schedule = SCHEDULE, out = dir, quiet = true }
  for key, value in pairs(options or {}) do o[key] = value end
  return o
end

local function run(dir, options) return ms.train.run(given(dir, options)) end

local function after(n)
  return function()
    n = n - 1
    return n < 0
  end
end

local function bytes(path)
  local list = {}
  for key, value in pairs(assert(ms.io.load_safetensors(path))) do
    list[#list + 1] = key .. "=" .. value:bytes()
  end
  table.sort(list)
  return table.concat(list)
end

local function same_runs(a, b)
  for _, name in ipairs { "/last.safetensors", "/best.safetensors" } do
    lu.assertEquals(bytes(a .. name), bytes(b .. name))
  end
  lu.assertEquals(ms.sys.read_file(a .. "/metrics.jsonl"), ms.sys.read_file(b .. "/metrics.jsonl"))
end

-- A loss that is finite, and whose gradient is not.
local function steep(model)
  local w = model:state()["out.weight"]
  return (w - w):sqrt():sum()
end

-- ---- what is drawn ---------------------------------------------------------------------------
function T.test_a_loss_that_draws_gives_the_same_bits_when_resumed()
  local whole, parts = folder(), folder()
  assert(run(whole))
  for _, turns in ipairs { 2, 2, 3, 1, 2 } do
    ms.randn { 3 } -- as another process would have drawn otherwise
    lu.assertTrue(assert(run(parts, { interrupted = after(turns) })).interrupted)
  end
  assert(run(parts))
  same_runs(whole, parts)
end

function T.test_a_loop_by_hand_draws_on_where_it_was()
  local dir, parts = folder(), { model = toy_model() }
  assert(ms.sys.mkdir(dir))
  ms.seed(5)
  ms.randn { 2 }
  assert(ms.train.save_checkpoint(dir .. "/hand.safetensors", parts))
  local next_one = ms.randn { 4 }:totable()
  ms.seed(9)
  assert(ms.train.load_checkpoint(dir .. "/hand.safetensors", parts))
  lu.assertEquals(ms.randn { 4 }:totable(), next_one)
end

-- ---- numbers that are not finite ----------------------------------------------------------------
function T.test_a_gradient_that_is_not_finite_reaches_no_file()
  local dir = folder()
  local result, why = run(dir, { save_every = -1, task = toy_task(function(step, loss, model)
    return step == 5 and loss + steep(model) or loss
  end) })
  lu.assertNil(result)
  lu.assertStrContains(why, "the gradient of out.weight at step 6 is not a finite number")
  lu.assertEquals(assert(checkpoint.position(dir .. "/last.safetensors")).step, 5)
  for name, value in pairs(assert(ms.io.load_safetensors(dir .. "/last.safetensors"))) do
    lu.assertTrue(value:finite(), name)
  end
end

function T.test_the_part_where_it_began_is_named()
  local result, why = run(folder(), { task = toy_task(function(step, loss, model)
    if step == 1 then model:state()["norm.running_mean"]:set(1, 0 / 0) end
    return loss
  end) })
  lu.assertNil(result)
  lu.assertStrContains(why, "what the step left of norm.running_mean at step 2")
  local task = toy_task()
  local batch = task.batch
  function task.batch(self, step)
    local _, extra = batch(self, step)
    if step == 2 then extra.x:set(1, 1, 1 / 0) end
    return nil, extra
  end
  function task.names(_, step) return { ("clip %d.wav"):format(step), "b.wav" } end
  result, why = run(folder(), { task = task })
  lu.assertNil(result)
  lu.assertStrContains(why, "the loss at step 3 is not a finite number; linear is the first part \z
    of the model whose result is not; its clips are clip 2.wav, b.wav")
  result, why = run(folder(), { task = toy_task(function(step, loss)
    return step == 2 and loss * (1 / 0) or loss
  end) })
  lu.assertNil(result)
  lu.assertStrContains(why, "the results of all parts of the model are")
end

function T.test_the_files_of_the_batch_are_named()
  local dir = folder()
  assert(ms.sys.mkdir(dir))
  local path = dir .. "/clip.wav"
  assert(ms.audio.write(path, ms.zeros { 4000 } + 0.5, 16000, { encoding = "float" }))
  local task = toy_task()
  task.feed = { samples = 2000, transform = "wave" }
  function task.batch()
    return { { { path = path, start = 0, weight = 1 } },
      { { path = path, start = 2000, weight = 1 } } }, {}
  end
  function task.loss(_, model, waves) return model(waves:slice(2, 1, 2)):sum() * (1 / 0) end
  local result, why = run(dir .. "/run", { task = task })
  lu.assertNil(result)
  lu.assertStrContains(why, "; its clips are " .. path .. ";")
  lu.assertEquals(assert(ms.io.load_json(dir .. "/run/not_finite.json")).clips, { path })
end

function T.test_steps_may_be_left_out()
  local dir, parts = folder(), folder()
  local function spoil(step, loss, model)
    if step == 1 then return loss * (0 / 0) end
    return step == 6 and loss + steep(model) or loss
  end
  assert(run(dir, { task = toy_task(spoil), not_finite = 2 }))
  local rows = assert(ms.io.load_json_lines(dir .. "/metrics.jsonl"))
  lu.assertEquals({ rows[1].left_out, rows[2].left_out, rows[3].left_out }, { 1, 1, nil })
  lu.assertEquals(rows[3].step, 12)
  local log = assert(ms.sys.read_file(dir .. "/log.txt"))
  lu.assertStrContains(log, "the loss at step 2 is not a finite number")
  lu.assertStrContains(log, "the step is left out, 2 of 2")
  for _, turns in ipairs { 3, 4 } do
    run(parts, { task = toy_task(spoil), not_finite = 2, interrupted = after(turns) })
  end
  assert(run(parts, { task = toy_task(spoil), not_finite = 2 }))
  same_runs(dir, parts)
end

function T.test_a_step_that_is_left_out_changes_no_weights()
  local function state_after(options)
    local o = given(folder(), options)
    assert(ms.train.run(o))
    local list = {}
    for name, value in pairs(o.model:state()) do list[name] = value:bytes() end
    return list
  end
  local schedule = { phases = { { optimizer = "adam", lr = 1e-2, steps = 1 } }, validate_every = 1,
    keep = "last" }
  local task = toy_task(function(_, loss, model) return loss + steep(model) end)
  local before = {}
  for name, value in pairs(toy_model():state()) do before[name] = value:bytes() end
  lu.assertEquals(state_after { task = task, schedule = schedule, not_finite = 1 }, before)
end

function T.test_too_many_steps_left_out_stop_the_run()
  local dir = folder()
  local task = toy_task(function(step, loss) return step % 2 == 1 and loss * (0 / 0) or loss end)
  local result, why = run(dir, { task = task, not_finite = 2 })
  lu.assertNil(result)
  lu.assertStrContains(why, "the loss at step 6")
  lu.assertTrue(assert(run(dir, { task = task, not_finite = 20 })).done) -- goes on
  lu.assertErrorMsgContains("not_finite must be", run, folder(), { not_finite = "go" })
  lu.assertErrorMsgContains("not_finite must be", run, folder(), { not_finite = -1 })
end

-- ---- once more --------------------------------------------------------------------------------
function T.test_the_step_is_repeated()
  local dir = folder()
  local values = {}
  local function spoil(step, loss, model)
    if step == 6 then
      values[#values + 1] = loss:item()
      return loss + steep(model)
    end
    return loss
  end
  lu.assertNil((run(dir, { task = toy_task(spoil) })))
  values = { values[1] }
  local files = ms.sys.list(dir)
  local seen = assert(ms.train.replay(given(dir, { task = toy_task(spoil) })))
  lu.assertEquals(seen.step, 7)
  lu.assertEquals(seen.loss, values[1])
  lu.assertEquals(values[#values], values[1])
  local names = {}
  for _, part in ipairs(seen.parts) do names[#names + 1] = part.name end
  lu.assertEquals(table.concat(names, " "), "linear norm out toy")
  for _, g in ipairs(seen.gradients) do
    lu.assertEquals(g.not_finite, g.name == "out.weight" and 4 or 0, g.name)
  end
  lu.assertEquals(ms.sys.list(dir), files)
end

function T.test_an_update_that_is_not_finite_is_repeated_from_the_last_state()
  local dir = folder()
  local function spoil(step, loss, model)
    if step == 6 then model:state()["out.bias"]:set(1, 1 / 0) end
    return loss
  end
  lu.assertNil((run(dir, { task = toy_task(spoil), not_finite = 5 })))
  lu.assertFalse(ms.sys.exists(dir .. "/not_finite.safetensors"))
  lu.assertEquals(assert(ms.train.replay(given(dir, { task = toy_task() }))).step, 7)
  local seen, why = ms.train.replay(given(folder()))
  lu.assertNil(seen)
  lu.assertStrContains(why, "no step of this run was not finite")
end

-- ---- lines of metrics.jsonl ---------------------------------------------------------------------
local function steps_of(dir)
  local list = {}
  for i, row in ipairs(assert(ms.io.load_json_lines(dir .. "/metrics.jsonl"))) do
    list[i] = row.step
  end
  return list
end

-- Killed behind the line of a round, whose state was saved before the validation.
function T.test_a_round_has_one_line_however_often_it_was_killed()
  local whole, killed, begun = folder(), folder(), folder()
  assert(run(whole))
  assert(run(killed, { interrupted = after(4) })) -- before the validation
  local old = assert(ms.sys.read_file(killed .. "/last.safetensors"))
  assert(run(killed, { interrupted = after(1) }))
  assert(ms.sys.write_file(killed .. "/last.safetensors", old))
  assert(run(killed))
  lu.assertEquals(steps_of(killed), { 4, 8, 12 })
  same_runs(killed, whole)
  assert(run(begun, { interrupted = after(5) }))  -- and before there was any state
  ms.sys.remove(begun .. "/last.safetensors")
  ms.sys.remove(begun .. "/previous.safetensors")
  assert(run(begun))
  lu.assertEquals(steps_of(begun), { 4, 8, 12 })
end

-- Killed while one state replaced the other.
function T.test_a_run_goes_on_from_the_previous_state()
  local whole, killed = folder(), folder()
  assert(run(whole))
  assert(run(killed, { interrupted = after(3) }))
  assert(run(killed, { interrupted = after(3) }))
  lu.assertEquals(assert(checkpoint.position(killed .. "/previous.safetensors")).step, 4)
  assert(ms.sys.remove(killed .. "/last.safetensors"))
  assert(run(killed))
  same_runs(killed, whole)
  lu.assertFalse(ms.sys.exists(killed .. "/previous.safetensors"))
end

-- A bit of a weight flipped on the disk.
function T.test_a_damaged_state_is_refused_and_the_one_before_it_is_named()
  local whole, dir = folder(), folder()
  assert(run(whole))
  assert(run(dir, { interrupted = after(7) }))
  local path = dir .. "/last.safetensors"
  local text = assert(ms.sys.read_file(path))
  assert(ms.sys.write_file(path, text:sub(1, -2) .. string.char(text:byte(-1) ~ 1)))
  local result, why = run(dir)
  lu.assertNil(result)
  lu.assertStrContains(why, path .. " is damaged: its numbers are not those that were written")
  lu.assertStrContains(why, "remove it, and the run goes on from " .. dir
    .. "/previous.safetensors, the state after step 4")
  assert(ms.sys.remove(path))
  assert(run(dir))
  same_runs(dir, whole)
end

-- ---- records with a checksum -----------------------------------------------------------------

local function edited(path, from, to)
  local new, n = assert(ms.sys.read_file(path)):gsub(from, to)
  lu.assertEquals(n, 1)
  assert(ms.sys.write_file(path, new))
end

function T.test_settings_that_were_edited_are_refused_with_the_way_back()
  local dir = folder()
  run(dir, { interrupted = after(5) })
  local path = dir .. "/settings.json"
  local before = ms.sys.read_file(path)
  edited(path, '"seed": 1', '"seed": 2')
  tools.refused("settings.json was changed after it was written: its checksum (crc32c)", run(dir))
  tools.refused("settings.json was changed after", require "moonstem.report.folders".about(dir))
  edited(path, '"seed": 2', '"seed": 1')
  edited(path, "^{", "{\n\n ") -- spaces are not looked at
  assert(run(dir, { interrupted = after(1) }))
  local unsealed = before:gsub('"crc32c": %d+,?', "")
  assert(ms.sys.write_file(path, (unsealed:gsub('"seed": 1', '"seed": 2'))))
  tools.refused("was begun with seed = 2, but now it is 1", run(dir)) -- it is taken as it stands
end

function T.test_records_keep_what_they_held()
  local dir = folder()
  assert(ms.sys.mkdir(dir))
  local record = { list = ms.io.list {}, none = {}, nan = 0 / 0, bytes = "\xff", one = 1.0 }
  assert(sealed.save(dir .. "/r.json", record))
  lu.assertNil(record.crc32c)
  local read = assert(sealed.load(dir .. "/r.json"))
  lu.assertEquals(ms.io.json_encode(read), ms.io.json_encode(record))
  assert(ms.io.save_json(dir .. "/old.json", { a = 1 }))
  lu.assertEquals(sealed.load(dir .. "/old.json"), { a = 1 })
  assert(ms.sys.write_file(dir .. "/list", "3"))
  tools.refused("it holds no table", sealed.load(dir .. "/list"))
end

-- As if it had been begun with other kernels: said in the log, and noted in the record.
function T.test_a_run_that_goes_on_with_other_kernels_says_so()
  local dir = folder()
  run(dir, { interrupted = after(5) })
  local path = dir .. "/settings.json"
  local record = assert(sealed.load(path))
  lu.assertEquals(record.machine.cpu, ms.machine().cpu)
  record.machine.cpu = "vax"
  assert(sealed.save(path, record))
  run(dir, { interrupted = after(1) })
  lu.assertStrContains(ms.sys.read_file(dir .. "/log.txt"),
    ("goes on after step 4; otherwise than before: kernels vax / %s; so the numbers need not be")
      :format(ms.machine().cpu))
  run(dir, { interrupted = after(1) }) -- once is enough
  record = assert(sealed.load(path))
  lu.assertEquals({ record.machine.cpu, #record.continued, record.continued[1].machine.cpu },
    { "vax", 1, ms.machine().cpu })
  lu.assertTrue(run(dir).done)
end

return T
