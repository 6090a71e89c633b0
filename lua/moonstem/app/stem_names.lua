--- Names of the files that songs are separated into: each its own, whatever the songs are called.
local sys = require "moonstem.core.sys"

local M = {}

-- "a//b/./c.wav" -> "a/b/c.wav"
local function tidy(path)
  path = path:gsub("/+", "/")
  local before
  repeat before, path = path, path:gsub("/%./", "/"):gsub("^%./(.)", "%1") until path == before
  return path
end

-- A song's name below the folder for stems, with the last `depth` folders of its path in front.
local function name_of(song, depth, ending)
  local path = song.absolute:match(("[^/]+/"):rep(depth) .. "[^/]*$") or song.absolute:sub(2)
  local bare = path:gsub("%.%w+$", "")
  return (ending or bare:find "/$" or bare == "") and path or bare
end

-- Songs that would have the same name get their ending, or as many of their folders as tell them
-- apart.
local function tell_apart(songs)
  for k = 0, 129 do
    local seen, different = {}, true
    for _, song in ipairs(songs) do
      song.name = name_of(song, k // 2, k % 2 == 1)
      different = different and not seen[song.name]
      seen[song.name] = true
    end
    if different then return end
  end
end

-- The songs, each once; what was named twice goes into `twice`.
local function songs_of(files, twice)
  local songs, seen, here = {}, {}, sys.cwd() or ""
  for _, file in ipairs(files) do
    local path = tidy(file)
    if path:sub(1, 1) ~= "/" then path = tidy(here .. "/" .. path) end
    if seen[path] then twice[#twice + 1] = file
    else songs[#songs + 1] = { file = file, absolute = path } end
    seen[path] = true
  end
  return songs
end

local function group(songs)
  local groups, order = {}, {}
  for _, song in ipairs(songs) do
    local name = name_of(song, 0, false)
    if not groups[name] then
      groups[name] = {}
      order[#order + 1] = groups[name]
    end
    table.insert(groups[name], song)
  end
  return order
end

-- The songs of which a stem is missing. (The stems of a song appear one after the other when all
-- are known, the rest last.)
local function unfinished(songs)
  local list = {}
  for _, song in ipairs(songs) do
    local done = true
    for _, stem in ipairs(song.stems) do done = done and sys.exists(stem) end
    if not done then list[#list + 1] = song end
  end
  return list
end

-- Why these stems must not be written, or nil.
local function objection(songs, force)
  local owner, input = {}, {}
  for _, song in ipairs(songs) do input[sys.absolute(song.file) or song.absolute] = song.file end
  for _, song in ipairs(songs) do
    for _, stem in ipairs(song.stems) do
      if owner[stem] then
        return ("%s and %s would both be separated into %s: separate them in two calls, with "
          .. "another --out"):format(owner[stem], song.file, stem)
      end
      owner[stem] = song.file
      local there = sys.exists(stem)
      if there and input[sys.absolute(stem) or stem] then
        return ("%s, a stem of %s, would take the place of a song that is to be separated: "
          .. "choose another --out"):format(stem, song.file)
      end
      if there and not force then
        return stem .. " exists already; --force writes over it, --out chooses another folder"
      end
    end
  end
end

--- Files -> list of { file =, name = the song's without its ending, made unique as choose says },
-- and the list of files that were named twice.
function M.named(files)
  local twice = {}
  local songs = songs_of(files, twice)
  for _, one in ipairs(group(songs)) do tell_apart(one) end
  return songs, twice
end

--- (files, names of the sources, options) -> list of { file =,
-- stems = FOLDER/NAME.SOURCE.FORMAT for each source and FOLDER/NAME.rest.FORMAT }, and the list of
-- files that were named twice (they are in the first list once). NAME is the song's without
-- its ending; songs of one name keep the ending (a.wav, a.mp3), or get the folders that tell
-- them apart (A/a, B/a). nil and a message where a stem would take the place of another
-- song's, of a song, or, without `force`, of any file. options: { out = folder, format =, force =,
-- resume = leaves out the songs whose stems are all there }
function M.choose(files, sources, o)
  local folder = o.out == "" and "." or o.out
  local songs, twice = M.named(files)
  for _, song in ipairs(songs) do
    song.stems = {}
    for k, source in ipairs(sources) do
      song.stems[k] = ("%s/%s.%s.%s"):format(folder, song.name, source, o.format)
    end
    song.stems[#sources + 1] = ("%s/%s.rest.%s"):format(folder, song.name, o.format)
  end
  if o.resume then songs = unfinished(songs) end
  local why = objection(songs, o.force or o.resume)
  if why then return nil, why end
  return songs, twice
end

return M
