--- Training: schedules (the paper's, as data), tasks, the loop, checkpoints, transfer between
-- stages.
local schedules = require "moonstem.train.schedule.paper"
local tasks = require "moonstem.train.tasks"
local checkpoint = require "moonstem.train.checkpoint"
local own_checkpoint = require "moonstem.train.own_checkpoint"

local M = {
  separation = schedules.separation,
  adam_then_sgd = schedules.adam_then_sgd,
  ast = schedules.ast,
  separation_task = tasks.separation,
  tagging_task = tasks.tagging,
  combined_task = tasks.combined,
  loader_task = require "moonstem.train.loader_task",
  run = require("moonstem.train.loop").run,
  replay = require "moonstem.train.replay",
  schedule = require "moonstem.train.schedule",
  update_bn = require "moonstem.train.update_bn",
  early_stopping = require "moonstem.train.schedule.early_stopping",
  transfer = require "moonstem.train.transfer",
  load_model = require "moonstem.train.load_model",
  save_weights = checkpoint.save_weights,
  load_weights = checkpoint.load_weights,
  save_checkpoint = own_checkpoint.save_checkpoint,
  load_checkpoint = own_checkpoint.load_checkpoint,
}

return M
