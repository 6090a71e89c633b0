--- Tables of results: mean and deviation over repeats, and columns that line up.
local moments = require "moonstem.moments"

local M = {}

--- Whether a number is neither infinite nor NaN.
function M.finite(x)
  return x == x and x ~= math.huge and x ~= -math.huge
end

--- Mean, standard deviation (n - 1; nil of one value, and where the mean is not finite) and number
-- of the numbers in a list.
function M.mean_sd(values)
  local n, sum = #values, 0.0
  if n == 0 then return nil, nil, 0 end
  for _, v in ipairs(values) do sum = sum + v end
  if not M.finite(sum) then return sum, nil, n end
  local all = moments(values)
  return all.mean, all.sd, n
end

--- "91.47 ± 0.03" of a mean and a standard deviation; without the latter, "91.47"; "-" of nothing;
-- inf, -inf and nan.
function M.number(mean, sd, digits)
  if not mean then return "-" end
  if mean ~= mean then return "nan" end -- of either sign
  local form = ("%%.%df"):format(digits or 2)
  return sd and (form .. " ± " .. form):format(mean, sd) or form:format(mean)
end

-- Letters, not bytes: "±" counts once.
local function width(text)
  return utf8.len(text) or #text
end

local function pad(text, to, right)
  local gap = (" "):rep(to - width(text))
  return right and gap .. text or text .. gap
end

-- Header and rows under each other, in every cell one line: names may hold any byte.
local function one_line_each(header, rows)
  local all = {}
  for i = 0, #rows do
    all[i + 1] = {}
    for c, cell in ipairs(i == 0 and header or rows[i]) do all[i + 1][c] = cell:gsub("%c", " ") end
  end
  return all
end

--- Plain text of a table: header = list of texts, rows = list of lists of texts. The first column
-- is set to the left, the others to the right.
function M.text(header, rows)
  local widths, all = {}, one_line_each(header, rows)
  for _, row in ipairs(all) do
    for c, cell in ipairs(row) do widths[c] = math.max(widths[c] or 0, width(cell)) end
  end
  local lines = {}
  for i, row in ipairs(all) do
    local cells = {}
    for c, cell in ipairs(row) do cells[c] = pad(cell, widths[c], c > 1) end
    lines[#lines + 1] = (table.concat(cells, "  "):gsub("%s+$", ""))
    if i == 1 then
      local total = 2 * (#header - 1)
      for _, w in ipairs(widths) do total = total + w end
      lines[#lines + 1] = ("-"):rep(total)
    end
  end
  return table.concat(lines, "\n")
end

-- "improvement of width=32,seed=2 is inf" for every score that is not finite, and why, where the
-- result says so.
local function oddities(results, names, scores)
  local list = {}
  for _, result in ipairs(results) do
    local point = {}
    for i, name in ipairs(names) do
      point[i] = ("%s=%s"):format(name, tostring(result.options[name]))
    end
    for _, score in ipairs(scores) do
      local value = result.scores[score]
      if value and not M.finite(value) then
        list[#list + 1] = ("%s%s is %s%s"):format(score, #point > 0 and " of "
          .. table.concat(point, ",") or "", M.number(value),
          result.scores.undefined and ": " .. result.scores.undefined or "")
      end
    end
  end
  return list
end

-- Groups results that differ in their seed only; the groups in order of appearance.
local function grouped(results, names)
  local groups, at = {}, {}
  for _, result in ipairs(results) do
    local key = {}
    for i, name in ipairs(names) do key[i] = tostring(result.options[name]) end
    local text = table.concat(key, "\0")
    if not at[text] then
      at[text] = { label = key, results = {} }
      groups[#groups + 1] = at[text]
    end
    table.insert(at[text].results, result)
  end
  return groups
end

--- Header and rows of an experiment's results, one row for each setting, scores as mean ± standard
-- deviation over seeds. results: list of { options =, scores = }; names: what varies; scores: names
-- of scores. A third result lists messages about scores that are not finite.
function M.of_results(results, names, scores)
  local settings = {}
  for _, name in ipairs(names) do
    if name ~= "seed" then settings[#settings + 1] = name end
  end
  local header, rows = { table.unpack(settings) }, {}
  header[#header + 1] = "runs"
  for _, score in ipairs(scores) do header[#header + 1] = score end
  for _, group in ipairs(grouped(results, settings)) do
    local row = group.label
    row[#row + 1] = tostring(#group.results)
    for _, score in ipairs(scores) do
      local values = {}
      for _, result in ipairs(group.results) do values[#values + 1] = result.scores[score] end
      local mean, sd = M.mean_sd(values)
      row[#row + 1] = M.number(mean, sd, 4)
    end
    rows[#rows + 1] = row
  end
  return header, rows, oddities(results, names, scores)
end

return M
