--- Experiments: frozen parts, shares of a data set, tasks of one's own and several at once, the
-- grid and its records.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"
local update_bn = require "moonstem.train.update_bn"
local grid = require "moonstem.lab.grid"
local net = require "moonstem.net"
local predictions = require "moonstem.metrics.predictions"

local T = {}

local folder = tools.folders(T)

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local FRAMES = 16 -- of a crop: 2912 samples

-- Fourteen clips of which every second is "low", the others "high", and every third "loud" as well.
local function clips()
  local dir, lines = folder(), { "path,split,labels" }
  for i = 1, 14 do
    local split = i <= 8 and "train" or i <= 10 and "valid" or "test"
    tools.write(("%s/%d.wav"):format(dir, i), tools.noise(0.4))
    local labels = (i % 2 == 0 and "low" or "high") .. (i % 3 == 0 and ";loud" or "")
    lines[#lines + 1] = ("%d.wav,%s,%s"):format(i, split, labels)
  end
  tools.text(dir .. "/clips.csv", table.concat(lines, "\n") .. "\n")
  return assert(ms.data.manifest(dir .. "/clips.csv"))
end

-- Mean spectrum -> batch norm -> linear layers "one" and "two".
local function model_of(seed)
  return net.module { name = "toy", order = { "norm", "one", "two" },
    norm = ms.nn.batch_norm { channels = 256 },
    one = ms.nn.linear { in_features = 256, out_features = 4 },
    two = { ms.nn.linear { in_features = 4, out_features = 3 } },
    forward = function(self, magnitude)
      return self.two[1](self.one(self.norm(magnitude:mean(2))))
    end }:init(seed)
end

local SCHEDULE = { phases = { { optimizer = "adam", lr = 1e-2, steps = 3 } }, batch = 4,
  validate_every = 3,
               keep = "last" }

local function experiment(changes)
  local spec = { name = "toy", data = clips(), model = function(o)
    return model_of(o.seed)
  end, train = SCHEDULE,
                 vary = { seed = { 1, 2 } }, frames = FRAMES, out = folder(),
                   score = { "roc_auc", "pr_auc" } }
  for key, value in pairs(changes or {}) do spec[key] = value end
  return spec
end

local function names(model)
  local list = {}
  for i, p in ipairs(model:parameters()) do list[i] = p.name end
  return list
end

-- ---- frozen parts --------------------------------------------------------------------------
function T.test_frozen_parts_are_not_among_the_parameters()
  local model = model_of(1)
  lu.assertIs(model:freeze("norm", "two.1"), model)
  lu.assertEquals(names(model), { "one.weight", "one.bias" })
  lu.assertNotNil(model:state()["two.1.weight"])
  lu.assertEquals(names(model:freeze()), {})
end

function T.test_a_part_is_named_in_full()
  local layers = {}
  for k = 1, 11 do layers[k] = ms.nn.linear { in_features = 1, out_features = 1, bias = false } end
  local model = net.module { name = "m", order = { "conv" }, conv = layers, forward = function()
  end }
  lu.assertEquals(#names(model:freeze "conv.1"), 10) -- conv.10 and conv.11 are others
  lu.assertErrorMsgEquals("m.freeze: there is no part conv.12; did you mean conv.1?", model.freeze,
    model, "conv.12")
  lu.assertErrorMsgContains("there is no part con; did you mean conv?", model.freeze, model, "con")
end

function T.test_frozen_parts_collect_no_gradient_and_the_others_the_same()
  local x = ms.uniform { 4, FRAMES, 256 }
  local free, held = model_of(3), model_of(3):freeze "one"
  for _, model in ipairs { free, held } do model(x):square():mean():backward() end
  lu.assertNil(held:state()["one.weight"].grad)
  for _, name in ipairs { "norm.weight", "norm.bias", "two.1.weight" } do
    lu.assertEquals(held:state()[name].grad:bytes(), free:state()[name].grad:bytes(), name)
  end
end

function T.test_a_constant_again_collects_nothing()
  local x = ms.tensor { 1, 2 }:needs_grad()
  local y = (x * 3):sum()
  lu.assertIs(x:needs_grad(false), x)
  lu.assertNil(x.grad)
  y:backward() -- a graph that was recorded before stays sound
  lu.assertNil(x.grad)
  lu.assertErrorMsgContains("grad", function() (x * 3):sum():backward() end)
  x:needs_grad();
  (x * 3):sum():backward()
  lu.assertEquals(x.grad:totable(), { 3, 3 })
end

function T.test_training_leaves_frozen_weights_but_not_their_statistics()
  local data, model = clips(), model_of(1):freeze "norm"
  local before = {}
  for name, value in pairs(model:state()) do before[name] = value:bytes() end
  assert(ms.train.run { model = model, schedule = SCHEDULE, out = folder(), quiet = true,
    task = assert(ms.train.tagging_task(data, { batch = 4, frames = FRAMES })) })
  local after = model:state()
  for _, name in ipairs { "norm.weight", "norm.bias" } do
    lu.assertEquals(after[name]:bytes(), before[name], name)
  end
  for _, name in ipairs { "norm.running_mean", "one.weight" } do
    lu.assertNotEquals(after[name]:bytes(), before[name], name)
  end
end

-- ---- shares of a data set ------------------------------------------------------------------
function T.test_smaller_shares_lie_inside_larger_ones()
  local data, inside = clips(), {}
  for _, share in ipairs { 1, 1 / 2, 1 / 4, 1 / 100 } do
    local part = assert(data:part { share = share, seed = 3 })
    lu.assertEquals(part:count "train", math.max(1, math.floor(8 * share)))
    lu.assertEquals(tools.ids(part:items "test"), tools.ids(data:items "test"))
    for _, item in ipairs(part:items "train") do lu.assertTrue(share == 1 or inside[item.id]) end
    inside = {}
    for _, id in ipairs(tools.ids(part:items "train")) do inside[id] = true end
  end
  lu.assertEquals(data:count "train", 8)
end

function T.test_shares_depend_on_the_seed_and_name_themselves_by_their_hash()
  local data, hashes = clips(), {}
  for seed = 1, 8 do hashes[assert(data:part { share = 1 / 2, seed = seed }).hash] = true end
  lu.assertTrue(next(hashes, (next(hashes))) ~= nil)
  lu.assertNil(hashes[data.hash])
  lu.assertEquals(data:part({ share = 1 }).hash, data.hash)
  lu.assertEquals(data:part({ share = 1 / 2, split = "test" }):count "test", 2)
end

function T.test_shares_that_make_no_sense_are_refused()
  local data = clips()
  for _, share in ipairs { 0, 1.5, 0 / 0, "half" } do
    lu.assertErrorMsgContains("part: share must be a number above 0 and at most 1, got", data.part,
      data, { share = share })
  end
  lu.assertErrorMsgContains("there is no split dev", data.part, data, { share = 1, split = "dev" })
  lu.assertErrorMsgContains("did you mean share?", data.part, data, { shard = 1 })
  tools.refused("classes have no clip in the training split", data:part { share = 1 / 8, seed = 1 })
end

-- ---- several tasks at once -----------------------------------------------------------------
local function separation(frames)
  local dir = folder()
  tools.song_set(dir, 10)
  local songs = assert(ms.data.musdb18(dir, { partial = true }))
  return assert(ms.train.separation_task(songs, { source = "vocals", batch = 2, frames = frames }))
end

-- The loss of a task's first step.
local function first_loss(task, model)
  local source <close> = require("moonstem.train.feeder").open(task, 0, 1)
  local tensor, extra = source:pop()
  return ms.no_grad(function() return task:loss(model, tensor, extra):item() end)
end

function T.test_losses_of_several_tasks_are_weighted_and_summed()
  local tagging = assert(ms.train.tagging_task(clips(), { batch = 4, frames = FRAMES }))
  local separating, model = separation(FRAMES), model_of(1)
  local function halving(x) return (x * 0.5):reshape { 2, 1, -1 } end
  local task = ms.train.combined_task { { task = tagging },
    { task = separating, weight = 3, model = halving } }
  lu.assertAlmostEquals(first_loss(task, model),
    first_loss(tagging, model) + 3 * first_loss(separating, halving), 1e-6)
  lu.assertEquals(task.steps_per_epoch, tagging.steps_per_epoch)
  lu.assertEquals(task.classes, tagging.classes)
  lu.assertEquals(task.options[1], { task = tagging.options, weight = 1 })
  lu.assertEquals(task.options[2].weight, 3)
  lu.assertEquals(task:validate(model:eval()).loss, tagging:validate(model).loss)
end

function T.test_calibration_looks_at_the_main_task_alone()
  local tagging = assert(ms.train.tagging_task(clips(), { batch = 4, frames = FRAMES }))
  local task = ms.train.combined_task { { task = tagging }, { task = tagging, weight = 2 } }
  local one, both = model_of(1), model_of(1)
  assert(update_bn(one, tagging, 0, 2))
  assert(update_bn(both, task, 0, 2))
  for name, value in pairs(one:state()) do
    lu.assertEquals(both:state()[name]:bytes(), value:bytes(), name)
  end
end

function T.test_tasks_with_other_crops_are_refused()
  local tagging = assert(ms.train.tagging_task(clips(), { batch = 4, frames = FRAMES }))
  lu.assertErrorMsgContains(
    "crops of task 2 have 3072 samples, those of task 1 have 2912; give both the same frames",
    ms.train.combined_task, { { task = tagging }, { task = separation(FRAMES + 1) } })
  lu.assertErrorMsgContains("a list of { task =", ms.train.combined_task, {})
end

-- ---- the grid ------------------------------------------------------------------------------
function T.test_a_grid_has_every_combination_once()
  local points, list = grid.points { width = { 1, 2 }, kind = { "a", { 3, "b" } }, seed = { 1, 2 } }
  lu.assertEquals(list, { "kind", "width", "seed" })
  lu.assertEquals(#points, 8)
  lu.assertEquals(grid.name(points[1], list), "kind=a,width=1,seed=1")
  lu.assertEquals(grid.name(points[8], list), "kind=3-b,width=2,seed=2")
  lu.assertEquals(grid.points(), { { seed = 1 } })
  lu.assertErrorMsgContains("vary.width must be a list of values", grid.points, { width = {} })
end

-- ---- experiments ---------------------------------------------------------------------------
function T.test_every_run_keeps_the_scores_of_every_tag()
  local e = ms.lab.experiment(experiment())
  local results = assert(e:run { quiet = true })
  lu.assertEquals(#results, 2)
  local record = assert(ms.io.load_json(e.dir .. "/seed=2/result.json"))
  lu.assertEquals(record.options, { seed = 2 })
  lu.assertEquals(record.data, e.data.hash)
  lu.assertEquals(record.scores.pr_auc, results[2].scores.pr_auc)
  local sum = 0
  for i, tag in ipairs(record.scores.per_tag) do
    lu.assertEquals(tag.name, e.data.classes[i])
    sum = sum + tag.pr_auc
  end
  lu.assertAlmostEquals(sum / 3, record.scores.pr_auc, 1e-12)
  lu.assertEquals(predictions.read(e.dir .. "/seed=2/predictions.safetensors").items,
    tools.ids(e.data:items "test"))
  lu.assertStrContains(e:table(results), "roc_auc")
end

-- A script that returns an experiment: its folder, frames, list of clips.
local SCRIPT = [[
local ms = require "moonstem"
return ms.lab.experiment { name = "toy", out = %q, frames = %d,
  data = assert(ms.data.manifest(%q)), score = { "roc_auc" },
  train = { phases = { { optimizer = "adam", lr = 1e-2, steps = 1 } }, batch = 4, keep = "last" },
  vary = { seed = { 1, 2 } },
  model = function()
    local one = ms.nn.linear { in_features = 256, out_features = 3 }
    local function forward(self, magnitude) return self.one(magnitude:mean(2)) end
    local net = require "moonstem.net"
    return net.module { name = "toy", order = { "one" }, one = one, forward = forward }:init(1)
  end }
]]

function T.test_a_script_that_returns_an_experiment_is_run_and_says_the_notes_of_its_data_once()
  local dir, list = folder(), clips().root .. "/clips.csv"
  tools.write(list:gsub("clips.csv$", "bare.wav"), tools.noise(0.4))
  tools.text(list, assert(ms.sys.read_file(list)) .. "bare.wav,valid,\n")
  tools.text(dir .. "/toy.lua", SCRIPT:format(dir .. "/toy", FRAMES, list))
  local status, text = ms.sys.capture { PROGRAM, dir .. "/toy.lua", stderr = dir .. "/err" }
  local said = assert(ms.sys.read_file(dir .. "/err"))
  lu.assertEquals(status, 0, said)
  lu.assertStrContains(text, "roc_auc")
  lu.assertTrue(ms.sys.exists(dir .. "/toy/seed=2/result.json"))
  lu.assertEquals(select(2, said:gsub("note: 1 of 15 clips has no label", "")), 1, said)
end

function T.test_finished_points_are_read_not_run()
  local spec = experiment()
  local results = assert(ms.lab.experiment(spec):run { quiet = true })
  spec.task = function(o)
    return { steps_per_epoch = 1, options = { batch = 4, frames = FRAMES, seed = o.seed },
      batch = error, loss = error }
  end
  spec.evaluate = { hop = 0 } -- would raise
  local again = assert(ms.lab.experiment(spec):run { quiet = true })
  lu.assertEquals(again[1].scores, ms.io.json_decode(ms.io.json_encode(results[1].scores)))
end

function T.test_data_and_task_may_depend_on_the_point()
  local data, seen = clips(), {}
  local e = ms.lab.experiment(experiment {
    data = function(o) return data:part { share = o.share, seed = o.seed } end,
    vary = { share = { 1 / 2, 1 } },
    task = function(o, part, model)
      seen[#seen + 1] = { o.share, part:count "train", model.name }
      local task = assert(ms.train.tagging_task(part,
        { batch = 2, frames = FRAMES, seed = o.seed }))
      function task.loss(_, m, magnitude) return m(magnitude):square():mean() end
      return task
    end,
  })
  assert(e:run { quiet = true })
  lu.assertEquals(seen, { { 1 / 2, 4, "toy" }, { 1, 8, "toy" } })
  local half = assert(ms.io.load_json(e.dir .. "/share=0.5/settings.json")).asked
  lu.assertEquals(half.also.data, data:part({ share = 1 / 2, seed = 1 }).hash)
  lu.assertEquals(half.also.frames, FRAMES)
end

function T.test_an_evaluation_of_ones_own()
  local e = ms.lab.experiment(experiment { score = { "norm" },
    evaluate = function(model, data, o)
      return { norm = #model:parameters() + data:count "test" + o.seed }
    end })
  local results = assert(e:run { quiet = true })
  lu.assertEquals(results[2].scores.norm, 6 + 4 + 2)
end

-- What a run does about numbers that are not finite is said by the experiment.
function T.test_steps_that_are_not_finite_may_be_left_out()
  local function spec(allowed)
    return experiment { not_finite = allowed, vary = { seed = { 1 } },
      task = function(point, data)
        local task = ms.train.tagging_task(data, { frames = FRAMES, batch = 4, seed = point.seed })
        local loss = task.loss
        local n = 0
        function task.loss(...)
          n = n + 1
          local value = loss(...)
          return n == 2 and value * math.huge or value
        end
        return task
      end }
  end
  local results = assert(ms.lab.experiment(spec(1)):run { quiet = true })
  lu.assertEquals(#results, 1)
  tools.refused("the loss at step 2 is not a finite number",
    ms.lab.experiment(spec "stop"):run { quiet = true })
end

function T.test_what_the_world_refuses_comes_back_as_a_sentence()
  local function run(changes) return ms.lab.experiment(experiment(changes)):run { quiet = true } end
  tools.refused("no clips today", run { data = function() return nil, "no clips today" end })
  tools.refused("too few", run { task = function() return nil, "too few" end })
  tools.refused("has 37 frames but a crop has 64", run { frames = 64 })
end

function T.test_mistakes_in_an_experiment_are_named()
  local function refused(sentence, changes)
    lu.assertErrorMsgEquals("experiment: " .. sentence, ms.lab.experiment, experiment(changes))
  end
  refused("there is no option modl; did you mean model?", { modl = 1 })
  refused('option data must be a table or a function, got "mtat"', { data = "mtat" })
  refused("option task must be a function, got table", { task = {} })
  refused('option frames must be a whole number, 1 or more, got "16"', { frames = "16" })
  local spec = experiment()
  spec.model = nil
  lu.assertErrorMsgEquals("experiment: model is needed", ms.lab.experiment, spec)
  local e = ms.lab.experiment(experiment { score = { "accuracy" } })
  lu.assertErrorMsgContains(
    "there is no score accuracy for clips.csv, which holds tags; there are clips, pr_auc, roc_auc",
    e.run, e, { quiet = true })
  lu.assertFalse(ms.sys.exists(e.dir)) -- said before anything is trained
end

-- ---- linear probes -------------------------------------------------------------------------
function T.test_features_of_all_slices_are_worked_out_once()
  local data, file, asked = clips(), folder() .. "/features.json", 0
  local function describe(magnitude)
    asked = asked + 1
    return magnitude:mean(2):slice(2, 1, 3)
  end
  local all = assert(ms.lab.probe.features(data,
    { extract = describe, frames = FRAMES, file = file }))
  lu.assertEquals(asked, 14)
  local item = data:items("test")[1]
  lu.assertEquals(#all[item.id], 37 // FRAMES)
  local wave = ms.audio.read(item.path, { rate = 16000, mono = true })
  local second = ms.audio.magnitude(wave:reshape { 1, -1 }):slice(2, FRAMES + 1, 2 * FRAMES):mean(2)
    :totable()[1]
  for k = 1, 3 do lu.assertAlmostEquals(all[item.id][2][k], second[k], 1e-6) end
  lu.assertEquals(
    assert(ms.lab.probe.features(data, { extract = error, frames = FRAMES, file = file })), all)
  lu.assertErrorMsgContains("extract, a function, is needed", ms.lab.probe.features, data)
  tools.refused("has 37 frames but a crop has 64",
    ms.lab.probe.features(data, { extract = describe, frames = 64 }))
end

function T.test_features_of_a_long_clip_are_worked_out_in_pieces()
  local data, largest = clips(), 0
  local function describe(magnitude)
    largest = math.max(largest, magnitude:size(1))
    return magnitude:mean(2):slice(2, 1, 3)
  end
  local all = assert(ms.lab.probe.features(data, { extract = describe, frames = 4, hop = 1 }))
  lu.assertEquals(largest, 32)
  local item = data:items("test")[1]
  lu.assertEquals(#all[item.id], 34)
  local last = ms.audio.magnitude((ms.audio.read(item.path))):slice(1, 34, 37):mean(1):totable()
  for k = 1, 3 do lu.assertAlmostEquals(all[item.id][34][k], last[k], 1e-6) end
end

function T.test_features_are_joined_slice_by_slice()
  local a, b = { x = { { 1, 2 }, { 3, 4 } } }, { x = { { 5 }, { 6 } } }
  lu.assertEquals(ms.lab.probe.join { a, b }, { x = { { 1, 2, 5 }, { 3, 4, 6 } } })
  lu.assertEquals(a, { x = { { 1, 2 }, { 3, 4 } } })
end

-- Features that tell "low" from "high" exactly and nothing of "loud".
function T.test_a_probe_learns_what_the_features_tell()
  local data, features = clips(), {}
  for _, split in ipairs { "train", "valid", "test" } do
    for _, item in ipairs(data:items(split)) do
      local low = data.classes[item.labels[1]] == "low" or data.classes[item.labels[2]] == "low"
      features[item.id] = { { low and 1 or -1, 0.5 }, { low and 2 or -2, 0.5 } }
    end
  end
  local asked = 0
  local e = ms.lab.probe.experiment(experiment {
    data = data, train = ms.train.adam_then_sgd { rate = 0.1, lrs = {}, patience = 9, epochs = 9,
      batch = 8 },
    features = function()
      asked = asked + 1
      return features
    end,
  })
  local task = ms.lab.probe.task(data, features, { batch = 8 })
  lu.assertEquals(task.steps_per_epoch, 2)
  local seen = {}
  for step = 0, 1 do
    local _, batch = task:batch(step)
    for _, x in ipairs(batch.x) do seen[x] = true end
  end
  for _, item in ipairs(data:items "train") do
    lu.assertTrue(seen[features[item.id][1]] and seen[features[item.id][2]])
  end
  local scores = assert(e:run { quiet = true })[1].scores
  for _, tag in ipairs(scores.per_tag) do
    if tag.name ~= "loud" then lu.assertEquals(tag.roc_auc, 1) end
  end
  lu.assertEquals(scores.clips, 4)
  lu.assertEquals(asked, 2) -- once for each of the two seeds
  lu.assertErrorMsgContains("features, a function of the point, is needed", ms.lab.probe.experiment,
    { name = "x" })
end

return T
