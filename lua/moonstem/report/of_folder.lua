--- The report of a run, or of all runs in a folder: an experiment, the runs of a recipe.
local document = require "moonstem.report.document"
local folders = require "moonstem.report.folders"
local options_of = require "moonstem.options"
local page = require "moonstem.report.page"
local results = require "moonstem.report.results"
local sys = require "moonstem.sys"

local OPTIONS = { out = options_of.string, title = options_of.string }

local function last_of(path) return sys.absolute(path):match "([^/]+)/*$" or path end

-- The name of a run that stands alone: what its result calls it, and which point of a grid it is.
local function name_of(run)
  local result, folder = run.result or {}, last_of(run.dir)
  if not result.name then return folder end
  if result.name:sub(-#folder) == folder or not folder:find "=" then return result.name end
  return result.name .. ": " .. folder
end

-- The folder that is meant, without slashes at its end.
local function find(path)
  local dir = results.find(path):gsub("/%.$", ""):gsub("(.)/+$", "%1")
  if sys.is_dir(dir) then return dir end
  return nil, sys.exists(dir) and dir .. " is a file; the folder of a run is needed"
    or dir .. ": there is no such folder"
end

-- "KEY=VALUE,KEY=VALUE" as a list; nil of another name.
local function point_of(label)
  local list = {}
  for part in label:gmatch "[^,]+" do
    if not part:find "^[%w_]+=" then return nil end
    list[#list + 1] = part
  end
  return list
end

-- The points of a grid without what is the same in all of them.
local function shorten(runs)
  local points, count = {}, {}
  for i, run in ipairs(runs) do
    points[i] = point_of(run.label)
    if not points[i] then return end
    for _, part in ipairs(points[i]) do count[part] = (count[part] or 0) + 1 end
  end
  for i, run in ipairs(runs) do
    local parts = {}
    for _, part in ipairs(points[i]) do
      if count[part] < #runs then parts[#parts + 1] = part end
    end
    if #parts > 0 then run.label = table.concat(parts, ",") end
  end
end

-- The runs at or below a folder, each with a label that tells it from the others.
local function runs_in(dir)
  local list = {}
  for _, found in ipairs(folders.below(dir)) do
    local run, why = folders.about(found)
    if not run then return nil, why end
    run.label = found == dir and name_of(run) or folders.name(run, dir)
    list[#list + 1] = run
  end
  if #list == 0 then
    return nil, dir .. ": there are no runs (folders with settings.json) at or below it"
  end
  if #list > 1 then shorten(list) end
  return list
end

local function title_of(dir, list)
  if #list == 1 then return "Run " .. list[1].label end
  local name = list[1].result and list[1].result.name
  for _, run in ipairs(list) do
    if not run.result or run.result.name ~= name then name = nil end
  end
  return name and ("Experiment %s: %d runs"):format(name, #list)
    or ("%d runs of %s"):format(#list, last_of(dir))
end

--- See ms.report.of_run.
return function(path, options)
  local o = options_of(options, "of_run", OPTIONS)
  local kind, why = document.kind_of(o.out or "report.html")
  if not kind then return nil, why end
  local dir
  dir, why = find(path)
  if not dir then return nil, why end
  local list
  list, why = runs_in(dir)
  if not list then return nil, why end
  return page { title = o.title or title_of(dir, list), runs = list }
    :save(o.out or dir .. "/report.html")
end
