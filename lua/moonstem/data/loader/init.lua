--- ms.data.loader: batches of anything that a Lua function loads, by worker processes if wanted.
-- The parts: loader/order.lua (which items), draw.lua (random numbers), batch.lua, collate.lua,
-- stream.lua (workers), message.lua (batches between processes).
local collate = require "moonstem.data.loader.collate"
local open_stream = require "moonstem.data.loader.stream"
local items_of = require "moonstem.data.own_items"
local options_of = require "moonstem.options"
local order = require "moonstem.data.loader.order"
local strict = require "moonstem.strict"

local Loader = {}
Loader.__name = "moonstem.loader"

local M = {}

local MOST_WORKERS, MOST_PREFETCH = 256, 64

local VALUES = options_of.either(options_of.either(options_of.table, options_of.callable),
  options_of.string)
local KNOWN = {
  items = options_of.either(options_of.table, options_of.count), load = options_of.callable,
  batch = options_of.count(1), shuffle = false, seed = 1, workers = 0, drop_last = false,
  collate = options_of.callable, prefetch = options_of.count(2), weights = VALUES,
  balanced = VALUES, samples = options_of.count,
}
KNOWN.shuffle, KNOWN.drop_last = options_of.flag, options_of.flag

local function check(o)
  for _, name in ipairs { "items", "load" } do
    if not o[name] then error(("loader: the option %s is needed"):format(name), 0) end
  end
  if o.workers < 0 or o.workers > MOST_WORKERS then
    error(("loader: workers must be 0 to %d, got %d"):format(MOST_WORKERS, o.workers), 0)
  end
  if o.prefetch > MOST_PREFETCH then
    error(("loader: prefetch must be 1 to %d, got %d"):format(MOST_PREFETCH, o.prefetch), 0)
  end
end

--- ms.data.loader{ items =, load =, batch =, shuffle =, workers =, ... } -> loader
-- Batches of whatever a function loads: `for batch in loader:epoch(1) do ... end`.
-- items: a list, or a number n for the items 1 to n. load(item, draw) returns a sample, mostly a
--   table such as { wave = tensor, class = 3 }; nil and a message, or an error, ends the epoch with
--   an error that names the item. draw gives random numbers: draw:uniform(low, high),
--   draw:normal(mean, sd), draw:integer(first, last), draw:seed() for functions that take a seed.
-- options: { batch = 1 samples, shuffle = false, seed = 1, workers = 0 processes, drop_last = false
--   (whether a smaller last batch is left out), collate = function(list of samples) -> batch,
--   prefetch = 2 batches that each worker may be ahead,
--   weights = how likely each item is (drawn with replacement),
--   balanced = the class of each item (every class as often as the others, its items in turn),
--   samples = in an epoch of weights or balanced (as many as there are items) }
-- weights and balanced are lists, functions of an item, or names of a field of items.
-- Without collate, tensors of one shape are stacked along a new first axis, numbers become a tensor
-- (n), fields of tables are put together one by one, and other values become lists.
-- A batch holds tensors, numbers, strings, booleans and tables of these.
-- Order and bits depend on seed, epoch and item alone, whatever the number of workers, as long as
-- load draws from `draw` or ms.randn and its like (math.random is another source). Workers are
-- copies of the program as it was when the epoch began: what load changes in its variables stays in
-- the worker, files that were open share their place, and a feed or a writer of the script's must
-- not be used there. Each computes on one thread. They end with their loop, however it ends.
function M.new(options)
  local o = options_of(options, "loader", KNOWN)
  check(o)
  order.prepare(o)
  o.collate = o.collate or collate
  return setmetatable({ o = o, at = { epoch = 1, batch = 0 } }, Loader)
end

--- #loader: how many batches an epoch has.
function Loader:__len()
  return self.o.samples // self.o.batch
    + (not self.o.drop_last and self.o.samples % self.o.batch > 0 and 1 or 0)
end

local function need_epoch(epoch, who)
  if math.type(epoch) ~= "integer" or epoch < 1 then
    error(("loader:%s: epochs are numbers from 1, got %s"):format(who, tostring(epoch)), 3)
  end
end

