--- Charts of curves as text: dots of Braille letters, two by four in each, with ticks around them.
-- For terminals that show no pictures, and for curves that grow while one looks.
local scales = require "moonstem.figure.scale"

local M = {}

local DOTS = { [0] = { [0] = 0x01, 0x02, 0x04, 0x40 }, { [0] = 0x08, 0x10, 0x20, 0x80 } }

-- ---- dots ------------------------------------------------------------------------------------
local function new_field(columns, rows)
  return { columns = columns, rows = rows, masks = {}, owners = {} }
end

-- Sets the dot at pixel (x, y) from the left upper corner for series i; the last one owns the
-- letter.
local function set(field, x, y, i)
  local column, row = x // 2, y // 4
  if column < 0 or column >= field.columns or row < 0 or row >= field.rows then return end
  local at = row * field.columns + column
  field.masks[at] = (field.masks[at] or 0) | DOTS[x % 2][y % 4]
  field.owners[at] = i
end

-- A line between two dots, the longer way dot by dot.
local function join(field, a, b, i)
  local dx, dy = b[1] - a[1], b[2] - a[2]
  local n = math.max(math.abs(dx), math.abs(dy), 1)
  for k = 0, n do
    set(field, math.floor(a[1] + dx * k / n + 0.5), math.floor(a[2] + dy * k / n + 0.5), i)
  end
end

local function draw_curve(field, s, x, y, i)
  local before
  for k = 1, #s.y do
    local px, py = s.x[k] and x.at(s.x[k]), s.y[k] and y.at(s.y[k])
    local here = px and py and { math.floor(px + 0.5), math.floor(py + 0.5) }
    if here then join(field, before or here, here, i) end
    before = here or nil
  end
end

-- Letters of a text, which may be no UTF-8.
local function length(text) return utf8.len(text) or #text end

-- ---- letters ---------------------------------------------------------------------------------
-- The place of a colour "#rrggbb" among the 216 of the colour cube, for terminals with 256.
local function cube(hex)
  local place = 16
  for i, pair in ipairs { hex:match "#(%x%x)(%x%x)(%x%x)" } do
    place = place + math.floor(tonumber(pair, 16) / 255 * 5 + 0.5) * ({ 36, 6, 1 })[i]
  end
  return place
end

local function painted(text, colour, colours)
  return colours and ("\27[38;5;%dm%s\27[0m"):format(cube(colour), text) or text
end

-- A row of letters; neighbours of one colour are painted together.
local function row_text(field, row, series, colours)
  local parts, run, owner = {}, "", nil
  local function flush()
    if run ~= "" then
      parts[#parts + 1] = owner and painted(run, series[owner].colour, colours) or run
    end
    run = ""
  end
  for column = 0, field.columns - 1 do
    local at = row * field.columns + column
    local mask = field.masks[at]
    if mask and field.owners[at] ~= owner then
      flush()
      owner = field.owners[at]
    end
    run = run .. (mask and utf8.char(0x2800 + mask) or " ")
  end
  run = run:gsub("%s+$", "")
  flush()
  return table.concat(parts)
end

-- Ticks of an axis as texts by the letter that they stand at.
local function ticks_at(scale, per_letter)
  local list = {}
  for _, tick in ipairs(scale.ticks) do
    list[math.floor(scale.at(tick.value) + 0.5) // per_letter] = tick.text
  end
  return list
end

-- The line of ticks below; those that would run into each other are left out.
local function x_line(scale, left, columns)
  local text, ticks, taken = (" "):rep(left), ticks_at(scale, 2), left
  for column = 0, columns - 1 do
    local tick = ticks[column]
    local at = tick and math.max(left, left + column - length(tick) // 2)
    if tick and (at > taken or taken == left) then
      text = text .. (" "):rep(at - taken) .. tick
      taken = at + length(tick)
    end
  end
  return text
end

local function legend(series, colours)
  local parts = {}
  for i, s in ipairs(series) do
    if s.label then parts[#parts + 1] = painted("━ " .. s.label, series[i].colour, colours) end
  end
  return #parts > 0 and table.concat(parts, "  ") or nil
end

-- The lines of one chart.
local function chart_lines(chart, width, height, colours)
  local o, series = chart.options, chart.series
  local y = scales.new(chart.y.low, chart.y.high, height * 4 - 1, 0,
    { log = o.log_y, exact = chart.y.exact, count = math.max(2, height // 3) })
  local left = 0
  for _, tick in ipairs(y.ticks) do left = math.max(left, length(tick.text)) end
  local columns = math.max(10, width - left - 3)
  local x = scales.new(chart.x.low, chart.x.high, 0, columns * 2 - 1,
    { log = o.log_x, exact = true, whole = chart.x.whole, count = math.max(2, columns // 14) })
  local field, ticks, list = new_field(columns, height), ticks_at(y, 4), {}
  for i, s in ipairs(series) do draw_curve(field, s, x, y, i) end
  local head = { o.title, o.y_label, legend(series, colours) }
  for k = 1, 3 do list[#list + 1] = head[k] end
  for row = 0, height - 1 do
    local tick = ticks[row] or ""
    list[#list + 1] = (" "):rep(left - length(tick)) .. tick .. (ticks[row] and " ┤" or " │")
      .. row_text(field, row, series, colours)
  end
  list[#list + 1] = (" "):rep(left + 1) .. "└" .. ("─"):rep(columns)
  list[#list + 1] = x_line(x, left + 2, columns)
  if o.x_label then
    list[#list + 1] = (" "):rep(left + 2 + (columns - length(o.x_label)) // 2) .. o.x_label
  end
  return list
end

--- The lines of the charts that papers keep for it: { series =, x =, y =, options = }. width:
-- letters in a line; height: lines of dots in each; colours: whether the terminal has them.
function M.lines(charts, width, height, colours)
  local all = {}
  for _, chart in ipairs(charts) do
    local list = chart_lines(chart, width, height, colours)
    table.move(list, 1, #list, #all + 1, all)
  end
  return all
end

return M
