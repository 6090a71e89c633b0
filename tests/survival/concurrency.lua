--- Two processes at the same work in the same folder, one a moment after the other: on one run, one
-- plan of runs, one cache, one corpus. One works and the other shares the work, waits, finds it
-- done, or refuses with a sentence; what comes out is what one alone makes, to the bit. Prints what
-- was tried and each thing that was lost.
--   build/moonstem tests/survival/concurrency.lua [tries [seed [first [scenario ...]]]]  1000 tries
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%s../?.lua;%s../lua/tools/?.lua;"):format(HERE, HERE) .. package.path
local attempt = require "survival.attempt"
local ms = require "moonstem"
local tries = require "survival.tries"

-- Sentences of one that leaves the work to the other.
local REFUSALS = { "in use by another process", "is held by", "passed over" }

local function refuses(words)
  for _, sentence in ipairs(REFUSALS) do
    if words:find(sentence, 1, true) then return true end
  end
  return false
end

-- What is wrong about one of the two that ended so: a list.
local function judged(which, status, words)
  local raw = words:find "attempt to " or words:find "traceback"
  if status and not raw and (status == 0 or refuses(words)) then return {} end
  return { ("the %s ended with %s: %s"):format(which, tostring(status), words:sub(-500)) }
end

local function one(attempts, try)
  local draw, folder = tries.draws(try), attempts:folder()
  local scenario = attempts.scenarios[1 + try.number % #attempts.scenarios]
  local pause = draw() ^ 2 * attempts:reference(scenario).seconds -- most begin near each other
  local first = attempts:start(scenario, folder)
  ms.sys.sleep(pause)
  local second = attempts:start(scenario, folder, nil, "second")
  local a, b = attempts:wait(first), attempts:wait(second)
  local lost = judged("first", a, attempts:words(folder))
  table.move(judged("second", b, attempts:words(folder, "second")), 1, 1, #lost + 1, lost)
  if a ~= 0 and b ~= 0 then lost[#lost + 1] = "neither did it" end
  for _, line in ipairs(attempts:finish(scenario, folder)) do lost[#lost + 1] = line end
  attempts:clear(folder)
  return scenario.name, { ("the second after %.3f s"):format(pause) }, lost
end

tries.run("pairs", 1000, one, attempt)
