--- Tables: what is written comes back, spreadsheets compute nothing, predictions leave as CSV and
-- JSON.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local files, sys = ms.io, ms.sys

local raises = lu.assertErrorMsgContains
local refuses = require "data_tools".refused
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

-- The text of a file that is written.
local function written(rows, options)
  assert(files.save_csv(dir .. "/x.csv", rows, options))
  return sys.read_file(dir .. "/x.csv")
end

local function load(text, options)
  assert(sys.write_file(dir .. "/y.csv", text))
  return files.load_csv(dir .. "/y.csv", options)
end

-- ---- rows ---------------------------------------------------------------------------------------
function tests.rows_by_name_come_back()
  local rows = { { name = 'a "quoted", text', x = 0.1, n = 3, yes = true },
    { name = "two\nlines", x = -1e-300, n = -4, yes = false }, { name = "épée" } }
  lu.assertEquals(written(rows), 'n,name,x,yes\n3,"a ""quoted"", text",0.1,1\n'
    .. '-4,"two\nlines",-1e-300,0\n,épée,,\n')
  local back, names = files.load_csv(dir .. "/x.csv", { numbers = true })
  lu.assertEquals(names, { "n", "name", "x", "yes" })
  lu.assertEquals(back[1], { name = 'a "quoted", text', x = 0.1, n = 3, yes = 1 })
  lu.assertEquals(back[2].x, -1e-300)
  lu.assertEquals(back[3], { name = "épée", x = "", n = "", yes = "" })
  lu.assertEquals(files.load_csv(dir .. "/x.csv")[1].n, "3")
end

function tests.numbers_keep_all_their_digits()
  local list = { 1 / 3, 0.1 + 0.2, 2^53 + 2.0, 5e-324, math.huge, 1e15 }
  for k, x in ipairs(list) do list[k] = { x = x } end
  written(list)
  for k, row in ipairs(files.load_csv(dir .. "/x.csv", { numbers = true })) do
    lu.assertEquals(row.x == "inf" and math.huge or row.x, list[k].x)
  end
  lu.assertEquals(written { { x = 0 / 0 } }, "x\nnan\n")
end

function tests.lists_and_tensors()
  lu.assertEquals(written { { 1, "a" }, { 2.5 } }, "1,a\n2.5,\n")
  lu.assertEquals(written({ { 1, "a" } }, { fields = { "n", "name" } }), "n,name\n1,a\n")
  lu.assertEquals(written(ms.tensor { { 1, 2 }, { 0.1, 4 } }, { fields = { "x", "y" } }),
    "x,y\n1,2\n0.100000001,4\n")
  lu.assertEquals(written({ { b = 1, a = 2 } }, { fields = { "b", "a" }, separator = "\t" }),
    "b\ta\n1\t2\n")
  lu.assertEquals(load("b\ta\n1\t2\n"), { { b = "1", a = "2" } })
  lu.assertEquals(written {}, "\n")
end

function tests.no_spreadsheet_computes_a_text()
  local rows = { { "=1+1", "+x", "-x", "@x", "\tx" }, { "-5", "+1e3", -5, "a=b", "'x" } }
  lu.assertEquals(written(rows), "'=1+1,'+x,'-x,'@x,'\tx\n-5,+1e3,-5,a=b,'x\n")
  lu.assertEquals(written({ { "=1+1" } }, { formulas = true }), "=1+1\n")
end

function tests.what_is_wrong()
  refuses("two columns are called a", load "a,b,a\n1,2,3\n")
  refuses("line 3: 1 fields, but the header has 2", load "a,b\n1,2\n3\n")
  refuses("never closed", load 'a,b\n1,"2\n')
  refuses("file ends where a row was expected", load "")
  refuses("UTF-16", load "\xFF\xFEa\0")
  refuses("No such file", files.load_csv(dir .. "/none.csv"))
  refuses("No such file", files.save_csv(dir .. "/no/x.csv", { { 1 } }))
  local path = dir .. "/z.csv"
  raises("a list of rows or a tensor is expected, got nil", files.save_csv, path)
  raises("row 1 must be a table, got number", files.save_csv, path, { 1 })
  raises("row 1: x is a table", files.save_csv, path, { { x = {} } })
  raises("rows have the field y, which fields lacks", files.save_csv, path, { { x = 1, y = 2 } },
    { fields = { "x" } })
  raises("a row has 2 values, but there are 1 fields", files.save_csv, path, { { 1, 2 } },
    { fields = { "x" } })
  raises("must be (row, column)", files.save_csv, path, ms.zeros { 2 })
  raises("did you mean fields?", files.save_csv, path, { { 1 } }, { field = {} })
  raises("did you mean numbers?", files.load_csv, path, { number = true })
  lu.assertFalse(sys.exists(path))
