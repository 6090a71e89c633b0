--- The experiments on models of the field, in their smoke form: a few clips, two steps, one table.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local tools = require "data_tools"

local T = {}

local folder = tools.folders(T)

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local EXPERIMENTS = ms.sys.absolute(places.ROOT .. "experiments/")

-- What `moonstem experiments/NAME.lua smoke` prints, in one folder for all.
local function smoke(name, dir)
  local status, text = ms.sys.capture { PROGRAM, ("%s/%s.lua"):format(EXPERIMENTS, name), "smoke",
    dir = dir, stderr = dir .. "/err" }
  lu.assertEquals(status, 0, assert(ms.sys.read_file(dir .. "/err")))
  return text
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
