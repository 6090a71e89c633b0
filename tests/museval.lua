--- ms.metrics.bss_eval beside Python's museval: random cases, and the stems of songs. Prints the
-- largest difference in dB; fails above 1e-6, or where one has a number and the other has none.
--   MOONSTEM_PYTHON=.../python build/moonstem tests/museval.lua [CASES] [SONG ...]
-- The Python needs museval 0.4; CASES: 20. SONG: a folder with vocals.wav, drums.wav, bass.wav and
-- other.wav, as in musdb18-HQ; of each, 20 seconds; the estimates are the sources with a tenth of
-- the others, distorted. (Without artifacts SAR would be made of rounding errors alone.)
local ms = require "moonstem"

local SOURCES = { "vocals", "drums", "bass", "other" }
local SCORES = { "sdr", "isr", "sir", "sar" }
local SECONDS, LIMIT = 20, 1e-6

local PYTHON = os.getenv "MOONSTEM_PYTHON"
if not PYTHON then
  print "skipped: MOONSTEM_PYTHON names no Python with museval"
  os.exit(0)
end
local PEER = arg[0]:gsub("museval%.lua$", "peer_museval.py")

local function compare(got, line)
  local worst, undefined = 0, 0
  for _, name in ipairs(SCORES) do
    for s, frames in ipairs(line[name]) do
      for t, value in ipairs(frames) do
        local here = got[name][s][t]
        if type(value) == "number" then worst = math.max(worst, math.abs(here - value))
        elseif value == "inf" then worst = here == math.huge and worst or math.huge
        else undefined, worst = undefined + 1, here ~= here and worst or math.huge end
      end
    end
  end
  return worst, undefined
end

-- Scores what the peer has scored; the largest difference of all its lines.
local function against(folder, ...)
  local status, text = ms.sys.capture { PYTHON, PEER, folder, ... }
  assert(status == 0, "the peer failed")
  local worst, undefined, cases = 0, 0, 0
  for row in text:gmatch "[^\n]+" do
    local line = ms.io.json_decode(row)
    local function load(kind)
      return assert(ms.io.load_npy(("%s/%s-%s.npy"):format(folder, line.name, kind)))
    end
    local scores = ms.metrics.bss_eval(load "r", load "e",
      { window = line.window, hop = line.hop, filters = line.filters })
    local most, none = compare(scores, line)
    worst, undefined, cases = math.max(worst, most), undefined + none, cases + 1
  end
  return worst, undefined, cases
end

local function song_case(folder, song)
  local stems, rate = {}, nil
  for i, source in ipairs(SOURCES) do
    local wave
    wave, rate = assert(ms.audio.read(("%s/%s.wav"):format(song, source),
      { mono = false, start = 10, length = SECONDS }))
    stems[i] = #wave:size() == 1 and wave:reshape { -1, 1 } or wave
  end
  local r = ms.stack(stems, 1)
  local e = ((r * 0.9 + r:sum(1, { keep = true }) * 0.1) * 3):tanh() / 3
  assert(ms.io.save_npy(folder .. "/song-r.npy", r))
  assert(ms.io.save_npy(folder .. "/song-e.npy", e))
  return against(folder, "files", "song", tostring(rate))
end

local function run(folder, cases, songs)
  local worst = 0
  local function tell(what, most, undefined, n)
    worst = math.max(worst, most)
    print(("%s: %d cases, %d undefined frames, largest difference %.2g dB"):format(what, n,
      undefined, most))
  end
  tell("random", against(folder, "random", tostring(cases)))
  for _, song in ipairs(songs) do tell(song, song_case(folder, song)) end
  return worst
end

local folder = assert(ms.sys.tempdir())
local songs = table.move(arg, 2, #arg, 1, {})
local ok, worst = pcall(run, folder, tonumber(arg[1] or 20), songs)
ms.sys.run { "rm", "-r", folder }
if not ok then error(worst, 0) end
os.exit(worst <= LIMIT)
