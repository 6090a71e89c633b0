--- moonstem data render real-songs|real-tags|real-recordings ...
local arguments = require "moonstem.app.arguments"
local exit = require "moonstem.sys.status"
local catalogue = require "standins.real.catalogue"

-- The line that installs more; nothing where all is there.
local function tell_missing(missing)
  if #missing == 0 then return end
  print("not installed, and so without: " .. table.concat(missing, ", "))
  print("  " .. catalogue.line(missing))
end

local function dry_run(real, name, options)
  local list, counts = real.survey(name, options), {}
  for _, entry in ipairs(list) do
    print(("%-6s %-52s %s"):format(entry.refused and "-" or entry.part,
      entry.package .. " " .. entry.file, entry.refused or entry.composer))
    local part = entry.refused and "left out" or entry.part
    counts[part] = (counts[part] or 0) + 1
  end
  for _, part in ipairs { "train", "valid", "test", "left out" } do
    print(("%-8s %d"):format(part, counts[part] or 0))
  end
  return 0
end

local function render(real, name, options)
  if not options.out then return arguments.fail("data render needs --out DIR") end
  local result, why = real[name](options)
  if not result then
    local status = arguments.fail(why)
    return exit.stopped() or status
  end
  print(("%s: %d %s, %d rendered now in %.0f s; licences in LICENCES.md"):format(result.out,
    result.count, name, result.rendered, result.seconds))
  tell_missing(result.missing)
  return 0
end

local function recordings(real, given)
  if not given.out then return arguments.fail("real-recordings needs --out FILE.csv") end
  local list, missing = real.recordings(given.out, { packages = given.packages })
  if not list then return arguments.fail(missing) end
  local seconds, refused = 0, 0
  for _, file in ipairs(list) do
    seconds = seconds + (file.seconds or 0)
    refused = refused + (file.refused and 1 or 0)
  end
  print(("%s: %d files, %.0f minutes; %d cannot be read"):format(given.out, #list, seconds / 60,
    refused))
  tell_missing(missing)
  return 0
end

-- Runs f; a sentence for what raises in it.
local function guarded(f, ...)
  local results = table.pack(pcall(f, ...))
  if results[1] then return results[2] end
  return arguments.fail((tostring(results[2]):gsub("^[^:]*:%d+: ", "")))
end

local function options_of(given, name)
  return { out = given.out, seconds = given.seconds, seed = given.seed, workers = given.workers,
    packages = given.packages, soundfonts = given.soundfont and { given.soundfont },
    progress = not given.quiet, [name == "songs" and "songs" or "clips"] = given.count }
end

--- Runs the parsed options of `moonstem data render` with the functions of standins.real. Returns
-- the exit status.
return function(real, given)
  given.packages = #given.package > 0 and given.package or nil
  local name = given.corpus:match "^real%-(.*)$"
  if name == "recordings" then return guarded(recordings, real, given) end
  local options = options_of(given, name)
  local sound, mistake = pcall(real.check, name, options)
  if not sound then return arguments.fail((mistake:gsub("^[^:]*:%d+: ", ""))) end
  return (given.dry_run and dry_run or render)(real, name, options)
end
