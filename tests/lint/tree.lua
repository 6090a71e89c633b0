--- What the lints read of a tree: its files, the units of C and the modules of Lua, and what each
-- of them asks for.
local M = {}

--- Paths below folders of `root` that match a pattern of find, sorted; seen from the root.
function M.files(root, pattern, ...)
  local list = {}
  for _, folder in ipairs { ... } do
    local command = ("cd '%s' && find %s -name '%s' -type f 2>/dev/null | LC_ALL=C sort")
      :format(root, folder, pattern)
    for path in io.popen(command):lines() do list[#list + 1] = path end
  end
  return list
end

function M.read(root, path)
  local file <close> = assert(io.open(root .. "/" .. path, "rb"))
  return file:read "a"
end

-- The blanks that stand for a comment or a string: as many lines.
local function blank(text) return (text:gsub("[^\n]", " ")) end

--- C source with its comments, or Lua source with its comments and long strings, blanked out. Short
-- strings stay.
function M.code(path, text)
  if path:match "%.lua$" then
    local out, at = {}, 1
    while at <= #text do
      local from, to = text:find("[%-%[\"']", at)
      if not from then break end
      local close = text:match("^%-%-%[(=*)%[", from) or text:match("^%[(=*)%[", from)
      local _, long = text:find(close and "]" .. close .. "]" or "\0", from, true)
      if close then to = long or #text
      elseif text:find("^%-%-", from) then to = (text:find("\n", from, true) or #text + 1) - 1
      elseif text:find("^[\"']", from) then
        local quote = text:sub(from, from)
        to = from + 1
        while to <= #text and text:sub(to, to) ~= quote and text:sub(to, to) ~= "\n" do
          to = to + (text:sub(to, to) == "\\" and 2 or 1)
        end
        out[#out + 1] = text:sub(at, to)
        at, from = to + 1, nil
      else
        out[#out + 1] = text:sub(at, to)
        at, from = to + 1, nil
      end
      if from then
        out[#out + 1] = text:sub(at, from - 1) .. blank(text:sub(from, to))
        at = to + 1
      end
    end
    return table.concat(out) .. text:sub(at)
  end
  text = text:gsub("/%*.-%*/", blank)
  return (text:gsub("//[^\n]*", blank))
end

--- Each line of a text with its number.
function M.lines(text)
  local n, next_line = 0, (text .. "\n"):gmatch "([^\n]*)\n"
  return function()
    local line = next_line()
    n = n + 1
    return line and n, line
  end
end

-- "core/bind/io" and "../scope.h" -> "core/bind/scope.h"
local function resolved(folder, name)
  local path = folder .. "/" .. name
  repeat
    local count
    path, count = path:gsub("[^/]+/%.%./", "", 1)
  until count == 0
  return path
end

--- C files of the core: list of { path =, unit =, includes = { { line =, path = } or { line =,
-- header = } } }.
function M.c_files(root)
  local list = {}
  for _, pattern in ipairs { "*.[ch]", "*.def" } do
    for _, path in ipairs(M.files(root, pattern, "core")) do
      local file = { path = path, unit = path:gsub("%.%w+$", ""), includes = {} }
      for n, line in M.lines(M.read(root, path)) do
        local own, header = line:match '^#include "([^"]+)"', line:match "^#include <([%w/%.]+)>"
        if own or header then
          local place = own and resolved(path:match "^(.*)/", own)
          table.insert(file.includes, { line = n, path = place, header = header })
        end
      end
      list[#list + 1] = file
    end
  end
  return list
end

local function module_of(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

--- The names that one facade has: name -> module, read from its table of libraries.
function M.facade(root)
  local names, text = {}, M.read(root, "lua/moonstem/init.lua")
  for name, module in text:gmatch '\n  ([%w_]+) = "([%w_.]+)"' do names[name] = module end
  return names
end

--- Lua modules of the packages in lua/: list of { path =, module =, asks = { { line =, module = } }
-- }. What is asked for through the facade (ms.sys) counts as that module (moonstem.sys), with
-- `through` set.
function M.lua_files(root)
  local list, facade = {}, M.facade(root)
  for _, path in ipairs(M.files(root, "*.lua", "lua")) do
    local file = { path = path, module = module_of(path), asks = {} }
    local code = M.code(path, M.read(root, path))
    for n, line in M.lines(code) do
      for module in line:gmatch "require%s*%(?%s*[\"']([%w_%.]+)[\"']" do
        table.insert(file.asks, { line = n, module = module })
      end
      if code:find "require%s*%(?%s*[\"']moonstem[\"']" then
        for name in line:gmatch "%f[%w_.]ms%.([%w_]+)" do
          if facade[name] then
            table.insert(file.asks, { line = n, module = facade[name], through = true })
          end
        end
      end
    end
    list[#list + 1] = file
  end
  return list
end

--- Groups of nodes that reach each other: lists of names, sorted (Tarjan's strongly connected
-- components). edges: name -> set of names.
function M.circles(edges)
  local index, low, on, stack, count, circles = {}, {}, {}, {}, 0, {}
  local function visit(node)
    count = count + 1
    index[node], low[node], on[node] = count, count, true
    stack[#stack + 1] = node
    for other in pairs(edges[node]) do
      if edges[other] and not index[other] then
        visit(other)
        low[node] = math.min(low[node], low[other])
      elseif on[other] then
        low[node] = math.min(low[node], index[other])
      end
    end
    if low[node] ~= index[node] then return end
    local group = {}
    repeat
      local top = table.remove(stack)
      on[top] = nil
      group[#group + 1] = top
    until top == node
    table.sort(group)
    if #group > 1 then circles[#circles + 1] = group end
  end
  local names = {}
  for name in pairs(edges) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do if not index[name] then visit(name) end end
  return circles
end

--- Units of C -> the units that they include.
function M.c_edges(files)
  local edges = {}
  for _, file in ipairs(files) do
    edges[file.unit] = edges[file.unit] or {}
    for _, include in ipairs(file.includes) do
      local unit = include.path and include.path:gsub("%.%w+$", "")
      if unit and unit ~= file.unit then edges[file.unit][unit] = true end
    end
  end
  return edges
end

--- Lua modules -> the modules that they require, at once or when a function is called. The facade
-- has no edges of its own: what goes through it counts for the module that asks.
function M.lua_edges(files)
  local edges = {}
  for _, file in ipairs(files) do
    edges[file.module] = {}
    for _, ask in ipairs(file.asks) do
      if ask.module ~= file.module and file.module ~= "moonstem" then
        edges[file.module][ask.module] = true
      end
    end
  end
  return edges
end

return M
