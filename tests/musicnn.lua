--- MusiCNN and its VGG companion on real music: with the weights that the Python package musicnn
-- 0.1.0 carries, mean taggrams of ten recordings beside those of the package itself in TensorFlow
-- (tests/golden/musicnn.json, made by tests/golden/make_musicnn.py). Prints the largest difference
-- of each network and fails above 1e-4.
--   MOONSTEM_MUSICNN=FOLDER build/moonstem tests/musicnn.lua [SONGS]         four minutes
-- FOLDER: musicnn/ of the unpacked package. SONGS: where the Debian packages
-- fretsonfire-songs-sectoid and fretsonfire-songs-muldjord have their songs. Says what is missing,
-- and skips. With --waves DIR it writes the ten waves for make_musicnn.py.
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%slua/tools/?.lua;"):format(HERE) .. package.path
local ms = require "moonstem"
local taggram = require "taggram"

local SONGS = "/usr/share/games/fretsonfire/data/songs"
local LIST = { "sectoid/Metal madness/song", "sectoid/Escape from chaosland/song",
  "sectoid/Feelings/song", "sectoid/War of freedom/song", "sectoid/Feelings/guitar",
  "muldjord/chaos_god/song", "muldjord/internal_degeneration/song", "muldjord/mutilated_mime/song",
  "muldjord/armygeddon/song", "muldjord/armygeddon/guitar" }
local NETWORKS = { "MTT_musicnn", "MTT_vgg", "MSD_musicnn", "MSD_vgg" }
local TOLERANCE = 1e-4

-- 24 seconds from half a minute on, 20 dB lower: at full level the package's half precision
-- overflows.
local function wave_of(songs, name)
  return assert(ms.audio.read(("%s/%s.ogg"):format(songs, name),
    { rate = 16000, mono = true, start = 30, length = 24 })) * 0.1
end

local function skip(why)
  print("skipped: " .. why)
  os.exit(0, true)
end

local function check_songs(songs)
  for _, name in ipairs(LIST) do
    if not ms.sys.exists(("%s/%s.ogg"):format(songs, name)) then
      skip(("%s/%s.ogg is not there; the Debian packages fretsonfire-songs-sectoid and \z
        fretsonfire-songs-muldjord have it"):format(songs, name))
    end
  end
end

local function write_waves(songs, dir)
  for _, name in ipairs(LIST) do
    assert(ms.io.save_npy(("%s/%s.npy"):format(dir, name:gsub("[/ ]", "_")), wave_of(songs, name)))
  end
end

-- Means over the rows.
local function mean_of(rows)
  local mean = {}
  for c = 1, #rows[1] do
    mean[c] = 0
    for _, row in ipairs(rows) do mean[c] = mean[c] + row[c] / #rows end
  end
  return mean
end

local function compare(folder, songs, network, stored)
  local model, about = ms.models.musicnn_weights.load(folder .. "/" .. network,
    { half_precision = true })
  if not model then error(about, 0) end
  local worst, where = 0, "none"
  for _, name in ipairs(LIST) do
    local _ <close> = ms.scope()
    local expected = stored[name]
    for c, p in ipairs(mean_of(taggram(model, wave_of(songs, name)))) do
      local difference = math.abs(p - expected[c])
      if difference > worst or difference ~= difference then worst, where = difference, name end
    end
  end
  print(("%-12s %d recordings, largest difference %.1e (%s)"):format(network, #LIST, worst, where))
  return worst <= TOLERANCE
end

local songs = arg[1] ~= "--waves" and arg[1] or arg[3] or SONGS
local folder = os.getenv "MOONSTEM_MUSICNN"
check_songs(songs)
if arg[1] == "--waves" then return write_waves(songs, arg[2]) end
if not folder then skip "MOONSTEM_MUSICNN does not name the package's folder" end
local stored = assert(ms.io.load_json(HERE .. "golden/musicnn.json"))
local is_good = true
for _, network in ipairs(NETWORKS) do
  is_good = compare(folder, songs, network, stored[network]) and is_good
end
os.exit(is_good and 0 or 1, true)
