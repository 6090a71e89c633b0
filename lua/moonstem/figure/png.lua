--- PNG from SVG, by rsvg-convert (Debian: librsvg2-bin) as a child process.
local sys = require "moonstem.core.sys"

local M = { program = "rsvg-convert" }

local function converted(folder, svg, zoom)
  local from, to = folder .. "/figure.svg", folder .. "/figure.png"
  local ok, why = sys.write_file(from, svg)
  if not ok then return nil, why end
  local status
  status, why = sys.run { M.program, "--zoom", tostring(zoom), "--output", to, from,
    stderr = folder .. "/said" }
  if not status then
    return nil, ("a PNG needs %s (Debian package librsvg2-bin): %s"):format(M.program, why)
  end
  if status == 0 then return sys.read_file(to) end
  local said = sys.read_file(folder .. "/said") or ""
  return nil, ("%s could not make a PNG (status %d): %s")
    :format(M.program, status, (said:gsub("%s+$", "")))
end

--- How many times the SVG's size: 2 where it is not given. Raises for anything but a number above
-- 0, at most 100.
function M.zoom_of(zoom, who)
  if zoom == nil then return 2 end
  if type(zoom) == "number" and zoom > 0 and zoom <= 100 then return zoom end
  error(("%s: zoom must be a number above 0, at most 100, got %s"):format(who,
    type(zoom) == "number" and zoom or type(zoom)), 0)
end

--- The PNG (bytes) of an SVG's text, at `zoom` = 2 times its size in pixels; or nil and a message.
function M.of_svg(svg, zoom)
  zoom = M.zoom_of(zoom, "figure.png")
  local folder, why = sys.tempdir()
  if not folder then return nil, why end
  local png
  png, why = converted(folder, svg, zoom)
  for _, name in ipairs { "/figure.svg", "/figure.png", "/said", "" } do
    if sys.exists(folder .. name) then sys.remove(folder .. name) end
  end
  return png, why
end

return M
