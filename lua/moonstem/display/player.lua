--- Sounds through the loudspeakers, by the first player that is installed and works.
local folder = require "moonstem.display.folder"
local sys = require "moonstem.core.sys"

local M = {}

--- The players in the order in which they are tried: a program, its arguments before the file, and
-- its Debian package.
M.PLAYERS = {
  { "pw-play", package = "pipewire-bin" },
  { "paplay", package = "pulseaudio-utils" },
  { "aplay", "-q", package = "alsa-utils" },
  { "play", "-q", package = "sox" },
  { "ffplay", "-nodisp", "-autoexit", "-loglevel", "error", package = "ffmpeg" },
}

-- Waits for a player; Ctrl-C stops it, however it reaches us. Its exit status.
local function wait_for(process)
  local _ <close> = setmetatable({}, { __close = function()
    if process:poll() == nil then process:kill "TERM" end
  end })
  while true do
    local status = process:poll()
    if status then return status end
    sys.sleep(0.02)
    if sys.signal() then return nil end
  end
end

-- Plays a file: true, "stopped" after Ctrl-C, false and what the player said, or nil where it is
-- not installed.
local function played(player, path)
  local said = path .. ".said"
  local command = { table.unpack(player) }
  command[#command + 1] = path
  command.stdout, command.stderr, command.stdin = "/dev/null", said, "/dev/null"
  local process = sys.spawn(command)
  if not process then return nil end
  local status = wait_for(process)
  local text = sys.read_file(said) or ""
  sys.remove(said)
  if not status then return "stopped" end
  if status == 0 then return true end
  return false, ("%s: %s"):format(player[1], text:match "[^\n]+" or "status " .. status)
end

-- The sentence about players that are all missing or do not work.
local function refusal(path, failures)
  if #failures > 0 then
    return ("nothing could play it (%s); the sound is in %s"):format(table.concat(failures, "; "),
      path)
  end
  local names = {}
  for i, player in ipairs(M.PLAYERS) do
    names[i] = ("%s (Debian package %s)"):format(player[1], player.package)
  end
  return ("no player is installed: %s; the sound is in %s"):format(table.concat(names, ", "), path)
end

-- Tries the players one after another.
local function try_all(path)
  local failures = {}
  for _, player in ipairs(M.PLAYERS) do
    local how, why = played(player, path)
    if how then return true end
    failures[#failures + 1] = why
  end
  return nil, refusal(path, failures)
end

--- Plays a sound and returns when it has ended: true, or nil and a message. What changes its level
-- is said on standard error.
function M.play(sound)
  local path, why = folder.name "wav"
  if not path then return nil, why end
  local saved, notice = sound:save(path)
  if not saved then return nil, notice end
  if notice then
    io.stderr:write(("the sound peaks at %.4g, above full scale: it is played at %.4g of its \z
      level\n"):format(sound.peak, 1 / sound.peak))
  end
  local ok
  ok, why = try_all(path)
  if not ok then return nil, why end
  sys.remove(path)
  return true
end

return M
