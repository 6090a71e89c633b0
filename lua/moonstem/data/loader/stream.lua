--- The batches of an epoch one after another, made here or by copies of this program. Worker w of
-- n makes batches w, w + n, ... and is at most `prefetch` batches ahead, so that the order is the
-- same whoever works, and memory is bounded.
local core = require "moonstem.core.tensor"
local workers = require "moonstem.core.workers"
local encoded_batch = require "moonstem.data.loader.batch"
local message = require "moonstem.data.loader.message"
local order = require "moonstem.data.loader.order"
local process_pool = require "moonstem.sys.process_pool"

local Stream = {}
Stream.__index = Stream

local PATIENCE = 5 -- seconds for a worker to be gone after SIGTERM
local GOOD, BAD = "=", "!" -- how texts of batches and of errors begin

-- ---- in a worker -----------------------------------------------------------------------------
-- Makes batches first, first + step, ... and sends them; one that fails is the last.
local function work(self, first, step, channel)
  for k = first, self.last, step do
    local _ <close> = core.scope()
    local good, text, tensors = pcall(encoded_batch, self.o, self.epoch, self.order, self.turns, k)
    text = good and GOOD .. text or BAD .. tostring(text)
    if not channel:send(text, good and tensors or {}) or not good then return end
  end
end

local function refuse_exit() error("os.exit was called in a worker of a loader", 0) end

-- ---- in the parent ---------------------------------------------------------------------------
-- Starts worker w: true, or nil and a message.
local function start(self, w)
  local earlier = self.channels
  local process, channel = workers.fork(function(mine)
    for _, other in ipairs(earlier) do other:close() end
    os.exit = refuse_exit -- luacheck: ignore
    work(self, self.next + w - 1, self.o.workers, mine)
  end, self.o.prefetch)
  if not process then return nil, channel end
  self.workers:add(process, w)
  self.channels[w] = channel
  return true
end

--- The batches of an epoch from batch `first` to `last`. o: the loader's options.
local function open(o, epoch, first, last)
  local self = { o = o, epoch = epoch, first = first, next = first, last = last,
    workers = process_pool.new(), channels = {} }
  self.order, self.turns = order.epoch(o, epoch)
  for w = 1, math.min(o.workers, last - first + 1) do
    local good, why = start(self, w)
    if not good then
      Stream.close(self)
      error("loader: " .. why, 0)
    end
  end
  return setmetatable(self, Stream) -- after the workers, so that it is collected before them
end

-- Why worker w sends no more.
local function death_of(self, w)
  local status = self.workers.processes[w]:wait(PATIENCE) or "?"
  return ("loader: worker %d ended with status %s at batch %d of epoch %d%s"):format(w, status,
    self.next, self.epoch, status == 137 and " (killed: was memory short?)" or "")
end

-- The text and the tensors of the next batch from its worker.
local function received(self)
  local w = (self.next - self.first) % self.o.workers + 1
  local text, tensors = self.channels[w]:receive()
  local why = not text and death_of(self, w) or text:sub(1, 1) == BAD and text:sub(2)
  if why then
    self:close()
    error(why, 0)
  end
  return text:sub(2), tensors
end

--- stream:take() -> the next batch and its number, or nothing after the last, at which the workers
-- end.
function Stream:take()
  if self.next > self.last then return nil end
  local text, tensors
  if #self.channels > 0 then text, tensors = received(self)
  else text, tensors = encoded_batch(self.o, self.epoch, self.order, self.turns, self.next) end
  local number = self.next
  self.next = number + 1
  if number == self.last then self:close() end
  return message.decode(text, tensors), number
end

--- Ends the workers.
function Stream:close()
  self.next = self.last + 1
  if self.workers:count() == 0 then return end
  self.workers:stop(PATIENCE)
  for _, channel in ipairs(self.channels) do channel:close() end
  self.workers, self.channels = process_pool.new(), {}
end

Stream.__close = Stream.close
Stream.__gc = Stream.close

return open
