--- A line of progress for one song of several, in seconds of its sound.
local M = {}

--- A line for a file, number `place` of `count`; its total is the length that the file declares.
-- And the file's rate, or nil.
function M.line(ms, file, place, count)
  local about = ms.audio.info(file)
  local seconds = about and about.seconds > 0 and math.ceil(about.seconds) or nil
  local name = file:match "[^/]*$"
  if count > 1 then name = ("%s (%d of %d)"):format(name, place, count) end
  local line = ms.sys.progress { label = name, total = seconds, unit = "s of sound",
    speed = "times real time" }
  return line, about and about.rate
end

--- A function (samples) that moves the line on by so many more samples of this rate.
function M.stepper(line, rate)
  local samples = 0
  return function(n)
    samples = samples + n
    line:step(math.floor(samples / rate + 0.5) - line.done)
  end
end

--- The same reader (16 kHz), which moves the line on.
function M.reader(line, read)
  local step = M.stepper(line, 16000)
  return function(n)
    local wave, why = read(n)
    if wave then step(wave:size(1)) end
    return wave, why
  end
end

-- The message of a file with its name in front, once.
local function named(file, why)
  return why:sub(1, #file) == file and why or file .. ": " .. why
end

local function dropping(line)
  return setmetatable({ line = line }, { __close = function() line:drop() end })
end

--- Hands a reader of a file to work(read), with a line of progress that goes when all is read. What
-- work returns, or nil and a message that names the file; and a notice of damage in it, or nil.
function M.hear(ms, file, place, count, work)
  local read, opened = ms.evaluate.reader(file)
  if not read then return nil, opened end
  local source <close> = opened
  local line <close> = dropping(M.line(ms, file, place, count))
  local result, more = work(M.reader(line.line, read))
  return result, result and more or named(file, more), source.notice
end

return M
