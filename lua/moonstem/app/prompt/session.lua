--- What was typed and worked: kept, saved as a script, edited.
local options_of = require "moonstem.options"
local statement = require "moonstem.app.statement"
local sys = require "moonstem.core.sys"
local tokens = require "moonstem.app.completion.tokens"

local Session = {}
Session.__index = Session

--- A new one. It is told of each statement that worked: session:add(text, values, silent), values:
-- how many it gave; session:cell() begins what is typed together.
local function new() return setmetatable({ cells = {} }, Session) end

function Session:cell() self.cells[#self.cells + 1] = {} end

function Session:add(text, values, silent)
  local cell = self.cells[#self.cells]
  cell[#cell + 1] = { text = text, values = silent and 0 or values, silent = silent }
end

-- ---- as a script -----------------------------------------------------------------------------
-- Words that mean something at the prompt alone.
local function is_for_the_prompt(text)
  local word = text:match "^%s*([%a_]+)%s*[%(\"']" or text:match "^%s*([%a_]+)%s*$"
  return statement.is_question(text) or word and ({ who = true, help = true, save_session = true,
    edit = true, bench = true, time = true })[word]
end

-- Whether a text reads `_`, the last result.
local function reads_last(text)
  for i, word in ipairs((tokens.of(text))) do
    local list = tokens.of(text)
    local before, after = (list[i - 1] or {}).text, (list[i + 1] or {}).text
    if word.kind == "name" and word.text == "_" and before ~= "." and before ~= "local"
      and before ~= "for" and before ~= "," and after ~= "=" and after ~= "," then return true end
  end
  return false
end

-- An expression as a statement that shows its value where the prompt did.
local function shown(entry)
  local text = entry.text:gsub("^%s*=", ""):gsub("%s*;%s*$", "")
  local value = text:match "^%s*return%f[^%w](.*)$" or text
  if not load("return " .. value) then return entry.text end
  local stop = value:find "%-%-" and "\n)" or ")"
  if entry.is_last then return ("_ = %s\nms.show(_)"):format(value) end
  if entry.values == 1 then return "ms.show(" .. value .. stop end
  if entry.values > 1 then return "print(" .. value .. stop end
  if load(text) then return entry.silent and text .. ";" or text end -- notebooks mind it
  return "local _ = " .. value
end

-- The last value that was shown before an entry reads `_` is kept in it.
local function mark_last(list)
  local giver
  for _, entry in ipairs(list) do
    if giver and reads_last(entry.text) then giver.is_last = true end
    if entry.values > 0 then giver = entry end
  end
end

--- The session as a script: each thing that was typed is a cell behind a line --%%.
function Session:script()
  local all = {}
  for _, cell in ipairs(self.cells) do table.move(cell, 1, #cell, #all + 1, all) end
  mark_last(all)
  local parts = { ("-- Typed at the prompt of moonstem %s on %s."):format(sys.version,
    os.date "%d %B %Y") }
  for _, cell in ipairs(self.cells) do
    local lines = {}
    for _, entry in ipairs(cell) do
      if not is_for_the_prompt(entry.text) then lines[#lines + 1] = shown(entry) end
    end
    if #lines > 0 then parts[#parts + 1] = "\n--%%\n" .. table.concat(lines, "\n") end
  end
  return table.concat(parts, "\n") .. "\n"
end

local function save(self, path, options)
  if type(path) ~= "string" then
    error('save_session: the name of a file is expected, as in save_session "today.lua"', 0)
  end
  local o = options_of(options, "save_session", { over = false })
  if sys.exists(path) and not o.over then
    return nil, path .. " is there already; save_session(file, {over = true}) replaces it"
  end
  return sys.write_file(path, self:script())
end

--- The function save_session of a session.
function Session:saver()
  --- save_session(file, {over = false}) -> true, or nil and a message
  -- Writes what was typed in this session and worked as a script that runs by itself; values that
  -- the prompt showed are shown. A line --%% begins each cell: moonstem notebook export makes a
  -- notebook of it. A file that is there is left alone unless over = true.
  return function(path, options) return save(self, path, options) end
end

-- ---- to be edited ------------------------------------------------------------------------------
--- The text that made a function of this name, the last one typed; without a name, the last thing
-- that was typed. Nil where there is none.
function Session:text_of(name)
  for i = #self.cells, 1, -1 do
    for k = #self.cells[i], 1, -1 do
      local text = self.cells[i][k].text
      local is_it = not name or text:find("function%s+" .. name .. "%f[^%w_]")
        or text:find("%f[%w_]" .. name .. "%s*=%s*function%f[^%w]")
      if is_it and not is_for_the_prompt(text) then return text end
    end
  end
end

return new
