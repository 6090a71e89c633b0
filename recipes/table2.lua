--- Table II: does the backend need a training of its own (stage 2) before it meets a U-Net that has
-- learnt to separate the accompaniment? CNN and AST on MagnaTagATune, five runs each. moonstem
-- recipes/table2.lua --help
local ms = require "moonstem"
local here = arg[0]:match "^(.*)/[^/]*$" or "."

local recipe = ms.lab.recipe { name = "table2", title = "Table II: pre-training of the backend.",
  scales = dofile(here .. "/scale.lua"), arguments = arg }

for _, backend in ipairs { "cnn", "ast" } do
  local other = recipe:separator "other"
  local tail = recipe:tail { backend = backend, set = "mtat" }
  recipe:cell(backend .. "/no", "", recipe:joint { backend = backend, set = "mtat",
    separator = other })
  recipe:cell(backend .. "/yes", "", recipe:joint { backend = backend, set = "mtat",
    separator = other, tail = tail })
end

recipe:table(dofile(here .. "/paper.lua").table_two)
return recipe
