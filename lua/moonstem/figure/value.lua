--- A picture as a value: it knows itself in words, becomes files, and is shown where one looks.
local png = require "moonstem.figure.png"
local strict = require "moonstem.strict"
local sys = require "moonstem.core.sys"

local Figure = {}
Figure.__index = Figure

local M = {}

--- A figure of a paper that is drawn: f.title, f.alt (the picture in words), f.width and f.height
-- in pixels.
function M.of(paper)
  return setmetatable({ paper = paper, title = paper.title, alt = paper.words,
    width = paper.width, height = paper.height }, Figure)
end

--- Whether a value is a figure.
function M.is(value) return getmetatable(value) == Figure end

--- "svg" or "png", which the path's ending says; nil and a message for any other. Raises where it
-- is no name.
function M.kind_of(path, who)
  if type(path) ~= "string" then
    error(("%s: a file name is expected, got %s"):format(who, type(path)), 3)
  end
  local kind = (path:match "%.(%w+)$" or ""):lower()
  if kind == "svg" or kind == "png" then return kind end
  return nil, path .. ": the name must end in .svg or .png"
end

--- figure:svg() -> its SVG text
function Figure:svg()
  self.text = self.text or self.paper:svg()
  return self.text
end

--- figure:png([zoom = 2]) -> bytes of a PNG at so many times its pixels, or nil and a message
-- Needs rsvg-convert (Debian: librsvg2-bin).
function Figure:png(zoom)
  zoom = png.zoom_of(zoom, "figure:png")
  self.bytes = self.bytes or {}
  if self.bytes[zoom] then return self.bytes[zoom] end
  local bytes, why = png.of_svg(self:svg(), zoom)
  self.bytes[zoom] = bytes
  return bytes, why
end

--- figure:save("x.svg" or "x.png") -> the path, or nil and a message
function Figure:save(path)
  local kind, why = M.kind_of(path, "figure:save")
  if not kind then return nil, why end
  local bytes
  bytes, why = self[kind](self)
  if not bytes then return nil, why end
  local ok
  ok, why = sys.write_file(path, bytes)
  if not ok then return nil, why end
  return path
end

function Figure:__tostring()
  return ("figure of %d x %d pixels: %s"):format(self.width, self.height, self.alt)
end

-- Where no PNG can be made, the SVG itself stands in the page.
function Figure:__display(zoom)
  local bytes = self:png(zoom)
  return { ["image/png"] = bytes, ["text/html"] = not bytes and self:svg() or nil, alt = self.alt,
    width = self.width, height = self.height }
end

strict.class(Figure, "figure", { "title", "text", "bytes" })

return M
