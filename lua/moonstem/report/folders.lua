--- The folders of runs, finished or not: where they are, and what they hold.
local core_io = require "moonstem.core.io"
local sealed = require "moonstem.sys.sealed"
local sys = require "moonstem.sys"

local M = {}

--- Whether a folder is that of a run.
function M.is_run(dir) return sys.exists(dir .. "/settings.json") end

local function collect(dir, found, depth)
  if M.is_run(dir) then
    found[#found + 1] = dir
  elseif depth > 0 and sys.is_dir(dir) then
    for _, name in ipairs(sys.list(dir) or {}) do
      if name ~= "pack" and name ~= "corpora" then collect(dir .. "/" .. name, found, depth - 1) end
    end
  end
  return found
end

--- The folders of runs at or below `dir`, at most `depth` (6) below it, in order of their names.
function M.below(dir, depth) return collect(dir, {}, depth or 6) end

--- The name of a run, shortened by the folder that it lies in.
function M.name(run, root)
  return run.dir:sub(1, #root + 1) == root .. "/" and run.dir:sub(#root + 2) or run.dir
end

-- What a file of a run holds, or nothing where there is none; what is wrong with it is added to
-- the problems.
local function read(load, path, problems)
  if not sys.exists(path) then return nil end
  local value, why = load(path)
  if value == nil then problems[#problems + 1] = why
  elseif math.type(why) and why > 0 then
    problems[#problems + 1] = ("%s: %d damaged lines are left out"):format(path, why)
  end
  return value
end

-- All lines of metrics.jsonl, and the one with the lowest validation loss.
local function lines(dir, problems)
  local rows, best = read(core_io.load_json_lines, dir .. "/metrics.jsonl", problems) or {}, nil
  for _, row in ipairs(rows) do
    if row.valid_loss and (not best or row.valid_loss < best.valid_loss) then best = row end
  end
  return rows, best
end

--- What is known of one run: { dir =, settings =, machine =, moonstem = version, command =,
-- started =, steps =, best = validation loss, rows = metrics, result = what result.json holds, or
-- nil while it is unfinished, problems = sentences about files that cannot be read }. nil and a
-- sentence where there is no run.
function M.about(dir)
  local record, why = sealed.load(dir .. "/settings.json")
  if not record then return nil, why end
  local problems = {}
  local rows, best = lines(dir, problems)
  local result, last = read(sealed.load, dir .. "/result.json", problems), rows[#rows]
  return { dir = dir, settings = record.asked, machine = record.machine,
    moonstem = record.moonstem, command = record.command, started = record.started,
    steps = last and last.step or result and result.steps or 0, best = best and best.valid_loss,
    rows = rows, result = result, problems = problems }
end

return M
