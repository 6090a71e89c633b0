--- A rendering: each of several processes renders every n-th piece; the first one watches them and
-- ends the corpus.
local merge = require("moonstem.options").merge
local process_pool = require "moonstem.sys.process_pool"
local sys = require "moonstem.sys"
local work_folder = require "moonstem.sys.work_folder"
local render = require "standins.render"

local M = {}

local go_on = "; the same command goes on from here"

-- The pieces that are not there yet.
local function missing(o, pieces)
  local list = {}
  for _, piece in ipairs(pieces) do
    if not render.record(o, piece) then list[#list + 1] = piece end
  end
  return list
end

-- Renders pieces one after another, in this process.
local function in_turn(kind, o, list, step)
  local place, problem = work_folder.open(render.state(o))
  if not place then return nil, problem end
  local work <close> = place
  for _, piece in ipairs(list) do
    if sys.interrupted() then return nil, "interrupted" .. go_on end
    local good, why = render.piece(kind, o, piece, work.path)
    if not good then return nil, why end
    step()
  end
  return true
end

--- What a worker process does with its job.
function M.work(job, step)
  local kind, wanted, list = require(job.module), {}, {}
  for _, id in ipairs(job.ids) do wanted[id] = true end
  for _, piece in ipairs(assert(kind.pieces(job))) do
    if wanted[piece.id] then list[#list + 1] = piece end
  end
  return in_turn(kind, job, list, step)
end

-- The jobs of n workers: every n-th piece each.
local function jobs_of(kind, o, list, n)
  local jobs = {}
  for number = 1, n do
    local ids = {}
    for k = number, #list, n do ids[#ids + 1] = list[k].id end
    jobs[number] = merge(o, { module = kind.module, ids = ids })
  end
  return jobs
end

-- Renders what is missing: here, or in workers. bar: progress, stepped by pieces.
local function share_out(kind, o, list, bar)
  local n = math.min(o.workers, #list)
  if n <= 1 then return in_turn(kind, o, list, function() bar:step() end) end
  local before = 0
  local good, why = process_pool.share { module = "standins.rendering",
    jobs = jobs_of(kind, o, list, n), folder = render.state(o),
    progress = function(done)
      bar:step(done - before)
      before = done
    end }
  return good, why == "interrupted" and why .. go_on or why
end

-- The tables of the corpus, from the records of all pieces.
local function finish(kind, o, pieces)
  local records = {}
  for i, piece in ipairs(pieces) do
    records[i] = render.record(o, piece)
    if not records[i] then return nil, ("%s %s has gone%s"):format(kind.name, piece.id, go_on) end
  end
  local good, why = render.settle(o, pieces, records)
  if not good then return nil, why end
  return kind.finish(o, pieces, records)
end

local silent = { step = function() end, finish = function() end }

--- Renders a corpus: {out =, count =, rendered = pieces that were missing, seconds = the time it
-- took}, or nil and a message.
function M.run(kind, o)
  local start_time = sys.clock()
  -- from now on a signal is looked for between pieces, so that workers are stopped in order
  sys.interrupted()
  local good, why = render.open(kind, o)
  if not good then return nil, why end
  local lock <close>, held = sys.lock(render.state(o) .. "/lock")
  if not lock then return nil, held end
  local pieces
  pieces, why = kind.pieces(o)
  if not pieces then return nil, why end
  work_folder.sweep(render.state(o))
  local list = missing(o, pieces)
  local bar = o.progress and #list > 0 and sys.progress { label = kind.name, total = #list }
    or silent
  good, why = share_out(kind, o, list, bar)
  bar:finish()
  if good then good, why = finish(kind, o, pieces) end
  if not good then return nil, why end
  return { out = o.out, count = #pieces, rendered = #list, seconds = sys.clock() - start_time,
    missing = o.missing }
end

return M
