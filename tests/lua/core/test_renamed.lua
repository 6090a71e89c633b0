--- Public names of the version before: each works, and is told once, with the present name.
local lu = require "luaunit"
local ms = require "moonstem"
local renamed = require "moonstem.renamed"

local T = {}

local PROGRAM = ms.sys.absolute "/proc/self/exe"

local DATASET = [[local set = require "moonstem.data.dataset".build { name = "x", kind = "tags",
  partial = true, classes = { "a" }, splits = { valid = {}, test = {},
    train = { { id = "b", path = "/proc/self/exe", labels = {} } } } }
]]

local PAPER = "ms.lab.paper { scale = { %s } }"
local SCHEDULE = [[require "moonstem.train.schedule.phases".check { %s,
  phases = { { optimizer = "adam", lr = 1, steps = 1 } } }]]
local POSITION = [[require "moonstem.renamed".option("train: position", %q)]]

local MODEL_IN_FRONT = [[require "moonstem.app.arguments".warn = function() end
require "moonstem.app.commands.%s".run { "x.safetensors", "x.wav" }]]

--- A use of each old option and name, as a user of the version before wrote it.
local USES = {
  ["adam.rate"] = "ms.optim.adam({}, { rate = 1 })",
  ["sgd.rate"] = "ms.optim.sgd({}, { rate = 1 })",
  ["data.define.stand_in"] = [[ms.data.define { name = "mine", layout = "", stand_in = "songs" }]],
  ["adam_then_sgd.rate"] = "ms.train.adam_then_sgd { rate = 1 }",
  ["adam_then_sgd.rates"] = "ms.train.adam_then_sgd { rates = { 1 } }",
  ["adam_then_sgd.calibrate"] = "ms.train.adam_then_sgd { calibrate = 1 }",
  ["ast.rate"] = "ms.train.ast { rate = 1 }", ["ast.sgd_rate"] = "ms.train.ast { sgd_rate = 1 }",
  ["ast.calibrate"] = "ms.train.ast { calibrate = 1 }",
  ["separation.rate"] = "ms.train.separation { rate = 1 }",
  ["separation.calibrate"] = "ms.train.separation { calibrate = 1 }",
  ["tagging.rate"] = PAPER:format "tagging = { rate = 1 }",
  ["tagging.rates"] = PAPER:format "tagging = { rates = {} }",
  ["tagging.calibrate"] = PAPER:format "tagging = { calibrate = 1 }",
  ["joint.rate"] = PAPER:format "joint = { rate = 1 }",
  ["joint.rates"] = PAPER:format "joint = { rates = {} }",
  ["joint.calibrate"] = PAPER:format "joint = { calibrate = 1 }",
  ["position.stale"] = POSITION:format "stale", -- of a file
  ["position.phase_round"] = POSITION:format "phase_round",
  ["schedule.calibrate"] = SCHEDULE:format "calibrate = 1",
  ["train.run.plan"] = [[pcall(ms.train.run, { plan = {} })]],
  ["ms.train.hand_over"] = "assert(ms.train.hand_over == ms.train.transfer)",
  ["dataset.pack"] = DATASET .. "assert(set.pack == set.cache)",
  ["dataset.stand_in"] = DATASET .. "assert(not set.stand_in)",
  ["ms.data.pack"] = "assert(ms.data.pack == ms.data.cache)",
  ["ms.corpora.plan"] = "assert(ms.corpora.plan == ms.corpora.stats)",
  ["ms.evaluate.spread"] = "assert(ms.evaluate.spread == ms.evaluate.evenly_spaced)",
  ["ms.lab.plan"] = "assert(ms.lab.plan == ms.lab.recipe)",
  ["ms.lab.study"] = "assert(ms.lab.study == ms.lab.paper)",
  ["ms.report.of_plan"] = "assert(ms.report.of_plan == ms.report.of_recipe)",
  ["ms.report.of_study"] = "assert(ms.report.of_study == ms.report.of_paper)",
  ["moonstem data render.--plan"] =
    [[require "moonstem.renamed".name("moonstem data render", "--plan")]],
  ["a recipe.--plan"] = [[require "moonstem.renamed".name("a recipe", "--plan")]],
  ["probe.features.describe"] = [[require "moonstem.renamed".option("probe.features", "describe")]],
  ["moonstem separate.RUN FILE"] = MODEL_IN_FRONT:format "separate",
  ["moonstem tag.RUN FILE"] = MODEL_IN_FRONT:format "tag",
  ["moonstem data.pack"] = [[require "moonstem.renamed".name("moonstem data", "pack")]],
  ["opt.rate"] = "local o = ms.optim.sgd({}, { lr = 1 }) o.rate = 2 * o.rate assert(o.lr == 2)",
  ["x.up_conv2d"] = "ms.ones { 1, 2, 2, 1 }:up_conv2d(ms.ones { 2, 2, 1, 1 })",
  ["cnn_tail.beside"] = "ms.models.cnn_tail { beside = {} }",
  ["ms.models.tail_model"] = "ms.models.tail_model { tail = ms.models.tail {} }",
  ["ms.nn.up_conv2d"] = "ms.nn.up_conv2d { in_channels = 1, out_channels = 1 }",
  ["figure.lines: series.spread"] = [[ms.figure.svg.lines { series = {
    { y = { 1 }, spread = { 1 } } } }]],
  ["bootstrap.draws"] = "ms.statistics.bootstrap({ 1, 2 }, function() return 1 end, { draws = 9 })",
  ["bootstrap_difference.draws"] =
    "ms.statistics.bootstrap_difference({ 1, 2 }, { 2, 3 }, { draws = 9 })",
  ["bootstrap_ranking.draws"] = [[ms.statistics.bootstrap_ranking(ms.tensor { { 1 }, { 2 } },
    ms.tensor { { 0 }, { 1 } }, { draws = 9 })]],
  ["resamples.draws"] = [[pcall(require "moonstem.options".check, { draws = 9 }, "resamples",
    { resamples = false })]],
  ["ms.lab.spread"] = "assert(ms.lab.spread == ms.lab.mean_sd)",
  ["ms.statistics.resampling"] = "assert(ms.statistics.resampling == ms.statistics.resamples)",
  ["conv2d.inp"] = "ms.nn.conv2d { inp = 1, out_channels = 1 }",
  ["conv2d.out"] = "ms.nn.conv2d { in_channels = 1, out = 1 }",
  ["conv_transpose2d.inp"] = "ms.nn.conv_transpose2d { inp = 1, out_channels = 1 }",
  ["conv_transpose2d.out"] = "ms.nn.conv_transpose2d { in_channels = 1, out = 1 }",
  ["dropout.rate"] = "ms.nn.dropout { rate = 0.5 }",
  ["linear.inp"] = "ms.nn.linear { inp = 1, out_features = 1 }",
  ["linear.out"] = "ms.nn.linear { in_features = 1, out = 1 }",
  ["ms.ops.up_conv2d"] = "ms.ops.up_conv2d(ms.ones { 1, 2, 2, 1 }, ms.ones { 2, 2, 1, 1 })",
}

