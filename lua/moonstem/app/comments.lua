--- Help as it stands in the comments of the sources: a list of entries, which help.lua looks up.
--
-- How functions are documented, here and everywhere else:
--   Lua   `--- ` and the first line, then `-- ` lines, directly above the function:
--           --- Share of rows whose highest score is at the right class.
--           -- scores: (N, C) tensor; classes: N whole numbers from 1.
--           function M.accuracy(scores, classes)
--         It is found under the name by which `ms` reaches the function, or, for a method,
--         as the call that its first line begins with (`--- p:step([n]) counts on`). The
--         first comment of a file describes the module.
--   C     `/** CALL -> RESULT` and further lines, above the binding; CALL as a user writes it:
--           /** x:relu() -> max(x, 0) */
-- Functions that users cannot reach have comments, but no help. Names may be shortened:
-- ?ms.metrics.accuracy, ?accuracy and ?x:relu all find their text.
local reach = require "moonstem.app.reach"
local sys = require "moonstem.core.sys"

local WIDTH = 110 -- letters in a line of an overview

--- Modules that users load by their own path, as experiments do.
local BY_PATH = { ["train/model_config.lua"] = true, ["train/update_bn.lua"] = true,
  ["metrics/predictions.lua"] = true }

--- Files whose classes users hold objects of: their methods have help as `class:method`.
local CLASSES = { ["data/dataset.lua"] = true, ["lab/experiment.lua"] = true,
  ["lab/paper.lua"] = true, ["report/document/init.lua"] = true }

--- What examples call a tensor: all are listed as x.
local TENSORS = { a = true, loss = true, q = true, qkv = true, spectrum = true, weight = true,
  y = true }

-- A list of { name = "ms.io.png" or "x:relu", text =, short = its line in an overview,
-- module = whether it describes a file }.
local entries

-- ---- a comment ------------------------------------------------------------------------------