end

-- ---- predictions --------------------------------------------------------------------------------
local PREDICTED = { scores = { { 0.25, 0.5, 0.75 }, { 1, 0, 0.125 } },
  truths = { { 1, 0, 1 }, { 0, 0, 0 } }, items = { { id = "a/1.mp3" }, { id = "=2" } } }
local TAGS = { kind = "tags", classes = { "rock", "piano, solo", "voice" } }

function tests.predictions_of_tags()
  lu.assertTrue(ms.evaluate.save_predictions(dir .. "/p.csv", PREDICTED, TAGS))
  lu.assertEquals(sys.read_file(dir .. "/p.csv"), 'id,truth,rock,"piano, solo",voice\n'
    .. "a/1.mp3,rock|voice,0.25,0.5,0.75\n'=2,,1,0,0.125\n")
  lu.assertTrue(ms.evaluate.save_predictions(dir .. "/p.jsonl", PREDICTED, TAGS))
  lu.assertEquals(files.load_json_lines(dir .. "/p.jsonl"), {
    { id = "a/1.mp3", truth = { "rock", "voice" },
      scores = { rock = 0.25, ["piano, solo"] = 0.5, voice = 0.75 } },
    { id = "=2", truth = {}, scores = { rock = 1, ["piano, solo"] = 0, voice = 0.125 } } })
  refuses("ends in .csv or .jsonl", ms.evaluate.save_predictions(dir .. "/p.txt", PREDICTED, TAGS))
end

function tests.predictions_of_classes()
  local predicted = { scores = { { 0.25, 0.75 } }, truths = { 2 }, items = { { id = "x" } } }
  local genres = { kind = "genres", classes = { "a", "b" } }
  assert(ms.evaluate.save_predictions(dir .. "/p.csv", predicted, genres))
  lu.assertEquals(sys.read_file(dir .. "/p.csv"), "id,truth,a,b\nx,b,0.25,0.75\n")
  assert(ms.evaluate.save_predictions(dir .. "/p.jsonl", predicted, genres))
  lu.assertEquals(files.load_json_lines(dir .. "/p.jsonl")[1].truth, "b")
end

-- ---- commands -----------------------------------------------------------------------------------
local PROGRAM = sys.absolute "/proc/self/exe"

local function run(...)
  return sys.capture { "sh", "-c", 'cd "$0" && exec "$@" 2>&1', dir, PROGRAM, ... }
end

local function save_tagger()
  local model = ms.models.tail_only { tail = ms.models.cnn_tail { classes = 2,
    widths = { 2, 2, 2, 2, 2, 2, 2 }, hidden = 4 } }
  assert(ms.train.save_weights(dir .. "/t.safetensors", model, { kind = "tags",
    model = require "moonstem.train.model_config".describe(model), classes = { "=rock", "b" } }))
end

function tests.the_command_tag_prints_a_table()
  save_tagger()
  for _, name in ipairs { "-a.wav", "b.wav" } do
    assert(ms.audio.write(dir .. "/" .. name, ms.randn { 70000 } * 0.1, 16000))
  end
  local status, text = run("tag", "--csv", "--model", "t.safetensors", "./-a.wav", "b.wav",
    "none.wav")
  lu.assertEquals(status, 1, text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
  lu.assertEquals(lines[1], "file,'=rock,b")
  lu.assertStrMatches(lines[2], "%./%-a%.wav,0%.%d+,0%.%d+")
  lu.assertStrMatches(lines[3], "b%.wav,0%.%d+,0%.%d+")
  lu.assertStrContains(text, "none.wav")
  status, text = run("tag", "--csv", "--json", "--model", "t.safetensors", "b.wav")
  lu.assertEquals({ status, text:match "not be used together" }, { 2, "not be used together" })
end

function tests.the_command_export_writes_a_runs_predictions()
  local golden = sys.absolute((arg[0]:match "^(.*)/[^/]*$" or ".") .. "/../golden/run")
  local status, text = run("export", golden, "-o", "p.csv")
  lu.assertEquals({ status, text }, { 0, "p.csv: predictions of 2 clips\n" })
  local rows, names = files.load_csv(dir .. "/p.csv", { numbers = true })
  local kept = assert(require "moonstem.metrics.predictions".read(golden
    .. "/predictions.safetensors"))
  lu.assertEquals({ #rows, names[3], rows[2].truth }, { 2, kept.classes[1],
    kept.classes[kept.truths[2]] })
  lu.assertAlmostEquals(rows[2][kept.classes[2]], kept.scores[2][2], 1e-9)
  status, text = run("export", ".", "-o", "q.jsonl")
  lu.assertEquals({ status, text:match "predictions.safetensors" ~= nil }, { 1, true })
end

return tests
