--- What the README quotes beside the tables, from the runs of Table I: how far separation came, how
-- joint training began and ended, what pre-training does to groups of tags. Returns a function:
-- runs -> text.
local ms = require "moonstem"

local GROUPS = {
  { "whether anybody sings", "vocal", "vocals", "voice", "singing", "no vocals", "no voice",
    "no vocal" },
  { "who sings", "female", "male", "man", "woman", "female vocal", "male vocal", "female voice",
    "male voice", "opera", "choir", "choral" },
  { "drums and drive", "drums", "beat", "beats", "techno", "dance", "rock", "metal", "fast",
    "loud" },
}
local SOURCES = { "bass", "drums", "other", "vocals", "multi" }
local ROWS = { "random", table.unpack(SOURCES) }
local SEEDS = 5

local function separate(runs, source) return runs["separate/" .. source] end
local function alone(runs, seed) return runs["tail/cnn/mtat/" .. seed] end
local function joint(runs, row, seed)
  return runs[("joint/cnn/mtat/%s+tail/%d"):format(row, seed)]
end

-- ---- separation and training -----------------------------------------------------------------
local function add_separators(lines, runs)
  lines[#lines + 1] = "SI-SDR over the mixture's on test songs, median of segments"
  for _, source in ipairs(SOURCES) do
    lines[#lines + 1] = ("  %-8s %+.1f dB"):format(source,
      separate(runs, source).scores.improvement)
  end
end

-- Mean over the seeds of the training loss in one epoch; -1 is the last.
local function loss(runs, row, epoch)
  local sum = 0
  for seed = 1, SEEDS do
    local losses = joint(runs, row, seed).losses
    sum = sum + losses[epoch > 0 and epoch or #losses + 1 + epoch].train_loss
  end
  return sum / SEEDS
end

local function add_losses(lines, runs)
  lines[#lines + 1] = "\nTraining loss of joint training in its first and last epoch, "
    .. "mean over 5 seeds"
  for _, row in ipairs(ROWS) do
    lines[#lines + 1] = ("  %-8s %.3f to %.3f"):format(row, loss(runs, row, 1), loss(runs, row, -1))
  end
end

-- ---- groups of tags --------------------------------------------------------------------------
-- PR-AUC of every tag of one run.
local function tags_of(run)
  local tags = {}
  for _, tag in ipairs(run.scores.per_tag) do tags[tag.name] = tag.pr_auc end
  return tags
end

-- The groups, and the tags that are in none of them as one of their own.
local function groups_of(tags)
  local rest, grouped = {}, {}
  for _, group in ipairs(GROUPS) do
    for k = 2, #group do grouped[group[k]] = true end
  end
  for name in pairs(tags) do
    if not grouped[name] then rest[#rest + 1] = name end
  end
  table.sort(rest)
  local groups = { table.unpack(GROUPS) }
  groups[#groups + 1] = { "all others", table.unpack(rest) }
  return groups
end

local function mean_of(run, group)
  local tags, sum = tags_of(run), 0
  for k = 2, #group do sum = sum + tags[group[k]] end
  return sum / (#group - 1)
end

local function add_groups(lines, runs)
  lines[#lines + 1] = "\nPR-AUC against the tail alone in points, "
    .. "mean ± standard deviation over 5 seeds (t of a paired test)"
  for _, group in ipairs(groups_of(tags_of(alone(runs, 1)))) do
    lines[#lines + 1] = ("%s (%d tags)"):format(group[1], #group - 1)
    for _, row in ipairs(ROWS) do
      local points = {}
      for seed = 1, SEEDS do
        points[seed] = 100 * (mean_of(joint(runs, row, seed), group) - mean_of(alone(runs, seed),
          group))
      end
      local s = ms.statistics.summary(points)
      lines[#lines + 1] = ("  %-8s %+5.2f ± %.2f  (t = %.1f)"):format(row, s.mean, s.sd,
        s.mean / s.se)
    end
  end
end

return function(list)
  local runs, lines = {}, {}
  for _, run in ipairs(list) do runs[run.name] = run end
  add_separators(lines, runs)
  add_losses(lines, runs)
  add_groups(lines, runs)
  return table.concat(lines, "\n") .. "\n"
end
