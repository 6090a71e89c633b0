--- Logits of slices as probabilities of a clip.
local M = {}

-- One row of logits as probabilities: sigmoid for tags, softmax for genres.
local function probabilities(kind, logits)
  local p = {}
  if kind == "tags" then
    for c, x in ipairs(logits) do p[c] = 1 / (1 + math.exp(-x)) end
    return p
  end
  local top, sum = math.max(table.unpack(logits)), 0.0
  for c, x in ipairs(logits) do
    p[c] = math.exp(x - top)
    sum = sum + p[c]
  end
  for c = 1, #p do p[c] = p[c] / sum end
  return p
end

--- Mean of several slices' probabilities. kind: "tags" or "genres"; rows: list of lists of logits.
function M.average(kind, rows)
  local mean = {}
  for _, logits in ipairs(rows) do
    for c, p in ipairs(probabilities(kind, logits)) do mean[c] = (mean[c] or 0.0) + p / #rows end
  end
  return mean
end

return M
