--- Debian packages with music of human composers: where it lies, what it is, under which licence,
-- and which part (train, valid, test) its composers belong to. A row more is a package more.
--   name; folder; files = pattern of its files' names; kind = "midi", "module" or "recording";
--   licence as the package's copyright file names it; composers = { { pattern of names, composer,
--   part }, ... }, of which the first that fits decides; style = { { pattern of names, tag of
--   MagnaTagATune }, ... }, where titles give one.
-- Composers who wrote for two packages, or who may have, are in one part.
local packages = {}

local GAMES = "/usr/share/games/"

packages.list = {
  { name = "simutrans-data", folder = GAMES .. "simutrans/music", files = "%.mid$", kind = "midi",
    licence = "Artistic-1.0",
    -- 1 to 42 are by shunter, or name nobody; 43 to 53 were written years later by others
    composers = { { "^4[3-9]", "RykSeb and others", "valid" },
      { "^5", "RykSeb and others", "valid" }, { "", "shunter", "train" } },
    style = { { "[Bb]lues", "blues" }, { "[Tt]echno", "techno" }, { "Swing", "jazz" } } },
  { name = "openttd-openmsx", folder = GAMES .. "openttd/baseset/openmsx", files = "%.mid$",
    kind = "midi", licence = "GPL-2",
    composers = { { "redfarn", "Jim Redfarn", "test" },
      { "imuh3", "imuh3", "test" }, { "train_filled", "imuh3", "test" },
      { "scotsman", "imuh3", "test" }, { "chugga", "imuh3", "test" },
      { "busy_schedule", "mimm", "test" }, { "fast_route", "mimm", "test" },
      { "modern_motion", "Kyle Timmerman", "test" }, { "keep_on_rolling", "Trolley Trev", "test" },
      { "tttheme2", "-lucas-", "test" }, { "", "Tistou Blomberg", "test" } },
    style = { { "blues", "blues" } } },
  { name = "planetblupi-music-midi", folder = "/usr/share/planetblupi/music", files = "%.mid$",
    kind = "midi", licence = "GPL-3+", composers = { { "", "Planet Blupi", "train" } } },

  { name = "freedoom", folder = GAMES .. "doom", files = "^freedoom%d%.wad$", kind = "midi",
    licence = "freedoom-license (3-clause BSD)", composers = { { "", "Freedoom", "train" } } },

  { name = "pingus-data", folder = GAMES .. "pingus/data/music", files = "%.[is][t3]m?$",
    kind = "module", licence = "GPL-2+",
    composers = { { "^gd%-", "H. Matthew Smith", "train" },
      { "^pingus", "Pingus", "train" }, { "^sorcerer", "Matt Simmonds", "train" },
      { "", "Yuri R. Sucupira", "train" } } },
  { name = "bb", folder = "/usr/share/bb", files = "%.s3m$", kind = "module", licence = "GPL-2+",
    composers = { { "", "Filip Kupsa", "valid" } } },
  -- both are by Skaven
  { name = "pachi-data", folder = "/usr/share/pachi/music", files = "%.st?3?m$", kind = "module",
    licence = "GPL-2+", composers = { { "", "Skaven", "test" } } },
  { name = "penguin-command", folder = GAMES .. "penguin-command/sound", files = "%.s3m$",
    kind = "module", licence = "GPL-2+", composers = { { "", "Skaven", "test" } } },
  { name = "heroes-sound-tracks", folder = GAMES .. "heroes/mod", files = "%.xm$",
    kind = "module", licence = "GPL-2+", composers = { { "", "Realtech", "train" } } },
  { name = "tecnoballz-data", folder = GAMES .. "tecnoballz/musics", files = "%.mod$",
    kind = "module", licence = "GPL-3+", composers = { { "", "Regis Parret", "train" } } },
  { name = "rafkill-data", folder = GAMES .. "rafkill/music", files = "%.xm$", kind = "module",
    licence = "LGPL-2", composers = { { "", "Rafkill", "train" } } },
  { name = "open-invaders-data", folder = "/usr/share/open-invaders", files = "%.mod$",
    kind = "module", licence = "GPL-2+", composers = { { "", "Meta", "train" } } },
  { name = "madbomber-data", folder = GAMES .. "madbomber/music", files = "%.[mis][ot3][dm]?$",
    kind = "module", licence = "GPL", composers = { { "", "Mad Bomber", "train" } } },

  { name = "wesnoth-1.16-music", folder = GAMES .. "wesnoth/1.16/data/core/music",
    files = "%.ogg$", kind = "recording", licence = "GPL-2+" },
  { name = "warzone2100-music", folder = GAMES .. "warzone2100/music", files = "%.opus$",
    kind = "recording", licence = "GPL-2+, CC-BY-SA-3.0, CC0" },
  { name = "singularity-music", folder = GAMES .. "singularity/music", files = "%.ogg$",
    kind = "recording", licence = "CC-BY-SA-3.0" },
  { name = "hyperrogue-music", folder = "/usr/share/hyperrogue/music", files = "%.ogg$",
    kind = "recording", licence = "CC-BY and CC-BY-SA 3.0, 4.0" },
  { name = "asc-music", folder = GAMES .. "asc/music", files = "%.mp3$", kind = "recording",
    licence = "GPL-2+" },
  { name = "fretsonfire-songs-sectoid", folder = GAMES .. "fretsonfire/data/songs/sectoid",
    files = "%.ogg$", kind = "recording", licence = "Expat" },
  { name = "fretsonfire-songs-muldjord", folder = GAMES .. "fretsonfire/data/songs/muldjord",
    files = "%.ogg$", kind = "recording", licence = "CC-BY-SA-3.0" },
}

--- The package of that name, or nil.
function packages.find(name)
  for _, package in ipairs(packages.list) do
    if package.name == name then return package end
  end
end

--- The list of all names.
function packages.names()
  local names = {}
  for i, package in ipairs(packages.list) do names[i] = package.name end
  return names
end

return packages
