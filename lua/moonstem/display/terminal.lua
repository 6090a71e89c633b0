--- Pictures in the terminal: what it can show, and how they get there. Terminals with kitty's
-- graphics or with sixel get pixels, all others half blocks, both by the program chafa; curves are
-- drawn as text where there are no pixels.
local folder = require "moonstem.display.folder"
local plain = require "moonstem.figure.plain"
local sys = require "moonstem.core.sys"

local M = { program = "chafa" }

local WAIT = 3            -- tenths of a second for a terminal's answer
local WIDEST, TALLEST = 100, 30 -- letters and lines of a picture
local CURVES = 14         -- lines of a chart of curves as text

-- ---- what the terminal can -------------------------------------------------------------------
local function environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- What the environment says: "kitty", "sixel", "blocks", "none", or nil where it says nothing.
local function told()
  local asked, term = environment "MOONSTEM_PICTURES", environment "TERM" or "dumb"
  if asked == "kitty" or asked == "sixel" or asked == "blocks" or asked == "none" then
    return asked
  end
  if term == "dumb" or environment "NO_COLOR" then return "none" end
  if environment "TMUX" or term:find "^screen" or term:find "^tmux" then return nil end
  local program = environment "TERM_PROGRAM"
  if term:find "kitty" or term:find "ghostty" or environment "KITTY_WINDOW_ID"
    or program == "ghostty" then
    return "kitty"
  end
  if program == "WezTerm" or term:find "^foot" or term:find "^mlterm" then return "sixel" end
  if term == "linux" then return "blocks" end
end

-- A terminal that knows sixel has a 4 among the attributes that it answers.
local function answers_sixel(text)
  local list = text:match "\27%[%?([%d;]*)c"
  return list ~= nil and (";" .. list .. ";"):find(";4;", 1, true) ~= nil
end

-- Reads the answer, letter by letter up to its last, "c"; a terminal that is silent ends it, too.
local function read_answer(tty)
  local answer = ""
  repeat
    local letter = tty:read(1)
    answer = answer .. (letter or "")
  until not letter or letter == "c" or #answer > 200
  return answer
end

-- Whether nothing is typed ahead, which would be taken for the answer and be lost.
local function is_quiet()
  return sys.run { "bash", "-c", "read -t 0", stdin = "/dev/tty", stderr = "/dev/null" } == 1
end

-- Asks the terminal itself, which answers at once or is not waited for: "sixel" or "blocks", or nil
-- where it cannot be asked now.
local function ask()
  local tty = io.open("/dev/tty", "r+b")
  if not tty then return nil end
  tty:setvbuf "no"
  local status, before = sys.capture { "stty", "-g", stdin = "/dev/tty", stderr = "/dev/null" }
  if status ~= 0 then return nil end
  sys.run { "stty", "-icanon", "-echo", "min", "0", "time", tostring(WAIT), stdin = "/dev/tty" }
  local ok, answer = pcall(function()
    if not is_quiet() then return nil end
    tty:write "\27[c"
    return read_answer(tty)
  end)
  sys.run { "stty", before:match "%S+", stdin = "/dev/tty" }
  tty:close()
  return ok and answer and (answers_sixel(answer) and "sixel" or "blocks") or nil
end

local kind -- of this terminal, once it is known

--- How pictures are shown here: "kitty", "sixel" or "blocks"; "none" where the output is no
-- terminal or has no colours. The terminal is asked once, where the environment does not tell.
function M.kind()
  if not sys.isatty "stdout" then return "none" end
  kind = kind or told() or ask()
  return kind or "blocks"
end

--- Whether letters beyond ASCII are shown.
function M.has_letters()
  local locale = environment "LC_ALL" or environment "LC_CTYPE" or environment "LANG" or ""
  return locale:lower():find "utf%-?8" ~= nil and environment "TERM" ~= "dumb"
end

--- Whether colours are shown on standard output, or on another stream.
function M.has_colours(stream)
  return sys.isatty(stream or "stdout") and not environment "NO_COLOR"
    and (environment "TERM" or "dumb") ~= "dumb"
end

-- ---- showing ---------------------------------------------------------------------------------
local FORMATS = { kitty = "kitty", sixel = "sixels", blocks = "symbols" }

-- The colours of half blocks.
local function palette()
  local colour, term = environment "COLORTERM", environment "TERM" or ""
  if colour == "truecolor" or colour == "24bit" then return "full" end
  return term:find "256" and "256" or "16"
end

-- Lines that a picture may take: not more than the terminal has above its prompt.
local function rows()
  local status, size = sys.capture { "stty", "size", stdin = "/dev/tty", stderr = "/dev/null" }
  local have = status == 0 and tonumber(size:match "^%d+") or 0
  return have > 4 and math.min(have - 2, TALLEST) or TALLEST
end

local function command(path, how)
  local list = { M.program, "-f", FORMATS[how], "-s",
    ("%dx%d"):format(math.min(sys.columns(), WIDEST), rows()), "--animate", "off" }
  if how == "blocks" then
    for _, word in ipairs { "-c", palette(), "--symbols", "vhalf+solid+space" } do
      list[#list + 1] = word
    end
  end
  list[#list + 1] = path
  return list
end

-- The picture as a file for people who cannot see it here; a sentence.
local function saved(figure, why)
  local path, refusal = folder.save(figure)
  return ("%s\n%s%s"):format(tostring(figure), path and "saved in " .. path or refusal,
    why and "; " .. why or "")
end

-- Draws a PNG by the program. true, or nil and why it did not.
local function drawn(path, how)
  io.stdout:flush()
  local list = command(path, how)
  list.stderr = "/dev/null"
  local status = sys.run(list)
  if not status then
    return nil, ("pictures in the terminal need %s (Debian package chafa)"):format(M.program)
  end
  if status ~= 0 then return nil, ("%s ended with status %d"):format(M.program, status) end
  return true
end

--- Shows a figure in the terminal; a sentence to print beside it, or nil.
function M.show(figure)
  local how = M.kind()
  local charts = figure.paper.charts
  if how == "none" then return saved(figure) end
  if how == "blocks" and charts and M.has_letters() then
    return table.concat(plain.lines(charts, math.min(sys.columns(), WIDEST), CURVES,
      M.has_colours()), "\n")
  end
  local bytes, why = figure:png()
  if not bytes then return saved(figure, why) end
  local path
  path, why = folder.put(bytes, "png")
  if not path then return saved(figure, why) end
  local ok
  ok, why = drawn(path, how)
  if not ok then return saved(figure, why) end
  return how == "blocks" and figure.alt or nil
end

return M
