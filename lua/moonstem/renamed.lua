--- Public names of version 0.1 that are called otherwise now. They work for one more version:
-- whoever uses one is told so once, on stderr. This is the only place that knows them. A row is
-- old = "new", under what the name belongs to.
local M = {}

local NOW = " is now called %s; the old name goes in version 0.3"

--- Options, under the name of the function that takes them, or its last word.
local OPTIONS = {
  adam = { rate = "lr" },
  bootstrap = { draws = "resamples" },
  bootstrap_difference = { draws = "resamples" },
  bootstrap_ranking = { draws = "resamples" },
  resamples = { draws = "resamples" },
  ["figure.lines: series"] = { spread = "errors" },
  adam_then_sgd = { rate = "lr", rates = "lrs", calibrate = "update_bn" },
  ast = { rate = "lr", sgd_rate = "sgd_lr", calibrate = "update_bn" },
  cnn_tail = { beside = "extra_channels" },
  conv2d = { inp = "in_channels", out = "out_channels" },
  conv_transpose2d = { inp = "in_channels", out = "out_channels" },
  dropout = { rate = "p" },
  joint = { rate = "lr", rates = "lrs", calibrate = "update_bn" },
  linear = { inp = "in_features", out = "out_features" },
  ["probe.features"] = { describe = "extract" },
  position = { phase_round = "rounds_in_phase", stale = "rounds_since_best" },
  schedule = { calibrate = "update_bn" },
  separation = { rate = "lr", calibrate = "update_bn" },
  sgd = { rate = "lr" },
  tagging = { rate = "lr", rates = "lrs", calibrate = "update_bn" },
  ["train.run"] = { plan = "schedule" },
  ["data.define"] = { stand_in = "synthetic" },
}

--- Functions, methods and fields, under the library or what messages call the object.
local NAMES = {
  opt = { rate = "lr" },
  dataset = { pack = "cache", stand_in = "synthetic" },
  ["ms.data"] = { pack = "cache" },
  ["ms.corpora"] = { plan = "stats" },
  ["ms.evaluate"] = { spread = "evenly_spaced" },
  ["moonstem data"] = { pack = "cache" },
  ["moonstem separate"] = { ["RUN FILE"] = "FILE --model RUN" },
  ["moonstem tag"] = { ["RUN FILE"] = "FILE --model RUN" },
  ["a recipe"] = { ["--plan"] = "--dry-run" },
  ["moonstem data render"] = { ["--plan"] = "--dry-run" },
  ["ms.lab"] = { plan = "recipe", spread = "mean_sd", study = "paper" },
  ["ms.report"] = { of_plan = "of_recipe", of_study = "of_paper" },
  ["ms.statistics"] = { resampling = "resamples" },
  ["ms.train"] = { hand_over = "transfer" },
  x = { up_conv2d = "conv_transpose2d" },
  ["ms.models"] = { tail_model = "tail_only" },
  ["ms.nn"] = { up_conv2d = "conv_transpose2d" },
  ["ms.ops"] = { up_conv2d = "conv_transpose2d" },
}

local MODULES = {
  ["moonstem.data.pack"] = "moonstem.data.cache",
  ["moonstem.train.calibrate"] = "moonstem.train.update_bn",
  ["moonstem.train.describe"] = "moonstem.train.model_config",
}

local told = {}

local function tell(text, old, new)
  local message = text:format(old, new)
  if told[message] then return end
  told[message] = true
  io.stderr:write("note: ", message, "\n")
end

local NONE <const> = {}
local rows_of = {} -- function -> its rows, or false

local function option_rows(who)
  local rows = rows_of[who]
  if rows == nil then
    local plain = who:gsub("%[%d+%]$", "")
    rows = OPTIONS[plain] or OPTIONS[plain:match "[%w_]*$"] or false
    rows_of[who] = rows
  end
  return rows
end

--- The present name of an option that is given under its old one, which is told; nil for any other.
function M.option(who, old)
  local new = (option_rows(who) or {})[old]
  if new then tell(who .. ": the option %s" .. NOW, old, new) end
  return new
end

--- Puts what stands in a table of options under old names, which `known` lacks, under the present
-- ones, in place. quiet: tells nobody, as for options that were stored in a file.
function M.options(given, who, known, quiet)
  for old, new in next, option_rows(who) or NONE do
    local value = rawget(given, old)
    if value ~= nil and known[old] == nil and rawget(given, new) == nil then
      if not quiet then M.option(who, old) end
      given[old], given[new] = nil, value
    end
  end
  return given
end

--- The present name of what a library or an object had under an old one, which is told; or nil.
-- quiet: tells nobody, as for a name that was stored in a file.
function M.name(owner, old, quiet)
  local new = (NAMES[owner] or {})[old]
  local mark = owner:find " " and " " or "." -- `moonstem data cache` is a command
  if new and not quiet then tell("%s" .. NOW, owner .. mark .. old, owner .. mark .. new) end
  return new
end

--- Rows of all three kinds, for tests.
M.rows = { options = OPTIONS, names = NAMES, modules = MODULES }

local function search(module)
  local new = MODULES[module]
  if not new then return nil end
  tell("the module %s" .. NOW, module, new)
  return function() return require(new) end
end

table.insert(package.searchers, search)

return M
