--- A few thousand hostile calls of all that is public (tests/hostile.lua): none ends the process,
-- takes half a minute, or raises what is not a text that names the function. And that the command
-- finds what it looks for.
local lu = require "luaunit"
local ms = require "moonstem"
local naming = require "moonstem.naming"
local one_call = require "hostile.one_call"
local places = require "places"
local strict = require "moonstem.strict"

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local tests = {}

-- A name that is put in other words now and then is for the long form to tell.
function tests.test_nothing_is_lost()
  local _, out = ms.sys.capture { PROGRAM, places.TESTS .. "hostile.lua", "3000", "2",
    stdin = "/dev/null" }
  local returned, raised = out:match "(%d+) returned, (%d+) raised"
  lu.assertEquals(returned + raised, 3000, out)
  lu.assertNotStrContains(out, "\nraised a")
  lu.assertTrue(tonumber(out:match "does not name the function: (%d+)" or 0) <= 6, out)
  lu.assertTrue(tonumber(returned) > 200 and tonumber(raised) > 1000, out)
end

function tests.test_calls_are_the_same_for_the_same_seed()
  local target = { name = "x:sum", calls = { { ms.ones { 2 }, 1, n = 2 } } }
  local function text(k) return one_call.text(one_call.make({ target }, 5, k)) end
  lu.assertEquals(text(3), text(3))
  lu.assertNotEquals(text(3), text(4))
end

function tests.test_faults_are_seen()
  local target = { name = "ms.audio.hpss" }
  local function fault(thrown) return one_call.fault(target, thrown) end
  lu.assertEquals(fault(nil), "raised a nil")
  lu.assertEquals(fault {}, "raised a table")
  lu.assertEquals(fault "a.lua:3: attempt to index a nil value", "raised an error of Lua's own")
  lu.assertEquals(fault "user:1: the wave is short", "does not name the function")
  lu.assertNil(fault "user:1: audio.hpss: the wave is short")
  lu.assertNil(fault "own error")
end

-- ---- how errors are told ---------------------------------------------------------------------
local function raised(f, ...)
  local ok, why = pcall(f, ...)
  lu.assertFalse(ok)
  return why
end

function tests.test_errors_name_the_function()
  local f = load("local x = ... return x.y", "@lua/moonstem/some.lua")
  local g = strict.counting(f, "ms.some.thing", 0)
  local whole = raised(function() local _ = g(nil) end)
  lu.assertStrMatches(whole, ".*test_hostile%.lua:%d+: thing: .*")
  lu.assertStrContains(raised(function() local _ = ms.data.csv.line(5) end),
    "line: a number does not fit as text (moonstem/data/csv.lua:")
  lu.assertStrContains(raised(function() local _ = ms.evaluate.blocks() end),
    "blocks: model is missing")
  lu.assertStrContains(raised(function() ms.zeros { -1 } end), "zeros: a size must be")
  lu.assertStrContains(raised(function() ms.linspace(0, 1, 1 << 50) end), "linspace: ")
end

function tests.test_errors_of_the_caller_pass()
  local thrown = {}
  lu.assertIs(raised(naming.told, "f", false, thrown), thrown)
  lu.assertEquals(raised(naming.told, "f", false, "interrupted"), "interrupted")
  lu.assertEquals(raised(naming.told, "f", false, "mine.lua:3: torn"), "mine.lua:3: torn")
  lu.assertEquals({ naming.told("f", true, 1, nil, 3) }, { 1, nil, 3 })
end

function tests.test_words_and_names_are_looked_at()
  lu.assertErrorMsgContains("one of stdin, stdout and stderr is expected, got \"screen\"",
    ms.sys.isatty, "screen")
  lu.assertErrorMsgContains("one of bf16 and", ms.precision, 16)
  lu.assertErrorMsgContains("lab.words: word 2 must be a string, got number", ms.lab.words,
    { "--jobs", 2 })
  lu.assertErrorMsgContains("lab.words: a list of words is expected", ms.lab.words)
  lu.assertErrorMsgContains("split: stratify: item 2 has nan", ms.data.split, 2,
    { stratify = { { "a" }, { "b", 0 / 0 } }, parts = { train = 1 } })
  lu.assertErrorMsgContains("folds: group: item 1 has nan", ms.data.folds, 2, 2,
    { group = { 0 / 0, 1 } })
  lu.assertErrorMsgContains("scatter: label 2 is nan", ms.figure.scatter, "x.svg",
    { x = { 1, 2 }, y = { 3, 4 }, labels = { 1, 0 / 0 } })
  lu.assertErrorMsgContains("figure.png: zoom must be a number above 0", ms.figure.png, "", 0 / 0)
  lu.assertErrorMsgContains("recordings: file must be a name", ms.corpora.real.recordings,
    "a\0.csv")
end

function tests.test_methods_want_their_object()
  local model = ms.net.chain { ms.nn.relu {} }
  lu.assertStrContains(raised(function() model.train() end),
    "m:train: a method is called with a colon on its object, got nil")
  lu.assertStrContains(raised(model.parameters, ms.nn.relu {}), "m:parameters: a method is called")
end

-- ---- sizes without an end ----------------------------------------------------------------------
function tests.test_limits()
  local wave = ms.randn { 4096 }
  lu.assertErrorMsgContains("audio.mfcc: bands must be at most 4096", ms.audio.mfcc, wave,
    { bands = 1 << 31 })
  local strength = ms.audio.onset_strength
  lu.assertEquals(strength(wave, { max_size = 1 << 62 }):totable(),
    strength(wave, { max_size = 256 }):totable())
  lu.assertErrorMsgContains("audio.hpss: kernel must be 1 to 4096, got 65537", ms.audio.hpss, wave,
    { kernel = 65537 })
  lu.assertErrorMsgContains("spectral_norm: iterations must be 1 to 1000, got 1000000",
    ms.nn.spectral_norm, { layer = ms.nn.linear { in_features = 2, out_features = 2 },
      iterations = 1000000 })
  lu.assertErrorMsgContains("folds: 4611686018427387904 folds are asked for, but there are 3 items",
    ms.data.folds, 3, 1 << 62)
  lu.assertErrorMsgContains("accuracy: 1000000 classes are more than 4096", ms.metrics.accuracy,
    ms.zeros { 1, 1000000 }, { 1 })
  lu.assertErrorMsgContains("a list of one or more parts", ms.nn.residual, {})
  lu.assertErrorMsgContains("bins is how many there are", wave.histogram, wave, { 1, 2 })
  lu.assertErrorMsgContains("such as the model itself", ms.optim.adam,
    ms.net.chain { ms.nn.relu {} }, { lr = 1 })
end

function tests.test_clips_that_are_too_short()
  local crnn = ms.models.crnn { classes = 2 }
  lu.assertErrorMsgContains("crnn: its poolings need at least 24320 samples, got waves of 24319",
    crnn, ms.zeros { 1, 24319 })
  crnn:eval()
  lu.assertEquals(crnn(ms.zeros { 1, 24320 }):size(), { 1, 2 })
  lu.assertErrorMsgContains("fcn: its poolings need at least", ms.models.fcn { classes = 2 },
    ms.zeros { 1, 8000 })
end

return tests
