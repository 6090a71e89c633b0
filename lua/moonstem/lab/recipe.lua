--- A recipe: the experiments that a table or figure needs, each run once and shared by all recipes
-- of one folder. A script asks for tails, separators and joint runs, sets them into cells of a
-- table, and returns the recipe; the program then lists it (--dry-run), does one job of it
-- (--node), or works it all off and writes tables and figures.
local ms = require "moonstem"
local command_line = require "moonstem.lab.command_line"
local job_work = require "moonstem.lab.job.work"
local queue = require "moonstem.lab.queue"
local options_of = require "moonstem.options"
local paper = require "moonstem.lab.paper"
local results = require "moonstem.lab.table"
local sets = require "moonstem.lab.sets"
local rerun = require "moonstem.train.identity.rerun"
local sealed = require "moonstem.sys.sealed"
local strict = require "moonstem.strict"

local Recipe = {}
Recipe.__index = Recipe
Recipe.__name = "moonstem.recipe"

local M = {}

-- ---- jobs --------------------------------------------------------------------------------------
local function dir_of(self, name) return rerun.folder(("%s/%s"):format(self.out, name)) end

-- What a job's folder holds as its finished result, or false; nil and a sentence when that is of
-- other settings.
local function done(self, name)
  local path = dir_of(self, name) .. "/result.json"
  if not ms.sys.exists(path) then return false end
  local record, why = sealed.load(path)
  if not record then return nil, why .. ": remove it, and the job runs again" end
  if record.settings == self.settings then return record end
  return nil, ("%s/%s was made with another scale, other kinds of data or another start of the \z
    AST (%s; now %s): choose "
    .. "another --out, or remove it"):format(self.out, name, tostring(record.settings),
      tostring(self.settings))
end

-- Jobs of one kind take about as long and as much.
local function kind_of(name)
  return name:match "^joint/[^/]+" or name:match "^tail/[^/]+" or name:match "^[^/]+"
end

-- Adds a job; work() does it.
local function add(self, name, needs, work)
  return self.jobs:add {
    name = name, kind = kind_of(name), needs = needs, work = work,
    dir = dir_of(self, name),
    command = command_line.of_node(self, name), done = function() return done(self, name) end,
  }
end

-- The jobs that share the checking and copying of a real data set; their names.
local function add_shares(self, set)
  local names, n = {}, self.data[set] and self.shares or 1
  for k = 1, n > 1 and n or 0 do
    names[k] = add(self, ("share/%s/%dof%d"):format(set, k, n), {}, function()
      return self.paper:share(set, k, n)
    end).name
  end
  return names
end

-- Adds an experiment, and the job that renders or checks a data set and copies it at 16 kHz; its
-- name.
local function add_experiment(self, e)
  local need = e.needs[1]
  local set = need:match "[^/]+$"
  add(self, need, add_shares(self, set), function() return self.paper:prepare(set) end)
  return add(self, e.name, e.needs, function() return e:finish() end).name
end

-- One experiment for each seed: list by seed of names. make(seed, suffix) -> experiment.
local function for_seeds(self, make)
  local names = {}
  for _, seed in ipairs(self.seeds) do
    names[seed] = add_experiment(self, make(seed, "/" .. seed))
  end
  return names
end

--- recipe:separator(source) -> its name. Stage 1: one U-Net per source, shared by all seeds.
-- source: "vocals", "bass", "drums", "other" or "multi".
function Recipe:separator(source)
  return add_experiment(self, self.paper:separator(source))
end

--- recipe:tail{backend = "cnn" or "ast", set = "mtat" or "fma"} -> runs, one for each seed. The
-- tail alone.
function Recipe:tail(options)
  local o = options_of(options, "recipe.tail", { backend = "cnn", set = "mtat" })
  return for_seeds(self, function(seed, suffix)
    return self.paper:tail { backend = o.backend, set = o.set, seed = seed, suffix = suffix }
  end)
end

--- recipe:joint{backend =, set =, separator = none, tail = none} -> runs, one for each seed. U-Net,
-- adaptation and tail.
-- separator: what recipe:separator gave (none: a random U-Net); tail: runs of recipe:tail that
-- stage 3 starts from (none: a CNN from random weights, an AST from image weights where there are
-- some).
function Recipe:joint(options)
  local o = options_of(options, "recipe.joint", { backend = "cnn", set = "mtat",
    separator = options_of.string, tail = options_of.table })
  return for_seeds(self, function(seed, suffix)
    return self.paper:joint { backend = o.backend, set = o.set, seed = seed,
      separator = o.separator,
      tail = o.tail and o.tail[seed], suffix = (o.tail and "+tail" or "") .. suffix }
  end)
end

