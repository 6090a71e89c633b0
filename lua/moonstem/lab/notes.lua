--- What a reader of a report should know about the data and scores behind it.
-- RANDOM_AST: what a run says of an AST that started without image weights.
local M = { RANDOM_AST = "random weights (no imagenet file was given)" }

local function add_data_notes(notes, name, dataset)
  if dataset.synthetic then
    notes[#notes + 1] = ("%s was rendered here: its scores must not be set beside published ones.")
      :format(name)
  end
  for _, note in ipairs(dataset.notes or {}) do
    notes[#notes + 1] = ("%s: %s."):format(name, note)
  end
  local skipped = dataset:report()
  if #skipped > 0 then
    notes[#notes + 1] = ("%s: %s."):format(name, (tostring(skipped):gsub("\n%s*", "; ")))
  end
end

-- The first names of a list, and how many there are.
local function few(names)
  if #names <= 3 then return table.concat(names, ", ") end
  return ("%s, ... (%d runs)"):format(table.concat(names, ", ", 1, 3), #names)
end

-- Tags that no mean counts, said once for all runs in which they are the same.
local function add_tag_notes(notes, results)
  local runs, order = {}, {}
  for _, result in ipairs(results) do
    local names = {}
    for i, tag in ipairs(result.scores.left_out or {}) do
      names[i] = ("%s (%s)"):format(tag.name, tag.why)
    end
    local text = table.concat(names, ", ")
    if not runs[text] then
      runs[text] = {}
      order[#order + 1] = text
    end
    table.insert(runs[text], result.name)
  end
  for _, text in ipairs(order) do
    if text ~= "" then
      notes[#notes + 1] = ("tags in no mean of %s: %s."):format(few(runs[text]), text)
    end
  end
end

-- Runs whose AST did not start from an image model, as the paper's do.
local function add_ast_note(notes, results)
  local names = {}
  for _, result in ipairs(results) do
    if result.origin and result.origin.tail == M.RANDOM_AST then names[#names + 1] = result.name end
  end
  if #names == 0 then return end
  notes[#notes + 1] = ("the AST started from random weights, not from ImageNet as "
    .. "the paper's (give an imagenet file), in %s.")
    :format(few(names))
end

--- Notes on data sets by name and results of stages: stand-ins, clips left out, tags that no mean
-- counts, AST tails that did not start from an image model.
function M.of(sets, results)
  local notes, names = {}, {}
  for name in pairs(sets) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do add_data_notes(notes, name, sets[name]) end
  add_tag_notes(notes, results)
  add_ast_note(notes, results)
  return notes
end

return M
