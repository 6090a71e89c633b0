--- No function of the library ignores what it is given: a walk over all that is reached from `ms`,
-- and over the methods of all objects. Functions and options are found by themselves; a new one
-- that is not strict, or that takes options and has no example here, fails.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local help = require "moonstem.app.help"
local reach = require "moonstem.app.reach"

local tests = {}
local ROOT = places.ROOT

--- Functions that take any number of arguments, with the reason.
local VARIADIC = {
  ["ms.zeros"] = "sizes one by one", ["ms.ones"] = "sizes one by one",
    ["ms.randn"] = "sizes one by one",
  ["ms.uniform"] = "sizes one by one", ["ms.tensor_from"] = "sizes one by one",
    ["ms.from_string"] = "sizes one by one",
  ["ms.ops.reshape"] = "sizes one by one", ["ms.ops.permute"] = "dimensions one by one",
  ["ms.plot"] = "runs one by one",
  ["ms.net.op"] = "arguments of the operator",
  ["ms.no_grad"] = "calls with them", ["ms.recompute"] = "calls with them",
    ["ms.profile"] = "calls with them",
  ["x:reshape"] = "sizes one by one", ["x:permute"] = "dimensions one by one",
    ["x:get"] = "a position for each dimension",
  ["x:set"] = "a position for each dimension", ["s:keep"] = "any number of tensors",
    ["m:freeze"] = "names of parts", ["m:unfreeze"] = "names of parts",
  ["ms.ops.einsum"] = "operands one by one", ["x:einsum"] = "operands one by one",
  ["ms.ops.adaptive_avg_pool"] = "sizes one by one", ["x:adaptive_avg_pool"] = "sizes one by one",
  ["m:recompute"] = "names of parts", ["m:evaluating"] = "calls with them",
  ["ms.ops.meshgrid"] = "lists one by one", ["x:meshgrid"] = "lists one by one",
}
for _, name in ipairs { "view", "unflatten", "expand", "tile" } do
  VARIADIC["ms.ops." .. name], VARIADIC["x:" .. name] = "sizes one by one", "sizes one by one"
end

local folder, made -- made: one object of each kind

function tests.setup() folder, made = assert(ms.sys.tempdir()), nil end
function tests.teardown() ms.sys.run { "rm", "-r", folder } end

local function write(name, text)
  assert(ms.sys.write_file(folder .. "/" .. name, text))
  return folder .. "/" .. name
end

local function tone(name)
  assert(ms.audio.write(folder .. "/" .. name, ms.uniform { 70000 }, 16000))
end

local function dataset()
  for _, name in ipairs { "a.wav", "b.wav", "c.wav" } do tone(name) end
  return assert(
    ms.data.manifest(
    write("list.csv", "path,split,labels\na.wav,train,p\nb.wav,valid,q\nc.wav,test,p\n"),
    { partial = true }))
end

local function objects()
  if made then return made end
  local model = ms.models.unet { widths = { 4, 8 } }
  local clips, p = dataset(), ms.ones { 2 }:needs_grad()
  made = { x = ms.zeros { 2, 3 }, s = ms.scope(),
    layer = ms.nn.linear { in_features = 2, out_features = 2 },
    opt = ms.optim.sgd({ p }, { lr = 1 }), ema = ms.optim.ema { p }, feed = ms.audio.feed {},
      lock = assert(ms.sys.lock(folder .. "/lock")),
    process = assert(ms.sys.spawn { "true" }), source = assert(ms.audio.open(folder .. "/a.wav")),
    sink = assert(ms.audio.create(folder .. "/new.wav", 16000)), m = model,
      dataset = clips, loader = ms.data.loader { items = 1, load = print },
      augment = ms.audio.augment {}, draw = require "moonstem.data.loader.draw"(1, 1, 1, 0),
    left_out = clips:report(), p = ms.sys.progress { terminal = false },
      r = ms.statistics.resamples(5),
    d = ms.report.new "title", profile = ms.profile(function()
    end), paper = ms.lab.paper { out = folder, scale = {} },
    task = assert(ms.train.tagging_task(clips, { batch = 1 })),
    experiment = ms.lab.experiment { name = "e", data = clips, model = print,
      train = ms.train.ast {}, score = { "roc_auc" }, out = folder .. "/e" } }
  return made
