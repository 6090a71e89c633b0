--- The workers of a rendering: one process renders every n-th piece; the first process watches and ends the corpus.
local core_io = require "moonstem.core.io"
local sys = require "moonstem.sys"
local render = require "standins.render"

local crew = {}

local go_on = "; the same command goes on from here"

-- The pieces that are not there yet.
local function missing(o, pieces)
  local list = {}
  for _, piece in ipairs(pieces) do
    if not render.record(o, piece) then list[#list + 1] = piece end
  end
  return list
end

-- Every n-th missing piece from the i-th, in this process.
local function work(kind, o, list, i, n, step)
  for k = i, #list, n do
    if sys.interrupted() then return nil, "interrupted" .. go_on end
    local good, why = render.piece(kind, o, list[k], i)
    if not good then return nil, why end
    step()
  end
  return true
end

--- What a worker process does. o.worker = {number, of how many}, o.pieces = ids of what was missing.
function crew.worker(kind, o)
  local wanted, list = {}, {}
  for _, id in ipairs(o.missing) do wanted[id] = true end
  for _, piece in ipairs(kind.pieces(o)) do
    if wanted[piece.id] then list[#list + 1] = piece end
  end
  return work(kind, o, list, o.worker[1], o.worker[2], function() end)
end

-- The words of a worker that failed: the last line.
local function last_words(path)
  local words = sys.read_file(path) or ""
  return words:match("([^\n]+)\n*$") or "a worker ended without a word"
end

local function stop(processes)
  for _, process in ipairs(processes) do
    if not process:poll() then process:kill("TERM") end
  end
  for _, process in ipairs(processes) do process:wait(20) end
end

local function start(kind, o, list, n)
  local ids, processes = {}, {}
  for i, piece in ipairs(list) do ids[i] = piece.id end
  local script = assert(package.searchpath("standins.worker", package.path))
  for i = 1, n do
    local job = { kind = kind.name, worker = { i, n }, missing = ids, out = o.out, count = o.count, seconds = o.seconds,
      seed = o.seed, soundfont = o.soundfont, test_share = o.test_share }
    local path = ("%s/worker-%d"):format(render.state(o), i)
    local good, why = core_io.save_json(path .. ".json", job)
    local process
    if good then
      local words = path .. ".txt"
      process, why = sys.spawn { "/proc/self/exe", script, path .. ".json", stdout = words, stderr = words }
    end
    if not process then
      stop(processes)
      return nil, why
    end
    processes[i] = process
  end
  return processes
end

-- Waits for the workers, watching what they deliver.
local function watch(o, processes, step)
  local alive, names = { table.unpack(processes) }, {}
  for i, process in ipairs(processes) do names[process] = ("%s/worker-%d"):format(render.state(o), i) end
  while #alive > 0 do
    local place, status = sys.wait(alive, 1)
    if place then
      local process = table.remove(alive, place)
      if status ~= 0 then
        stop(alive)
        return nil, last_words(names[process] .. ".txt")
      end
    elseif sys.interrupted() then
      stop(alive)
      return nil, "interrupted" .. go_on
    end
    step()
  end
  return true
end

-- A function that tells how many records have come since it told last.
local function counter(o)
  local folder = render.state(o) .. "/pieces"
  local before = #(sys.list(folder) or {})
  return function()
    local now = #(sys.list(folder) or {})
    local new = now - before
    before = now
    return new
  end
end

local function remove_jobs(o, n)
  for i = 1, n do
    local path = ("%s/worker-%d"):format(render.state(o), i)
    sys.remove(path .. ".json")
    sys.remove(path .. ".txt")
    render.clear(("%s/work-%d"):format(render.state(o), i))
  end
end

-- Renders what is missing: here, or in workers. bar: progress, stepped by pieces.
local function share_out(kind, o, list, bar)
  local n = math.min(o.workers, #list)
  if n <= 1 then return work(kind, o, list, 1, 1, function() bar:step() end) end
  local new = counter(o)
  local processes, why = start(kind, o, list, n)
  local good
  if processes then good, why = watch(o, processes, function() bar:step(new()) end) end
  remove_jobs(o, n)
  return good, why
end

-- The tables of the corpus, from the records of all pieces.
local function finish(kind, o, pieces)
  local records = {}
  for i, piece in ipairs(pieces) do
    records[i] = render.record(o, piece)
    if not records[i] then return nil, ("%s %s has gone%s"):format(kind.name, piece.id, go_on) end
  end
  return kind.finish(o, pieces, records)
end

local silent = { step = function() end, finish = function() end }

--- Renders a corpus: {out =, count =, rendered = pieces that were missing, seconds = the time it took}, or nil and a
-- sentence.
function crew.run(kind, o)
  local start_time = sys.clock()
  sys.interrupted() -- from now on a signal is looked for between pieces, so that workers are stopped in order
  local good, why = render.open(kind, o)
  if not good then return nil, why end
  local lock <close>, held = sys.lock(render.state(o) .. "/lock")
  if not lock then return nil, held end
  local pieces = kind.pieces(o)
  local list = missing(o, pieces)
  local bar = o.progress and #list > 0 and sys.progress { label = kind.name, total = #list } or silent
  good, why = share_out(kind, o, list, bar)
  bar:finish()
  if good then good, why = finish(kind, o, pieces) end
  if not good then return nil, why end
  return { out = o.out, count = #pieces, rendered = #list, seconds = sys.clock() - start_time }
end

return crew
