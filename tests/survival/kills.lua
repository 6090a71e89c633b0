--- kill -9 at every file operation and at random times, in training, plans, packing and rendering:
-- the process that makes the operation, the one that was started first, or all of them. Each is
-- begun again; what comes out must be what comes out without a kill, to the bit, with no process
-- and no file left over. Prints what was tried and each thing that was lost.
--   build/moonstem tests/survival/kills.lua [tries [seed [first [scenario ...]]]]     2000 tries
-- A try is a function of seed and number, but for the moment of random times.
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%s../?.lua;%s../lua/tools/?.lua;"):format(HERE, HERE) .. package.path
local ms = require "moonstem"
local attempt = require "survival.attempt"
local tries = require "survival.tries"

-- Every fourth try kills at a random time; the others take the operations of all scenarios in turn,
-- evenly spread, so that as many as there are reach each of them.
local WHOM = { "self", "leader", "group" }

-- Kills the group of a process after a part of the time that the work takes.
local function kill_in_time(attempts, scenario, folder, part)
  local process = attempts:start(scenario, folder)
  local seconds = part * attempts:reference(scenario).seconds
  ms.sys.sleep(seconds)
  ms.sys.run { "kill", "-9", "--", "-" .. process:id(), stderr = "/dev/null" }
  return ("all killed after %.2f s"):format(seconds), process:wait()
end

local function kill_at(attempts, scenario, folder, whom, at)
  local process = attempts:start(scenario, folder, { DO = "KILL", TO = whom, AT = at, UNTIL = at })
  local status = attempts:wait(process)
  local _, met = attempts:met(folder)
  return ("%s killed at operation %d (%s)"):format(whom, at, met), status
end

-- Which scenario the try is of, and which operation of it meets whom.
local function aim(attempts, try)
  local draw = tries.draws(try)
  local turn = try.number - try.number // 4
  local scenario, at, round = attempts:operation(turn, "KILL")
  if try.number % 4 == 0 then return scenario, nil, draw end
  return scenario, at, draw, tries.choose(WHOM, (draw() + round / #WHOM) % 1)
end

-- One try: killed, and sometimes killed again in what begins again, and then begun to its end.
local function one(attempts, try)
  local folder = attempts:folder()
  local scenario, at, draw, whom = aim(attempts, try)
  local told = {}
  repeat
    local status
    if at then told[#told + 1], status = kill_at(attempts, scenario, folder, whom, at)
    else told[#told + 1], status = kill_in_time(attempts, scenario, folder, draw()) end
    if not status then return scenario.name, told, { "did not end" } end
    at = nil
  until #told == 3 or draw() > 0.2
  local lost = attempts:finish(scenario, folder)
  attempts:clear(folder)
  return scenario.name, told, lost
end

tries.run("kills", 2000, one, attempt)
