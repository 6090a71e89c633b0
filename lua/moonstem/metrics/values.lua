--- Numbers for the metrics: tensors, lists and lists of lists become plain lists of Lua doubles.
local M = {}

--- The content of `x` as (nested) Lua lists: a tensor is copied out, a table is taken as it is.
-- who, what: for the error, e.g. "roc_auc", "scores".
function M.lists(x, who, what)
  if type(x) == "userdata" and x.totable then x = x:totable() end
  if type(x) ~= "table" then
    error(("%s: %s must be a tensor or a list of numbers, got %s"):format(who, what, type(x)), 0)
  end
  return x
end

--- One list of numbers (N); raises for anything nested or not a number.
function M.vector(x, who, what)
  local list = M.lists(x, who, what)
  for i = 1, #list do
    if type(list[i]) ~= "number" then
      error(("%s: %s must be one list of numbers, but item %d is a %s")
        :format(who, what, i, type(list[i])), 0)
    end
  end
  return list
end

--- Calls visit(i, score, positive) for each score and its label (0 or 1, or a truth value) of one
-- tag. true; nil and a message where a score is NaN. Raises for anything else than numbers and such
-- labels, and where there are not as many of the one as of the other.
function M.each_label(who, scores, labels, visit)
  if #scores ~= #labels then
    error(("%s: %d scores but %d labels"):format(who, #scores, #labels), 0)
  end
  for i, score in ipairs(scores) do
    local label = labels[i]
    if type(score) ~= "number" then
      error(("%s: score %d is a %s"):format(who, i, type(score)), 0)
    end
    if score ~= score then return nil, ("%s: score %d is not a number (NaN)"):format(who, i) end
    if label == 1 or label == true then visit(i, score, true)
    elseif label == 0 or label == false then visit(i, score, false)
    else error(("%s: label %d must be 0 or 1, got %s"):format(who, i, tostring(label)), 0) end
  end
  return true
end

--- True when `x` holds rows (N x C) rather than single numbers (N).
function M.is_matrix(list)
  return type(list[1]) == "table"
end

--- Columns of an N x C list of rows: a list of C lists of N numbers. Raises when rows differ in
-- length.
function M.columns(rows, who, what)
  local columns = {}
  for c = 1, #rows[1] do columns[c] = {} end
  for i, row in ipairs(rows) do
    if type(row) ~= "table" or #row ~= #columns then
      error(("%s: %s has %d columns in row 1 but %s in row %d"):format(who, what, #columns,
        type(row) == "table" and #row or "no list", i), 0)
    end
    for c = 1, #columns do columns[c][i] = row[c] end
  end
  return columns
end

return M
