--- A report as a list of blocks, written as one self-contained HTML page and as Markdown beside its
-- pictures.
local core_io = require "moonstem.core.io"
local sys = require "moonstem.sys"
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"

local Document = {}
Document.__index = Document

local M = {}

--- A new document. Its blocks are added in order by the methods below.
function M.new(title)
  return setmetatable({ title = title, blocks = {} }, Document)
end

local function add(kind, known)
  return function(self, block)
    options_of.check(block, "report:" .. kind, known)
    table.insert(self.blocks, options_of.merge(block, { kind = kind }))
    return self
  end
end

local TEXT, LIST = { text = options_of.string }, { items = options_of.table }
local TABLE = { header = options_of.table, rows = options_of.table, caption = options_of.string,
  -- the last two come with t:document(), and are shown apart
  notes = options_of.any, list = options_of.table }
local PICTURE = { name = options_of.string, svg = options_of.string, png = options_of.string,
  caption = options_of.string }
local SOUND = { path = options_of.string, caption = options_of.string }

--- d:heading{text =}   d:paragraph{text =}   d:list{items = list of texts}   d:code{text =}
Document.heading = add("heading", TEXT)
Document.paragraph = add("paragraph", TEXT)
Document.list = add("list", LIST)
Document.code = add("code", TEXT)
--- d:table{header = list, rows = list of lists, caption =}: cells are texts
Document.table = add("table", TABLE)
--- d:picture{name = file name without its ending, svg = text or png = bytes, caption =}
Document.picture = add("picture", PICTURE)
--- d:sound{path = WAV file, relative to the report, caption =}
Document.sound = add("sound", SOUND)

-- Text that is UTF-8: bytes that are not (names of files may hold any) become the replacement
-- character.
local function readable(text)
  local at, parts = 1, {}
  while true do
    local _, bad = utf8.len(text, at)
    if not bad then break end
    table.insert(parts, text:sub(at, bad - 1) .. "\u{FFFD}")
    at = bad + 1
  end
  return table.concat(parts) .. text:sub(at)
end

-- ---- HTML ----------------------------------------------------------------------------------
local ESCAPE = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function escaped(text)
  return (readable(text):gsub('[&<>"]', ESCAPE))
end

local function cells(tag, row)
  local out = {}
  for i, cell in ipairs(row) do out[i] = ("<%s>%s</%s>"):format(tag, escaped(cell), tag) end
  return "<tr>" .. table.concat(out) .. "</tr>"
end

-- A picture inside the page: SVG as it is, PNG as a data address.
local function inline(block)
  if block.svg then return (block.svg:gsub("^%s*<%?xml.-%?>%s*", "")) end
  return ('<img alt="%s" src="data:image/png;base64,%s">')
    :format(escaped(block.caption or block.name), core_io.base64(block.png))
end

local HTML = {
  heading = function(b) return "<h2>" .. escaped(b.text) .. "</h2>" end,
  paragraph = function(b) return "<p>" .. escaped(b.text) .. "</p>" end,
  code = function(b) return "<pre>" .. escaped(b.text) .. "</pre>" end,
  list = function(b)
    local items = {}
    for i, item in ipairs(b.items) do items[i] = "<li>" .. escaped(item) .. "</li>" end
    return "<ul>" .. table.concat(items) .. "</ul>"
  end,
  table = function(b)
    local rows = { cells("th", b.header) }
    for _, row in ipairs(b.rows) do rows[#rows + 1] = cells("td", row) end
    local caption = b.caption and "<caption>" .. escaped(b.caption) .. "</caption>" or ""
    return "<table>" .. caption .. table.concat(rows, "\n") .. "</table>"
  end,
  picture = function(b)
    return ("<figure>%s<figcaption>%s</figcaption></figure>")
      :format(inline(b), escaped(b.caption or ""))
  end,
  sound = function(b)
    return ('<figure><audio controls preload="none" src="%s"></audio>'
      .. '<figcaption>%s</figcaption></figure>'):format(escaped(b.path),
        escaped(b.caption or b.path))
  end,
}

local STYLE = [[
body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; ]] .. [[
color: #222; background: #fff }
table { border-collapse: collapse } th, td { padding: .2em .8em; ]] .. [[
border-bottom: 1px solid #ccc; text-align: right }
th:first-child, td:first-child { text-align: left } ]] .. [[
caption { text-align: left; font-style: italic }
figure { margin: 1em 0 } figure img, figure svg { max-width: 100%; height: auto }
pre { overflow: auto; background: #f4f4f4; padding: .5em }
figcaption { font-size: 90%; color: #555 }]]

--- The document as one HTML page: pictures inside, sounds beside it.
function Document:html()
  local parts = {}
  for i, block in ipairs(self.blocks) do parts[i] = HTML[block.kind](block) end
  return ([[
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>%s</title>
<style>
%s
</style></head>
<body><h1>%s</h1>
%s
</body></html>
]]):format(escaped(self.title), STYLE, escaped(self.title), table.concat(parts, "\n"))
end

-- ---- Markdown ------------------------------------------------------------------------------
-- A cell or a line of text, without what Markdown would take for marks of its own.
local function plain(text)
  return (readable(text):gsub("[|*_`<>]", "\\%0"):gsub("\n", " "))
end

local function row_of(row)
  local out = {}
  for i, cell in ipairs(row) do out[i] = plain(cell) end
  return "| " .. table.concat(out, " | ") .. " |"
end

local function file_of(block)
  return block.name .. (block.svg and ".svg" or ".png")
end

local MARKDOWN = {
  heading = function(b) return "## " .. plain(b.text) end,
  paragraph = function(b) return plain(b.text) end,
  code = function(b) return "```\n" .. readable(b.text) .. "\n```" end,
  list = function(b)
    local items = {}
    for i, item in ipairs(b.items) do items[i] = "- " .. plain(item) end
    return table.concat(items, "\n")
  end,
  table = function(b)
    local lines = { row_of(b.header), "|---" .. ("|---:"):rep(#b.header - 1) .. "|" }
    for _, row in ipairs(b.rows) do lines[#lines + 1] = row_of(row) end
    return table.concat(lines, "\n") .. (b.caption and "\n\n" .. plain(b.caption) or "")
  end,
  picture = function(b) return ("![%s](%s)"):format(plain(b.caption or b.name), file_of(b)) end,
  sound = function(b) return ("[%s](%s)"):format(plain(b.caption or b.path), b.path) end,
}

--- The document as Markdown, its pictures as files beside it.
function Document:markdown()
  local parts = { "# " .. plain(self.title) }
  for _, block in ipairs(self.blocks) do parts[#parts + 1] = MARKDOWN[block.kind](block) end
  return table.concat(parts, "\n\n") .. "\n"
end

--- Writes index.html, report.md and the pictures into a folder. The path of the page, or nil and a
-- message.
function Document:write(folder)
  local ok, why = sys.mkdir(folder)
  if not ok then return nil, why end
  local files = { { "index.html", self:html() }, { "report.md", self:markdown() } }
  for _, block in ipairs(self.blocks) do
    if block.kind == "picture" then
      files[#files + 1] = { file_of(block), block.svg or block.png }
    end
  end
  for _, file in ipairs(files) do
    ok, why = sys.write_file(folder .. "/" .. file[1], file[2])
    if not ok then return nil, why end
  end
  return folder .. "/index.html"
end

strict.class(Document, "report", { "title" })

return M
