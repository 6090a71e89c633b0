--- The losses of a run as curves on the terminal, while it trains.
local core_io = require "moonstem.core.io"
local live = require "moonstem.display.live"
local sys = require "moonstem.core.sys"

local Curves = {}
Curves.__index = Curves

local M = {}

local MOST = 400 -- points of the training curve; from then on each stands for twice as many steps

--- The curves of a job (loop.lua), or nil where standard error cannot show them.
function M.new(job, name)
  local chart = live.new()
  return chart and setmetatable({ chart = chart, name = name, job = job, each = 1, sum = 0,
    count = 0, steps = {}, losses = {}, rounds = {}, validations = {} }, Curves)
end

--- Rounds of the run that other processes did, in front.
function Curves:begin()
  local path = self.job.folder:path "metrics.jsonl"
  for _, row in ipairs(sys.exists(path) and core_io.load_json_lines(path) or {}) do
    self:add(row.step, row.train_loss)
    self:round(row)
  end
end

-- Halves the points of the training curve.
local function thin(self)
  local steps, losses = {}, {}
  for k = 2, #self.steps, 2 do
    steps[#steps + 1] = self.steps[k]
    losses[#losses + 1] = (self.losses[k - 1] + self.losses[k]) / 2
  end
  self.steps, self.losses, self.each = steps, losses, self.each * 2
end

function Curves:add(step, loss)
  self.steps[#self.steps + 1], self.losses[#self.losses + 1] = step, loss
  if #self.steps >= MOST then thin(self) end
end

function Curves:draw()
  self.chart:curves { title = self.name, x_label = "step", series = {
    { label = "training loss", x = self.steps, y = self.losses },
    { label = "validation loss", x = self.rounds, y = self.validations } } }
end

--- After a step; a point is the mean of several when there are many.
function Curves:step(step, loss)
  self.sum, self.count = self.sum + loss, self.count + 1
  if self.count < self.each then return end
  self:add(step, self.sum / self.count)
  self.sum, self.count = 0, 0
  if self.chart:due() then self:draw() end
end

--- After a validation, with its line of metrics.jsonl; the next drawing shows it.
function Curves:round(row)
  self.rounds[#self.rounds + 1] = row.step
  self.validations[#self.validations + 1] = row.valid_loss
end

--- Writes lines that stay, by write(), with the chart below them.
function Curves:around(write)
  self.chart:erase()
  write()
  self.chart:again()
end

--- At the end, the last time.
function Curves:finish()
  if #self.steps > 0 then self:draw() end
end

return M
