--- What a record cannot hold must not end a run: infinities, NaN and bytes that are not UTF-8 in
-- records; scores that are infinite or no numbers.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"
local changes = require "moonstem.train.changes"
local files = ms.io
local sealed = require "moonstem.sys.sealed"

local tests = {}
local folder = tools.folders(tests)

-- Equal, where NaN equals NaN.
local function alike(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b or (a ~= a and b ~= b) end
  for k, v in pairs(a) do
    if not alike(v, b[k]) then return false end
  end
  for k in pairs(b) do
    if a[k] == nil then return false end
  end
  return true
end

local NAN = 0 / 0

-- ---- records --------------------------------------------------------------------------------
local SPELLINGS = {
  { math.huge, '{"$numberDouble": "Infinity"}' },
  { -math.huge, '{"$numberDouble": "-Infinity"}' },
  { NAN, '{"$numberDouble": "NaN"}' },
  { "caf\xe9", '{"$binary": {"base64": "Y2Fm6Q==", "subType": "00"}}' },
  -- half of a surrogate pair
  { "\xed\xa0\x80", '{"$binary": {"base64": "7aCA", "subType": "00"}}' },
  { { ["caf\xe9"] = 1, ["a\0b"] = 2 }, '{"$binary:Y2Fm6Q==": 1, "$binary:YQBi": 2}' },
  { { runs = { { loss = NAN, name = "\xff" } } },
    '{"runs": [{"loss": {"$numberDouble": "NaN"}, "name": {"$binary": {"base64": "/w==", \z
      "subType": "00"}}}]}' },
  -- names of one's own that would be taken for these spellings
  { { ["$numberDouble"] = "NaN" }, '{"$$numberDouble": "NaN"}' },
  { { ["$$numberDouble"] = 1, x = 2 }, '{"$$$numberDouble": 1, "x": 2}' },
  { { ["$binary"] = { base64 = "AAAA", subType = "00" } },
    '{"$$binary": {"base64": "AAAA", "subType": "00"}}' },
  { { ["$binary:/w=="] = 1 }, '{"$$binary:/w==": 1}' },
  -- and others that would not
  { { ["$schema"] = "x", ["$"] = 1, ["$$"] = 2 }, '{"$": 1, "$$": 2, "$schema": "x"}' },
}

function tests.what_json_cannot_hold_is_spelled_and_read_back()
  for _, case in ipairs(SPELLINGS) do
    local value, text = table.unpack(case)
    lu.assertEquals(files.json_encode(value), text)
    lu.assertTrue(alike(files.json_decode(text), value), text)
  end
end

function tests.spellings_that_are_none_stay_tables()
  for _, text in ipairs { '{"$numberDouble": "1.5"}', '{"$numberDouble": "NaN", "x": 1}',
    '{"$binary": {"base64": "AAAA"}}',
                          '{"$binary": {"base64": "A=A=", "subType": "00"}}', '{"$binary:YQ==": 1}',
                            '{"$binary:%": 1}' } do
    local value = files.json_decode(text)
    lu.assertEquals(type(value), "table")
    lu.assertEquals(files.json_decode(files.json_encode(value)), value)
  end
end

function tests.files_and_logs_hold_them_too()
  local dir = folder()
  assert(ms.sys.mkdir(dir))
  local record = { scores = { gain = -math.huge, other = NAN }, name = "caf\xe9.wav",
    ["\xff"] = { "\xfe", math.huge } }
  assert(files.save_json(dir .. "/result.json", record))
  lu.assertTrue(alike(files.load_json(dir .. "/result.json"), record))
  for step = 1, 2 do
    assert(files.append_json_line(dir .. "/metrics.jsonl", { step = step, loss = math.huge }))
  end
  local rows, damaged = files.load_json_lines(dir .. "/metrics.jsonl")
  lu.assertEquals({ rows, damaged },
    { { { step = 1, loss = math.huge }, { step = 2, loss = math.huge } }, 0 })
  lu.assertErrorMsgContains("save_json: " .. dir .. "/x.json: value.f is a function",
    files.save_json, dir .. "/x.json", { f = print })
  lu.assertErrorMsgContains("append_json_line: " .. dir .. "/x: value.f is", files.append_json_line,
    dir .. "/x", { f = print })
  local ok, why = pcall(files.save_safetensors, dir .. "/x.safetensors", { x = ms.zeros { 1 } },
    { about = "\xff" })
  lu.assertFalse(ok)
  lu.assertStrContains(why, "the metadata about are not valid UTF-8")
