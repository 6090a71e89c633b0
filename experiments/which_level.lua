-- Which level of the decoder carries the gain? A linear layer learns tags from the mean log-mel spectrum, and beside it
-- from the means of one level's maps of the frozen U-Net that separates vocals (1: the coarsest, 6: full resolution),
-- of none or of all.
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

-- Places of a level's means among all of them, which stand in the order of the decoder.
local FIRST, LAST = { all = 1 }, { all = 0 }
for level, width in ipairs(shared.decoder_widths) do
  FIRST[level], LAST[level] = LAST.all + 1, LAST.all + width
  LAST.all = LAST[level]
end

local function features(o)
  local spectrum, maps, joined = shared.features "log-mel", shared.features "vocals", {}
  for id, rows in pairs(spectrum) do
    joined[id] = {}
    for k, row in ipairs(rows) do
      joined[id][k] = table.move(maps[id][k], FIRST[o.level] or 1, LAST[o.level] or 0, #row + 1, { table.unpack(row) })
    end
  end
  return joined
end

return ms.lab.probe.experiment {
  name = "which_level", data = shared.all_tags, features = features,
  vary = { level = { "none", 1, 2, 3, 4, 5, 6, "all" }, seed = { 1, 2, 3 } },
  train = shared.probe_plan,
  score = { "roc_auc", "pr_auc" },
}
