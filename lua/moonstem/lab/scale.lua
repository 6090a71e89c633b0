--- A scale (recipes/scale.lua): how large the networks of the paper's stages are and how long they
-- train. Its parts are options of schedules, tasks, models and measurements, merged into what
-- these are given; every name in them belongs to one of these, or nothing begins.
local ms = require "moonstem"
local options_of = require "moonstem.options"
local schedules = require "moonstem.train.schedule.paper"

local M = {}

local merge, count = options_of.merge, options_of.count
--- What the task of stage 1 takes of its part, and what the AST does.
M.TASK = { frames = count, valid = count, scored = options_of.whole }
M.AST = { dim = count, depth = count, heads = count, frames = count }

local STAGE_ONE = merge(schedules.KNOWN.separation, M.TASK, { tested = count })
STAGE_ONE.source = nil -- the experiment says it
local PARTS = {
  separation = STAGE_ONE,
  tagging = schedules.KNOWN.adam_then_sgd, joint = schedules.KNOWN.adam_then_sgd,
  ast = merge(schedules.KNOWN.ast, M.AST),
  unet = { widths = options_of.table, levels = count, width = count, pool = options_of.string },
  tail = { widths = options_of.table, hidden = count, dropout = options_of.number,
    frames = count },
}

--- Raises for parts and settings that there are not.
function M.check(scale)
  local known = merge(PARTS, { corpora = options_of.table, seeds = options_of.table })
  options_of.check(scale, "scale", known)
  for name, settings in pairs(PARTS) do
    options_of.check(scale[name] or {}, "scale." .. name, settings)
  end
  for corpus, given in pairs(scale.corpora or {}) do ms.corpora.check(corpus, given) end
end

--- The settings that are among the known ones.
function M.only(settings, known)
  local picked = {}
  for name in pairs(known) do picked[name] = settings[name] end
  return picked
end

return M
