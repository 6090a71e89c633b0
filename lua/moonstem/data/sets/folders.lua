--- Clips of one's own in a folder for each class, with splits as folders or drawn by a seed.
local class_folders = require "moonstem.data.class_folders"
local define = require("moonstem.data.registry").define
local labels = require "moonstem.data.labels"
local options_of = require "moonstem.options"
local split = require("moonstem.data.split").split
local sys = require "moonstem.sys"

local set = define { name = "folders", kind = "genres", layout = [[
  DIR/<class>/<clip>.wav ...          splits are drawn: 80, 10 and 10 % of each class; or
  DIR/train/<class>/<clip>.wav ...    with DIR/valid and DIR/test the same]] }

local function given_splits(dir, skipped)
  local splits = {}
  for _, name in ipairs { "train", "valid", "test" } do
    splits[name] = class_folders.all(dir .. "/" .. name, skipped)
    for _, clip in ipairs(splits[name]) do clip.id = name .. "/" .. clip.id end
  end
  return splits
end

--- ms.data.folders(dir, {group =, seed = 1, partial =, name =}) -> dataset
-- Opens clips that lie in a folder for each class. Where DIR has the folders train, valid and test,
-- they are the splits; otherwise 80, 10 and 10 % of each class, drawn by the seed.
-- options: { group = function(clip) -> what must stay in one split, such as the artist; clip.id is
--   "class/name" and clip.path its file; seed = 1; partial = false accepts empty splits;
--   name = the folder's }
-- Files that are no audio by their ending are reported; hidden ones are passed over.
-- Returns a data set of kind "genres", or nil and a message.
function set.open(dir, options)
  local o = options_of(options, "folders", { group = options_of.callable, seed = 1,
    partial = options_of.flag, name = options_of.string })
  local skipped, splits = {}
  if sys.is_dir(dir .. "/train") and sys.is_dir(dir .. "/test") then
    splits = given_splits(dir, skipped)
  else
    local clips = class_folders.all(dir, skipped)
    if #clips == 0 then return set:refuse("there is no folder with clips", dir) end
    splits = split(clips, { stratify = class_folders.class_of, group = o.group, seed = o.seed })
  end
  local classes, _, counts = labels.number(splits)
  labels.set(splits, classes, "genres")
  return set:build { name = o.name or dir:match "([^/]+)/*$" or dir, root = dir, classes = classes,
    splits = splits, skipped = skipped, partial = o.partial,
    notes = { labels.look_alikes(classes, counts) } }
end

return set