-- The batches of an epoch from `first` on.
local function open(self, epoch, first)
  return open_stream(self.o, epoch, first, #self)
end

--- for batch, number in loader:epoch(n) do ... end
-- The batches of epoch n (from 1) in order; after loader:resume, those of its epoch that are left.
-- Tensors belong to the scope around the loop's body.
function Loader:epoch(epoch)
  need_epoch(epoch, "epoch")
  local stream = open(self, epoch, self.resumed == epoch and self.at.batch + 1 or 1)
  self.resumed = false
  return function()
    local batch, number = stream:take()
    if batch == nil then return nil end
    self.at = { epoch = epoch, batch = number }
    return batch, number
  end, nil, nil, stream
end

--- loader:batch(epoch, number) -> the batch of that number (from 1) of an epoch
-- Asked for one after another, batches come from workers that go on in between; loader:close() or
-- the collector ends them.
function Loader:batch(epoch, number)
  need_epoch(epoch, "batch")
  if math.type(number) ~= "integer" or number < 1 or number > #self then
    error(("loader:batch: batches are numbered 1 to %d, got %s"):format(#self, tostring(number)), 2)
  end
  local stream = self.stream
  if not stream or stream.epoch ~= epoch or stream.next ~= number then
    self:close()
    stream = open(self, epoch, number)
    self.stream = stream
  end
  return (stream:take())
end

--- How many samples batch `number` has.
function Loader:samples(number)
  return math.min(self.o.batch, self.o.samples - (number - 1) * self.o.batch)
end

--- loader:names(epoch, number) -> list of the items of a batch: their numbers, with id or path
-- where they have one
function Loader:names(epoch, number)
  local list, names = order.epoch(self.o, epoch), {}
  local before = (number - 1) * self.o.batch
  for k = 1, self:samples(number) do
    names[k] = items_of.name(self.o.items, list[before + k])
  end
  return names
end

-- What the order of items depends on, for records.
local SETTINGS = { "batch", "shuffle", "seed", "drop_last", "samples" }

--- loader:settings() -> what its batches depend on, as a table that JSON can hold
function Loader:settings()
  local settings = {}
  for _, name in ipairs(SETTINGS) do settings[name] = self.o[name] end
  settings.sampling = self.o.sums and "by weights" or self.o.classes and "balanced" or nil
  return settings
end

--- loader:state() -> { epoch =, batch = number of batches that came, settings = }
-- Where the loop is, as a table that JSON can hold; loader:resume takes it.
function Loader:state()
  return { epoch = self.at.epoch, batch = self.at.batch, settings = self:settings() }
end

--- loader:resume(state) -> loader
-- The next loader:epoch(state.epoch) goes on behind the batches that came. Raises where the state
-- is of a loader with other settings.
function Loader:resume(state)
  local o = options_of(state, "loader:resume", { epoch = options_of.count, batch = options_of.whole,
    settings = options_of.table })
  for name, value in pairs(self:settings()) do
    if o.settings[name] ~= value then
      error(("loader:resume: the state is of a loader with %s = %s, not %s")
        :format(name, tostring(o.settings[name]), tostring(value)), 2)
    end
  end
  self.at, self.resumed = { epoch = o.epoch, batch = o.batch }, o.epoch
  return self
end

--- loader:close() ends the workers that loader:batch started. Works as <close>, too.
function Loader:close()
  if self.stream then self.stream:close() end
  self.stream = nil
end

Loader.__close = Loader.close

-- `for batch in loader do`, as PyTorch has it.
function Loader.__call()
  error("loader: for batch in loader:epoch(1) do ... end runs over the batches of an epoch", 2)
end

Loader.__tostring = function(self)
  local o = self.o
  return ("loader: %d batches of %d, %d samples an epoch%s"):format(#self, o.batch, o.samples,
    o.workers > 0 and (", %d worker%s"):format(o.workers, o.workers == 1 and "" or "s") or "")
end

strict.class(Loader, "loader", { "stream", "resumed" })

-- A loader is no list: ipairs, which would find nothing at 1, raises.
local find = Loader.__index
function Loader.__index(self, key)
  if Loader[key] == nil and math.type(key) then
    error("loader: it has no numbered batches; for batch in loader:epoch(1) do ... end runs over \z
      them, and loader:batch(1, k) is number k of the first epoch", 2)
  end
  return find(self, key)
end

return M