end

function tests.what_they_nest_counts_in_the_depth()
  local function nested(value, levels)
    for _ = 1, levels do value = { value } end
    return value
  end
  for _, case in ipairs { { math.huge, 999 }, { "\xff", 998 }, { 1, 1000 } } do
    local text = files.json_encode(nested(case[1], case[2]))
    lu.assertNotNil(files.json_decode(text))
    local ok, why = pcall(files.json_encode, nested(case[1], case[2] + 1))
    lu.assertFalse(ok)
    lu.assertStrContains(why, "nested too deep")
  end
end

-- ---- scores -----------------------------------------------------------------------------------
-- Songs of 10 s, two segments of 6 s each: the voice with accompaniment, the voice alone, and no
-- voice.
local function songs(dir)
  local n = 10 * tools.RATE
  for name, parts in pairs { ["A - both"] = { 1, 1 }, ["B - voice"] = { 1, 0 },
    ["C - none"] = { 0, 1 } } do
    local vocals, other = tools.noise(10) * parts[1], tools.noise(10) * parts[2]
    local waves = { mixture = vocals + other, vocals = vocals, other = other,
      drums = ms.zeros { n }, bass = ms.zeros { n } }
    for stem, wave in pairs(waves) do
      tools.write(("%s/test/%s/%s.wav"):format(dir, name, stem), wave, { encoding = "float" })
    end
  end
  return assert(ms.data.musdb18(dir, { partial = true }))
end

-- A separator that is a function of the mixtures.
local function separator(f)
  return setmetatable({ eval = function() end }, { __call = function(_, mixtures)
    return f(mixtures):reshape { mixtures:size(1), 1, mixtures:size(2) }
  end })
end

function tests.infinite_scores_of_segments_are_told_apart()
  ms.seed(1)
  local dataset = songs(folder())
  local scores = ms.evaluate.separation(separator(function(x)
    return x * 0.5
  end), dataset, "vocals", "test")
  lu.assertEquals({ scores.segments, scores.silent, scores.unmixed, scores.perfect,
    scores.not_finite }, { 2, 2, 2, 0, 0 })
  lu.assertAlmostEquals(scores.improvement, 0, 1e-4)
  lu.assertTrue(math.abs(scores.si_sdr) < 3) -- as loud as the rest

  local silence = ms.evaluate.separation(separator(function(x)
    return x * 0
  end), dataset, "vocals", "test")
  lu.assertEquals({ silence.improvement, silence.each.vocals.improvement.infinite },
    { -math.huge, 2 })

  local broken = ms.evaluate.separation(separator(function(x)
    return x * NAN
  end), dataset, "vocals", "test")
  lu.assertEquals({ broken.improvement, broken.not_finite, broken.segments }, { -math.huge, 2, 2 })

  lu.assertTrue(alike(files.json_decode(files.json_encode(broken)), broken))
end

function tests.a_split_without_a_segment_to_score_has_no_number()
  ms.seed(2)
  local dataset = songs(folder())
  dataset.splits.test = { dataset.splits.test[2], dataset.splits.test[3] }
  local scores = ms.evaluate.separation(separator(function(x)
    return x
  end), dataset, "vocals", "test")
  lu.assertEquals({ scores.segments, scores.unmixed, scores.silent }, { 0, 2, 2 })
  lu.assertTrue(scores.improvement ~= scores.improvement)
end

function tests.perfect_estimates_count()
  ms.seed(3)
  local dataset = songs(folder())
  local item = dataset.splits.test[1]
  dataset.splits.test = { item }
  local mixture = tools.noise(10):relu()
  tools.write(item.stems.mixture, mixture, { encoding = "float" })
  tools.write(item.stems.vocals, mixture * 2 - mixture * mixture, { encoding = "float" })
  local scores = ms.evaluate.separation(separator(function(x)
    return x * 2 - x * x
  end), dataset, "vocals", "test")
  lu.assertEquals({ scores.perfect, scores.segments, scores.improvement }, { 2, 2, math.huge })
