--- PNGs in half the bytes, with 256 colours, as small as notebooks that are kept should be.
local sys = require "moonstem.core.sys"

-- The colours are chosen for each picture; letters and curves keep theirs.
local FILTER = "split[a][b];[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse=dither=none"

local function reduced(folder, bytes)
  local from, to = folder .. "/from.png", folder .. "/to.png"
  if not sys.write_file(from, bytes) then return nil end
  local status = sys.run { "ffmpeg", "-v", "error", "-y", "-i", from, "-filter_complex", FILTER,
    "-bitexact", "-frames:v", "1", to, stdin = "/dev/null", stderr = folder .. "/said" }
  return status == 0 and sys.read_file(to) or nil
end

--- (bytes of a PNG) -> bytes of a smaller one; as they were where ffmpeg is missing, or no help.
return function(bytes)
  local folder = sys.tempdir()
  if not folder then return bytes end
  local small = reduced(folder, bytes)
  for _, name in ipairs { "/from.png", "/to.png", "/said", "" } do
    if sys.exists(folder .. name) then sys.remove(folder .. name) end
  end
  return small and #small < #bytes and small or bytes
end
