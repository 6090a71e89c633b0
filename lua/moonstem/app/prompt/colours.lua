--- Colours of the prompt, where a terminal has them: not with TERM=dumb, nor with NO_COLOR set.
local sys = require "moonstem.core.sys"

local M = {}

local CODES = { error = "31", prompt = "1;36", heading = "1", aside = "2", name = "36" }

local function wanted()
  local terminal, refused = os.getenv "TERM", os.getenv "NO_COLOR"
  return sys.isatty "stdout" and terminal and terminal ~= "" and terminal ~= "dumb"
    and (not refused or refused == "")
end

local on -- whether there are any; looked up when it is first asked

--- colours.paint(kind, text) -> the text in the colour of its kind: "error", "prompt", "heading",
-- "aside" or "name".
function M.paint(kind, text)
  if on == nil then on = wanted() end
  return on and ("\27[%sm%s\27[0m"):format(CODES[kind], text) or text
end

--- The same for the text of readline's prompt, which counts the letters that are seen.
function M.paint_prompt(text)
  local painted = M.paint("prompt", text)
  return (painted:gsub("\27%[[%d;]*m", "\1%0\2"))
end

return M