end

--- The methods of an object by name.
local function methods_of(object)
  local index = debug.getmetatable(object).__index
  if type(index) == "function" then index = select(2, debug.getupvalue(index, 1)) end
  local methods = {}
  for name, f in pairs(index) do
    if type(f) == "function" and not name:find "^__" then methods[name] = f end
  end
  return methods
end

--- What a function says about a last argument, behind nils, that nothing takes.
local function told(f, object)
  local arguments = { object }
  arguments[40] = "surplus"
  local ok, why = pcall(f, table.unpack(arguments, 1, 40))
  return ok and "nothing was raised" or tostring(why)
end

local function check_surplus(name, f, object, seen)
  if VARIADIC[name] then
    seen[name] = true
    return
  end
  local last = name:match "[%w_]+$"
  lu.assertStrMatches(told(f, object), ".*" .. last .. ": takes .* too many: .*", nil, nil, name)
end

--- All functions, those that the library keeps for itself among them.
local function each_function(t, path, visit, seen)
  seen[t] = true
  for name, value in pairs(t) do
    if type(value) == "function" then visit(path .. "." .. name, value) end
    if type(value) == "table" and not seen[value] and not getmetatable(value)
      or (package.loaded["moonstem." .. name] == value) then
      each_function(value, path .. "." .. name, visit, seen)
    end
  end
end

function tests.test_no_function_takes_more_than_it_uses()
  local seen, count = {}, 0
  reach.all(function(path, value)
    if type(value) ~= "function" then return end
    count = count + 1
    check_surplus(path, value, nil, seen)
  end)
  each_function(ms.ops, "ms.ops", function(path, f) check_surplus(path, f, nil, seen) end, {})
  lu.assertTrue(count > 180, count)
  for name, object in pairs(objects()) do
    for method, f in pairs(methods_of(object)) do
      check_surplus(name .. ":" .. method, f, object, seen)
    end
  end
  for name in pairs(VARIADIC) do lu.assertTrue(seen[name], name .. " is not there") end
end


