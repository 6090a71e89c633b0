--- A task whose batches come from a loader (ms.data.loader): for data, models and losses of one's
-- own in the loop, which does the rest (loop.lua says what a task is).
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"
local is_tensor = require("moonstem.data.loader.message").is_tensor

local Task = {}

-- Steps count from 0, epochs and batches from 1.
function Task:batch(step)
  local n = self.steps_per_epoch
  return nil, self.loader:batch(step // n + 1, step % n + 1)
end

function Task:names(step)
  local n = self.steps_per_epoch
  return self.loader:names(step // n + 1, step % n + 1)
end

-- The samples of what a loader gave: its first tensor's rows.
local function samples_of(value)
  if is_tensor(value) then return value:size(1) end
  if type(value) ~= "table" then return nil end
  if value[1] ~= nil then return #value end
  for _, inner in pairs(value) do
    local n = samples_of(inner)
    if n then return n end
  end
end

-- Samples first to last of a batch of n: tensors' rows, lists' entries, fields one by one.
local function cut_out(value, n, first, last)
  if is_tensor(value) then return value:size(1) == n and value:slice(1, first, last) or value end
  if type(value) ~= "table" then return value end
  if #value == n then return table.move(value, first, last, 1, {}) end
  local part = {}
  for key, inner in pairs(value) do part[key] = cut_out(inner, n, first, last) end
  return part
end

function Task.clips(_, _, batch)
  return samples_of(batch)
    or error("loader_task: batches without tensors and lists cannot be shared by ranks", 0)
end

function Task:part(_, batch, cut)
  local n = self:clips(nil, batch)
  local first, last, count = cut(n)
  return nil, cut_out(batch, n, first, last), count / n
end

function Task:loss(model, _, batch)
  return self.loss_of(model, batch)
end

-- The mean loss over all samples of the loader for validation.
local function mean_loss(self, model)
  local sum, count = 0, 0
  for batch, number in self.valid:epoch(1) do
    local _ <close> = core.scope()
    local samples = self.valid:samples(number)
    sum = sum + samples * core.no_grad(self.loss_of, model, batch):item()
    count = count + samples
  end
  return { loss = sum / count }
end

function Task:validate(model)
  if self.validate_by then return self.validate_by(model) end
  return mean_loss(self, model)
end

strict.class(Task, "task", { "feed", "kind", "classes", "main", "valid", "validate_by" })

local KNOWN = { loader = options_of.table, loss = options_of.callable, valid = options_of.table,
  validate = options_of.callable, options = options_of.table }

--- ms.train.loader_task{ loader =, loss =, valid = or validate =, options = } -> task
-- What ms.train.run and ms.lab.experiment train: batches of a loader (ms.data.loader), an epoch
-- being the loader's. loss(model, batch) gives one number that can go backward.
-- valid: a loader; validation is then the mean of the loss over its samples.
-- validate, in its place: function(model) -> a table of numbers, `loss` among them; or nil and a
--   message.
-- options: what else the result depends on, as a table that JSON can hold, for the run's record.
-- A run that goes on takes up the loader where it was: any step's batch can be made again.
return function(given)
  local o = options_of(given, "loader_task", KNOWN)
  for _, name in ipairs { "loader", "loss" } do
    if not o[name] then error(("loader_task: the option %s is needed"):format(name), 2) end
  end
  if (o.valid == nil) == (o.validate == nil) then
    error("loader_task: one of valid (a loader) and validate (a function) is needed", 2)
  end
  return setmetatable({ loader = o.loader, loss_of = o.loss, valid = o.valid,
    validate_by = o.validate, steps_per_epoch = #o.loader,
    options = { loader = o.loader:settings(), also = o.options } }, Task)
end
