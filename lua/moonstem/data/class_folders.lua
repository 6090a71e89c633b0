--- Clips that lie in a folder for each class.
local dataset = require "moonstem.data.dataset"
local sys = require "moonstem.sys"

local M = {}

local AUDIO = {}
for ending in ("wav mp3 flac ogg opus au aif aiff m4a mp4 wv"):gmatch "%a+" do
  AUDIO[ending] = true
end

--- The folders in a folder: names of classes.
function M.classes(root)
  local names = {}
  for _, name in ipairs(dataset.entries(root)) do
    if sys.is_dir(root .. "/" .. name) then names[#names + 1] = name end
  end
  return names
end

--- The clips of a class: { id = "class/name", path =, names = { class } }; other files are reported
-- in `skipped`.
function M.clips(root, class, skipped)
  local list = {}
  for _, name in ipairs(dataset.entries(root .. "/" .. class)) do
    local path = ("%s/%s/%s"):format(root, class, name)
    if AUDIO[(name:match "%.(%w+)$" or ""):lower()] then
      list[#list + 1] = { id = class .. "/" .. name, path = path, names = { class } }
    elseif not sys.is_dir(path) then
      skipped[#skipped + 1] = { file = path, reason = "not audio" }
    end
  end
  return list
end

--- The clips of all classes of a folder.
function M.all(root, skipped)
  local list = {}
  for _, class in ipairs(M.classes(root)) do
    local clips = M.clips(root, class, skipped)
    table.move(clips, 1, #clips, #list + 1, list)
  end
  return list
end

--- The class of a clip, for stratified splits.
function M.class_of(clip) return clip.names[1] end

return M
