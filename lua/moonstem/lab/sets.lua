--- The data sets of the paper's experiments: the real ones, or stand-ins rendered in their place;
-- checked, cached, measured.
local ms = require "moonstem"
local cache = require "moonstem.data.cache"
local front = require("moonstem.audio.frontend").paper
local mel = require "moonstem.models.mel"
local progress = require "moonstem.sys.progress"
local registry = require "moonstem.data.registry"

local merge = require("moonstem.options").merge

local M = {}

-- What a reader of a report should know of ms.corpora.real.
local REAL = "music of human composers from Debian packages (LICENCES.md in its folder), in which "
  .. "nobody sings; tags are those that its files make certain"
local MEASURED = 512 -- training clips from which the mean and deviation of the log-mel are taken

--- The data sets that lie in folders, as recipes call them: "musdb", "mtat", "fma" and more.
function M.names()
  local names = {}
  for _, set in ipairs(registry.list()) do
    if not set.file then names[#names + 1] = set.short end
  end
  return names
end

--- The data set that recipes call so; raises unless there is one.
function M.find(name, who)
  for _, set in ipairs(registry.list()) do
    if set.short == name and not set.file then return set end
  end
  error(("%s: there is no data set %s; there are %s"):format(who, tostring(name),
    table.concat(M.names(), ", ")), 0)
end

-- What renders in place of a set, or nil.
local function renderer(set, corpus)
  return set.synthetic
    and rawget(corpus == "real" and ms.corpora.real or ms.corpora, set.synthetic) or nil
end

--- Whether a corpus ("stand-ins" or "real") has something in place of the set of that name.
function M.can_render(name, corpus)
  return renderer(M.find(name, "can_render"), corpus) ~= nil
end

-- What renders in place of a set, and the folder that it renders to; nil and a sentence.
local function maker(set, options)
  local corpus, real = set.synthetic, options.corpus == "real"
  local make = renderer(set, options.corpus)
  if make then
    return make, ("%s/corpora/%s%s"):format(options.out, real and "real-" or "", corpus)
  end
  return nil, ("nothing %s for %s: its folder must be given, %s=DIR"):format(
    real and "real" or "stands in", set.name, set.short)
end

-- Renders the stand-in, once; its folder, or nil and a sentence. Rendering looks at every piece and
-- takes a lock, so that runs side by side had better know that all is there.
local function synthetic(set, options)
  local make, out = maker(set, options)
  if not make then return nil, out end
  if options.rendered then
    local whole, damage = ms.corpora.verify(out)
    return whole and out, damage
  end
  local made, why = make(merge({ out = out, seed = options.seed, workers = ms.sys.cpu_count() },
    options.corpora[set.synthetic]))
  if not made then return nil, why end
  return out
end

--- The data set "musdb", "mtat", "fma" or another of names(), checked and cached to 16 kHz mono;
-- its field `synthetic` tells whether it was rendered here. options: { out = folder of corpora/ and
-- pack/, dir = of the real one (none: a stand-in),
-- corpora = sizes by corpus (recipes/scale.lua), seed = of the stand-in, rendered = true where it
-- is known to be complete, corpus = "real": music of Debian packages in place of stand-ins, which
-- has not all of the tags }. nil and a sentence when refused.
function M.open(name, options)
  local set, dir, refusal = M.find(name, "paper"), options.dir, nil
  if not dir then dir, refusal = synthetic(set, options) end
  if not dir then return nil, refusal end
  local real = not options.dir and options.corpus == "real"
  local opened, why = set.open(dir, real and { partial = true } or nil)
  if not opened then return nil, (why:gsub("; partial = true accepts that", "")) end
  local cached, failure = ms.data.cache(opened, { cache = options.out .. "/pack",
    progress = progress.follow("caching " .. name) })
  if not cached then return nil, failure end
  cached.synthetic = not options.dir
  if real then table.insert(cached.notes, REAL) end
  return cached
end

--- A share of what open() does first with a real data set: the k-th of n, checked and copied.
-- options: { out =, dir = }. true; nil and a sentence when refused.
function M.share(name, options, k, n)
  local opened, why = M.find(name, "paper").open(options.dir)
  if not opened then return nil, why end
  return cache.share(opened, { cache = options.out .. "/pack", workers = ms.sys.cpu_count(),
    progress = progress.follow(("caching %s, %d of %d"):format(name, k, n)) }, k, n)
end

-- Sums of the log-mel of one clip's first `frames` frames: count, sum, sum of squares.
local function sums(item, frames)
  local _ <close> = ms.scope()
  local wave, why = ms.audio.read(item.path, { rate = front.rate, mono = true,
    length = front:seconds(frames) })
  if not wave then return nil, why end
  local magnitude = ms.audio.magnitude(wave:reshape { 1, wave:size(1) })
  local x = mel.image { mel.log_mel(magnitude) }
  return x:count(), x:sum():item(), (x * x):sum():item()
end

--- Mean and standard deviation of the log-mel of the mixture over the training clips, at most 512
-- of them, evenly
-- spread: what the AST's input is normalised by (recipes/paper.md#training-the-ast). { mean =,
-- deviation = }, or nil and a sentence.
function M.log_mel(dataset, frames)
  local count, sum, squares = 0, 0.0, 0.0
  for _, item in ipairs(ms.evaluate.evenly_spaced(dataset:items "train", MEASURED)) do
    local n, s, q = sums(item, frames)
    if not n then return nil, s end
    count, sum, squares = count + n, sum + s, squares + q
  end
  local mean = sum / count
  return { mean = mean, deviation = (squares / count - mean * mean) ^ 0.5 }
end

return M
