--- Which stretch of a song is taken: the one in which its stems sound most evenly.
local excerpts = {}

-- How many of the seconds first + 1 .. first + count a stem sounds in.
local function counted(active, first, count)
  local n = 0
  for second = first + 1, first + count do n = n + (active[second] and 1 or 0) end
  return n
end

--- active: { stem = { [second from 1] = true }, ... }. Returns the start (whole seconds) of the
-- `wanted` seconds in which the stem that sounds least sounds most, the earliest of several; how
-- long the excerpt is, at most `length`; and in how many seconds that stem sounds.
function excerpts.choose(active, length, wanted)
  local count, best, start = math.ceil(math.min(wanted, length)), -1, 0
  for first = 0, math.max(0, math.floor(length - wanted)) do
    local least = math.huge
    for _, seconds in pairs(active) do least = math.min(least, counted(seconds, first, count)) end
    if least > best then best, start = least, first end
  end
  return start, math.min(wanted, length - start), best
end

return excerpts
