--- A finished run made once more from its record, by the script that made it: are the results the
-- same to the bit, and if not, which input differs?
local checkpoint = require "moonstem.train.checkpoint"
local compare = require "moonstem.lab.compare"
local identity = require "moonstem.train.identity"
local provenance = require "moonstem.sys.provenance"
local redirected = require "moonstem.train.identity.rerun"
local sealed = require "moonstem.sys.sealed"
local sys = require "moonstem.core.sys"
local work_folder = require "moonstem.sys.work_folder"

local M = {}

-- The words that start the script of a run again; nil and a sentence.
local function command_of(dir, record)
  local words = provenance.words_of(record.command or "")
  if not record.folder or not words[1] then
    return nil, dir .. " does not record how it was started: it is of an older version"
  end
  if not sys.is_dir(record.folder) then
    return nil, ("%s was started in %s, which is not there"):format(dir, record.folder)
  end
  local script = words[2] or ""
  if script ~= "-e" and not script:find "%.lua$" then
    return nil, ("%s was not trained by a script: %s"):format(dir, record.command)
  end
  words[1] = "/proc/self/exe"
  words.dir = record.folder
  return words
end

-- The record of a run that is finished; nil and a sentence.
local function record_of(dir)
  local record, why = sealed.load(dir .. "/settings.json")
  if not record then return nil, why end
  local path = dir .. "/last.safetensors"
  local position = sys.exists(path) and checkpoint.position(path)
  if position and position.done then return record end
  return nil, dir .. " is not finished, so there is nothing to compare with"
end

--- What differs already, before the script is started: see identity.differences. Data and first
-- weights are known only to the script.
function M.before(dir)
  local record, why = record_of(dir)
  if not record then return nil, why end
  local now = identity.now {}
  now.script = record.script and provenance.code_of(record.script.file)
  return identity.differences(record, now)
end

--- rerun.run(dir) -> { folder = of the new run, results = list of { path =, old =, new = } that
-- differ, inputs = likewise: none where nothing that is recorded differs }; or nil and a sentence.
-- The new run lies in the folder `rerun` of the run; one that was begun and not finished goes on.
function M.run(dir)
  dir = sys.absolute(dir)
  local record, why = record_of(dir)
  local words
  if record then words, why = command_of(dir, record) end
  if not words then return nil, why end
  local out = dir .. "/rerun"
  if record_of(out) then work_folder.clear(out) end
  words.env = redirected.environment(dir, out)
  local status
  status, why = sys.run(words)
  if not status then return nil, why end
  if not record_of(out) then
    return nil, ("the script ended with status %d before the run in %s was finished; the same \z
      command goes on from there"):format(status, out)
  end
  local found
  found, why = compare.runs(dir, out)
  return found and { folder = out, results = found.results, inputs = found.inputs }, why
end

return M
