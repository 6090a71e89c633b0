--- The files that a command line names: folders stand for the sound files in them.
local sys = require "moonstem.core.sys"

local M = {}

-- Endings by which a sound or a video is taken from a folder; a file that is named is always taken.
local ENDINGS = {}
for ending in ([[wav flac ogg oga opus mp3 mp2 aif aiff aifc au caf w64 rf64 m4a m4b mp4 aac wma asf
  webm mkv mka mov avi ac3 amr ape wv mpc tta mod
  xm s3m it]]):gmatch "%S+" do ENDINGS[ending] = true end

local function is_sound(name)
  return ENDINGS[(name:match "%.(%w+)$" or ""):lower()]
end

local function walk(folder, list)
  local names, why = sys.list(folder)
  if not names then return nil, why end
  table.sort(names)
  for _, name in ipairs(names) do
    local path = folder:gsub("/+$", "") .. "/" .. name
    if sys.is_dir(path) then
      local ok, problem = walk(path, list)
      if not ok then return nil, problem end
    elseif is_sound(name) then
      list[#list + 1] = path
    end
  end
  return true
end

-- Why a name can be no file, or nil.
local function objection(name)
  if name == "-" then return "-: sound is not read from standard input; name a file" end
  if name:find "^%a[%w+.-]+://" and not sys.exists(name) then
    return name .. ": addresses are not read; download the file and name it"
  end
end

--- The list with each folder replaced by the sound files in it and in the folders inside, by their
-- endings, sorted; nil and a message for a folder that has none or cannot be read.
function M.files(names)
  local list = {}
  for _, name in ipairs(names) do
    local why_not = objection(name)
    if why_not then return nil, why_not end
    if sys.is_dir(name) then
      local before = #list
      local ok, why = walk(name, list)
      if not ok then return nil, why end
      if #list == before then return nil, name .. ": there are no sound files in this folder" end
    else
      list[#list + 1] = name
    end
  end
  return list
end

--- Whether a file may be written: nothing where it may; else why not: it is one of the files that
-- are read, its folder is missing, or it exists and `force` is not set.
function M.objection(path, files, force)
  if not path then return nil end
  local own = sys.absolute(path)
  for _, file in ipairs(files) do
    if own and own == sys.absolute(file) then return path .. " would take the place of " .. file end
  end
  local folder = path:match "^(.*)/" or "."
  if folder ~= "" and not sys.is_dir(folder) then
    return ("%s: there is no folder %s"):format(path, folder)
  end
  if sys.exists(path) and not force then return path .. " exists; --force writes over it" end
end

return M
