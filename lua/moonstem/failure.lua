--- Errors of scripts and statements, told in a few lines: the sentence, then where it came from.
local M = {}

local MOST_FRAMES = 6
local MOST_LEVELS = 60 -- looked at: a stack that overflowed has hundreds of thousands

-- The folder that holds moonstem/, so that places inside the library read as moonstem/nn.lua.
local library = (package.searchpath("moonstem.failure", package.path) or ""):match "^(.*)moonstem/failure%.lua$"

--- A place such as FILE:12 with the library's own folder left out.
function M.shorten(text)
  if library and library ~= "" then
    local i, j = text:find(library, 1, true)
    while i do
      text = text:sub(1, i - 1) .. text:sub(j + 1)
      i, j = text:find(library, i, true)
    end
  end
  return text
end

-- Functions of the program itself, between C and the script.
local function is_ours(info)
  return info.source:find("moonstem/main.lua", 1, true)
    or info.source:find("moonstem/prompt.lua", 1, true)
end

local function frame_text(info)
  local what = info.what == "main" and "" or info.name and (" in %s"):format(info.name) or ""
  return M.shorten(("%s:%d%s"):format(info.short_src, info.currentline, what))
end

-- Lua frames from the failure outwards.
local function frames()
  local list = {}
  for level = 3, MOST_LEVELS do
    local info = debug.getinfo(level, "Snl")
    if not info then return list end
    if info.currentline > 0 and not is_ours(info) then list[#list + 1] = frame_text(info) end
  end
  return list
end

--- For xpcall: a table of the sentence and the frames, whatever was thrown.
function M.handler(thrown)
  if getmetatable(thrown) == M then return thrown end
  local ok, text = pcall(tostring, thrown)
  text = M.shorten(ok and text or "an error whose text cannot be made")
  local list = frames()
  local place = list[1] and list[1]:match "^(.-:%d+)"
  if place and not text:find(place, 1, true) and not text:match "^[^%s:]+%.lua:%d+:" then
    text = place .. ": " .. text
  end
  return setmetatable({ text = text, frames = list, thrown = thrown }, M)
end

M.__tostring = function(self)
  local lines = { self.text }
  for i, frame in ipairs(self.frames) do
    if #self.frames == 1 then break end -- the sentence says it already
    if i > MOST_FRAMES then
      lines[#lines + 1] = "  ... and more"
      break
    end
    lines[#lines + 1] = "  at " .. frame
  end
  return table.concat(lines, "\n")
end

return M
