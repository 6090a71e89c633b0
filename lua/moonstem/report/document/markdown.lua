--- Documents as Markdown: pictures and sounds are files beside the text.
local readable = require "moonstem.report.document.readable"

local M = {}

-- A cell or a line of text, without what Markdown would take for marks of its own.
local function plain(text)
  text = readable(text):gsub("\n", " "):gsub("\\", "\\\\"):gsub("[|*_`<>~]", "\\%0")
  text = text:gsub("%](%f[[(%[])", "\\]%1"):gsub("&(%f[%w#])", "\\&%1")
  return (text:gsub("^([#+%[-])", "\\%1"):gsub("^(%d+)([.)])", "%1\\%2"))
end

local function cell_text(cell) return type(cell) == "table" and cell[1] or cell end

-- A cell is behind a mark of the table: what only matters at the start of a line may stay.
local function cell_of(cell)
  return (plain("x" .. tostring(cell_text(cell))):sub(2))
end

local function row_of(row)
  local out = {}
  for i, cell in ipairs(row) do out[i] = cell_of(cell) end
  return "| " .. table.concat(out, " | ") .. " |"
end

local function file_of(block)
  if block.kind == "sound" then return ("audio/%s.%s"):format(block.name, block.ending) end
  return block.name .. (block.svg and ".svg" or ".png")
end

-- A file's name as the target of a link.
local function link(path)
  return (path:gsub("[^%w%-._~/]", function(c) return ("%%%02X"):format(c:byte()) end))
end

-- A fence that the text itself does not hold.
local function fence(text)
  local longest = 2
  for ticks in text:gmatch "`+" do longest = math.max(longest, #ticks) end
  return ("`"):rep(longest + 1)
end

local text_of

local KINDS = {
  heading = function(b) return ("#"):rep(b.level or 2) .. " " .. plain(b.text) end,
  paragraph = function(b) return plain(b.text) end,
  code = function(b)
    local text = readable(b.text)
    return ("%s\n%s\n%s"):format(fence(text), text, fence(text))
  end,
  list = function(b)
    local items = {}
    for i, item in ipairs(b.items) do items[i] = "- " .. plain(item) end
    return table.concat(items, "\n")
  end,
  facts = function(b)
    local items = {}
    for i, item in ipairs(b.items) do
      items[i] = ("- %s: **%s**%s"):format(plain(item[1]), cell_of(item[2]),
        item[3] and " " .. plain("(" .. item[3] .. ")") or "")
    end
    return table.concat(items, "\n")
  end,
  table = function(b)
    local lines = { row_of(b.header), "|---" .. ("|---:"):rep(#b.header - 1) .. "|" }
    for _, row in ipairs(b.rows) do lines[#lines + 1] = row_of(row) end
    return table.concat(lines, "\n") .. (b.caption and "\n\n" .. plain(b.caption) or "")
  end,
  picture = function(b)
    return ("![%s](%s)"):format(plain(b.caption or b.alt or b.name), link(file_of(b)))
  end,
  sound = function(b)
    return ("[%s](%s)"):format(plain(b.caption or b.name), link(file_of(b)))
  end,
  fold = function(b)
    return "### " .. plain(b.title) .. "\n\n" .. text_of(b.inside.blocks)
  end,
}

function text_of(blocks)
  local parts = {}
  for i, block in ipairs(blocks) do parts[i] = KINDS[block.kind](block) end
  return table.concat(parts, "\n\n")
end

--- The Markdown of a document.
function M.text(document)
  return "# " .. plain(document.title) .. "\n\n" .. text_of(document.blocks) .. "\n"
end

--- Adds the files beside it to a list of { path, bytes }.
function M.files(document, list)
  for _, block in ipairs(document.blocks) do
    if block.kind == "fold" then M.files(block.inside, list) end
    local bytes = block.svg or block.png or block.bytes
    if bytes then list[#list + 1] = { file_of(block), bytes } end
  end
  return list
end

return M
