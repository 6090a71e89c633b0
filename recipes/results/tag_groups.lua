--- What pre-training does to groups of tags: differences of PR-AUC from the tail alone, from the runs kept here.
-- moonstem recipes/results/tag_groups.lua [FOLDER]   (recipes/results/small/runs; or any runs/paper-SCALE)
local ms = require "moonstem"

local folder = arg[1] or arg[0]:match "^(.*)/" .. "/small/runs"
local GROUPS = {
  { "whether anybody sings", "vocal", "vocals", "voice", "singing", "no vocals", "no voice", "no vocal" },
  { "who sings", "female", "male", "man", "woman", "female vocal", "male vocal", "female voice", "male voice", "opera",
    "choir", "choral" },
  { "drums and drive", "drums", "beat", "beats", "techno", "dance", "rock", "metal", "fast", "loud" },
}
local ROWS = { "random", "bass", "drums", "other", "vocals", "multi" }

--- PR-AUC of every tag of one run.
local function tags_of(run)
  local tags = {}
  for _, tag in ipairs(assert(ms.io.load_json(("%s/%s/result.json"):format(folder, run))).scores.per_tag) do
    tags[tag.name] = tag.pr_auc
  end
  return tags
end

--- The tags that are in none of the groups, as a group of their own.
local function the_rest(tags)
  local rest, grouped = {}, {}
  for _, group in ipairs(GROUPS) do
    for k = 2, #group do grouped[group[k]] = true end
  end
  for name in pairs(tags) do
    if not grouped[name] then rest[#rest + 1] = name end
  end
  table.sort(rest)
  return { "all others", table.unpack(rest) }
end

local function mean_of(tags, group)
  local sum = 0
  for k = 2, #group do sum = sum + tags[group[k]] end
  return sum / (#group - 1)
end

local alone, rows = {}, {}
for seed = 1, 5 do alone[seed] = tags_of("tail/cnn/mtat/" .. seed) end
for _, row in ipairs(ROWS) do
  rows[row] = {}
  for seed = 1, 5 do rows[row][seed] = tags_of(("joint/cnn/mtat/%s+tail/%d"):format(row, seed)) end
end
GROUPS[#GROUPS + 1] = the_rest(alone[1])

print("PR-AUC against the tail alone in points, mean ± standard deviation over 5 seeds (t of a paired test)")
for _, group in ipairs(GROUPS) do
  print(("\n%s (%d tags)"):format(group[1], #group - 1))
  for _, row in ipairs(ROWS) do
    local points = {}
    for seed = 1, 5 do points[seed] = 100 * (mean_of(rows[row][seed], group) - mean_of(alone[seed], group)) end
    local s = ms.statistics.summary(points)
    print(("  %-8s %+5.2f ± %.2f  (t = %.1f)"):format(row, s.mean, s.sd, s.mean / s.se))
  end
end
