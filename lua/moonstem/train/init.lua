--- Training: schedules (the paper's, as data), tasks, the loop, checkpoints, transfer between
-- stages.
local core_io = require "moonstem.core.io"
local options_of = require "moonstem.options"
local schedules = require "moonstem.train.schedules"
local tasks = require "moonstem.train.tasks"
local checkpoint = require "moonstem.train.checkpoint"
local own_checkpoint = require "moonstem.train.own_checkpoint"
local settings = require "moonstem.train.settings"
local model_config = require "moonstem.train.model_config"

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
  early_stopping = require "moonstem.train.early_stopping",
  transfer = require "moonstem.train.transfer",
  save_weights = checkpoint.save_weights,
  load_weights = checkpoint.load_weights,
  save_checkpoint = own_checkpoint.save_checkpoint,
  load_checkpoint = own_checkpoint.load_checkpoint,
}

--- The model of a best.safetensors, weights and all, in evaluation mode; and what the file says
-- about itself ({ model =, step =, loss =, settings = }). nil and a sentence when it cannot be
-- read, or when layers were put in place of others after the model was made: then the sentence
-- tells what differs. A model of a definition in a script is built by that script, if it is as it
-- was; options: { define = FILE }, the script to take in its place.
function M.load_model(path, options)
  local o = options_of(options, "load_model", { define = options_of.string })
  local list, metadata = core_io.safetensors_info(path)
  if not list then return nil, metadata end
  local about = metadata.about and core_io.json_decode(metadata.about)
  if not about or not about.model then
    return nil, path .. " does not say what model it belongs to; load its weights into a model "
      .. "of your own "
      .. "(ms.net.define makes those that say it)"
  end
  settings.current(about.settings)
  local model, why = model_config.build(about.model, o.define)
  if not model then return nil, path .. ": " .. why end
  local fits, ok
  fits, ok, why = pcall(checkpoint.load_weights, path, model)
  if not fits then
    return nil, ("%s: its weights are not of the model that it describes, parts of which were "
      .. "replaced (%s); make the model "
      .. "with these parts and read them by ms.train.load_weights(path, model)"):format(path,
        (tostring(ok):gsub("^[^\n]-%.lua:%d+: ", "")))
  end
  if not ok then return nil, why end
  return model:eval(), about
end

return M
