--- Disks that fail: full (ENOSPC), broken (EIO), read-only (EROFS), writing less than was asked
-- for, at every file operation of training, plans, packing and rendering, once or from there on,
-- also over work that is done; small disks, quotas and folders without the right to write. The work
-- goes on, or ends with a sentence that names a file and the reason; begun again on a good disk it
-- comes to the same bits. Prints what was tried and each thing that was lost.
--   build/moonstem tests/survival/faults.lua [tries [seed [first [scenario ...]]]]     2000 tries
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%s../?.lua;%s../lua/tools/?.lua;"):format(HERE, HERE) .. package.path
local attempt = require "survival.attempt"
local disks = require "survival.disks"
local outcome = require "survival.outcome"
local tries = require "survival.tries"

-- Faults, with what the system calls them.
local KINDS = { { "ENOSPC", "No space left on device" }, { "EIO", "Input/output error" },
  { "EROFS", "Read-only file system" }, { "SHORT", "No space left on device" } }
local FOR_EVER = 1 << 40

-- What is wrong about a process that ended so, with these words: a list.
local function judged(status, words, reason)
  if not status then return { "did not end" } end
  if status == 0 then return {} end
  local list = {}
  if status ~= 1 then list[1] = "status " .. status end
  if not words:find(reason, 1, true) then list[#list + 1] = "no reason" end
  if not words:find("out", 1, true) then list[#list + 1] = "no file" end
  if words:find "attempt to " or words:find "traceback" then list[#list + 1] = "a raw error" end
  if #list > 0 then list[#list + 1] = "it said: " .. words:sub(-600) end
  return list
end

-- Once work is done nothing of it may change, and where a process says that it has done it, it has.
local function complete(attempts, scenario, folder, lost)
  local wanted = attempts:reference(scenario).outcome
  for _, line in ipairs(outcome.differences(outcome.of(folder .. "/out"), wanted)) do
    lost[#lost + 1] = "after the fault " .. line
  end
end

-- An operation that fails: what was done in words, a list of what was lost.
local function fail(attempts, scenario, folder, kind, at, lasts, over)
  if over then attempts:wait(attempts:start(scenario, folder)) end
  local status = attempts:wait(attempts:start(scenario, folder,
    { DO = kind[1], AT = at, UNTIL = lasts and FOR_EVER or at }))
  local _, met = attempts:met(folder)
  local lost = judged(status, attempts:words(folder), kind[2])
  if status == 0 or over then complete(attempts, scenario, folder, lost) end
  return ("%s at operation %d%s%s (%s)"):format(kind[1], at, lasts and " and after it" or "",
    over and " over finished work" or "", met), lost
end

local function one(attempts, try)
  local draw, folder = tries.draws(try), attempts:folder()
  local kind = KINDS[try.number % #KINDS + 1]
  local scenario, at = attempts:operation(try.number // #KINDS + 1, kind[1])
  local told, lost
  if draw() < 0.15 then told, lost = disks.try(attempts, scenario, folder, draw, judged)
  else told, lost = fail(attempts, scenario, folder, kind, at, draw() < 0.5, draw() < 0.1) end
  for _, line in ipairs(attempts:finish(scenario, folder)) do lost[#lost + 1] = line end
  disks.undo(folder)
  attempts:clear(folder)
  return scenario.name, { told }, lost
end

tries.run("faults", 2000, one, attempt)
