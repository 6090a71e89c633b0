--- moonstem data: looks at a data set, checks its audio, packs it for training.
local arguments = require "moonstem.app.arguments"
local progress = require "moonstem.sys.progress"
local registry = require "moonstem.data.registry"

local M = { summary = "look at a data set, check its audio, pack it for training" }

local function kinds()
  local names = {}
  for i, set in ipairs(registry.list()) do names[i] = set.name end
  return names
end

local function parser()
  local p = arguments.parser("data", "Opens a data set as downloaded, or a manifest of one's own audio, and tells "
    .. "what it holds. `check` decodes every file once; `pack` also writes everything as 16 kHz mono "
    .. "WAV files, which makes random crops cheap. `moonstem data render --help` tells how to "
    .. "render stand-in corpora.")
  p:argument("action", "show, check or pack"):choices { "show", "check", "pack" }
  p:argument("path", "folder of the data set, or manifest file")
  p:option("--kind", "what it is, if it cannot be guessed"):choices(kinds())
  p:option("--cache", "folder for results, so that files are looked at once (needed by pack)"):argname "FOLDER"
  p:option("--workers", "processes that decode side by side"):convert(arguments.whole(1)):argname "N"
  return p
end

local function act(given, dataset)
  if given.action == "show" then return dataset end
  local options = { cache = given.cache, workers = given.workers, progress = progress.follow(given.action) }
  if given.action == "check" then return dataset:check(options) end
  return dataset:pack(options)
end

function M.run(args)
  if args[1] == "render" then
    return require("moonstem").corpora.command { table.unpack(args, 2) }
  end
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  local ms = require "moonstem"
  if not ms.sys.exists(given.path) then return arguments.refuse("there is no file or folder " .. given.path) end
  if given.action == "pack" and not given.cache then return arguments.refuse "pack needs --cache FOLDER" end
  local set, dataset, why
  if given.kind then set = registry.find(given.kind) else set, why = registry.guess(given.path) end
  if not set then return arguments.refuse(why) end
  dataset, why = set.open(given.path)
  if not dataset then return arguments.refuse(why) end
  dataset, why = act(given, dataset)
  if not dataset then return arguments.refuse(why) end
  print(dataset)
  local report = dataset:report()
  if #report > 0 then print(report) end
  return 0
end

return M
