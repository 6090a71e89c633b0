--- Accuracy of single-label classification (recipes/paper.md#inference-and-metrics: the paper's WA
-- is plain clip accuracy).
local values = require "moonstem.metrics.values"

local MOST = 4096 -- classes, for the confusion matrix is a list of lists

local M = {}

--- The class with the highest score; the first of equal ones.
function M.argmax(row)
  local best = 1
  for c = 2, #row do
    if row[c] > row[best] then best = c end
  end
  return best
end

local function refuse_nan(row, i)
  for c = 1, #row do
    if row[c] ~= row[c] then
      return ("accuracy: the score in row %d, column %d is not a number (NaN)"):format(i, c)
    end
  end
end

--- ms.metrics.accuracy(scores, classes) -> value, detail
-- Share of rows whose highest score is at the right class; the first of equal scores wins.
-- scores: N x C tensor or list of rows (logits or probabilities); classes: N whole numbers from 1.
-- Returns the accuracy (0 to 1) and { correct=, count=, confusion=, recall=, precision= }:
-- confusion[true][guess] counts, recall[class] is a share or false for a class that does not occur,
-- precision[class] a share or false for one that is never guessed.
-- NaN scores are refused with nil and a message; sizes or classes that do not fit raise, and more
-- than 4096 classes.
function M.accuracy(scores, classes)
  scores = values.lists(scores, "accuracy", "scores")
  classes = values.vector(classes, "accuracy", "classes")
  if #scores == 0 then return nil, "accuracy: there are no scores" end
  if not values.is_matrix(scores) then error("accuracy: scores must be N x C", 0) end
  if #scores ~= #classes then
    error(("accuracy: %d rows of scores but %d classes"):format(#scores, #classes), 0)
  end
  local size = #scores[1]
  if size > MOST then
    error(("accuracy: %d classes are more than %d"):format(size, MOST), 0)
  end
  local confusion, correct = {}, 0
  for c = 1, size do
    confusion[c] = {}
    for g = 1, size do confusion[c][g] = 0 end
  end
  for i, row in ipairs(scores) do
    local class = math.tointeger(classes[i])
    if #row ~= size then
      error(("accuracy: row 1 has %d scores but row %d has %d"):format(size, i, #row), 0)
    end
    if not class or class < 1 or class > size then
      error(("accuracy: class %d is %s, not one of 1 to %d"):format(i, classes[i], size), 0)
    end
    local why = refuse_nan(row, i)
    if why then return nil, why end
    local guess = M.argmax(row)
    confusion[class][guess] = confusion[class][guess] + 1
    if guess == class then correct = correct + 1 end
  end
  local recall, precision = {}, {}
  for c = 1, size do
    local total, guesses = 0, 0
    for g = 1, size do
      total, guesses = total + confusion[c][g], guesses + confusion[g][c]
    end
    recall[c] = total > 0 and confusion[c][c] / total
    precision[c] = guesses > 0 and confusion[c][c] / guesses
  end
  return correct / #scores, { correct = correct, count = #scores, confusion = confusion,
    recall = recall, precision = precision }
end

return M
