--- Scripts as notebooks: a line --%% begins a cell of code, --[[md ... ]] is a cell of text.
local sys = require "moonstem.core.sys"

local M = {}

-- Without the empty lines around it.
local function trimmed(text)
  return (text:gsub("^[ \t\r]*\n", ""):gsub("^%s*\n", ""):gsub("%s+$", ""))
end

local function add(cells, kind, text, name)
  text = trimmed(text)
  if text ~= "" then cells[#cells + 1] = { kind = kind, text = text, name = name } end
end

-- Where the next mark begins, at or behind `at`, the start of a line: its first place, the place
-- behind it, and the inside of a text or the name of a cell of code.
local function next_mark(text, at)
  while at and at <= #text do
    local level = text:match("^%-%-%[(=*)%[md%f[^%w_]", at)
    if level then
      local inside, stop = text:match("^%-%-%[=*%[md[ \t]*(.-)%]" .. level .. "%]()", at)
      if not inside then return nil, "the text that begins with --[[md does not end", at end
      return at, stop, inside, "markdown"
    end
    local name, stop = text:match("^%-%-%%%%[ \t]*([^\n]*)()", at)
    if name then return at, stop, name:match "^(.-)%s*$", "code" end
    at = text:find("\n", at, true)
    at = at and at + 1
  end
  return #text + 1, #text + 1
end

local function line_of(text, at)
  return 1 + select(2, text:sub(1, at - 1):gsub("\n", ""))
end

--- source.cells(text) -> list of { kind = "code" or "markdown", text =, name = what stands behind
-- --%%, or nil }; empty cells are left out. nil and a message where a text does not end.
function M.cells(text)
  text = text:gsub("\r\n", "\n"):gsub("^#![^\n]*\n?", "")
  local cells, at, name = {}, 1, nil
  while at <= #text do
    local first, stop, inside, kind = next_mark(text, at)
    if not first then return nil, ("line %d: %s"):format(line_of(text, inside), stop) end
    add(cells, "code", text:sub(at, first - 1), name)
    if kind == "markdown" then add(cells, kind, inside) end
    name = kind == "code" and inside ~= "" and inside or nil
    at = kind and (text:find("\n", stop, true) or #text) + 1 or stop
  end
  return cells
end

--- source.read(path) -> the cells of a script, or nil and a message
function M.read(path)
  local text, why = sys.read_file(path)
  if not text then return nil, why end
  if path:find "%.ipynb$" then
    return nil, path .. ": it is a notebook; moonstem notebook script makes a script of it"
  elseif text:find "%z" then
    return nil, path .. ": it is no Lua script"
  end
  local cells
  cells, why = M.cells(text)
  if not cells then return nil, path .. ": " .. why end
  return cells
end

-- A long bracket that the text does not close.
local function level_for(text)
  local level = ""
  while text:find("]" .. level .. "]", 1, true) do level = level .. "=" end
  return level
end

--- source.text(cells) -> the script that these cells come from.
function M.text(cells)
  local pieces = {}
  for i, cell in ipairs(cells) do
    if cell.kind == "markdown" then
      local level = level_for(cell.text)
      pieces[i] = ("--[%s[md\n%s\n]%s]\n"):format(level, cell.text, level)
    else
      pieces[i] = ("--%%%%%s\n%s\n"):format(cell.name and " " .. cell.name or "", cell.text)
    end
  end
  return table.concat(pieces, "\n")
end

return M
