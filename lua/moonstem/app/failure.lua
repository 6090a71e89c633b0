--- Prints errors of scripts and statements in a few lines: the message, then where it came from.
-- Frames inside this library are left out where the user's own are there; MOONSTEM_FRAMES=all shows
-- all of them.
local places = require "moonstem.app.places"
local words = require "moonstem.core.words"

local M = {}

local MOST_FRAMES = 6
local MOST_LETTERS = 2000
local MOST_LEVELS = 60 -- looked at: a stack that overflowed has hundreds of thousands

-- Functions of the program itself, between C and the user's text. Commands show their places.
local function is_ours(info)
  return info.source:find("moonstem/app/", 1, true)
    and not info.source:find("moonstem/app/commands/", 1, true)
    or info.source:find("notebooks-export/notebook/", 1, true)
end

-- Whether a function runs what the user types.
local function runs_text(info)
  return is_ours(info) and not info.source:find("moonstem/app/main.lua", 1, true)
end

local function frame_text(info)
  local what = info.what == "main" and "" or info.name and (" in %s"):format(info.name) or ""
  return ("%s:%d%s"):format(places.file_of(info), info.currentline, what)
end

-- Lua frames from the failure outwards: the user's, and all; and whether they were typed
-- (its expressions leave no frame of their own).
local function frames()
  local own, all, typed = {}, {}, false
  for level = 3, MOST_LEVELS do
    local info = debug.getinfo(level, "Snl")
    if not info then break end
    typed = typed or runs_text(info)
    if info.currentline > 0 and not is_ours(info) then
      all[#all + 1] = frame_text(info)
      if not places.is_library(info) then own[#own + 1] = all[#all] end
    end
  end
  return own, all, typed
end

-- What was thrown as a message: most throw text, or something that has one.
local function message(thrown)
  if thrown == nil then return "an error without a message (nil)" end
  local kind = type(thrown)
  if kind ~= "string" and not (debug.getmetatable(thrown) or {}).__tostring then
    local text = require "moonstem.app.values".text(thrown):gsub("%s*\n%s*", " ")
    return ("the error is a %s: %s"):format(kind, text)
  end
  local ok, text = pcall(tostring, thrown)
  return ok and text or "an error whose text cannot be made"
end

-- Coroutines put a place in front of a text that has it already.
local function once(text)
  local place = text:match "^([^\n]-:%d+: )"
  if place and text:sub(#place + 1, 2 * #place) == place then return once(text:sub(#place + 1)) end
  return text
end

-- Lua names all files that a module was looked for in.
local function without_paths(text)
  return (text:gsub("(module '[^'\n]*' not found):\n\tno field .*$",
    "%1: no file of that name is on package.path or package.cpath"))
end

-- Takes away a place inside the library, which users cannot do anything about; Lua's own complaints
-- keep it.
local function without_library(text)
  local rest = text:match "^moonstem/[%w_/]+%.lua:%d+: (.*)$"
    or text:match "^standins/[%w_/]+%.lua:%d+: (.*)$"
  return rest and not rest:find "^attempt to " and rest or text
end

-- ---- what was meant ----------------------------------------------------------------------------
local LIBRARIES = { "string", "table", "math", "io", "os", "utf8", "coroutine", "debug" }

local function nearest(name, list)
  table.sort(list)
  return words.nearest(name, list)
end

local function names_in(t)
  local list = {}
  for key in next, t do
    if type(key) == "string" then list[#list + 1] = key end
  end
  return list
end

--- The variable whose name is a slip of the pen away from one that is not there, or nil.
function M.near_global(name) return nearest(name, names_in(_G)) end

-- A function of Lua's own libraries that t.NAME was meant to be.
local function near_field(name)
  for _, library in ipairs(LIBRARIES) do
    local near = nearest(name, names_in(package.loaded[library]))
    if near then return library .. "." .. near end
  end
end

-- Names that Lua calls nil values by, with the name that was meant.
local MEANT = {
  global = M.near_global,
  field = near_field,
  method = function(name) return nearest(name, names_in(string)) end,
}

local function with_hint(text)
  local kind, name = text:match "attempt to %a+ a nil value %((%a+) '([%w_]+)'%)$"
  local near = kind and MEANT[kind] and MEANT[kind](name)
  return near and ("%s; did you mean %s?"):format(text, near) or text
end

local function within_limits(text)
  if #text <= MOST_LETTERS then return text end
  return ("%s... (%d bytes)"):format(text:sub(1, MOST_LETTERS), #text)
end

--- For xpcall: a table of the message and the frames, whatever was thrown.
function M.handler(thrown)
  if getmetatable(thrown) == M then return thrown end
  local text = with_hint(once(places.shorten(within_limits(without_paths(message(thrown))))))
  local own, all, typed = frames()
  local show_all = os.getenv "MOONSTEM_FRAMES" == "all"
  local list = (show_all or #own == 0 and not typed) and all or own
  if not show_all and list == own then text = without_library(text) end
  local place = (own[1] or list[1] or ""):match "^(.-:%d+)"
  if place and not text:find(place, 1, true) and not text:match "^[^%s:]+%.lua:%d+:" then
    text = place .. ": " .. text
  end
  return setmetatable({ text = text, frames = list, thrown = thrown }, M)
end

-- The same place many times over, as when a stack overflows, is one line.
local function without_repetitions(frames_)
  local list, times = {}, {}
  for _, frame in ipairs(frames_) do
    if list[#list] ~= frame then list[#list + 1] = frame end
    times[#list] = (times[#list] or 0) + 1
  end
  for i, n in pairs(times) do
    if n > 2 then list[i] = list[i] .. ", again and again" end
  end
  return list
end

M.__tostring = function(self)
  local lines, list = { self.text }, without_repetitions(self.frames)
  for i, frame in ipairs(list) do
    -- The message says it already.
    if #list == 1 and self.text:find(frame:match "^(.-:%d+)", 1, true) then break end
    if i > MOST_FRAMES then
      lines[#lines + 1] = "  ... and more"
      break
    end
    lines[#lines + 1] = "  at " .. frame
  end
  return table.concat(lines, "\n")
end

return M
