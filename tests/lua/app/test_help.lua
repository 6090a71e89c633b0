--- Help and completion: what is listed is there, what users reach has help, overviews are whole.
local lu = require "luaunit"
local ms = require "moonstem"

local tests = {}

-- Examples of the objects whose methods are listed, by the word that stands for them.
local function objects()
  local unet = ms.models.unet { widths = { 2 } }
  local norm = ms.nn.batch_norm { channels = 2 }
  return { x = ms.zeros { 1 }, m = unet, layer = norm,
    opt = ms.optim.sgd({ ms.ones { 1 }:needs_grad() }, { lr = 1 }),
    s = ms.scope(), p = ms.sys.progress { terminal = false }, feed = ms.audio.feed {} }
end

function tests.all_that_is_listed_is_there()
  local help, reach, there = require "moonstem.app.help", require "moonstem.app.reach", objects()
  local names = help.names()
  lu.assertTrue(#names > 200)
  for _, name in ipairs(names) do
    local receiver, method = name:match "^(%a+):([%w_]+)$"
    if receiver then
      if there[receiver] then lu.assertNotNil(there[receiver][method], name) end
    elseif name:find '^require%(' then
      lu.assertNotNil(assert(load("return " .. name))(), name)
    else
      lu.assertNotNil(reach.value(name), name)
    end
  end
  for _, name in ipairs { "x:abs", "ms.cat", "x:attention", "x:matmul", "x:backward", "ms.scope",
    "ms.train.tagging_task", "ms.data.musdb18", "m:summary", "ms.models.unet" } do
    lu.assertTableContains(names, name)
  end
end

function tests.all_that_users_reach_has_help()
  local help, seen = require "moonstem.app.help", 0
  require "moonstem.app.reach".all(function(path, value)
    if type(value) ~= "function" then return end
    seen = seen + 1
    lu.assertStrContains(help.of(path) or "", path, false, path)
  end)
  lu.assertTrue(seen > 150)
  local methods = select(2, debug.getupvalue(debug.getmetatable(ms.zeros { 1 }).__index, 1))
  for name in pairs(methods) do
    if name ~= "close" and name ~= "cat" then lu.assertIsString((help.of("x:" .. name)), name) end
  end
end

-- Overviews: each name once, with a whole sentence of its own.
function tests.overviews()
  local help = require "moonstem.app.help"
  local text = "\n" .. help.of "x"
  lu.assertStrContains(text, "\n  x:square() -> x^2, number by number\n")
  lu.assertStrContains(text, "\n  x:abs() -> |x|\n")
  local seen = {}
  for line in help.of "ms.figure":gmatch "\n  (ms%.figure%.[%w_.]+)" do
    lu.assertNil(seen[line], line)
    seen[line] = true
  end
  lu.assertTrue(seen["ms.figure.svg.bars"])
  lu.assertStrMatches((help.of "ms.audio"), ".*\n  ms.audio.check%(.-no audio file\n  ms.*")
  for line in text:gmatch "[^\n]+" do lu.assertTrue(#line <= 114, line) end
end

-- A name that is not there is compared with those of its library alone, by the last word: of whole
-- names that share a long beginning some would always be near.
function tests.hints_for_names_without_help()
  local help = require "moonstem.app.help"
  local function hint(name)
    return (select(2, help.of(name)):gsub("^there is no help on [%w_.:]+", ""))
  end
  lu.assertNotStrContains(hint "ms.statistics.sample", "did you mean")
  lu.assertEquals(hint "ms.audio.stff", "; did you mean ms.audio.stft?")
  lu.assertEquals(hint "ms.audoi.stft", "; did you mean ms.audio.stft?")
  lu.assertEquals(hint "x:rellu", "; did you mean x:relu?")
  lu.assertEquals(hint "m:sumary", "; did you mean m:summary?")
  lu.assertEquals(hint "relluu", "; did you mean x:relu?")
  lu.assertNotStrContains(hint "nope", "did you mean") -- not d:note, which needs its object
end

function tests.completion()
  local function words(text)
    return (require "moonstem.app.completion".at(text, #text))
  end
  local before = _G.ms
  _G.ms, _G.completed = ms, ms.zeros { 1 }
  lu.assertEquals(words "ms.io.load_s", { "load_safetensors" })
  lu.assertEquals(words "whi", { "while" })
  lu.assertEquals(words "completed:relu", { "relu", "relu6" })
  lu.assertEquals(words "complet", { "completed" })
  _G.ms, _G.completed = nil, nil
  lu.assertEquals(words "ms.none.x", {})
  lu.assertEquals(words ".x", {})
  lu.assertEquals(words "none:x", {})
  lu.assertEquals(words "ms.fail_", {})
  lu.assertEquals(words "ms.check_", {})
  _G.completed = ms.models.unet { widths = { 2 } }
  lu.assertEquals(words "completed.enc", { "encoder" })
  _G.ms, _G.completed = before, nil
end

return tests
