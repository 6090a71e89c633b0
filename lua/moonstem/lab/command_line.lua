--- The command line of a recipe, and of one of its jobs.
local ms = require "moonstem"
local renamed = require "moonstem.renamed"
local digest = require "moonstem.sys.digest"
local parsing = require "moonstem.sys.parser"
local job_options = require "moonstem.lab.job.options"
local sets = require "moonstem.lab.sets"
local work = require "moonstem.lab.job.work"

local M = {}

local function names_of(scales)
  local names = {}
  for name in pairs(scales) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function parser_of(o)
  local p = parsing.new("moonstem " .. o.arguments[0], o.title):help_max_width(100)
  p:epilog("Stop it whenever you like: the same command goes on from there, and finished runs are "
    .. "not run again. "
    .. "The recipes of one --out share their runs.")
  p:option("--scale", "Sizes of networks, training and stand-ins, see recipes/scale.lua.", "small")
    :choices(names_of(o.scales))
  p:option("--out", "Folder of corpora, runs and results (runs/paper-SCALE, of real music "
    .. "runs/paper-SCALE-real)."):argname "DIR"
  p:option("--data", "A real data set instead of a stand-in: " .. table.concat(sets.names(),
    "=DIR, ") .. "=DIR.")
    :argname "NAME=DIR":count "*"
  p:option("--corpus", "What is rendered where --data names nothing: stand-ins, or real, music "
    .. "from installed Debian packages, which has no genres and in which nobody sings.",
    "stand-ins"):choices { "stand-ins", "real" }
  p:option("--imagenet",
    "Image weights for the AST, timm's names, see recipes/README.md (random weights).")
    :argname "FILE.safetensors"
  p:option("--only", "Only this row of the table and what it needs."):argname "ROW":count "*"
  p:option("--column", "Only this column or these columns of it, as cnn/mtat or ast.")
    :argname "NAME":count "*"
  p:option("--seeds", "Seeds of the runs, as 1-5 or 1,3 (the scale's)."):argname "LIST"
  job_options.add(p)
  p:flag "--plan":hidden(true)
  p:option("--shares", "Each data set of --data is checked and copied by so many jobs, on as many "
    .. "machines.", "1"):convert(parsing.whole(1)):argname "N"
  p:option("--precision",
    "Of products: f32, or bf16 where the processor has it (sums and weights stay f32).", "f32")
    :choices { "f32", "bf16" }
  p:flag("--tensorboard", "Write event files for TensorBoard into the runs' folders.")
  return p
end

-- "1-3,7" -> { 1, 2, 3, 7 }; nil for anything else.
local function seeds_of(text)
  local list, seen = {}, {}
  for part in (text .. ","):gmatch "([^,]*)," do
    local first, last = part:match "^(%d+)%-(%d+)$"
    first, last = math.tointeger(first or part), math.tointeger(last or part)
    if not first or not last or first < 1 or last < first or last - first > 999 then return nil end
    for seed = first, last do
      if not seen[seed] then list[#list + 1] = seed end
      seen[seed] = true
    end
  end
  table.sort(list)
  return list
end

local function folders_of(parser, given)
  local data = {}
  for _, pair in ipairs(given) do
    local name, dir = pair:match "^([%w_]+)=(.+)$"
    if not name then parser:error("--data wants NAME=DIR, got " .. pair) end
    local known, why = pcall(sets.find, name, "--data")
    if not known then parser:error(why) end
    if not ms.sys.is_dir(dir) then
      parser:error(("--data %s: there is no folder %s"):format(name, dir))
    end
    data[name] = dir
  end
  return data
end

-- What results depend on, in one text: those of other scales, data or starts must not be mixed.
local function settings_of(self)
  local real = {}
  for _, name in ipairs(sets.names()) do
    if self.data[name] then real[#real + 1] = name end
  end
  return ("scale %s (%s), real data: %s, AST from %s%s%s"):format(self.scale_name,
    digest(ms.io.json_encode(self.scale)):sub(1, 8), #real > 0 and table.concat(real, " ")
    or "none",
    self.imagenet and self.imagenet:match "[^/]*$" or "random weights", self.precision == "bf16"
    and ", bf16" or "", self.corpus == "real" and ", corpus real" or "")
end

local function default_folder(asked)
  return "runs/paper-" .. asked.scale .. (asked.corpus == "real" and "-real" or "")
end

--- Reads arg by the options of a recipe; ends the program with a sentence where it makes no sense.
-- A table with name, title, script, scale_name, scale, out, data, corpus, imagenet, only, columns,
-- seeds, precision, shares, settings, and asked: what job/options.lua gives.
function M.parse(o)
  local parser = parser_of(o)
  local asked = parsing.parsed(parser, o.arguments)
  local scale = o.scales[asked.scale]
  asked.dry_run = asked.dry_run or asked.plan and renamed.name("a recipe", "--plan") ~= nil
  local self = {
    name = o.name, title = o.title, script = o.arguments[0], scale_name = asked.scale,
    scale = scale, out = asked.out or default_folder(asked), corpus = asked.corpus,
    data = folders_of(parser, asked.data), imagenet = asked.imagenet, only = asked.only,
    columns = asked.column, seeds = scale.seeds, precision = asked.precision,
    tensorboard = asked.tensorboard, shares = asked.shares, asked = job_options.of(parser, asked),
  }
  if asked.seeds then
    self.seeds = seeds_of(asked.seeds)
    if not self.seeds then
      parser:error("--seeds wants a list as 1-5 or 1,3, got " .. asked.seeds)
    end
  end
  if self.imagenet and not ms.sys.exists(self.imagenet) then
    parser:error("--imagenet: there is no file " .. self.imagenet)
  end
  if self.precision ~= "f32" then
    local able, why = ms.precision(self.precision)
    if not able then parser:error("--" .. why) end
  end
  self.settings = settings_of(self)
  return self
end

--- The arguments of a process that does one job of a recipe and nothing else.
function M.of_node(recipe, name)
  local words = {}
  local function option(key, value)
    words[#words + 1], words[#words + 2] = "--" .. key, value
  end
  option("scale", recipe.scale_name)
  option("out", recipe.out)
  option("precision", recipe.precision)
  option("corpus", recipe.corpus)
  option("seeds", table.concat(recipe.seeds, ","))
  for _, set in ipairs(sets.names()) do
    if recipe.data[set] then option("data", set .. "=" .. recipe.data[set]) end
  end
  if recipe.shares > 1 then option("shares", tostring(recipe.shares)) end
  if recipe.tensorboard then words[#words + 1] = "--tensorboard" end
  if recipe.imagenet then option("imagenet", recipe.imagenet) end
  return work.command(recipe.script, name, recipe.asked.threads, words)
end

return M
