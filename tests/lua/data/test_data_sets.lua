--- A data set of one's own is one file: scripts, the program and recipes know it from there.
local lu = require "luaunit"
local ms = require "moonstem"
local registry = require "moonstem.data.registry"
local tools = require "data_tools"

local T = {}

local folder, root = tools.folders(T)
local PROGRAM = ms.sys.absolute "/proc/self/exe"

local BALLROOM = [[
--- Ballroom as downloaded: DIR/dances/<genre>/<genre>.<number>.wav; the last digit tells the split.
local define = require("moonstem.data.registry").define
local sys = require "moonstem.sys"

local set = define { name = "ballroom", kind = "genres", marks = { "dances/blues" },
  layout = "  DIR/dances/blues/blues.00000.wav ..." }

local SPLIT_OF = { ["8"] = "valid", ["9"] = "test" }

--- ms.data.ballroom(dir) -> dataset
-- Opens Ballroom, ten genres of a hundred clips.
function set.open(dir)
  local root, splits = dir .. "/dances", { train = {}, valid = {}, test = {} }
  local classes = sys.list(root)
  if not classes then return set:refuse("there is no folder dances", dir) end
  for class, genre in ipairs(classes) do
    for _, file in ipairs(sys.list(root .. "/" .. genre)) do
      local split = SPLIT_OF[file:match "(%d)%.wav$"] or "train"
      local path = root .. "/" .. genre .. "/" .. file
      table.insert(splits[split], { id = file, path = path, class = class })
    end
  end
  return set:build { root = root, classes = classes, splits = splits }
end

return set
]]

-- Two genres of ten clips, and the file that tells how they are laid out; where the clips are.
local function ballroom()
  local dir = folder()
  for _, genre in ipairs { "blues", "rock" } do
    for n = 0, 9 do
      tools.write(("%s/dances/%s/%s.%05d.wav"):format(dir, genre, genre, n), tools.noise(4))
    end
  end
  tools.text(root() .. "/path/moonstem/data/sets/ballroom.lua", BALLROOM)
  return dir
end

-- Status and all that the program says, with that file on its path.
local function said(...)
  local path = folder()
  local status, text = ms.sys.capture { PROGRAM, stderr = path,
    env = { LUA_PATH = root() .. "/path/?.lua;;" }, ... }
  return status, text .. ms.sys.read_file(path)
end

local SAYS = "ballroom: 20 clips (train 16, valid 2, test 2); 2 genres; split "

