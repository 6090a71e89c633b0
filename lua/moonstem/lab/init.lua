--- The lab: experiments, run folders, the stages of the paper, tables of results.
local options_of = require "moonstem.options"
local results = require "moonstem.report.results"
local runs = require "moonstem.lab.runs"

local M = {
  root = "runs", -- where runs lie unless told otherwise
  table = require("moonstem.report.tables").text,
  mean_sd = require("moonstem.report.tables").mean_sd,
  notes = require("moonstem.lab.notes").of, -- what a reader of a report should know
  probe = require "moonstem.lab.probe", -- what frozen features know
}

--- ms.lab.experiment{...}: see moonstem.lab.experiment.
function M.experiment(spec)
  return require("moonstem.lab.experiment").new(spec)
end

--- ms.lab.paper{...}: the paper's experiments at a scale; see moonstem.lab.paper.
function M.paper(options)
  return require("moonstem.lab.paper").new(options)
end

--- ms.lab.recipe{...}: the runs behind a table or figure, worked off by the program; see
-- moonstem.lab.recipe.
function M.recipe(options)
  return require("moonstem.lab.recipe").new(options)
end

-- The arguments of a script as a plain list; raises where these are none.
local function checked(arguments)
  local list = {}
  if type(arguments) ~= "table" then
    error("lab.words: a list of words is expected, as arg, got " .. type(arguments), 3)
  end
  for i = 0, rawlen(arguments) do
    local word = rawget(arguments, i)
    if type(word) ~= "string" and (i > 0 or word ~= nil) then
      error(("lab.words: word %d must be a string, got %s"):format(i, type(word)), 3)
    end
    list[i] = word
  end
  return list
end

--- ms.lab.words(arg) -> the words among a script's arguments that are its own: all but --jobs,
-- --slurm and what else the program takes behind the script of an experiment, and their values.
function M.words(arguments)
  local _, words = require("moonstem.lab.job.options").of_script(checked(arguments))
  return words
end

function results.root() return M.root end

--- ms.lab.load("joint/vocals", [options]) -> the model of the best checkpoint at or below that run,
-- weights and all, and what the checkpoint says about itself. The name is that of a run below
-- ms.lab.root, with or without that root in front, or the path of a folder or of a .safetensors
-- file. nil and a sentence when there is none. A model that a script defined (by ms.net.define) is
-- built by that script if it is as it was; { define = "FILE" } names another, or the changed one.
function M.load(name, options)
  options_of.check(options or {}, "lab.load", { "define" })
  return runs.load(results.find(name), options)
end

--- ms.lab.best("separate/other", [options]) -> as load; of a separator its U-Net, which is what the
-- joint model wants. Raises when there is no such run: an experiment cannot begin without it.
function M.best(name, options)
  local model, about = M.load(name, options)
  if not model then error("lab.best: " .. about, 2) end
  return model.name == "separator" and model.unet or model, about
end

--- ms.lab.runs([folder]) -> list of runs below it (ms.lab.root), each { dir =, settings =, machine
-- =, steps =, best =,
-- rows = lines of metrics.jsonl, result = }.
function M.runs(folder)
  return runs.list(folder and results.find(folder) or M.root)
end

return M
