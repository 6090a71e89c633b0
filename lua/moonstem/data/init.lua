--- Data sets: the original downloads, one's own files, checks, the pack, plans of batches.
-- Each part is loaded when first used: ms.data.musdb18(dir), mtat(dir), fma(dir), manifest(file),
-- pack(dataset, options), tag_batches, slices, mixes, and the reader ms.data.csv.
local strict = require "moonstem.strict"

local HOME = {
  csv = { "csv" }, musdb18 = { "musdb18" }, mtat = { "mtat" }, fma = { "fma" },
  manifest = { "manifest" }, check = { "check", "check" }, pack = { "pack", "pack" },
  tag_batches = { "batches", "tag_batches" }, slices = { "batches", "slices" },
  mixes = { "mixes", "mixes" }, segments = { "mixes", "segments" },
}

local function load(_, name)
  local home = HOME[name]
  if not home then return nil end
  local part = require("moonstem.data." .. home[1])
  return home[2] and part[home[2]] or part
end

local function all(data)
  for name in pairs(HOME) do local _ = data[name] end
  return next, data
end

return strict.library(setmetatable({}, { __index = load, __pairs = all }), "ms.data", HOME)
