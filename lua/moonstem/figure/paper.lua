--- A sheet of SVG: shapes and letters go on it, text comes out.
local Paper = {}
Paper.__index = Paper

Paper.INK, Paper.FAINT, Paper.GRID = "#222222", "#666666", "#e4e4e4"

-- Colours that readers with colour blindness tell apart (Okabe and Ito), the darker ones first.
Paper.COLOURS = { "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555",
  "#8c6d1f" }

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

-- UTF-8 in which each byte that is none, and each letter that XML has no room for, is a question
-- mark.
local function valid(text)
  local parts, at = {}, 1
  while true do
    local _, bad = utf8.len(text, at)
    if not bad then break end
    parts[#parts + 1] = text:sub(at, bad - 1) .. "?"
    at = bad + 1
  end
  return (table.concat(parts) .. text:sub(at)):gsub("\u{FFFE}", "?"):gsub("\u{FFFF}", "?")
end

local function escape(text)
  text = valid(tostring(text)):gsub("[%c]", " ")
  return (text:gsub('[&<>"]', ESCAPES))
end

-- Hundredths of a pixel are enough, and keep files small.
local function number(x)
  return (("%.2f"):format(x):gsub("%.?0+$", ""))
end
Paper.number = number

--- An empty sheet of that many pixels, white. Of curves paper.charts keeps what plain.lua needs to
-- draw them as text.
function Paper.new(width, height)
  local paper = setmetatable({ width = width, height = height, parts = {} }, Paper)
  paper:rect(0, 0, width, height, { fill = "#ffffff" })
  return paper
end

-- Attributes in alphabetical order, so that the same picture gives the same bytes.
local function attributes(given)
  local names, parts = {}, {}
  for name in pairs(given or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local value = given[name]
    if type(value) == "number" then value = number(value) end
    parts[#parts + 1] = (' %s="%s"'):format(name:gsub("_", "-"), escape(value))
  end
  return table.concat(parts)
end

function Paper:add(text)
  self.parts[#self.parts + 1] = text
end

function Paper:rect(x, y, width, height, style)
  self:add(('<rect x="%s" y="%s" width="%s" height="%s"%s/>'):format(number(x), number(y),
    number(width), number(height), attributes(style)))
end

function Paper:line(x1, y1, x2, y2, style)
  self:add(('<line x1="%s" y1="%s" x2="%s" y2="%s"%s/>'):format(number(x1), number(y1), number(x2),
    number(y2), attributes(style)))
end

function Paper:circle(x, y, radius, style)
  self:add(('<circle cx="%s" cy="%s" r="%s"%s/>'):format(number(x), number(y), number(radius),
    attributes(style)))
end

--- A line through points { {x, y}, ... }; closed makes it an area.
function Paper:path(points, style, closed)
  local parts = {}
  for i, p in ipairs(points) do
    parts[i] = (i == 1 and "M" or "L") .. number(p[1]) .. " " .. number(p[2])
  end
  if #parts == 0 then return end
  self:add(('<path d="%s%s"%s/>'):format(table.concat(parts), closed and "Z" or "",
    attributes(style)))
end

--- Letters; style may hold size (12), anchor ("start"), fill, turn (degrees), weight, and
-- halo = true for a white edge that keeps them readable over curves.
function Paper:text(x, y, text, style)
  style = style or {}
  local turn = style.turn and (' transform="rotate(%s %s %s)"')
    :format(number(style.turn), number(x), number(y))
  self:add(('<text x="%s" y="%s" font-size="%d" text-anchor="%s" fill="%s"%s%s%s>%s</text>'):format(
    number(x), number(y), style.size or 12, style.anchor or "start", style.fill or Paper.INK,
    style.weight and (' font-weight="%s"'):format(style.weight) or "",
    style.halo and ' stroke="#ffffff" stroke-width="3" paint-order="stroke"' or "", turn or "",
      escape(text)))
end

--- A PNG (bytes) stretched over a rectangle.
function Paper:image(x, y, width, height, png)
  self:add(('<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" '
    .. 'xlink:href="data:image/png;base64,%s"/>'):format(number(x), number(y), number(width),
    number(height), require "moonstem.core.io".base64(png)))
end

--- What `draw` draws is cut off outside the rectangle. The path's name is made of the rectangle: in
-- a page with several pictures equal names mean equal paths.
function Paper:clip(x, y, width, height, draw)
  local numbers = { number(x), number(y), number(width), number(height) }
  local name = "clip-" .. table.concat(numbers, "-")
  self:add(('<clipPath id="%s"><rect x="%s" y="%s" width="%s" height="%s"/></clipPath><g \z
    clip-path="url(#%s)">'):format(name, numbers[1], numbers[2], numbers[3], numbers[4], name))
  draw()
  self:add "</g>"
end

--- Papers under each other on one that is as wide as the widest; in words, one after another.
function Paper.stack(papers, title)
  if #papers == 1 then return papers[1] end
  local width, height, told, charts = 0, 0, {}, {}
  for i, paper in ipairs(papers) do
    width, height = math.max(width, paper.width), height + paper.height
    told[i] = paper.words
    table.move(paper.charts or {}, 1, #(paper.charts or {}), #charts + 1, charts)
  end
  local all, y = Paper.new(width, height), 0
  all.charts = charts
  for _, paper in ipairs(papers) do
    all:add(('<g transform="translate(0 %s)">'):format(number(y)))
    all:add(table.concat(paper.parts, "\n"))
    all:add "</g>"
    y = y + paper.height
  end
  return all:tell(title or papers[1].title, table.concat(told, "; "))
end

--- Gives the sheet a title and the picture in words; returns it.
function Paper:tell(title, words)
  self.title, self.words = title, words
  return self
end

--- About how wide letters are, in pixels: there is no font here to ask.
function Paper.letters(text, size)
  return (utf8.len(tostring(text)) or #tostring(text)) * (size or 12) * 0.6
end

--- The SVG file's text. paper.about: attributes of the whole picture, as data_x_label = "step".
function Paper:svg()
  return ('<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    .. 'width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="%s" \z
      font-family="Helvetica, Arial, sans-serif"%s>\n%s\n</svg>\n')
    :format(self.width, self.height, self.width, self.height, escape(self.words or "a picture"),
      attributes(self.about), table.concat(self.parts, "\n"))
end

return Paper
