--- A recipe of nine small jobs in three levels, for tests of what becomes of them on a cluster:
-- two tails, two joint CNNs from them, a separator, two joint ASTs from it, and two data sets.
-- In the folder MOONSTEM_TEST_HOOKS, `hold-N` names a run that waits after its second step, having
-- written `held-N`, until `go` is there; `break` names one that fails.
local ms = require "moonstem"
local step = require "moonstem.train.step"

local hooks = os.getenv "MOONSTEM_TEST_HOOKS" or "/none"
local take = step.take

-- Whether the run of a job is named in a file of that folder.
local function is_named(file, job)
  local name = ms.sys.exists(hooks .. "/" .. file) and ms.sys.read_file(hooks .. "/" .. file)
  return name and job.folder.dir:sub(-#name) == name
end

local function hold(job, k)
  if job.position.step ~= 2 or not is_named("hold-" .. k, job) then return end
  ms.sys.write_file(hooks .. "/held-" .. k, "")
  while not ms.sys.exists(hooks .. "/go") and not ms.sys.interrupted() do ms.sys.sleep(0.05) end
end

function step.take(job, ...)
  if is_named("break", job) then error("this run was told to fail", 0) end
  hold(job, 1)
  hold(job, 2)
  return take(job, ...)
end

local scale = { unet = { widths = { 2, 2, 2, 2, 2, 2 } }, seeds = { 1, 2 }, corpora = {},
  tail = { widths = { 2, 2, 2, 2, 2, 2, 4 }, hidden = 4 },
  tagging = { lr = 1e-3, lrs = {}, patience = 1, epochs = 3, batch = 8 },
  joint = { lr = 1e-3, lrs = {}, patience = 1, epochs = 1, batch = 8 },
  separation = { steps = 4, batch = 2, lr = 1e-3, decay_every = 10, validate_every = 2, valid = 2,
    scored = 0 },
  ast = { frames = 384, dim = 8, depth = 4, heads = 2, epochs = 1, sgd_epochs = 1, batch = 8 } }

local recipe = ms.lab.recipe { name = "plan", title = "A plan for tests.",
  scales = { small = scale }, arguments = arg }
local tail = recipe:tail { backend = "cnn", set = "fma" }
recipe:cell("tail", "", tail)
recipe:cell("random", "", recipe:joint { backend = "cnn", set = "fma", tail = tail })
recipe:cell("multi", "ast/", recipe:joint { backend = "ast", set = "fma",
  separator = recipe:separator "multi" })
recipe:table { name = "plan", title = "Plan", head = { "row" }, unit = "%", runs = 2,
  columns = { { name = "accuracy", label = "WA" }, { name = "ast/accuracy", label = "AST" } },
  rows = { { name = "tail", label = { "tail" } },
    { name = "random", label = { "random" }, against = "tail" },
    { name = "multi", label = { "multi" } } } }
return recipe