-- The calls at the beginning of a text and where they end: "x:exp() x:sqrt(): number by number".
local function calls_in(text)
  local calls, at = {}, 1
  while true do
    local first, name, stop = text:match("^%s*()([%a_][%w_]*[%.:][%w_%.:]*)()", at)
    if not name then return calls, at end
    local after = text:match("^%s*%b()()", stop) or text:match("^%s*%b{}()", stop)
    if not after and not text:find("^%s*%->", stop) then return calls, at end
    at = after or stop
    calls[#calls + 1] = { name = name:gsub("[%.:]+$", ""), text = text:sub(first, at - 1) }
  end
end

-- Up to the first full stop; the whole of a short text without one.
local function first_sentence(text)
  local stop = text:find "%.%s+[%u`]" or text:find "%.%s*$"
  return (text:sub(1, stop and stop - 1 or #text):gsub("%s+$", ""))
end

-- Joins a paragraph into one line. A line that ends without a stop gets a colon if the next one
-- begins a sentence.
local function joined(lines)
  local all = lines[1]:match "^%s*(.-)%s*$"
  for i = 2, #lines do
    local line = lines[i]:match "^%s*(.-)%s*$"
    if line == "" or line:find "^@" then break end
    all = all .. (line:find "^%u%l* " and not all:find "[%p]$" and ": " or " ") .. line
  end
  return all
end

-- Breaks a text into lines of WIDTH letters; all but the first are indented.
local function wrapped(text)
  local lines, line = {}, ""
  for word in text:gmatch "%S+" do
    if #line + #word + 1 > WIDTH and line:find "%S" then
      lines[#lines + 1], line = line, "     "
    end
    line = line == "" and word or line .. " " .. word
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

-- Enters a comment under a name. call: how the name is called; rest: what the comment says behind
-- its calls; module: whether it describes a file.
local function add(name, call, rest, text, module)
  entries[#entries + 1] = { name = name, text = text, short = wrapped(call .. first_sentence(rest)),
    module = module or false }
end

-- ---- C --------------------------------------------------------------------------------------

-- The name of a call as users have it: x:matmul for
-- a:matmul; nil where there is nothing of that name.
local function name_of_call(name)
  local receiver, method = name:match "^([%w_]+):([%w_]+)$"
  if receiver then return TENSORS[receiver] and "x:" .. method or name end
  return reach.is_public(name) and reach.value(name) ~= nil and name or nil
end

local function add_calls(lines)
  local all = joined(lines)
  local calls, stop = calls_in(all)
  for _, call in ipairs(calls) do
    local name = name_of_call(call.name)
    if name then add(name, call.text, all:sub(stop), table.concat(lines, "\n")) end
  end
  return #calls > 0
end

local function read_c(text)
  for comment in text:gmatch "/%*%*%s(.-)%s*%*/" do
    local lines = {}
    for line in (comment .. "\n"):gmatch "(.-)\n" do
      lines[#lines + 1] = line:gsub("^    ?", "  ")
    end
    lines[1] = lines[1]:gsub("^%s+", "")
    add_calls(lines)
  end
end

-- ---- Lua ------------------------------------------------------------------------------------

-- "function M.name(a, b)" and its kin: owner, mark, name and arguments.
local function definition(line)
  local owner, mark, name, arguments = line:match "^%s*function%s+([%w_]+)([%.:])([%w_]+)%s*(%b())"
  if owner then return owner, mark, name, arguments end
  name, arguments = line:match "^%s*[%a_][%w_]*%.([%w_]+)%s*=%s*function%s*(%b())"
  if name then return "M", ".", name, arguments end
end

-- Enters the comment of a function under `name`, whatever its first line calls it.
local function add_named(name, lines, arguments)
  local all = joined(lines)
  local calls, stop = calls_in(all)
  if #calls == 0 then
    local call = name .. (arguments or "")
    add(name, call, ": " .. all, call .. "\n  " .. table.concat(lines, "\n"))
    return
  end
  local own = calls[1].name:gsub("%p", "%%%0")
  local text = table.concat(lines, "\n"):gsub("^" .. own, (name:gsub("%%", "%%%%")))
  add(name, name .. calls[1].text:sub(#calls[1].name + 1), all:sub(stop), text)
end

-- Enters the comment above line n of a file, if users reach what it describes.
local function end_of_block(lines, file, code, n, known)
  for _, name in ipairs(known[file.path .. ":" .. n] or {}) do
    add_named(name, lines, code:match "function%s*[%w_%.:]*%s*(%b())")
  end
  if known[file.path .. ":" .. n] or add_calls(lines) and not BY_PATH[file.name] then return end
  local owner, mark, name, arguments = definition(code)
  if not name then return end
  if mark == ":" and CLASSES[file.name] then
    add_named(owner:lower() .. ":" .. name, lines, arguments)
  elseif mark == "." and BY_PATH[file.name] then
    add_named(('require("%s").%s'):format(file.module, name), lines, arguments)
  end
end

-- Enters the first comment of a file, which describes the module.
local function add_module(lines, file)
  local path = file.module:gsub("^moonstem", "ms"):gsub("^standins", "ms.corpora")
  local name = reach.is_public(path) and reach.value(path) ~= nil and path
    or BY_PATH[file.name] and ('require("%s")'):format(file.module)
  if name then add(name, name, ": " .. joined(lines), table.concat(lines, "\n"), true) end
end

local function read_lua(text, file, known)
  local block, seen, n = nil, false, 0
  for line in (text .. "\n"):gmatch "(.-)\n" do
    n = n + 1
    local opening, more = line:match "^%s*%-%-%-%s?(.*)$", line:match "^%s*%-%-%s?(.*)$"
    if opening and not block then
      block = { opening }
    elseif block and more then
      block[#block + 1] = "  " .. (opening or more)
    elseif block then
      if seen then end_of_block(block, file, line, n, known) else add_module(block, file) end
      block, seen = nil, true
    end
  end
end

-- The text of a file that was listed; where there is no memory for it, its help would be missed for
-- good.
local function content(path)
  local text, why = sys.read_file(path)
  if not text and why:find "memory" then error(why, 0) end
  return text or ""
end

-- Reads a package, the folder FOLDER/PACKAGE/. inner: the folder inside of it.
local function walk(folder, package_name, inner, known)
  local library = folder .. package_name .. "/"
  for _, name in ipairs(sys.list(library .. inner) or {}) do
    local path, stem = inner .. name, name:match "^([%w_]+)%.lua$"
    if stem then
      local module = (package_name .. "/" .. path):gsub("%.lua$", ""):gsub("/init$", "")
        :gsub("/", ".")
      read_lua(content(library .. path),
        { path = library .. path, name = path, module = module }, known)
    elseif sys.is_dir(library .. path) then
      walk(folder, package_name, path .. "/", known)
    end
  end
end

-- Reads the C files in a folder and in the folders inside.
local function walk_c(folder)
  for _, name in ipairs(sys.list(folder) or {}) do
    if name:match "%.c$" or name:match "%.def$" then read_c(content(folder .. name))
    elseif sys.is_dir(folder .. name) then walk_c(folder .. name .. "/") end
  end
end

-- "FILE:LINE" of each function that ms reaches -> its names.
local function places()
  local known = {}
  reach.all(function(name, value)
    if type(value) ~= "function" then return end
    local info = debug.getinfo(reach.original(value), "S")
    if info.what == "C" then return end
    local place = info.source:sub(2) .. ":" .. info.linedefined
    known[place] = known[place] or {}
    table.insert(known[place], name)
  end)
  return known
end

--- All entries, by name: what a call is first, then what a file says.
return function()
  entries = {}
  local folder = package.searchpath("moonstem.app.comments", package.path)
    :match "^(.*/)moonstem/app/comments%.lua$"
  local known = places()
  for _, name in ipairs { "moonstem", "standins" } do walk(folder, name, "", known) end
  walk_c(folder .. "../core/bind/")
  walk_c(folder .. "../core/kernels/")
  walk_c(folder .. "../core/ops/")
  walk_c(folder .. "../core/optim/")
  table.sort(entries, function(a, b)
    if a.name ~= b.name then return a.name < b.name end
    if a.module ~= b.module then return b.module end
    return a.text < b.text
  end)
  return entries
end
