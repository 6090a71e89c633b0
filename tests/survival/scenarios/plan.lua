--- A plan of several runs in processes of their own, and the table that comes out.
local here = arg[0]:match "^.*/"
local ms = require "moonstem"

local recipe = ms.lab.recipe { name = "plan", title = "A plan.", arguments = arg,
  scales = { small = dofile(here .. "sizes.lua") } }
local tail = recipe:tail { backend = "ast", set = "fma" }
recipe:cell("tail", "", tail)
recipe:cell("vocals", "", recipe:joint { backend = "ast", set = "fma",
  separator = recipe:separator "vocals" })
recipe:table { name = "plan", title = "Plan", head = { "row" }, unit = "%", runs = 1,
  columns = { { name = "accuracy", label = "WA" } },
  rows = { { name = "tail", label = { "tail" } }, { name = "vocals", label = { "vocals" } } } }
return recipe
