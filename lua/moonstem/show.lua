--- Values as a person wants to see them: tensors and objects by tostring, tables in part.
local M = {}

local ITEMS, DEPTH, LETTERS = 24, 3, 400

local function quoted(text)
  local cut = #text > LETTERS and ("... (%d bytes)"):format(#text) or ""
  text = ("%q"):format(text:sub(1, LETTERS)):gsub("\\\n", "\\n")
  return text .. cut
end

local function number_text(x)
  if math.type(x) == "integer" then return tostring(x) end
  if x ~= x then return "nan" end
  return ("%.7g"):format(x)
end

-- ---- tables -------------------------------------------------------------------------------------

local function order(a, b)
  local ta, tb = type(a), type(b)
  if ta ~= tb then return ta < tb end
  if ta == "number" or ta == "string" then return a < b end
  return tostring(a) < tostring(b)
end

local function keys_of(t)
  local list, n = {}, #t
  for key in pairs(t) do -- libraries that load on first use list themselves
    if not (math.type(key) == "integer" and key >= 1 and key <= n) then list[#list + 1] = key end
  end
  table.sort(list, order)
  return list
end

local function key_text(key)
  if type(key) == "string" and key:match "^[%a_][%w_]*$" then return key end
  return "[" .. (type(key) == "string" and quoted(key) or tostring(key)) .. "]"
end

local plain

-- The pieces of a table's inside, at most ITEMS of them, and how many were left out.
local function pieces(t, depth, open)
  local list, keys = {}, keys_of(t)
  for i = 1, math.min(#t, ITEMS) do list[#list + 1] = plain(t[i], depth + 1, open) end
  for i = 1, math.min(#keys, ITEMS) do
    list[#list + 1] = key_text(keys[i]) .. " = " .. plain(rawget(t, keys[i]), depth + 1, open)
  end
  local left = math.max(#t - ITEMS, 0) + math.max(#keys - ITEMS, 0)
  if left > 0 then list[#list + 1] = ("... %d more"):format(left) end
  return list
end

local function table_text(t, depth, open)
  if open[t] then return "(itself)" end
  if #t == 0 and #keys_of(t) == 0 then return "{}" end
  if depth >= DEPTH then return ("{...}") end
  open[t] = true
  local list = pieces(t, depth, open)
  open[t] = nil
  local line = "{" .. table.concat(list, ", ") .. "}"
  if #line + 2 * depth <= M.width() and not line:find "\n" then return line end
  local indent = ("  "):rep(depth + 1)
  for i, piece in ipairs(list) do list[i] = indent .. piece end
  return "{\n" .. table.concat(list, ",\n") .. "\n" .. ("  "):rep(depth) .. "}"
end

-- The text of a value inside a table: objects in one line.
function plain(value, depth, open)
  local kind = type(value)
  if kind == "string" then return quoted(value) end
  if kind == "number" then return number_text(value) end
  if kind == "table" and not (getmetatable(value) or {}).__tostring then
    return table_text(value, depth, open)
  end
  if kind == "function" then return "function" end
  if kind == "userdata" and value == require "moonstem.core.io".null then return "null" end
  local ok, text = pcall(tostring, value)
  text = ok and text or kind
  return depth == 0 and text or text:match "^[^\n]*"
end

--- Letters in a line of the terminal, at most 100.
function M.width()
  return math.min(require "moonstem.core.sys".columns(), 100)
end

--- The text of a value, never more than a screen or two.
function M.text(value)
  return plain(value, 0, {})
end

return M
