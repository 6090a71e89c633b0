--- moonstem data: looks at a data set, checks its audio, copies it for training.
local arguments = require "moonstem.app.arguments"
local duplicates = require "moonstem.data.duplicates"
local progress = require "moonstem.sys.progress"
local registry = require "moonstem.data.registry"
local renamed = require "moonstem.renamed"
local sys = require "moonstem.core.sys"

local M = { summary = "look at a data set, check its audio, copy it at 16 kHz for training" }

local function kinds()
  local names = {}
  for i, set in ipairs(registry.list()) do names[i] = set.name end
  return names
end

local function parser()
  local p = arguments.parser("data", "Opens a data set as downloaded, or a manifest of one's own "
    .. "audio, and tells what it holds. `check` decodes every file once; `cache` also writes "
    .. "everything as 16 kHz mono WAV files, which makes random crops cheap. "
    .. "`check --duplicates` also finds the same recording under two names. "
    .. "`moonstem data render --help` tells how to render synthetic data sets.")
  p:argument("action", "show, check or cache"):choices { "show", "check", "cache" }
  p:argument("path", "folder of the data set, or manifest file")
  p:option("--kind", "what it is, if it cannot be guessed"):choices(kinds())
  p:option("--cache", "folder for results, so that files are looked at once (needed by cache)")
    :argname "FOLDER"
  p:option("--workers", "processes that decode side by side")
    :convert(arguments.whole(1)):argname "N"
  p:flag("--partial", "take a data set with empty splits or classes")
  p:flag("--duplicates", "check: find clips of the same recording, re-encoded or cut otherwise")
  return p
end

local function act(given, dataset)
  if given.action == "show" then return dataset end
  return dataset[given.action](dataset, { cache = given.cache, workers = given.workers,
    progress = progress.follow(given.action) })
end

-- The data set that the arguments ask for, or nil and a message.
local function dataset_of(given)
  if given.action == "cache" and not given.cache then return nil, "cache needs --cache FOLDER" end
  if given.duplicates and given.action ~= "check" then
    return nil, "--duplicates goes with check alone"
  end
  local set, dataset, why
  if given.kind then set = registry.find(given.kind) else set, why = registry.guess(given.path) end
  if set then dataset, why = set.open(given.path, given.partial and { partial = true }) end
  if dataset then dataset, why = act(given, dataset) end
  return dataset, why and why:gsub("partial = true accepts", "--partial accepts")
end

-- Prints which clips are of the same recording; 0, or the status of a failure.
local function tell_duplicates(given, dataset)
  local found, why = duplicates.find(dataset, { cache = given.cache, workers = given.workers,
    progress = progress.follow "duplicates" })
  if not found then return arguments.fail(why) end
  print(found)
  return 0
end

function M.run(args)
  if args[1] == "render" then
    return require("moonstem").corpora.command { table.unpack(args, 2) }
  end
  args[1] = renamed.name("moonstem data", args[1]) or args[1]
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  if not sys.exists(given.path) then
    return arguments.fail("there is no file or folder " .. given.path)
  end
  local dataset, why = dataset_of(given)
  if not dataset then return arguments.fail(why) end
  print(dataset)
  local report = dataset:report()
  if #report > 0 then print(report) end
  return given.duplicates and tell_duplicates(given, dataset) or 0
end

return M