-- ---- what there is to learn from --------------------------------------------------------------
-- Those of a list that `there` holds for.
local function those(list, there)
  local found = {}
  for _, name in ipairs(list) do if there(name) then found[#found + 1] = name end end
  return found
end

--- recipe:sets{"mtat", "fma"} -> those of these data sets that are given, or can be rendered.
function Recipe:sets(names)
  return those(names, function(name)
    return self.data[name] or sets.can_render(name, self.corpus)
  end)
end

--- recipe:sources{"vocals", ...} -> those of these sources that the songs have: of rendered songs
-- of --corpus real all but the vocals.
function Recipe:sources(names)
  local songs = self.data.musdb or self.corpus ~= "real"
  return those(names, function(name) return songs or name ~= "vocals" end)
end

-- ---- what they are for ---------------------------------------------------------------------
--- recipe:cell(row, column, runs) puts the scores of these runs in a row of the table, each score
-- in the column of the name column .. score.
function Recipe:cell(row, column, runs)
  table.insert(self.cells, { row = row, column = column, runs = runs })
end

--- recipe:table(layout): what comes out is a table of this layout (recipes/paper.lua) as text,
-- Markdown, LaTeX and CSV.
function Recipe:table(layout)
  self.layout = layout
end

--- recipe:figure{ baseline = list of runs, treated = { label =, runs = list of runs }, others =
-- list like treated } What comes out is the per-tag figure (ms.report.tag_differences) as SVG, PNG,
-- CSV and text.
function Recipe:figure(groups)
  options_of.check(groups, "recipe:figure", { baseline = false, treated = options_of.table,
    others = options_of.table })
  self.groups = groups
end

-- Whether a cell is asked for by --only and --column.
local function wanted(self, cell)
  local row = #self.only == 0
  for _, name in ipairs(self.only) do row = row or name == cell.row end
  return row and results.asked_column(self, cell.column)
end

-- Whether every name fits a cell in that field; nil and a sentence that says which names do.
local function check_names(self, names, field, matches)
  local known, order = {}, {}
  for _, cell in ipairs(self.cells) do
    if not known[cell[field]] then order[#order + 1] = cell[field]:gsub("/$", "") end
    known[cell[field]] = true
  end
  for _, name in ipairs(names) do
    local found = false
    for value in pairs(known) do found = found or matches(value, name) end
    if not found then
      return nil, ("%s has no %s %s; it has %s"):format(self.name, field, name,
        table.concat(order, ", "))
    end
  end
  return true
end

local function check_asked(self)
  local ok, why = check_names(self, self.only, "row", function(row, name) return row == name end)
  if not ok then return nil, why end
  return check_names(self, self.columns, "column", results.begins)
end

-- The names of all runs that are asked for.
local function targets(self)
  local names = {}
  for _, cell in ipairs(self.cells) do
    if wanted(self, cell) then
      for _, seed in ipairs(self.seeds) do names[#names + 1] = cell.runs[seed] end
    end
  end
  return names
end

-- ---- doing it ------------------------------------------------------------------------------
-- Tells why not; the exit status.
local function refuse(self, why, status)
  io.stderr:write(self.name, ": ", why, "\n")
  return status
end

-- What is to be done, as lab/job/work.lua takes it.
local function plan_of(self)
  return { name = self.name, title = self.title, out = self.out, script = self.script,
    jobs = self.jobs, list = self.jobs:in_order(targets(self)), scale = self.scale,
    aim = self.layout and "the table" or "the figure", asked = self.asked }
end

--- recipe:run() -> exit status. Works off what is not done, then writes what the recipe is for, of
-- what there is.
function Recipe:run()
  local ok, why = check_asked(self)
  if not ok then return refuse(self, why, 2) end
  local plan = plan_of(self)
  return job_work.aside(plan) or job_work.off(plan, function()
    return results.write(self, plan.list)
  end)
end

Recipe.__run = Recipe.run

Recipe.__tostring = function(self)
  return ("recipe %s: %d jobs in %s"):format(self.name, #self.jobs:in_order(targets(self)),
    self.out)
end

--- ms.lab.recipe{ name = "table1", scales = table of scales (recipes/scale.lua), arguments = arg }
-- -> recipe Reads the recipe's command line (moonstem recipes/table1.lua --help); see the methods
-- above. A script that returns a recipe is run by the program.
function M.new(options)
  local o = options_of(options, "lab.recipe", { name = options_of.string, title = options_of.string,
    scales = options_of.table, arguments = options_of.table })
  if not (o.name and o.scales and o.arguments) then
    error("lab.recipe: name, scales and arguments are needed", 0)
  end
  local self = command_line.parse(o)
  self.jobs, self.cells = queue.jobs(), {}
  self.paper = paper.new { out = self.out, scale = self.scale, data = self.data,
    corpus = self.corpus, imagenet = self.imagenet, settings = self.settings,
    tensorboard = self.tensorboard }
  return setmetatable(self, Recipe)
end

strict.class(Recipe, "recipe", { "title", "imagenet", "layout", "groups", "precision",
  "tensorboard" })

return M