function T.test_a_script_opens_it()
  local dir = ballroom()
  local status, text = said("-e", ("print(ms.data.ballroom %q)"):format(dir))
  lu.assertStrContains(text, SAYS)
  lu.assertEquals(status, 0)
  status, text = said("-e", 'print(select(2, ms.data.ballroom "/nowhere"))')
  lu.assertStrContains(text, "ballroom: there is no folder dances (/nowhere does not exist); \z
    expected layout:\n  DIR/dances/blues")
  lu.assertEquals(status, 0)
  lu.assertStrContains(select(2, said("-e", "ms.data.ballrom()")), "did you mean ms.data.ballroom?")
end

function T.test_the_program_knows_it_by_its_mark_and_by_its_name()
  local dir = ballroom()
  for _, words in ipairs { { dir }, { dir, "--kind", "ballroom" } } do
    local status, text = said("data", "show", table.unpack(words))
    lu.assertStrContains(text, SAYS)
    lu.assertEquals(status, 0)
  end
  lu.assertStrContains(select(2, said("data", "--help")), "{musdb18,jamendo,mtat,openmic,ballroom,")
end

function T.test_the_program_has_an_option_for_partial_sets_and_takes_the_word_of_version_0_1()
  tools.write(root() .. "/a.wav", tools.noise(4))
  tools.text(root() .. "/own.csv", "path,split,labels\na.wav,train,x\n")
  local status, text = said("data", "show", root() .. "/own.csv")
  lu.assertEquals(status, 1)
  lu.assertStrContains(text, "(train 1, valid 0, test 0); --partial accepts that; expected layout:")
  status, text = said("data", "pack", root() .. "/own.csv", "--partial", "--cache",
    root() .. "/copies")
  lu.assertEquals(status, 0, text)
  lu.assertStrContains(text, "note: moonstem data pack is now called moonstem data cache")
  lu.assertStrContains(text, "own.csv: 1 clips (train 1, valid 0, test 0)")
  lu.assertTrue(ms.sys.exists(root() .. "/copies/cache.jsonl"))
end

local RECIPE = [[
local ms = require "moonstem"
local small = { tail = { widths = { 2, 2, 2, 2, 2, 2, 4 }, hidden = 4 },
  ast = { frames = 384 }, seeds = { 1 }, corpora = {},
  tagging = { lr = 1e-3, lrs = {}, patience = 1, epochs = 1, batch = 8 } }
local recipe = ms.lab.recipe { name = "own", title = "A test.", scales = { small = small },
  arguments = arg }
recipe:cell("tail", "", recipe:tail { set = "ballroom" })
recipe:table { name = "own", title = "Own", head = { "row" }, unit = "%", runs = 1,
  columns = { { name = "accuracy", label = "WA" } },
  rows = { { name = "tail", label = { "tail" } } } }
return recipe
]]

function T.test_recipes_train_on_it()
  local dir, recipe, out = ballroom(), root() .. "/recipe.lua", root() .. "/out"
  tools.text(recipe, RECIPE)
  local status, text = said(recipe, "--out", out, "--data", "ballroom=" .. dir)
  lu.assertEquals(status, 0, text)
  local record = assert(ms.io.load_json(out .. "/tail/cnn/ballroom/1/result.json"))
  lu.assertEquals(type(record.scores.accuracy), "number")
  lu.assertStrContains(record.settings, "real data: ballroom")
  text = select(2, said(recipe, "--out", root() .. "/none"))
  lu.assertStrContains(text, "nothing stands in for ballroom: its folder must be given, \z
    ballroom=DIR")
end

function T.test_a_folder_of_several_marks_or_none_is_told()
  local dir = root() .. "/both"
  ms.sys.mkdir(dir .. "/train")
  tools.text(dir .. "/annotations_final.csv", "")
  tools.refused("it could be musdb18 or mtat; --kind NAME says what it is", registry.guess(dir))
  ms.sys.mkdir(root() .. "/empty")
  tools.refused("/empty is empty, which is no data set known here: musdb18 (train or test), \z
    jamendo (data/splits), mtat (annotations_final.csv), openmic",
    registry.guess(root() .. "/empty"))
end

function T.test_declarations_are_checked()
  lu.assertErrorMsgEquals("data.define: there is no option mark; did you mean marks?",
    ms.data.define, { mark = {} })
  lu.assertErrorMsgContains("data.define: layout is needed", ms.data.define, { name = "a" })
  lu.assertErrorMsgContains('kind must be "songs", "tags" or "genres", got "genre"', ms.data.define,
    { name = "a", layout = "", kind = "genre" })
  lu.assertErrorMsgContains('must return what define{ name = "torn", ... } gives', function()
    tools.text(root() .. "/path/moonstem/data/sets/torn.lua", "return {}")
    local before <close> = setmetatable({ package.path }, { __close = function(path)
      package.path = path[1]
    end })
    package.path = root() .. "/path/?.lua;" .. before[1]
    registry.find "torn"
  end)
end

-- With no descriptor left no folder can be listed: that is the reason, not that there is no set.
function T.test_a_folder_that_cannot_be_listed_is_told()
  local code = [[local data, _, taken = ms.data, ms.data.csv, {}
    local file
    repeat
      file = io.open "/dev/null"
      taken[#taken + 1] = file
    until not file
    print(select(2, pcall(function() return data.gtzan end)))]]
  local status, text = ms.sys.capture { "sh", "-c", "ulimit -n 64; exec \"$@\"", "sh", PROGRAM,
    "-e", code }
  lu.assertEquals(status, 0)
  lu.assertStrContains(text, "cannot list ")
  lu.assertStrContains(text, "moonstem/data/sets/: Too many open files")
end

return T
