--- What the installed packages hold: each piece with its package, composer and part, how long it
-- is, and why it is left out, where it is. A corpus keeps its catalogue in
-- OUT/.moonstem/catalogue.json.
local core_io = require "moonstem.core.io"
local packages = require "standins.real.packages"
local render = require "standins.render"
local rng = require "standins.rng"
local sealed = require "moonstem.sys.sealed"
local sys = require "moonstem.sys"
local wad = require "standins.real.wad"

local catalogue = {}

local SOURCES = { midi = "standins.real.sources.midi", module = "standins.real.sources.module" }

-- ---- packages -----------------------------------------------------------------------------------

--- The version of a Debian package, "unknown" where dpkg does not tell.
function catalogue.version(name)
  local good, status, text = pcall(sys.capture, { "dpkg-query", "-W", "-f", "${Version}", name,
    stderr = "/dev/null" })
  return good and status == 0 and text:match "%S+" or "unknown"
end

-- Adds a file; of a WAD file, each piece in it.
local function add(list, folder, name, prefix)
  if not name:find "%.wad$" then
    list[#list + 1] = prefix .. name
    return
  end
  for _, lump in ipairs(wad.names(folder .. "/" .. name)) do
    list[#list + 1] = prefix .. name .. "/" .. lump
  end
end

-- The names of a package's files below `folder`, sorted; {} where it is not installed.
local function names_of(package, folder, list, prefix)
  local names = sys.list(folder) or {}
  table.sort(names)
  for _, name in ipairs(names) do
    if sys.is_dir(folder .. "/" .. name) then
      names_of(package, folder .. "/" .. name, list, prefix .. name .. "/")
    elseif name:find(package.files) then add(list, folder, name, prefix) end
  end
  return list
end

--- The files of a package that are installed: a sorted list of names in its folder.
function catalogue.files(package) return names_of(package, package.folder, {}, "") end

--- The packages of the given kinds, installed ones and others: two lists of rows of the table.
-- names: only these, or nil.
function catalogue.packages(kinds, names)
  local wanted, there, missing = {}, {}, {}
  for _, name in ipairs(names or packages.names()) do wanted[name] = true end
  for _, package in ipairs(packages.list) do
    if wanted[package.name] and kinds[package.kind] then
      local list = #catalogue.files(package) > 0 and there or missing
      list[#list + 1] = package
    end
  end
  return there, missing
end

--- The line that installs packages.
function catalogue.line(list)
  local names = {}
  for i, package in ipairs(list) do names[i] = package.name or package end
  return "apt-get install --no-install-recommends " .. table.concat(names, " ")
end

-- ---- pieces -------------------------------------------------------------------------------------

local function composer_of(package, name)
  for _, row in ipairs(package.composers) do
    if name:find(row[1]) then return row[2], row[3] end
  end
end

local function style_of(package, name)
  local tags = {}
  for _, row in ipairs(package.style or {}) do
    if name:find(row[1]) then tags[#tags + 1] = row[2] end
  end
  return core_io.list(tags)
end

local function entry_of(package, name)
  local composer, part = composer_of(package, name)
  local order = rng.new(0, "real/" .. package.name .. "/" .. name):bits()
  return { id = package.name .. "-" .. name:gsub("[^%w%-]+", "-"), package = package.name,
    file = name, path = package.folder .. "/" .. name, kind = package.kind, composer = composer,
    part = part, licence = package.licence, style = style_of(package, name),
    title = name:gsub("%.%w+$", ""):gsub("/", "-"), order = order }
end

-- Surveys one file: its entry with what the survey found, or with the reason that it is left out.
local function surveyed(kind, package, name, seconds)
  local entry = entry_of(package, name)
  local found, why = require(SOURCES[package.kind])[kind.survey](entry.path, seconds)
  for key, value in pairs(found or { refused = why }) do entry[key] = value end
  return entry
end

local function survey(kind, o)
  local list = {}
  for _, package in ipairs((catalogue.packages(kind.kinds, o.packages))) do
    for _, name in ipairs(catalogue.files(package)) do
      list[#list + 1] = surveyed(kind, package, name, o.seconds)
    end
  end
  return list
end

--- The entries of a corpus's kind and options (packages, seconds; out, where its catalogue is
-- kept), those left out among them, in the order of packages and names. nil and a message.
function catalogue.entries(kind, o)
  local path = o.out and render.state(o) .. "/catalogue.json"
  if path and sys.exists(path) then
    local kept, why = sealed.load(path)
    return kept and (kept.entries or kept), why
  end
  local list, good, why = survey(kind, o), true, nil
  if path then good, why = sealed.save(path, { entries = list }) end
  return good and list, why
end

-- ---- order --------------------------------------------------------------------------------------

local SHARES = { { "train", 0.6 }, { "test", 0.25 }, { "valid", 0.15 } }

-- The part that is next, by what each has and what is left.
local function next_part(queues, taken)
  local best, least
  for _, row in ipairs(SHARES) do
    local part, n = row[1], taken[row[1]] or 0
    if n < #queues[part] and (not least or (n + 1) / row[2] < least) then
      best, least = part, (n + 1) / row[2]
    end
  end
  return best
end

--- The first `count` of a list of things with part and order, all of them without `count`: parts
-- alternate by their shares as long as each has some, so that a small corpus has all of them and is
-- part of a larger one. Each gets its index.
function catalogue.ordered(list, count)
  local queues, taken, out = { train = {}, valid = {}, test = {} }, {}, {}
  for _, entry in ipairs(list) do table.insert(queues[entry.part], entry) end
  local function earlier(a, b) return a.order < b.order end
  for _, queue in pairs(queues) do table.sort(queue, earlier) end
  while #out < (count or math.huge) do
    local part = next_part(queues, taken)
    if not part then break end
    taken[part] = (taken[part] or 0) + 1
    out[#out + 1] = queues[part][taken[part]]
    out[#out].index = #out
  end
  return out
end

return catalogue
