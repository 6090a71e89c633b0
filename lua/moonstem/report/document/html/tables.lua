--- Tables in HTML, with bars inside their cells (a strip from 0 to the value, a thin line for an
-- interval, a mark for what the value is compared with) and cells as dark as their share.
local escaped = require "moonstem.report.document.html.escaped"

-- Where a value lies between the ends of its column, 0 to 1.
local function place(value, range)
  return math.max(0, math.min(1, (value - range[1]) / (range[2] - range[1])))
end

local function property(name, value, range)
  return value and ("--%s:%.4g;"):format(name, place(value, range)) or ""
end

-- The strip of a cell as properties that the style sheet draws.
local function strip(cell, value, range)
  local zero, at = place(0, range), place(value, range)
  return ('class="bar" style="--a:%.4g;--b:%.4g;%s%s%s"'):format(math.min(zero, at),
    math.max(zero, at), property("l", cell.low, range), property("h", cell.high, range),
    property("m", cell.mark, range))
end

local function finite(x) return x and x == x and x ~= math.huge and x ~= -math.huge end

-- A cell as dark as its share, 0 to 1, with words for the pointer.
local function shaded(cell)
  return ('class="shade" style="--s:%.3g" title="%s"'):format(cell.shade, escaped(cell.tip or ""))
end

-- The attributes of a cell, with a space in front. A text in a column of bars is the number that it
-- begins with.
local function attributes(cell, block, column)
  local range = block.bars and block.bars[column]
  if type(cell) ~= "table" then cell = { tostring(cell) } end
  local value = range and (cell.value or tonumber(cell[1]:match "^[+-]?%d+%.?%d*"))
  if finite(value) then return " " .. strip(cell, value, range) end
  return cell.shade and " " .. shaded(cell) or ""
end

-- The name of a row; a path may be broken behind its slashes.
local function name_of(text)
  return ('<th scope="row">%s</th>'):format((text:gsub("/", "/<wbr>")))
end

local function row_of(row, block)
  local out = {}
  for i, cell in ipairs(row) do
    local text = escaped(type(cell) == "table" and cell[1] or cell)
    out[i] = i == 1 and name_of(text)
      or ("<td%s>%s</td>"):format(attributes(cell, block, i), text)
  end
  return "<tr>" .. table.concat(out) .. "</tr>"
end

local function head_of(header)
  local out = {}
  for i, text in ipairs(header) do out[i] = ('<th scope="col">%s</th>'):format(escaped(text)) end
  return "<thead><tr>" .. table.concat(out) .. "</tr></thead>"
end

-- The caption stands above the box, so that it does not scroll away: its HTML, and the attribute
-- that names the box and the table after it.
local function caption_of(block, n)
  local words = { block.caption or block.legend, block.caption and block.legend }
  if #words == 0 then
    return "", (' aria-label="table of %s"'):format(escaped(table.concat(block.header, ", ")))
  end
  return ('<p class="caption" id="c%d">%s</p>'):format(n, escaped(table.concat(words, " "))),
    (' aria-labelledby="c%d"'):format(n)
end

--- The table of a block { header =, rows =, caption =, bars =, prose = }, in a box of its own that
-- scrolls. n: a number that no other block of the page has.
return function(block, n)
  local rows = {}
  for i, row in ipairs(block.rows) do rows[i] = row_of(row, block) end
  local caption, named = caption_of(block, n)
  return ('%s<div class="scroll" tabindex="0" role="group"%s><table%s%s>%s<tbody>\n%s\n'
    .. "</tbody></table></div>"):format(caption, named, named, block.prose and ' class="prose"'
    or "", head_of(block.header), table.concat(rows, "\n"))
end
