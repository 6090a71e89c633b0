--- Ctrl-C, SIGTERM, SIGHUP and SIGUSR1 at every file operation and at random times, hence in every
-- phase, of training, plans, packing and rendering; to the process that was started, or to all of
-- its group, as a terminal and schedulers do. It ends with the status of that signal
-- (lua/moonstem/sys/status.lua), or as usual where it was done; no process and no temporary file is
-- left; begun again it comes to the same bits. Prints what was tried and each thing that was lost.
--   build/moonstem tests/survival/signals.lua [tries [seed [first [scenario ...]]]]    1000 tries
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%s../?.lua;%s../lua/tools/?.lua;"):format(HERE, HERE) .. package.path
local attempt = require "survival.attempt"
local exit = require "moonstem.sys.status"
local ms = require "moonstem"
local outcome = require "survival.outcome"
local tries = require "survival.tries"

-- Signals, the status that each gives, and what it is where one comes before the program watches.
local SIGNALS = { { "INT", exit.INTERRUPTED, 130 }, { "TERM", exit.TERMINATED, 143 },
  { "HUP", exit.HANGUP, 129 }, { "USR1", exit.AGAIN, 138 } }

local function at_operation(attempts, scenario, folder, signal, whom, at)
  local status = attempts:wait(attempts:start(scenario, folder,
    { DO = signal[1], TO = whom, AT = at, UNTIL = at }))
  local _, met = attempts:met(folder)
  return status, ("%s to %s at operation %d (%s)"):format(signal[1], whom, at, met)
end

local function in_time(attempts, scenario, folder, signal, whom, part)
  local seconds = part * attempts:reference(scenario).seconds
  local process = attempts:start(scenario, folder)
  ms.sys.sleep(seconds)
  ms.sys.run { "kill", "-" .. signal[1], "--", (whom == "group" and "-" or "") .. process:id(),
    stderr = "/dev/null" }
  local status = attempts:wait(process)
  return status, ("%s to %s after %.2f s"):format(signal[1], whom, seconds)
end

-- What is wrong after a signal, with the state that a run keeps while it goes on being none of it.
local function judged(attempts, scenario, folder, status, signal)
  local lost = {}
  local begun = ms.sys.exists(folder .. "/out")
  if status ~= 0 and status ~= (begun and signal[2] or signal[3]) and status ~= signal[2] then
    lost[1] = ("ended with %s: %s"):format(tostring(status), attempts:words(folder):sub(-500))
  end
  for _, line in ipairs(attempts:survivors()) do lost[#lost + 1] = "still runs: " .. line end
  local found = begun and outcome.of(folder .. "/out") or {}
  local wanted = attempts:reference(scenario).outcome
  for _, line in ipairs(outcome.differences(found, wanted)) do
    local is_state = line:find "previous%.safetensors"
    if line:find "is left over$" and not is_state then lost[#lost + 1] = line end
  end
  return lost
end

local function one(attempts, try)
  local draw, folder = tries.draws(try), attempts:folder()
  local signal = SIGNALS[try.number % #SIGNALS + 1]
  local scenario, at = attempts:operation(try.number // #SIGNALS + 1, "INT") -- all meet the same
  local whom = draw() < 0.5 and "leader" or "group"
  local at_some_time, part = draw() < 0.25, draw()
  local send = at_some_time and in_time or at_operation
  local status, told = send(attempts, scenario, folder, signal, whom, at_some_time and part or at)
  local lost = judged(attempts, scenario, folder, status, signal)
  for _, line in ipairs(attempts:finish(scenario, folder)) do lost[#lost + 1] = line end
  attempts:clear(folder)
  return scenario.name, { told }, lost
end

tries.run("signals", 1000, one, attempt)
