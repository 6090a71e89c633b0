--- Networks that declare themselves: from a definition to a checkpoint and back, in the library and
-- in a user's script; and checkpoints of earlier versions, which must load for ever.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local tools = require "data_tools"
local model_config = require "moonstem.train.model_config"

local T = {}

local folder = tools.folders(T)

local PROGRAM = ms.sys.absolute "/proc/self/exe"

-- ---- earlier versions -------------------------------------------------------------------------
-- |sin(0.13 i i)|: what the stored outputs belong to.
local function wave(sizes)
  local list, count = {}, 1
  for _, n in ipairs(sizes) do count = count * n end
  for i = 1, count do list[i] = math.abs(math.sin(0.13 * i * i)) end
  return ms.tensor(list):reshape(sizes)
end

--- Files that the program wrote when descriptions were tables of four kinds.
function T.test_checkpoints_of_earlier_versions()
  for name, sizes in pairs { unet = { 1, 4, 256 }, separator = { 1, 3552 },
    tail_model = { 1, 12, 256 },
    tagger = { 1, 12, 256 },
    authors_tagger = { 1, 12, 256 }, ast_tagger = { 1, 32, 256 } } do
    local _ <close> = ms.scope()
    local model, about = ms.lab.load((places.GOLDEN .. "checkpoints/%s.safetensors"):format(name))
    lu.assertNotNil(model, about)
    local y = model(wave(sizes)):reshape({ -1 }):totable()
    for i, expected in ipairs(about.outputs) do
      lu.assertAlmostEquals(y[i], expected, 2e-5, name)
    end
    local spec = ms.io.json_decode(ms.io.json_encode(model_config.describe(model)))
    lu.assertEquals(assert(model_config.build(spec)):count(), model:count())
    lu.assertEquals(model_config.current(about.model), spec)
  end
end

-- ---- a user's script ----------------------------------------------------------------------------
local NETWORK = [[
--- A 1-D CNN over the bands of the spectrum.
local ms = require "moonstem"

local function block(inp, out)
  return ms.net.module {
    name = "block", order = { "conv", "norm" },
    conv = ms.nn.conv2d { in_channels = inp, out_channels = out, kernel = { 3, 1 } },
    norm = ms.nn.batch_norm { channels = out, slope = 0 },
    forward = function(self, x) return self.norm(self.conv(x)):max_pool2d(2, 1) end,
  }
end

--- cnn_1d{classes = 2, widths = {4, 4}, frames = 16, seed = 0}: (batch, frames, 256) -> logits
-- (batch, classes)
return ms.net.define {
  name = "cnn_1d",
  options = { classes = 2, widths = { 4, 4 }, frames = 16, seed = 0 },
  build = function(o)
    local blocks, inp = {}, 256
    for k, out in ipairs(o.widths) do blocks[k], inp = block(inp, out), out end
    return ms.net.module {
      name = "cnn_1d", order = { "block", "head" }, input = { o.frames, 256 },
      block = blocks,
      head = ms.nn.linear { in_features = inp, out_features = o.classes },
      forward = function(self, magnitude)
        local s = magnitude:size()
        local x = magnitude:reshape { s[1], s[2], 1, s[3] }
        for _, b in ipairs(self.block) do x = b(x) end
        return self.head(x:mean(2):reshape { s[1], -1 })
      end,
    }:init(o.seed)
  end,
}
]]