-- Calls visit(old, new, what belongs together, a use) for each row.
local function each(visit)
  for _, rows in ipairs { renamed.rows.options, renamed.rows.names } do
    for owner, row in pairs(rows) do
      for old, new in pairs(row) do
        local name = owner .. "." .. old
        visit(old, new, name, USES[name])
      end
    end
  end
  for old, new in pairs(renamed.rows.modules) do
    visit(old, new, old, ("assert(require %q == require %q)"):format(old, new))
  end
end

-- What a program says on stderr, which ends well.
local function told(code)
  local status, out = ms.sys.capture { "sh", "-c", 'exec "$0" -e "$1" 2>&1', PROGRAM, code }
  lu.assertEquals(status, 0, code .. "\n" .. out)
  return out
end

function T.test_old_names_work_and_are_told_once()
  each(function(old, new, name, use)
    lu.assertNotNil(use, name .. ": its use must be entered here")
    local out = told(("do %s end do %s end"):format(use, use))
    lu.assertStrContains(out, old)
    local text = "note: .* is now called .*%s; the old name goes in version 0.3\n"
    lu.assertStrMatches(out, text:format((new:gsub("%p", "%%%0"))))
    lu.assertEquals(select(2, out:gsub("\n", "")), 1, out)
  end)
end

function T.test_descriptions_of_models_that_were_stored()
  local model_config = require "moonstem.train.model_config"
  local tail = { defined = "cnn_tail", options = { classes = 2, widths = { 2 }, frames = 3,
    beside = { 1 } } }
  local old = { defined = "tail_model", options = { tail = tail, mixture = "log_mel" } }
  local now = model_config.current(old)
  lu.assertEquals(now.defined, "tail_only")
  lu.assertEquals(now.options.tail.options.extra_channels, { 1 })
  lu.assertEquals(assert(model_config.build(old)).name, "tail_only")
end

function T.test_options_that_were_stored_are_read_silently()
  lu.assertEquals(renamed.options({ rate = 1 }, "adam", {}, true), { lr = 1 })
  lu.assertEquals(renamed.options({ rate = 1 }, "adam", { rate = 1 }, true), { rate = 1 })
end

return T
