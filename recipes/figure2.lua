--- Fig. 2: the tags of MagnaTagATune that gain and lose most in PR-AUC when the U-Net has learnt to
-- separate vocals, against the tail alone, averaged over CNN and AST; the other sources at the same
-- tags; stars where a paired t-test over the runs has p < 0.01. With --corpus real, where nobody
-- sings, the accompaniment takes the vocals' place. moonstem recipes/figure2.lua --help
local ms = require "moonstem"
local here = arg[0]:match "^(.*)/[^/]*$" or "."

local recipe = ms.lab.recipe { name = "figure2", title = "Fig. 2: gains and losses tag by tag.",
  scales = dofile(here .. "/scale.lua"), arguments = arg }

-- The runs of a source for both backends; a row of the recipe, too, for --only.
local baseline, others = {}, {}
for _, source in ipairs(recipe:sources { "vocals", "other", "drums", "bass", "multi" }) do
  others[#others + 1] = { label = source, runs = {} }
end
for _, backend in ipairs { "cnn", "ast" } do
  local tail = recipe:tail { backend = backend, set = "mtat" }
  recipe:cell("tail", backend, tail)
  table.insert(baseline, tail)
  for _, group in ipairs(others) do
    local runs = recipe:joint { backend = backend, set = "mtat",
      separator = recipe:separator(group.label),
      tail = backend == "cnn" and tail }
    recipe:cell(group.label, backend, runs)
    table.insert(group.runs, runs)
  end
end

recipe:figure { baseline = baseline, treated = table.remove(others, 1), others = others }
return recipe