local EXPERIMENT = [[
local ms = require "moonstem"
local here = arg[0]:match "^.*/"
local cnn_1d = dofile(here .. "cnn_1d.lua")

return ms.lab.experiment {
  name = "widths", data = ms.data.manifest(here .. "clips.csv"), frames = 16, out = here .. "run",
  model = function(o, data)
    return cnn_1d { classes = #data.classes, widths = { o.width, 4 }, seed = o.seed }
  end,
  vary = { width = { 3 } }, score = { "accuracy" },
  train = { phases = { { optimizer = "adam", lr = 1e-2, steps = 2 } }, batch = 4,
    validate_every = 2, keep = "last" },
}
]]

-- A folder with the network, the experiment and ten clips; the experiment has been run.
local function trained()
  local dir, lines = folder(), { "path,split,labels" }
  for i = 1, 10 do
    tools.write(("%s/%d.wav"):format(dir, i), tools.noise(0.4))
    local split = i <= 4 and "train" or i <= 7 and "valid" or "test"
    lines[#lines + 1] = ("%d.wav,%s,%s"):format(i, split, i % 2 == 0 and "low" or "high")
  end
  tools.text(dir .. "/clips.csv", table.concat(lines, "\n") .. "\n")
  tools.text(dir .. "/cnn_1d.lua", NETWORK)
  tools.text(dir .. "/widths.lua", EXPERIMENT)
  local status = ms.sys.run { "sh", "-c", '"$0" "$1/widths.lua" > "$1/out.txt" 2>&1', PROGRAM, dir }
  lu.assertEquals(status, 0, ms.sys.read_file(dir .. "/out.txt"))
  return dir
end

-- What the program says, and its exit status.
local function said(dir, ...)
  local status = ms.sys.run { "sh", "-c", 'cd "$0" && exec "$@" > said.txt 2>&1', dir, PROGRAM,
    ... }
  return ms.sys.read_file(dir .. "/said.txt"), status
end

--- A network in a script of one's own: trained by an experiment, loaded by ms.lab.load, used by
-- `moonstem tag`.
function T.test_adding_a_network()
  local dir = trained()
  local model, about = ms.lab.load(dir .. "/run")
  lu.assertNotNil(model, about)
  lu.assertEquals({ model.name, model.options.widths, model.options.classes },
    { "cnn_1d", { 3, 4 }, 2 })
  lu.assertEquals(about.model.file, ms.sys.absolute(dir .. "/cnn_1d.lua"))
  lu.assertEquals(model(wave { 2, 16, 256 }):shape(), "2x2")
  local text, status = said(dir, "tag", "--model", "run", "9.wav", "--json")
  lu.assertEquals({ status, text:match '^{"file": *"9.wav"' and true }, { 0, true }, text)
  lu.assertStrContains(text, "high")
  text, status = said(dir, "separate", "--model", "run", "9.wav")
  lu.assertEquals(status, 1)
  lu.assertStrContains(text, "holds a cnn_1d, not a separator")
end

--- No changed or foreign file is run in silence.
function T.test_a_script_that_changed_is_run_when_it_is_named()
  local dir = trained()
  local path = dir .. "/cnn_1d.lua"
  tools.text(path, NETWORK:gsub("return ms.net.define", "local make = ms.net.define")
    .. "print 'not up to the definition'\nreturn make\n")
  local text, status = said(dir, "tag", "--model", "run", "9.wav")
  lu.assertEquals(status, 1)
  lu.assertStrContains(text, "cnn_1d was defined in " .. path .. ", which has changed since")
  lu.assertStrContains(text, "--define FILE")
  text, status = said(dir, "tag", "--model", "run", "9.wav", "--define", "cnn_1d.lua")
  lu.assertEquals(status, 0, text)
  lu.assertNil(text:find "up to the definition")
  os.rename(path, dir .. "/moved.lua")
  text = said(dir, "tag", "--model", "run", "9.wav")
  lu.assertStrContains(text, path .. ", which cannot be read")
  lu.assertNotNil(ms.lab.load(dir .. "/run", { define = dir .. "/moved.lua" }))
  text = said(dir, "tag", "--model", "run", "9.wav", "--define", "widths.lua")
  lu.assertStrContains(text, "the script that should define cnn_1d: ")
  tools.text(dir .. "/empty.lua", "return 1\n")
  tools.refused("empty.lua defines no network cnn_1d",
    ms.lab.load(dir .. "/run", { define = dir .. "/empty.lua" }))
end

-- ---- definitions ---------------------------------------------------------------------------
local function toy(changes)
  local spec = { name = "toy_define",
    options = { width = 3, inner = false, curve = math.sin, seed = 0 }, build = function(o)
    return ms.net.module { name = "toy", order = { "linear" }, inner = o.inner,
      linear = ms.nn.linear { in_features = 2, out_features = o.width },
      forward = function(self, x) return self.linear(x) end }:init(o.seed)
  end }
  for key, value in pairs(changes or {}) do spec[key] = value end
  return ms.net.define(spec)
end

function T.test_options_are_checked_and_kept()
  local make = toy()
  lu.assertEquals(make { width = 5 }.options, { width = 5, curve = math.sin, seed = 0 })
  lu.assertErrorMsgContains("toy_define: there is no option widht; did you mean width?", make,
    { widht = 1 })
  lu.assertErrorMsgContains("option width must be a whole number", make, { width = "a" })
  lu.assertErrorMsgContains("name and build are needed", ms.net.define, { name = "x" })
  lu.assertErrorMsgContains("unet is a network of ms.models", toy, { name = "unet" })
  lu.assertErrorMsgContains("no name of letters", toy, { name = "a/b" })
  lu.assertErrorMsgContains("build must return a module, got nil", toy { build = function() end })
end

--- Modules among the options are described with their own options.
function T.test_defined_modules_inside_options()
  local make = toy()
  local model = make { width = 4, inner = make { width = 2, seed = 9 } }
  local spec = model_config.describe(model)
  lu.assertEquals(spec.options.inner.options, { width = 2 })
  lu.assertNil(spec.options.seed)
  local again = assert(model_config.build(ms.io.json_decode(ms.io.json_encode(spec))))
  lu.assertEquals(again:load(model:state()), 4)
  tools.refused("toy_define.curve is a function", model_config.describe(make { curve = math.cos }))
  tools.refused("m was not made by net.define",
    model_config.describe(ms.net.module { name = "m", order = {}, forward = math.sin }))
  tools.refused("no network nowhere is known",
    model_config.build { defined = "nowhere", options = {} })
  tools.refused("no network ../x is known", model_config.build { defined = "../x", options = {} })
  tools.refused("its description makes no model",
    model_config.build { defined = "unet", options = { widths = {} } })
end

return T
