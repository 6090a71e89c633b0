--- Data sets: the original downloads, one's own files, checks, 16 kHz copies, lists of batches.
-- Each part is loaded when first used: ms.data.musdb18(dir), mtat(dir), fma(dir), manifest(file)
-- and what else lies in moonstem/data/sets or is declared by define; cache(dataset, options),
-- tag_batches, slices, mixes, and the reader ms.data.csv.
local registry = require "moonstem.data.registry"
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"

local HOME = {
  csv = { "csv" }, define = { "registry", "define" },
  check = { "check", "check" }, duplicates = { "duplicates", "find" }, cache = { "cache", "cache" },
  tag_batches = { "batches", "tag_batches" }, slices = { "batches", "slices" },
  mixes = { "mixes", "mixes" }, segments = { "mixes", "segments" },
  loader = { "loader", "new" }, split = { "split", "split" }, folds = { "split", "folds" },
}

-- All names that are loaded when they are asked for, as keys.
local function names()
  return options_of.merge(registry.names(), HOME)
end

local function load(_, name)
  local home = HOME[name]
  if not home then
    local set = registry.find(name)
    return set and set.open
  end
  local part = require("moonstem.data." .. home[1])
  return home[2] and part[home[2]] or part
end

local function all(data)
  for name in pairs(names()) do local _ = data[name] end
  return next, data
end

return strict.module(setmetatable({}, { __index = load, __pairs = all }), "ms.data", names)