-- Sentences of people's own attempts, and of functions that take any number.
local SAYS = {
  { "x:gelu(2)", "gelu: takes no arguments, got 1 too many: 2" },
  { "x:mean(1, true)", "mean: options are a table, got boolean; there is keep" },
  { "x:slice(1, 1, 2, 2)", "slice: takes at most 3 arguments, got 1 too many: 2" },
  { "ms.audio.stft(x, {n_fft = 2048})",
    "stft: takes at most 1 argument, got 1 too many: {n_fft = ...}; \z
    ms.signal.spectrogram has sizes, hops and mode = \"complex\"" },
  { "ms.audio.stft(x, 1, 2, 3, 4, 5)",
    "stft: takes at most 1 argument, got 5 too many: 1, 2, 3, 4, ...; \z
    ms.signal.spectrogram has sizes, hops and mode = \"complex\"" },
  { "ms.loss.mse(x, x, 'none')", "mse: options are a table, got string; there is reduction" },
  { "ms.loss.bce_with_logits(x, x, {pos_weigth = 3})",
    "bce_with_logits: there is no option pos_weigth; did you mean pos_weight?" },
  { "ms.loss.cross_entropy(x, x, {}, 1)",
    "cross_entropy: takes at most 3 arguments, got 1 too many: 1" },
  { "ms.zeros({2}, 3)", "zeros: takes at most 1 argument, got 1 too many: 3" },
  { "ms.uniform({3}, -1, 1)",
    "uniform: takes at most 1 argument, got 2 too many: -1, 1; from a to b: \z
    ms.uniform(sizes) * (b - a) + a" },
  { "ms.uniform{3, low = -1}",
    "uniform: low stands in the list of sizes, where no option is read" },
  { "ms.nn.linear(3, 4)",
    "linear: takes at most 1 argument, got 1 too many: 4; \z
    linear{in_features =, out_features =}" },
  { "ms.nn.sequential(layer, layer)",
    "ms.nn.sequential: takes at most 1 argument, got 1 too many: \z
    layer; the parts are a list: ms.nn.sequential { a, b }" },
  { "ms.tensor_from({1, 2}, {2}, 5)", "tensor_from: takes at most 2 arguments, got 1 too many: 5" },
  { "x:reshape({6}, 1)", "reshape: takes at most 1 argument, got 1 too many: 1" },
  { "x:permute({2, 1}, x)", "permute: takes at most 1 argument, got 1 too many: tensor" },
  { "x:get(1, 1, 1)", "get: the tensor has 2 dimensions but 3 positions are given" },
  { "layer(x, x)", "linear: takes at most 1 argument, got 1 too many: tensor" },
  { "layer:parameters(true)", "parameters: takes no arguments, got 1 too many: true" },
  { "ms.models.unet({}, 3)", "ms.models.unet: takes at most 1 argument, got 1 too many: 3" },
  { "m:summary({1, 4, 4}, 3)", "m:summary: takes at most 1 argument, got 1 too many: 3" },
  -- names
  { "ms.radn{3}", "ms.radn: there is no such name; did you mean ms.randn?" },
  { "ms.matmull(x, x)", "ms.matmull: there is no such name; did you mean ms.matmul?" },
  { "ms.rand{3}", "ms.rand: there is no such name; did you mean ms.uniform?" },
  { "ms.audio.raed('a')", "ms.audio.raed: there is no such name; did you mean ms.audio.read?" },
  { "ms.models.unett{}", "ms.models.unett: there is no such name; did you mean ms.models.unet?" },
  { "ms.optim.AdamW{}",
    "ms.optim.AdamW: there is no such name; did you mean ms.optim.adamw?" },
  { "ms.loss.hubert(x, x)",
    "ms.loss.hubert: there is no such name; did you mean ms.loss.huber?" },
  { "x:rehsape{6}", "x.rehsape: there is no such method or field; did you mean x:reshape?" },
  { "x:view(7)", "reshape: 2x3 does not hold as many numbers as 7" },
  { "x.T", "x.T: there is no such method or field; did you mean x:t?" },
  { "x.ndim", "x.ndim: there is no such method or field; did you mean #x:size()?" },
  { "x:numpy()", "x.numpy: there is no such method or field; did you mean x:totable?" },
  { "x[{2, 4}]", "x[...]: position 4 is outside 1..3 of dimension 2" },
  { "layer.wieght", "layer.wieght: there is no such method or field" },
  { "m:sumary()", "m.sumary: there is no such method or field; did you mean m:summary?" },
  { "m:state{sahred = true}", "state: there is no option sahred; did you mean shared?" },
  { "m.finall", "m.finall: there is no such method or field; did you mean m.final?" },
  -- options
  { "ms.sys.spawn{'true', sdtout = 'a'}",
    "spawn: there is no option sdtout; did you mean stdout?" },
  { "ms.nn.conv2d{in_channels = 1, out_channels = 1, kernel_size = 3}",
    "conv2d: there is no option kernel_size; did you mean kernel?" },
  { "ms.nn.conv2d{in_channels = 1, out_channels = 1, spacing = 2}",
    "conv2d: there is no option spacing; there are bias, dilation, groups, in_channels, kernel, \z
      out_channels, padding, same, seed and stride" },
  { "ms.audio.read('a', {sr = 8000})", "read: there is no option sr; did you mean rate?" },
  { "ms.audio.read('a', {duration = 8})",
    "read: there is no option duration; did you mean length?" },
  { "ms.Audio(ms.zeros {3})", "ms.Audio: there is no such name; did you mean ms.play" },
  { "ms.optim.adam({}, {learning_rate = 1})",
    "adam: there is no option learning_rate; did you mean lr?" },
  { "ms.train.separation{momentum = 0.9}", "train.separation: there is no option momentum" },
  { "ms.train.ast{epochs = '5'}",
    'train.ast: option epochs must be a whole number, 1 or more, got "5"' },
}

function tests.test_sentences()
  local env = setmetatable({}, { __index = function(_, name)
    return objects()[name] or _G[name]
  end })
  for _, row in ipairs(SAYS) do
    local f = load("return " .. row[1], "=user", "t", env)
    local ok, why = pcall(f)
    lu.assertFalse(ok, row[1])
    lu.assertStrContains((tostring(why):gsub("^user:%d+: ", "")), row[2], false, row[1])
  end
end

--- The arguments before the options of functions that take some, as code, where x for each of those
-- that the help names would not do.
local BEFORE = {
  ["ms.audio.check"] = "'a.wav'", ["ms.audio.create"] = "'a.wav', 16000", ["ms.audio.feed"] = "",
    ["ms.audio.info"] = "'a.wav'",
  ["ms.audio.frontend"] = "", ["ms.audio.mel_matrix"] = "", ["ms.audio.open"] = "'a.wav'",
    ["ms.audio.read"] = "'a.wav'",
  ["ms.audio.pitch_shift"] = "x, 1", ["ms.audio.time_stretch"] = "x, 1",
  ["ms.audio.write"] = "'a.wav', x, 16000", ["ms.corpora.check"] = "'songs'",
    ["ms.corpora.genres"] = "", ["ms.corpora.real.check"] = "'songs'",
  ["ms.corpora.real.recordings"] = "nil", ["ms.corpora.real.songs"] = "",
  ["ms.corpora.real.survey"] = "'tags'", ["ms.corpora.real.tags"] = "",
  ["ms.corpora.stats"] = "'tags'", ["ms.corpora.songs"] = "", ["ms.corpora.tags"] = "",
    ["ms.data.check"] = "dataset",
  ["ms.data.csv.each"] = "'a', print",
  ["ms.data.csv.parse"] = "'a'", ["ms.data.csv.read"] = "'a'", ["ms.data.csv.rows"] = "'a'",
    ["ms.data.fma"] = "'a'",
  ["ms.data.csv.row"] = "{}", ["ms.data.define"] = "", ["ms.data.manifest"] = "'a'",
    ["ms.data.mixes"] = "dataset, 'vocals'",
  ["ms.data.mtat"] = "'a'", ["ms.data.musdb18"] = "'a'",
  ["ms.train.loader_task"] = "",
    ["ms.data.folders"] = "'a'", ["ms.data.gtzan"] = "'a'", ["ms.data.jamendo"] = "'a'",
    ["ms.data.esc50"] = "'a'", ["ms.data.nsynth"] = "'a'", ["ms.data.openmic"] = "'a'",
    ["ms.data.folds"] = "10, 2", ["ms.data.split"] = "10", ["ms.data.loader"] = "",
  ["ms.data.cache"] = "dataset", ["ms.data.slices"] = "dataset, 'test'",
    ["ms.data.tag_batches"] = "dataset, 'train'",
  ["ms.evaluate.predict"] = "m, dataset, 'test'", ["ms.evaluate.reader"] = "'a.wav'",
    ["ms.evaluate.separate"] = "m, x",
  ["ms.evaluate.separate_file"] = "m, 'a.wav', {}",
    ["ms.evaluate.separation"] = "m, dataset, 'vocals', 'test'",
  ["ms.evaluate.separation_loss"] = "m, {}", ["ms.evaluate.slice_loss"] = "m, dataset, 'test'",
  ["ms.evaluate.tags"] = "m, dataset, 'test'", ["ms.figure.bars"] = "'a.svg'",
    ["ms.figure.lines"] = "'a.svg'",
  ["ms.figure.scatter"] = "'x.svg'",
  ["ms.figure.histogram"] = "'x.svg'",
  ["ms.figure.heat_map"] = "'x.svg'",
  ["ms.figure.wave"] = "'x.svg'",
  ["ms.figure.kernels"] = "'x.svg'",
  ["ms.figure.slices"] = "'x.svg'",
  ["ms.figure.image"] = "'x.svg'",
  ["ms.figure.embedding"] = "'x.svg'",
  ["ms.figure.spectrogram"] = "'a.svg'", ["ms.figure.svg.bars"] = "", ["ms.figure.svg.lines"] = "",
  ["ms.figure.svg.spectrogram"] = "", ["ms.gradcheck"] = "print, {}", ["ms.io.heat_png"] = "x",
  ["ms.plot"] = "{ dir = 'x', rows = { { step = 1 } } }",
  ["ms.io.save_npz"] = "'a.npz', {}", ["ms.io.load_torch"] = "'a.safetensors', m",
  ["ms.io.save_torch"] = "'a.safetensors', m",
    ["ms.io.json_encode"] = "1",
  ["ms.io.save_json"] = "'a', 1", ["ms.lab.best"] = "'a'",
  ["ms.lab.load"] = "'a'", ["ms.train.load_model"] = "'a'",
  ["ms.net.chain"] = "", ["ms.net.concat"] = "", ["ms.net.define"] = "",
  ["ms.lab.experiment"] = "", ["ms.lab.recipe"] = "", ["ms.lab.probe.experiment"] = "",
  ["ms.lab.probe.features"] = "dataset", ["ms.lab.probe.task"] = "dataset, {}",
    ["ms.lab.paper"] = "",
  ["ms.metrics.f1"] = "{1}, {1}",
  ["ms.metrics.si_sdr"] = "{1}, {1}", ["ms.metrics.si_sdr_improvement"] = "{1}, {1}, {1}",
    ["ms.models.adaptation"] = "",
  ["ms.models.ast_adaptation"] = "", ["ms.models.ast_tail"] = "", ["ms.models.cnn_tail"] = "",
  ["ms.models.imagenet.load"] = "ast, 'a'", ["ms.models.separator"] = "", ["ms.models.tagger"] = "",
    ["ms.models.tail"] = "",
  ["ms.models.tail_only"] = "", ["ms.models.unet"] = "", ["ms.nn.attention"] = "",
    ["ms.nn.batch_norm"] = "",
  ["ms.nn.conv2d"] = "", ["ms.nn.define"] = "", ["x:batch_norm"] = "",
  ["x:norm_conv2d"] = "{}, x, nil", ["ms.nn.dropout"] = "",
  ["ms.nn.layer_norm"] = "", ["ms.nn.linear"] = "",
    ["ms.nn.parameter"] = "",
  ["ms.nn.conv_transpose2d"] = "", ["ms.optim.adam"] = "{}", ["ms.optim.sgd"] = "{}",
  ["ms.optim.adamw"] = "{}", ["ms.optim.nadam"] = "{}", ["ms.optim.radam"] = "{}",
  ["ms.optim.rmsprop"] = "{}", ["ms.optim.adagrad"] = "{}", ["ms.optim.lion"] = "{}",
  ["ms.optim.lamb"] = "{}", ["ms.optim.ema"] = "{}", ["ms.optim.clip_grad_norm"] = "{}, 1",
    ["ms.report.compare_tags"] = "'a', 'b'", ["ms.report.of_run"] = "'a'",
  ["ms.report.of_recipe"] = "", ["ms.report.of_paper"] = "", ["ms.report.paper_table"] = "",
    ["ms.report.tag_differences"] = "",
  ["ms.statistics.bonferroni"] = "{0.5}", ["ms.statistics.bootstrap"] = "{1, 2}, print",
  ["ms.statistics.bootstrap_difference"] = "{1, 2}, {1, 2}",
    ["ms.statistics.bootstrap_ranking"] = "{1, 2}, {0, 1}",
  ["ms.statistics.holm"] = "{0.5}", ["ms.statistics.paired_t_test"] = "{1, 2}, {1, 2}",
  ["ms.statistics.pooled_t_test"] = "{1, 2}, {1, 2}", ["ms.statistics.resamples"] = "5",
  ["ms.statistics.welch_t_test"] = "{1, 2}, {1, 2}", ["ms.sys.capture"] = "",
    ["ms.sys.progress"] = "", ["ms.sys.run"] = "",
  ["ms.train.adam_then_sgd"] = "", ["ms.train.ast"] = "", ["ms.train.transfer.tail"] = "m, m",
  ["ms.train.run"] = "", ["ms.train.separation"] = "", ["ms.train.separation_task"] = "dataset",
  ["ms.train.tagging_task"] = "dataset", ["d:code"] = "", ["d:heading"] = "", ["d:list"] = "",
    ["d:paragraph"] = "",
  ["d:picture"] = "", ["d:sound"] = "", ["d:table"] = "", ["dataset:check"] = "",
    ["dataset:cache"] = "", ["dataset:part"] = "",
  ["experiment:run"] = "", ["m:load"] = "{}", ["paper:joint"] = "", ["paper:tail"] = "",
  ["x:conv2d"] = "x, nil",
  ["ms.randn"] = "{2}", ["ms.uniform"] = "{2}", ["ms.randn_like"] = "x",
  ["ms.randint"] = "1, 2, {2}", ["ms.randperm"] = "3", ["ms.bernoulli"] = "x",
  ["ms.multinomial"] = "{1}, 1", ["x:multinomial"] = "1", ["x:bernoulli"] = "",
    ["x:randn_like"] = "", ["ms.window"] = "'kaiser', 4",
}

--- Options that must be there before others are looked at.
local NEEDED = { ["ms.lab.probe.experiment"] = "features = print, " }

--- Those whose help only looks so, with the reason.
local NO_OPTIONS = {
  ["ms.net.module"] = "all fields become fields of the module",
    ["ms.train.combined_task"] = "a list of tasks",
  ["ms.lab.runs"] = "what it gives", ["ms.io.load_safetensors"] = "what it gives",
    ["ms.io.safetensors_info"] = "what it gives",
  ["recipe:joint"] = "needs a recipe's command line",
    ["recipe:tail"] = "needs a recipe's command line",
  ["recipe:figure"] = "needs a recipe's command line",
    ["ms.io.save_safetensors"] = "names of tensors and of texts",
}

-- Whether the call at the beginning of a help text has options, or the text speaks of them.
local function takes_options(text)
  local call = text:match "^(.-)%->" or text:match "^[^\n]*"
  return text:find("options: {", 1, true) or call:find "options"
    or call:find "[{,]%s*[%a_]+%s*=[^=]"
end

-- The arguments that the help names before the options: its own tables, x for all others.
local function before_of(name)
  local call = help.of(name):match "^[%w_%.:]+%s*(%b())" or "()" -- NAME{...} has none
  local before = call:sub(2, -2):gsub("%[?{%s*[%a_]+%s*=.*", ""):gsub("%[?options.*", "")
  local list = {}
  for argument in before:gsub("%b{}", function(t) return (t:gsub(",", ";")) end):gmatch "[^,]+" do
    if argument:find "%S" then list[#list + 1] = argument:match "%b{}" or "x" end
  end
  return table.concat(list, ", ")
end

-- What a function says about an option that it does not have.
local function said(name, option, env)
  local before = BEFORE[name] or before_of(name)
  local code = ("return %s(%s%s{ %s%s = 1 })"):format(name, before, before ~= "" and ", " or "",
    NEEDED[name] or "", option)
  local ok, why = pcall(assert(load(code, "=user", "t", env)))
  lu.assertFalse(ok, code)
  return tostring(why)
end

--- An unknown option raises and lists the others, and the longest of these, misspelt, is
-- recognised.
local function check_options(name, env)
  local why, longest = said(name, "qqzz", env), ""
  lu.assertStrContains(why, "there is no option qqzz; there ", false, name)
  for known in why:match "; there [ia][sr]e? ?(.+)$":gmatch "[%w_]+" do
    if #known > #longest then longest = known end
  end
  if #longest > 3 then
    lu.assertStrContains(said(name, longest .. "x", env), "; did you mean " .. longest .. "?",
      false, name)
  end
end

function tests.test_unknown_options_raise()
  local env, seen = setmetatable({}, { __index = function(_, name)
    return objects()[name] or _G[name]
  end }), {}
  env.ast = ms.models.ast_tail { dim = 2, depth = 1, heads = 1, frames = 16 }
  for _, name in ipairs(help.names()) do
    local there = type(reach.value(name)) == "function" or env[name:match "^(%a+):" or ""] ~= nil
    if there and not NO_OPTIONS[name] and takes_options(help.of(name)) then
      check_options(name, env)
      seen[name] = true
    end
  end
  for name in pairs(BEFORE) do
    lu.assertTrue(seen[name], name .. " is not there, or its help does not tell of options")
  end
end

-- ---- settings of recipes ----------------------------------------------------------------------
function tests.test_settings_reach_the_optimizer_or_raise()
  local schedule = ms.train.adam_then_sgd { lrs = { 0.1 }, momentum = 0.9, nesterov = true,
    weight_decay = 1e-4, beta1 = 0.8 }
  lu.assertEquals(schedule.phases[1],
    { optimizer = "adam", lr = 1e-4, epsilon = 1e-7, beta1 = 0.8, weight_decay = 1e-4,
      patience = 10 })
  lu.assertEquals(schedule.phases[2],
    { optimizer = "sgd", lr = 0.1, momentum = 0.9, nesterov = true, weight_decay = 1e-4,
      patience = 10 })
  lu.assertEquals(ms.train.separation { weight_decay = 0.5 }.phases[1].weight_decay, 0.5)
  lu.assertEquals(ms.train.ast { momentum = 0.5 }.phases[2].momentum, 0.5)
  local function refused(sentence, change)
    local whole = ms.train.ast {}
    change(whole)
    local task = { steps_per_epoch = 1 }
    lu.assertErrorMsgContains(sentence, ms.train.run,
      { model = objects().m, task = task, schedule = whole, out = folder .. "/run" })
  end
  refused("train: schedule: there is no option bacth; did you mean batch?",
    function(p) p.bacth = 3 end)
  refused('train: schedule: keep must be "best" or "last", got bst', function(p) p.keep = "bst" end)
  refused("train: phase 1, adam: there is no option momentum", function(p)
    p.phases[1].momentum = 0.9
  end)
  refused("train: phase 2, sgd: there is no option learning_rate; did you mean lr?",
    function(p) p.phases[2].learning_rate = 1 end)
  refused("train: phase 1, decay: there is no option evry; did you mean every?", function(p)
    p.phases[1].decay.evry = 1
  end)
end

function tests.test_a_scale_holds_nothing_that_is_dropped()
  local function refused(sentence, scale)
    lu.assertErrorMsgContains(sentence, ms.lab.paper, { out = folder, scale = scale })
  end
  refused("scale.tagging: there is no option learning_rate; did you mean lr?",
    { tagging = { learning_rate = 1e-9 } })
  refused("scale.tail: there is no option dropuot; did you mean dropout?",
    { tail = { dropuot = 0.1 } })
  refused("scale.separation: there is no option momentum; there are amsgrad, batch,",
    { separation = { momentum = 0.9 } })
  refused('scale.joint: option lr must be a number, got "1"', { joint = { lr = "1" } })
  refused("scale: there is no option taggin; did you mean tagging?", { taggin = {} })
  refused("corpora: there is no corpus sogns; did you mean songs?", { corpora = { sogns = {} } })
  refused("corpora.tags: there is no option songs", { corpora = { tags = { songs = 3 } } })
  for _, scale in pairs(dofile(ROOT .. "recipes/scale.lua")) do
    ms.lab.paper { out = folder, scale = scale }
  end
  local paper = ms.lab.paper { out = folder, scale = { tagging = {} } }
  lu.assertErrorMsgContains("paper: the scale has no part separation", paper.separator, paper,
    "vocals")
  lu.assertErrorMsgContains("paper: the scale has no part ast", paper.tail, paper,
    { backend = "ast" })
end

return tests
