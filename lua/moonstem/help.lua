--- Help from the comments in the sources: what `?name` shows at the prompt.
--
-- How functions are documented, here and everywhere else:
--   Lua   `--- ` and the first line, then `-- ` lines, directly above the function:
--           --- Share of rows whose highest score is at the right class.
--           -- scores: (N, C) tensor; classes: N whole numbers from 1.
--           function M.accuracy(scores, classes)
--         It is found as ms.<module>.<function>, or as the call that its first line begins with
--         (`--- ms.sys.progress{total=} -> p`). The first comment of a file describes the module.
--   C     `/** CALL -> RESULT` and further lines, above the binding; CALL as a user writes it:
--           /** x:relu() -> max(x, 0) */
-- Names may be shortened: ?ms.metrics.accuracy, ?accuracy and ?x:relu all find their text.
local sys = require "moonstem.core.sys"

local M = {}

local entries -- list of { name = "ms.io.png" or "x:relu", text =, first = its first line }

-- ---- reading the sources --------------------------------------------------------------------

-- Calls at the beginning of a line, before any "->": "x:exp() x:sqrt(): number by number".
local function calls_in(line)
  local names, head = {}, (line .. "->"):match "^(.-)%->"
  local at = 1
  while true do
    local name, stop = head:match("^%s*([%a_][%w_]*[%.:][%w_%.:]*)%s*()", at)
    if not name then return names end
    local after = head:match("^%b()()", stop) or head:match("^%b{}()", stop)
      or head:match("^[%({].*()$", stop)
    if not after and #names > 0 then return names end
    names[#names + 1] = name:gsub("[%.:]+$", "")
    at = after or #head + 1
  end
end

local function add(names, lines)
  local text = table.concat(lines, "\n")
  for _, name in ipairs(names) do
    entries[#entries + 1] = { name = name, text = text, first = lines[1] }
  end
end

local function read_c(text)
  for comment in text:gmatch "/%*%*%s(.-)%s*%*/" do
    local lines = {}
    for line in (comment .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = line:gsub("^    ?", "  ") end
    lines[1] = lines[1]:gsub("^%s+", "")
    add(calls_in(lines[1]), lines)
  end
end

-- "function M.name(a, b)" and its kin: name and arguments.
local function definition(line)
  local name, arguments = line:match "^%s*function%s+[%w_]+[%.:]([%w_]+)%s*(%b())"
  if name then return name, arguments end
  return line:match "^%s*[%a_][%w_]*%.([%w_]+)%s*=%s*function%s*(%b())"
end

local function end_of_block(lines, module, code, first)
  if first then -- the first comment of a file
    add({ module }, lines)
    return
  end
  local names = calls_in(lines[1])
  local name, arguments = definition(code)
  if #names == 0 and name then
    names = { module .. "." .. name }
    table.insert(lines, 1, names[1] .. arguments)
  end
  add(names, lines)
end

local function read_lua(text, module)
  local block, seen
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local opening, more = line:match "^%s*%-%-%-%s?(.*)$", line:match "^%s*%-%-%s?(.*)$"
    if opening and not block then
      block = { opening }
    elseif block and more then
      block[#block + 1] = "  " .. more:gsub("^%-%s?", "")
    elseif block then
      end_of_block(block, module, line, not seen)
      block, seen = nil, true
    end
  end
end

local function walk(folder, module)
  for _, name in ipairs(sys.list(folder) or {}) do
    local path, stem = folder .. "/" .. name, name:match "^([%w_]+)%.lua$"
    if stem then
      read_lua(sys.read_file(path) or "", stem == "init" and module or module .. "." .. stem)
    elseif sys.is_dir(path) then
      walk(path, module .. "." .. name)
    end
  end
end

local function read_all()
  entries = {}
  local library = package.searchpath("moonstem.help", package.path):match "^(.*)/help%.lua$"
  walk(library, "ms")
  local core = library .. "/../../core/bind"
  for _, name in ipairs(sys.list(core) or {}) do
    if name:match "%.c$" then read_c(sys.read_file(core .. "/" .. name) or "") end
  end
  table.sort(entries, function(a, b)
    return a.name < b.name or a.name == b.name and a.text < b.text
  end)
end

-- ---- finding ----------------------------------------------------------------------------------

local function words(name)
  local list = {}
  for word in name:gmatch "[^%.:]+" do list[#list + 1] = word end
  return list
end

-- How well an entry answers: 0 not at all; 3 the very name; 2 its last word and all the others in
-- order (ms.metrics.accuracy for ms.metrics.classes.accuracy); 1 only the last word, of a method
-- (model:parameters for m:parameters).
local function fit(entry, asked, name)
  if entry.name == name then return 3 end
  local have = words(entry.name)
  if have[#have] ~= asked[#asked] then return 0 end
  local i = 1
  for _, word in ipairs(have) do
    if word == asked[i] then i = i + 1 end
  end
  if i > #asked then return 2 end
  return (name:find ":" or entry.name:find ":") and 1 or 0
end

local function under(name)
  local lines, seen = {}, {}
  for _, entry in ipairs(entries) do
    local starts = entry.name:sub(1, #name + 1)
    if (starts == name .. "." or starts == name .. ":") and not seen[entry.name] then
      seen[entry.name] = true
      lines[#lines + 1] = "  " .. entry.first
    end
  end
  return lines
end

-- The nearest name: of whole names for a path, of last words for a single word.
local function similar(name)
  local whole, list = name:find "[%.:]" ~= nil, {}
  for _, entry in ipairs(entries) do
    local have = words(entry.name)
    list[whole and entry.name or have[#have] or ""] = entry.name
  end
  local known = {}
  for word in pairs(list) do known[#known + 1] = word end
  table.sort(known)
  local near = require "moonstem.core.words".nearest(name, known)
  return near and list[near]
end

--- The help on a name: its text, or nil and a sentence with the nearest name.
function M.of(name)
  if not entries then read_all() end
  local asked, best, texts, seen = words(name), 0, {}, {}
  for _, entry in ipairs(entries) do
    local how = #asked > 0 and fit(entry, asked, name) or 0
    if how > best then best, texts, seen = how, {}, {} end
    if how == best and how > 0 and not seen[entry.text] then
      seen[entry.text] = true
      texts[#texts + 1] = entry.text
    end
  end
  local inside = under(name)
  if #inside > 0 then texts[#texts + 1] = table.concat(inside, "\n") end
  if #texts > 0 then return table.concat(texts, "\n\n") end
  local near = similar(name)
  return nil, ("there is no help on %s%s"):format(name, near and "; did you mean " .. near .. "?" or "")
end

--- All names that have help, sorted.
function M.names()
  if not entries then read_all() end
  local list = {}
  for _, entry in ipairs(entries) do
    if list[#list] ~= entry.name then list[#list + 1] = entry.name end
  end
  return list
end

return M
