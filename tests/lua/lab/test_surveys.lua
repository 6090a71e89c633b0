--- The experiments: their command lines; those on models of the field in their smoke form: a few
-- clips, two steps, one table.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local tools = require "data_tools"

local T = {}

local folder = tools.folders(T)

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local EXPERIMENTS = ms.sys.absolute(places.ROOT .. "experiments/")

-- Status, output and errors of `moonstem experiments/NAME.lua WORD ...` in a folder.
local function run(dir, name, ...)
  local status, text = ms.sys.capture { PROGRAM, ("%s/%s.lua"):format(EXPERIMENTS, name),
    dir = dir, stderr = dir .. "/err", ... }
  return status, text, assert(ms.sys.read_file(dir .. "/err"))
end

-- What the smoke form prints, in one folder for all.
local function smoke(name, dir)
  local status, text, errors = run(dir, name, "smoke")
  lu.assertEquals(status, 0, errors)
  return text
end

function T.test_words_that_an_experiment_does_not_take_are_refused_and_help_says_what_it_asks()
  local dir = folder()
  assert(ms.sys.mkdir(dir))
  for name, words in pairs { own_loop = { "step=3" }, own_data = { "smoke" },
    tutorial_width = { "a", "b" }, contrastive = { "mtat" } } do
    local status, text, errors = run(dir, name, table.unpack(words))
    lu.assertEquals({ status, text }, { 2, "" }, name)
    lu.assertStrContains(errors, "may be given, not " .. words[#words])
    status, text, errors = run(dir, name, "--help")
    lu.assertEquals({ status, errors }, { 0, "" }, name)
    lu.assertStrMatches(text, ".*%?.*experiments/" .. name .. "%.lua.*")
  end
  local status, text = run(dir, "own_loop", "steps=10")
  lu.assertEquals(status, 0)
  lu.assertStrContains(text, "warm-up, then cosine")
end

function T.test_the_survey_ends_in_a_table_and_tests_and_contrast_stands_beside_separation()
  local dir = folder()
  assert(ms.sys.mkdir(dir))
  local text = smoke("tagging_survey", dir)
  for _, name in ipairs { "fcn", "musicnn", "sample_cnn", "crnn", "short_chunk_cnn",
    "short_chunk_residual", "harmonic_cnn", "self_attention" } do
    lu.assertStrContains(text, "\n" .. name .. " ")
  end
  lu.assertStrMatches(text, ".*PR%-AUC of [%w_]+ less that of the others.*p = [%d.]+\n")
  text = smoke("contrastive", dir)
  for _, start in ipairs { "random", "vocals", "contrast" } do
    lu.assertStrContains(text, "\n" .. start .. " ")
  end
end

return T
