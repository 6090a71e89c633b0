--- Keeps the loader a few batches ahead of the training step.
local audio = require "moonstem.audio"
local randomness = require "moonstem.train.step.randomness"

local Feeder = {}
Feeder.__index = Feeder

local M = {}

--- Starts at step `first` (0 is the first) of a task:
--   task.feed            options of ms.audio.feed (samples =, transform =); nil for a task without
--   audio
--   task:batch(step)     rows for the feed (nil without audio) and what else the step's loss needs:
--                        a pure function of the step, so any step can be replayed
-- ahead: batches prepared before they are asked for (4). seed: of the run, which task:batch may
-- draw random tensors by; nil: it draws by ms.seed.
function M.open(task, first, ahead, seed)
  local self = setmetatable({ task = task, next_step = first, ahead = ahead or 4, waiting = {},
    seed = seed }, Feeder)
  if task.feed then
    local options = { ahead = self.ahead, workers = 2 }
    for name, value in pairs(task.feed) do options[name] = value end
    self.feed = audio.feed(options)
  end
  return self
end

function Feeder:request()
  if self.seed then randomness.at(self.seed, self.next_step, "batch") end
  local rows, extra = self.task:batch(self.next_step)
  self.next_step = self.next_step + 1
  table.insert(self.waiting, { extra = extra })
  if self.feed then self.feed:push(rows) end
end

--- The next step's tensor (nil for a task without audio) and its extra.
-- false and a sentence that names the file when a row could not be read.
function Feeder:pop()
  while #self.waiting < (self.feed and self.ahead or 1) do self:request() end
  local item = table.remove(self.waiting, 1)
  if not self.feed then return nil, item.extra end
  local tensor, why = self.feed:pop()
  if not tensor then return false, why end
  return tensor, item.extra
end

--- Ends the loader's threads.
function Feeder:__close()
  local _ <close> = self.feed
end

return M
