--- What was run in this kernel and in those before, for front ends that leaf through it. The cells
-- are kept beside the prompt's own history.
local file = require "moonstem.app.prompt.history"
local io_ = require "moonstem.core.io"

local M = {}

local History = {}
History.__index = History

--- An empty one, which has read what earlier kernels have kept: session -1 for front ends, 0 is
-- this one.
function M.new()
  local path = file.path()
  local self = setmetatable({ entries = {}, path = path and path:gsub("history$", "cells") },
    History)
  for i, code in ipairs(self.path and file.load(self.path) or {}) do
    self.entries[i] = { session = -1, count = i, code = code }
  end
  return self
end

--- Keeps a cell; text: what its value looked like, or nil.
function History:add(count, code, text)
  table.insert(self.entries, { session = 0, count = count, code = code, text = text })
  if code:find "%S" then file.add(self.path, code) end
end

-- A pattern of a shell (* and ?) as one of Lua's.
local function pattern_of(glob)
  return "^" .. glob:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", ".") .. "$"
end

local function without_doubles(list)
  local last, kept = {}, {}
  for i, entry in ipairs(list) do last[entry.code] = i end
  for i, entry in ipairs(list) do if last[entry.code] == i then kept[#kept + 1] = entry end end
  return kept
end

local function whole(n, other) return math.type(n) == "integer" and n or other end

local choose = {
  tail = function(entries) return entries end,
  range = function(entries, o)
    local kept, session = {}, whole(o.session, 0)
    local first, stop = whole(o.start, 1), whole(o.stop, math.maxinteger)
    for _, entry in ipairs(entries) do
      if entry.session == session and entry.count >= first and entry.count < stop then
        kept[#kept + 1] = entry
      end
    end
    return kept
  end,
  search = function(entries, o)
    local pattern, kept = pattern_of(type(o.pattern) == "string" and o.pattern or "*"), {}
    for _, entry in ipairs(entries) do
      if entry.code:find(pattern) then kept[#kept + 1] = entry end
    end
    return o.unique == true and without_doubles(kept) or kept
  end,
}

--- The answer to history_request.
function History:answer(content)
  local kind = choose[content.hist_access_type] and content.hist_access_type or "tail"
  local list, rows = choose[kind](self.entries, content), io_.list {}
  local most = kind == "range" and #list or whole(content.n, #list)
  for i = math.max(#list - most + 1, 1), #list do
    local entry = list[i]
    local code = entry.code
    if content.output == true then code = io_.list { code, entry.text or io_.null } end
    rows[#rows + 1] = io_.list { entry.session, entry.count, code }
  end
  return { status = "ok", history = rows }
end

return M
