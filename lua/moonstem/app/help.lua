--- Help on names and values: what `?name` shows at the prompt.
local reach = require "moonstem.app.reach"
local read_comments = require "moonstem.app.comments"
local sys = require "moonstem.core.sys"

local M = {}

local entries -- of the comments in the sources, read when they are first asked for

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
      lines[#lines + 1] = "  " .. entry.short
    end
  end
  return lines
end

-- The value in `list` whose key is nearest to a word, or nil where none is near.
local function nearest_of(word, list)
  local known = {}
  for have in pairs(list) do known[#known + 1] = have end
  table.sort(known)
  local near = require "moonstem.core.words".nearest(word, known)
  return near and list[near]
end

-- The name that was probably meant, or nil. A single word is compared with the last words of names
-- in libraries and of tensors' methods; a path in a known library with the last words there (a slip
-- in ms.audio.stff lies in the last word); any other path with whole names.
local function similar(name)
  local library, last = name:match "^(.*[%.:])(.-)$"
  local lasts, inside, wholes = {}, {}, {}
  for _, entry in ipairs(entries) do
    local whole = entry.name
    if whole:find "^ms%." or whole:find "^x:" then lasts[whole:match "[%w_]*$"] = whole end
    if library and whole:sub(1, #library) == library then
      inside[whole:sub(#library + 1)] = whole
    end
    wholes[whole] = whole
  end
  if not library then return nearest_of(name, lasts) end
  if next(inside) then return nearest_of(last, inside) end
  return nearest_of(name, wholes)
end

--- The help on a name: its text, or nil and a message with the nearest name.
function M.of(name)
  entries = entries or read_comments()
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
  return nil, ("there is no help on %s; %s"):format(name, near and "did you mean " .. near .. "?"
    or "at the prompt ?ms lists the names of the library, and ??words searches the help")
end

-- The entries of calls by their names, for those who ask for many.
local by_name
local function entry_of(name)
  if not by_name then
    entries, by_name = entries or read_comments(), {}
    for _, entry in ipairs(entries) do
      if not entry.module then by_name[entry.name] = by_name[entry.name] or entry end
    end
  end
  return by_name[name]
end

--- The text of the help on exactly this function or method, or nil.
function M.text(name)
  local entry = entry_of(name)
  return entry and entry.text
end

--- How a function is called and what it does, in a line or two; or nil.
function M.short(name)
  local entry = entry_of(name)
  return entry and entry.short
end

--- What the help says that a function returns: what stands behind its "->", or nil.
function M.result(name)
  local text = M.text(name)
  return text and text:gsub("\n%s*", " "):match "%->%s*(.*)"
end

-- The name of a method of tensors that is this very function.
local function method_of(f)
  local x = require "moonstem".zeros { 1 }
  for _, entry in ipairs(entries) do
    local method = entry.name:match "^x:([%w_]+)$"
    if method and x[method] == f then return entry.name end
  end
end

-- The lines of comment directly above a function in a file, without dashes.
local function comment_above(f)
  local info = debug.getinfo(f, "S")
  local text = info.source:find "^@" and sys.read_file(info.source:sub(2))
  local lines, block = 0, {}
  for line in (text and text .. "\n" or ""):gmatch "(.-)\n" do
    lines = lines + 1
    if lines >= info.linedefined then break end
    local remark = line:match "^%s*%-%-%-?%s?(.*)$"
    if remark then block[#block + 1] = (#block > 0 and "  " or "") .. remark else block = {} end
  end
  return #block > 0 and table.concat(block, "\n") or nil
end

-- The help on a function of the user's: its call, place and comment.
local function on_function(f)
  f = reach.original(f)
  local head, comment = require "moonstem.display.text".text(f), comment_above(f)
  return comment and head .. "\n  " .. comment:gsub("\n  ", "\n    ") or head
end

--- What the help calls an object of a kind.
M.OBJECTS = { tensor = "x", module = "m", layer = "layer", optimizer = "opt" }

--- The kind of an object, such as "tensor", or nil.
function M.kind_of(value)
  local meta = debug.getmetatable(value)
  local name = type(meta) == "table" and rawget(meta, "__name")
  local kind = type(name) == "string" and name:match "^moonstem%.(.*)$"
  return M.OBJECTS[kind] and kind or nil
end

local aliases = setmetatable({}, { __mode = "k" }) -- functions that stand for one of ms

--- From now on the help on a function is the one on this name.
function M.alias(f, name) aliases[f] = name end

--- The name that alias() gave to a function, or nil.
function M.alias_of(f) return f ~= nil and aliases[reach.original(f)] or nil end

-- The name under which the help has a value: a function, a library, or the kind of an object.
local function name_on(value)
  if type(value) == "function" then
    return M.alias_of(value) or reach.name_of(value) or method_of(value)
  end
  local kind = M.kind_of(value)
  return kind and M.OBJECTS[kind] or type(value) == "table" and reach.name_of(value) or nil
end

--- The help on a value: on a function of the library, a library, an object, a function of one's own
-- with the comment above it, or a name as of(). nil and a message.
function M.on(value)
  entries = entries or read_comments()
  if type(value) == "string" then return M.of(value) end
  local name = name_on(value)
  if name then return M.of(name) end
  if type(value) == "function" then return on_function(value) end
  return nil, "there is no help on " .. require "moonstem.display.text".text(value)
end

-- How well a text answers a search: 3 all words in the name, 2 in the first line, 1 anywhere.
local function found_in(entry, asked)
  local rank = 3
  for word in asked:lower():gmatch "%S+" do
    local here = entry.name:lower():find(word, 1, true) and 3
      or entry.short:lower():find(word, 1, true) and 2
      or entry.text:lower():find(word, 1, true) and 1 or 0
    rank = math.min(rank, here)
  end
  return rank
end

--- search(words) -> lines of the entries that have all the words, in any order, the best ones
-- first.
function M.search(asked)
  entries = entries or read_comments()
  local found, seen = { {}, {}, {} }, {}
  for _, entry in ipairs(entries) do
    local rank = found_in(entry, asked)
    if rank > 0 and not seen[entry.name] then
      seen[entry.name] = true
      table.insert(found[rank], entry.short)
    end
  end
  local list = {}
  for rank = 3, 1, -1 do table.move(found[rank], 1, #found[rank], #list + 1, list) end
  return list
end

-- The word before the first point that is not ms's, or before the colon: ms.audio of
-- ms.audio.spectral.flux, x of x:relu, ms of ms.cat.
local function topic_of(name)
  return name:match "^(ms%.[%w_]+)%." or name:match "^([%w_]+)[%.:]"
end

-- A library in a line: its name, how many names it has, and what it is.
local function line_of(topic, count)
  for _, entry in ipairs(entries) do
    if entry.module and entry.name == topic then
      local first, more = entry.short:sub(#topic + 3):match "^([^\n]*)(.*)$"
      return ("  %-14s %4d  %s%s"):format(topic, count, first, more ~= "" and " ..." or "")
    end
  end
end

--- topics() -> lines, objects: the libraries that have help, a line each, and what examples call
-- the objects whose methods have.
function M.topics()
  local topics, counts = {}, {}
  for _, name in ipairs(M.names()) do
    local topic = topic_of(name)
    if topic and not counts[topic] then topics[#topics + 1] = topic end
    if topic then counts[topic] = (counts[topic] or 0) + 1 end
  end
  table.sort(topics)
  local lines, objects = {}, {}
  for _, topic in ipairs(topics) do
    if topic:find "^ms" then lines[#lines + 1] = line_of(topic, counts[topic])
    else objects[#objects + 1] = topic end
  end
  return lines, objects
end

--- All names that have help, sorted.
function M.names()
  entries = entries or read_comments()
  local list = {}
  for _, entry in ipairs(entries) do
    if list[#list] ~= entry.name then list[#list + 1] = entry.name end
  end
  return list
end

return M
