--- moonstem runs rerun: makes a finished run once more and compares every bit.
local arguments = require "moonstem.app.arguments"
local identity = require "moonstem.train.identity"
local names = require "moonstem.app.runs.names"
local rerun = require "moonstem.lab.rerun"

local function parser()
  local p = arguments.parser("runs rerun", "Makes a finished run once more, by the script, from "
    .. "the folder and with the arguments that its settings.json records, in the folder `rerun` "
    .. "of the run. Says whether weights, metrics, predictions and scores are the same to the bit "
    .. "(exit status 0), or which input differs (status 1): program, kernels, libraries, data, "
    .. "script, first weights. Other settings are refused before any training. Runs that the "
    .. "script makes before this one must be finished; they are not made again.")
  names.add_run(p, "run", "folder of the run")
  p:flag("--dry-run", "only say what differs already, as far as it can be known without training")
  return p
end

local ADVICE = "the kernels are chosen by MOONSTEM_CPU: with MOONSTEM_CPU=%s they are those of then"

-- Says what differs, as lines.
local function tell(list, head)
  if #list == 0 then return end
  print(head)
  for _, entry in ipairs(list) do
    print("  " .. identity.line { entry })
    if entry.path == "kernels" then print("  " .. ADVICE:format(entry.old:gsub('"', ""))) end
  end
end

local function dry_run(run)
  local list, why = rerun.before(run)
  if not list then return arguments.fail(why) end
  tell(list, "what is not as it was (then / now):")
  if #list == 0 then print "program, kernels, libraries, Lua and script are as they were" end
  return #list == 0 and 0 or 1
end

local function judge(run, found)
  if #found.results == 0 then
    print(("%s: the same to the bit: weights, metrics, predictions and scores; the new run is %s")
      :format(run, found.folder))
    tell(found.inputs, "although these are not as they were (then / now):")
    return 0
  end
  print(("%s: not the same; the new run is %s"):format(run, found.folder))
  tell(found.results, "sums that differ (then / now):")
  tell(found.inputs, "because these are not as they were (then / now):")
  if #found.inputs == 0 then
    print "although all that is recorded is as it was: the script must draw from something else"
  end
  return 1
end

--- The exit status of `moonstem runs rerun ARGS`.
return function(args)
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  local run, why = names.run(given.run)
  if not run then return arguments.fail(why) end
  if given.dry_run then return dry_run(run) end
  local found
  found, why = rerun.run(run)
  if not found then return arguments.fail(why) end
  return judge(run, found)
end
