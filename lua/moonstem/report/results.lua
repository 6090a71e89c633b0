--- Finished runs by their folders: what result.json says, and where their predictions are.
local core_io = require "moonstem.core.io"
local sealed = require "moonstem.sys.sealed"
local sys = require "moonstem.sys"

local M = {}

--- The folder in which runs lie unless told otherwise; ms.lab puts its own root here.
function M.root() return "runs" end

--- The path that somebody means by the name of a run: a path ("/...", "./...", "../...") as it
-- stands; else what is of that name below the root, or where we are.
function M.find(name)
  local root = M.root()
  if name:find "^%.?%.?/" or name:sub(1, #root + 1) == root .. "/" then return name end
  local below = root .. "/" .. name
  return not sys.exists(below) and sys.exists(name) and name or below
end

local BACKENDS = { cnn = true, ast = true }

-- Why a folder holds no finished run.
local function unfinished(folder)
  if not sys.exists(folder) then return folder .. ": there is no such folder" end
  if not sys.exists(folder .. "/settings.json") then
    return folder .. " is no run: it has neither settings.json nor result.json"
  end
  local rows = sys.exists(folder .. "/metrics.jsonl")
    and core_io.load_json_lines(folder .. "/metrics.jsonl")
  local last = rows and rows[#rows]
  return ("%s is not finished: %s, but no result.json; run its recipe again"):format(folder,
    last and last.step and ("it has been trained for %d steps"):format(last.step) or "it was begun")
end

local function backend_of(name)
  for word in name:gmatch "[^/]+" do
    if BACKENDS[word] then return word end
  end
  return "all"
end

-- The record in a file.
local function read(path)
  local record, why = sealed.load(path)
  if not record then return nil, why end
  if type(record) ~= "table" or type(record.scores) ~= "table" then
    return nil, path .. " is no result of a run: it has no scores"
  end
  local folder = path:match "^(.*)/[^/]*$" or "."
  local name, predictions = record.name or folder, folder .. "/predictions.safetensors"
  return { name = name, path = path, tail = backend_of(name), seed = record.options
    and record.options.seed,
           scores = record.scores, data = record.data, origin = record.origin,
             settings = record.settings, seconds = record.seconds,
           steps = record.steps, predictions = sys.exists(predictions) and predictions or nil }
end

-- The finished runs right below a folder: those of its seeds.
local function below(folder)
  local paths = {}
  for _, name in ipairs(sys.is_dir(folder) and sys.list(folder) or {}) do
    local path = ("%s/%s/result.json"):format(folder, name)
    if sys.exists(path) then paths[#paths + 1] = path end
  end
  return paths
end

--- The finished runs of a path: a run's folder, its result.json, or a folder of such folders (of
-- the seeds of one setting). List of { name =, path = of result.json, tail = "cnn", "ast" or "all"
-- (by the name), seed =, scores =, data = hash of the split, origin =, settings =, seconds =, steps
-- =, predictions = path or nil }; or nil and a message that says what is missing or cannot be
-- read.
function M.runs(path)
  path = path:gsub("(.)/+$", "%1")
  local paths = { path }
  if not path:find "%.json$" then
    paths = { path .. "/result.json" }
    if not sys.exists(paths[1]) then paths = below(path) end
    if #paths == 0 then return nil, unfinished(path) end
  end
  local list = {}
  for i, file in ipairs(paths) do
    local why
    list[i], why = read(file)
    if not list[i] then return nil, why end
  end
  return list
end

return M
