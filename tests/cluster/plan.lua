--- A recipe of nine small jobs in three levels, for tests of what becomes of them here and on a
-- cluster: two tails, two joint CNNs from them, a separator, two joint ASTs from it, and two data
-- sets.
package.path = arg[0]:match "^(.*/)" .. "?.lua;" .. package.path
local ms = require "moonstem"
require "hooks"

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
