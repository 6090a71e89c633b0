--- A report as a list of blocks, written as one self-contained HTML page, or as Markdown beside its
-- pictures and sounds.
local html = require "moonstem.report.document.html"
local markdown = require "moonstem.report.document.markdown"
local options_of = require "moonstem.options"
local sounds = require "moonstem.report.document.sounds"
local strict = require "moonstem.strict"
local sys = require "moonstem.sys"

local Document = {}
Document.__index = Document
Document.__name = "moonstem.report"

local M = {}

--- A new document. Its blocks are added in order by the methods below, each of which returns it.
function M.new(title)
  return setmetatable({ title = title, blocks = {} }, Document)
end

local function add(kind, known, complete)
  return function(self, block)
    options_of.check(block, "report:" .. kind, known)
    block = options_of.merge(block, { kind = kind })
    table.insert(self.blocks, complete and complete(block) or block)
    return self
  end
end

local TEXT, LIST = { text = options_of.needed(options_of.string) }, { items = options_of.table }
local HEADING = options_of.merge(TEXT, { level = options_of.count })
local TABLE = { header = options_of.table, rows = options_of.table, caption = options_of.string,
  bars = options_of.table, legend = options_of.string, prose = options_of.flag,
  -- the last two come with t:document(), and are shown apart
  notes = options_of.any, list = options_of.table }
local PICTURE = { name = options_of.string, svg = options_of.string, png = options_of.string,
  figure = options_of.any, caption = options_of.string, alt = options_of.string,
  numbers = options_of.table }
local SOUND = { name = options_of.string, wave = options_of.any, rate = options_of.count,
  path = options_of.string, caption = options_of.string }
local FOLD = { title = options_of.string, inside = options_of.table }

--- d:heading{text =, level = 2 or 3}   d:paragraph{text =}   d:list{items = list of texts}
-- d:code{text =}
Document.heading = add("heading", HEADING)
Document.paragraph = add("paragraph", TEXT)
Document.list = add("list", LIST)
Document.code = add("code", TEXT)
--- d:facts{items = list of { label, value, note }}: numbers that are seen first
Document.facts = add("facts", LIST)
--- d:table{header = list, rows = list of lists, caption =, bars = { [column] = {low, high} },
-- legend = what the bars are, prose = true for cells that are sentences}
-- A cell is a text, or { text, value =, low =, high =, mark = }: in a column of bars, its value is
-- a bar from 0 in the cell, low and high an interval, mark a line; or { text, shade = 0 to 1, tip =
-- words }: as dark as that.
Document.table = add("table", TABLE)
-- A figure of ms.figure.of becomes its SVG and its words.
local function drawn(block)
  if block.figure then block.svg, block.alt = block.figure:svg(), block.alt or block.figure.alt end
  block.figure = nil
  if not (block.svg or block.png) or not block.name then
    error("report:picture: name is needed, and svg, png or figure", 0)
  end
  return block
end

--- d:picture{name = file name without its ending, svg = text, png = bytes or figure =
-- ms.figure.of(...), caption =, alt = the picture in words (what a chart says of itself, or the
-- caption), numbers = { header =, rows = } behind it}
Document.picture = add("picture", PICTURE, drawn)
--- d:sound{name = file name without its ending, wave = tensor, rate =, caption =}, which becomes an
-- MP3, or d:sound{path = sound file, caption =}, which is taken as it is
Document.sound = add("sound", SOUND, sounds.encoded)
--- d:fold{title =, inside = another document}: blocks that are folded away at first
Document.fold = add("fold", FOLD)

--- The document as one HTML page: pictures and sounds are inside, and nothing else is needed.
function Document:html() return html(self) end

--- The document as Markdown, its pictures and sounds as files beside it.
function Document:markdown() return markdown.text(self) end

-- Writes { path, bytes } below a folder, which ends in a slash or is "".
local function write_all(folder, files)
  for _, file in ipairs(files) do
    local path, ok, why = folder .. file[1], true, nil
    local into = path:match "^(.+)/[^/]*$"
    if into then ok, why = sys.mkdir(into) end
    if ok then ok, why = sys.write_file(path, file[2]) end
    if not ok then return nil, why end
  end
  return true
end

--- What is written under a name: "html" or "md", by its ending; or nil and a message.
function M.kind_of(path)
  local ending = (path:match "%.(%w+)$" or ""):lower()
  if ending == "html" or ending == "md" then return ending end
  return nil, ("%s: the name must end in .html or .md"):format(path)
end

--- d:save("report.html") -> the path, or nil and a message
-- The ending says what is written: .html, one page with all inside; .md, Markdown with pictures and
-- sounds as files beside it.
function Document:save(path)
  local kind, why = M.kind_of(path)
  if not kind then return nil, why end
  local folder, name = path:match "^(.-)([^/]*)$"
  local files = { { name, kind == "md" and self:markdown() or self:html() } }
  if kind == "md" then markdown.files(self, files) end
  local ok
  ok, why = write_all(folder, files)
  return ok and path, why
end

--- d:write(folder) -> path of the page, or nil and a message
-- Writes index.html, and report.md with its pictures and sounds.
function Document:write(folder)
  local ok, why = self:save(folder .. "/report.md")
  if not ok then return nil, why end
  return self:save(folder .. "/index.html")
end

Document.__tostring = function(self)
  return ("report: %s, %d blocks"):format(self.title, #self.blocks)
end

strict.class(Document, "report", { "title" })

return M