end

function tests.summaries_tell_what_is_no_number()
  local s = ms.metrics.summary { 1, math.huge, NAN, false, -math.huge, 3 }
  lu.assertEquals({ s.count, s.skipped, s.not_numbers, s.infinite, s.median, s.mean },
    { 4, 1, 1, 2, 2, 2 })
end

function tests.tag_scores_that_cannot_be_told_say_why()
  local set = { kind = "tags", classes = { "a", "b" } }
  local scores = assert(ms.evaluate.scores(set,
    { scores = { { .1, .9 }, { .2, .8 } }, truths = { { 1, 0 }, { 1, 0 } }, items = { 1, 2 } }))
  lu.assertTrue(scores.roc_auc ~= scores.roc_auc)
  lu.assertEquals({ scores.pr_auc, scores.tags, scores.clips }, { 1, 0, 2 }) -- of a alone
  lu.assertStrContains(scores.undefined, "none of the 2 columns has both kinds of label")
  lu.assertEquals(scores.per_tag, { { name = "a", roc_auc = false, pr_auc = 1 },
    { name = "b", roc_auc = false, pr_auc = false } })
  lu.assertEquals(#scores.left_out, 2)

  scores =
    assert(
    ms.evaluate.scores(set, { scores = { { NAN, .9 }, { .2, .8 } }, truths = { { 1, 0 }, { 0, 1 } },
    items = { 1, 2 } }))
  lu.assertTrue(scores.roc_auc ~= scores.roc_auc and scores.pr_auc ~= scores.pr_auc)
  lu.assertStrContains(scores.undefined, "score 1 is not a number (NaN) (column a)")

  scores = assert(ms.evaluate.scores({ kind = "genres", classes = { "a", "b" } },
    { scores = { { NAN, .9 } }, truths = { 1 }, items = { 1 } }))
  lu.assertTrue(scores.accuracy ~= scores.accuracy)
  lu.assertStrContains(scores.undefined, "row 1, column 1 is not a number")
end

-- ---- runs -----------------------------------------------------------------------------------
-- An experiment on eight short clips with names in Latin-1, in a folder of its own.
local function experiment(out)
  local lines = { "path,split,labels" }
  for i, split in ipairs { "train", "train", "train", "train", "valid", "valid", "test", "test" } do
    tools.write(("%s/caf\xe9 %d.wav"):format(out, i), tools.noise(0.4))
    lines[i + 1] = ("caf\xe9 %d.wav,%s,%s"):format(i, split, i % 2 == 0 and "low" or "high")
  end
  tools.text(out .. "/m.csv", table.concat(lines, "\n"))
  local net = require "moonstem.net"
  return ms.lab.experiment { name = "toy", data = assert(ms.data.manifest(out .. "/m.csv")),
    frames = 16, out = out .. "/run", model = function(o)
      return net.module { name = "toy", order = { "norm", "one" },
        norm = ms.nn.batch_norm { channels = 256 },
        one = ms.nn.linear { in_features = 256, out_features = 2 },
        forward = function(self, magnitude)
          return self.one(self.norm(magnitude:mean(2)))
        end }:init(o.seed)
    end,
    train = { phases = { { optimizer = "adam", lr = 1e-2, steps = 2 } }, batch = 4,
      validate_every = 2, keep = "last" },
    score = { "accuracy" } }
end

function tests.a_result_that_cannot_be_written_costs_no_training()
  local out, save = folder(), sealed.save
  local e = experiment(out)
  sealed.save = function(path, ...)
    if path:find "result%.json$" then return nil, path .. ": No space left on device" end
    return save(path, ...)
  end
  local ok, results, why = pcall(e.run, e, { quiet = true })
  sealed.save = save
  lu.assertTrue(ok, results)
  lu.assertNil(results)
  lu.assertEquals(why, out .. "/run/result.json: No space left on device")
  for _, name in ipairs { "best.safetensors", "last.safetensors", "predictions.safetensors" } do
    lu.assertTrue(ms.sys.exists(out .. "/run/" .. name), name)
  end
  local log = assert(ms.sys.read_file(out .. "/run/log.txt"))
  lu.assertEquals(#assert(e:run { quiet = true }), 1)
  lu.assertTrue(ms.sys.exists(out .. "/run/result.json"))
  local _, rounds = assert(ms.sys.read_file(out .. "/run/log.txt")):sub(#log)
    :gsub("validation [%d.]+ ", "")
  lu.assertEquals(rounds, 0) -- not trained again
end

function tests.names_of_clips_may_hold_any_bytes_to_the_end()
  local out = folder()
  local e = experiment(out)
  assert(e:run { quiet = true })
  local predicted = assert(require "moonstem.metrics.predictions".read(out
    .. "/run/predictions.safetensors"))
  lu.assertEquals(predicted.items, { "caf\xe9 7.wav", "caf\xe9 8.wav" })
  local cached = assert(ms.data.cache(e.data, { cache = out .. "/cache", seconds_min = 0.1 }))
  lu.assertEquals(cached.splits.test[1].id, "caf\xe9 7.wav")
  local html = ms.report.new("caf\xe9"):paragraph({ text = "caf\xe9 <7>.wav" }):html()
  lu.assertEquals(utf8.len(html) ~= nil, true)
  lu.assertStrContains(html, "<p>caf\u{FFFD} &lt;7&gt;.wav</p>")
  lu.assertNotNil(utf8.len(ms.report.new("caf\xe9"):paragraph({ text = "caf\xe9 <7>.wav" })
    :markdown()))
end

function tests.what_cannot_be_measured_is_told_before_training()
  local out = folder()
  local e = experiment(out)
  for _, clip in ipairs { { split = "test", frames = 100 }, { split = "valid" } } do
    local item = e.data.splits[clip.split][1]
    local path, samples = item.path, item.samples
    item.path, item.samples = out .. "/short.wav", nil
    tools.write(item.path, tools.noise(0.1))
    local results, why = e:run { quiet = true }
    lu.assertNil(results)
    lu.assertStrContains(why, "slices: " .. out .. "/short.wav has 7 frames but a crop has 16")
    item.path, item.samples = path, samples
  end
  e.evaluate = { hopp = 8 }
  lu.assertErrorMsgContains("there is no option hopp; did you mean hop?", e.run, e,
    { quiet = true })
  lu.assertFalse(ms.sys.exists(out .. "/run"))
end

function tests.tables_hold_one_line_a_cell()
  lu.assertEquals(ms.lab.table({ "name", "n" }, { { "a\nb", "1" }, { "caf\xe9", "2" } }),
    "name  n\n-------\na b   1\ncaf\xe9  2")
end

function tests.settings_that_differ_are_named_by_their_paths()
  local function told(old, new) return changes.sentence(changes.between(old, new)) end
  local long = ("x"):rep(500)
  local function settings(rate, more)
    return { about = long, schedule = { phases = { { optimizer = "adam", lr = rate }, more } } }
  end
  lu.assertEquals(told(settings(3e-4), settings(1e-3)),
    "schedule.phases[1].lr = 0.0003, but now it is 0.001")
  lu.assertEquals(told({ a = 1, b = { c = "x" }, d = true }, { a = 2, b = { c = "y" } }),
    'a = 1, but now it is 2 (and b.c "x" / "y", d true / nothing)')
  lu.assertEquals(told(settings(1), settings(1, { rate = 2 })),
    'schedule.phases[2] = nothing, but now it is {"rate": 2}')
  local first, second = told({ x = long .. "one" .. long }, { x = long .. "two" .. long })
    :match "x = (.+), but now it is (.+)$"
  lu.assertStrContains(first, "one")
  lu.assertStrContains(second, "two")
  lu.assertTrue(#first < 80 and #second < 80)
  lu.assertEquals(changes.between({ a = 1, b = {}, c = 0 / 0 },
    { a = 1.0, b = ms.io.list {}, c = 0 / 0 }), {})
  lu.assertEquals(told({ a = 1, b = 1, c = 1, d = 1, e = 1, f = 1 }, {}),
    "a = 1, but now it is nothing (and b 1 / nothing, c 1 / nothing, d 1 / nothing, 2 more)")
end

return tests
