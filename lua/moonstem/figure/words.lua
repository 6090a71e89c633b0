--- Pictures in words, for those who do not see them and for terminals that show none.
local scales = require "moonstem.figure.scale"

local M = {}

--- A number with as many digits as one can take in.
function M.number(x)
  if not x then return "none" end
  return (math.abs(x) >= 1e4 and math.abs(x) < 1e7 and "%.0f" or "%.4g"):format(x)
end

--- "1 curve", "3 curves".
function M.count(n, one, many)
  return ("%d %s"):format(n, n == 1 and one or many or one .. "s")
end

--- "from 1 to 5", of a list of numbers in which false is none; "without numbers".
function M.extent(list)
  local low, high = scales.extent { list }
  if not low then return "without numbers" end
  return ("from %s to %s"):format(M.number(low), M.number(high))
end

--- A sentence behind the title, if there is one.
function M.titled(title, text)
  return title and ("%s: %s"):format(title, text) or text
end

--- " of loss over step", as far as the axes have names.
function M.axes(options)
  return (options.y_label and " of " .. options.y_label or "")
    .. (options.x_label and " over " .. options.x_label or "")
end

--- The series of a chart: "training from 1 to 5, validation from 2 to 4", at most a dozen; where
-- some have labels, these.
function M.series(series, values)
  local parts, left_out, labelled = {}, 0, false
  for _, s in ipairs(series) do labelled = labelled or s.label ~= nil end
  for i, s in ipairs(series) do
    local label = s.label or not labelled and #series > 1 and tostring(i) or nil
    local extent = M.extent(s[values])
    if #parts == 12 then left_out = left_out + 1
    elseif label or not labelled then
      parts[#parts + 1] = label and ("%s %s"):format(label, extent) or extent
    end
  end
  if left_out > 0 then parts[13] = ("and %d more"):format(left_out) end
  return table.concat(parts, ", ")
end

return M
