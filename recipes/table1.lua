--- Table I: a CNN and an AST, alone, with a random U-Net, and with U-Nets that have learnt to
-- separate bass, drums, accompaniment, vocals, or all four; on MagnaTagATune (ROC-AUC, PR-AUC) and
-- FMA (accuracy), five runs each. moonstem recipes/table1.lua --help
local ms = require "moonstem"
local here = arg[0]:match "^(.*)/[^/]*$" or "."

local recipe = ms.lab.recipe { name = "table1",
  title = "Table I: networks by the source that the U-Net learnt to separate.",
  scales = dofile(here .. "/scale.lua"), arguments = arg }

for _, backend in ipairs { "cnn", "ast" } do
  for _, set in ipairs(recipe:sets { "mtat", "fma" }) do
    local column = backend .. "/" .. set .. "/"
    local tail = recipe:tail { backend = backend, set = set }
    local stage_two = backend == "cnn" and tail -- the AST starts from image weights instead

    recipe:cell("tail", column, tail)
    recipe:cell("random", column, recipe:joint { backend = backend, set = set, tail = stage_two })
    for _, source in ipairs(recipe:sources { "bass", "drums", "other", "vocals", "multi" }) do
      local separator = recipe:separator(source)
      recipe:cell(source, column, recipe:joint { backend = backend, set = set,
        separator = separator, tail = stage_two })
    end
  end
end

recipe:table(dofile(here .. "/paper.lua").table_one)
return recipe
