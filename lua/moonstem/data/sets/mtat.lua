--- MagnaTagATune as downloaded, in the split of the paper's authors
-- (recipes/paper.md#magnatagatune).
local sys = require "moonstem.sys"
local csv = require "moonstem.data.csv"
local define = require("moonstem.data.registry").define
local options_of = require "moonstem.options"
local TAGS = require "moonstem.data.mtat_tags"

local REAL_ROWS = 25863
local REAL_COUNTS = { train = 15244, valid = 1529, test = 4332 }

-- Clips whose files are empty or cannot be decoded, excluded everywhere.
local BAD = {
  ["6/norine_braun-now_and_zen-08-gently-117-146.mp3"] = true,
  ["8/jacob_heringman-josquin_des_prez_lute_settings-19-gintzler__pater_noster-204-233.mp3"] = true,
  ["9/american_baroque-dances_and_suites_of_rameau_and_couperin-25-le_petit_rien_xiveme_ordre"
    .. "_couperin-88-117.mp3"] = true,
}

local SPLIT_OF = { c = "valid", d = "test", e = "test", f = "test" }
for digit in ("0123456789ab"):gmatch "." do SPLIT_OF[digit] = "train" end

local set = define { name = "mtat", kind = "tags", marks = { "annotations_final.csv" },
  synthetic = "tags", layout = [[
  DIR/annotations_final.csv   tab-separated: clip_id, one column of 0/1 a tag, mp3_path
  DIR/0/*.mp3 ... DIR/f/*.mp3   (or under DIR/mp3); 0-9 a b train, c validation, d e f test]] }

-- Column numbers of the 50 tags and of mp3_path.
local function wanted_columns(headers)
  local header, at, columns, again = headers[1], {}, {}, {}
  for i, name in ipairs(header) do at[name], again[name] = i, at[name] ~= nil end
  for i = 1, #TAGS + 1 do
    local name = TAGS[i] and TAGS[i][1] or "mp3_path"
    if not at[name] then
      return nil, ("line 1: there is no column \"%s\" among %d columns; expected layout:\n%s")
        :format(name, #header, set.layout)
    end
    if again[name] then return nil, ('line 1: the column "%s" stands there twice'):format(name) end
    columns[i] = at[name]
  end
  return columns
end

-- A row as an item and its split; an item without labels carries none of the 50 tags.
local function item_of(fields)
  local labels = {}
  for tag = 1, #TAGS do
    local value = fields[tag]
    if value == "1" then labels[#labels + 1] = tag
    elseif value ~= "0" then
      return nil, ("tag \"%s\" is \"%s\", not 0 or 1"):format(TAGS[tag][1], value)
    end
  end
  local path = fields[#TAGS + 1]
  local split = SPLIT_OF[path:match "^(%x)/" or ""]
  if not split then
    return nil, ("mp3_path \"%s\" is not in one of the folders 0 to f"):format(path)
  end
  return { id = path:gsub("%.mp3$", ""), path = path, labels = labels }, split
end

-- The splits, the entries left out and the number of rows; or nil and a message.
local function read(file)
  local splits, skipped, rows = { train = {}, valid = {}, test = {} }, {}, 0
  local good, why = csv.each(file, function(fields)
    rows = rows + 1
    local item, split = item_of(fields)
    if not item then return split end
    if BAD[item.path] then
      table.insert(skipped,
        { file = item.path, id = item.id, split = split, reason = "known to be damaged" })
    elseif #item.labels > 0 then
      table.insert(splits[split], item)
    end
  end, { columns = wanted_columns })
  return good and splits, good and skipped or why, rows
end

local function positives(items)
  local totals = {}
  for tag = 1, #TAGS do totals[tag] = 0 end
  for _, item in ipairs(items) do
    for _, tag in ipairs(item.labels) do totals[tag] = totals[tag] + 1 end
  end
  return totals
end

-- The first difference between a table of the real size and the published split, or nil.
local function differs(splits)
  for split, count in pairs(REAL_COUNTS) do
    if #splits[split] ~= count then
      return ("%d clips in the %s split instead of %d"):format(#splits[split], split, count)
    end
  end
  for column, split in pairs { [2] = "valid", [3] = "test" } do
    local totals = positives(splits[split])
    for tag, known in ipairs(TAGS) do
      if totals[tag] ~= known[column] then
        return ("%d %s clips with \"%s\" instead of %d")
          :format(totals[tag], split, known[1], known[column])
      end
    end
  end
end

local function audio_root(dir)
  for _, sub in ipairs { "", "/mp3", "/audio" } do
    for folder in pairs(SPLIT_OF) do
      if sys.is_dir(dir .. sub .. "/" .. folder) then return dir .. sub end
    end
  end
  return dir
end

--- ms.data.mtat(dir, {partial =, counts =}) -> dataset
-- Opens MagnaTagATune in `dir`: annotations_final.csv and the folders 0 to f.
-- options: { partial = true accepts empty splits; counts = true checks a table of the real set's
--   25 863 rows against the published split: 15 244 / 1 529 / 4 332 and all 50 tag totals }.
-- Keeps clips with at least one of the top-50 tags, without the three damaged
-- files; nothing is merged. Items: { id = "c/name", path=, labels = ascending
-- list of 1 to 50 }; classes: the 50 tag names.
-- Returns a data set of kind "tags", or nil and a message.
function set.open(dir, options)
  local given = options_of(options, "mtat", { partial = options_of.flag, counts = true })
  local file = dir .. "/annotations_final.csv"
  if not sys.exists(file) then
    return set:refuse("there is no annotations_final.csv", dir)
  end
  local splits, skipped, rows = read(file)
  if not splits then return nil, "mtat: " .. skipped end
  local difference = given.counts and rows == REAL_ROWS and differs(splits)
  if difference then
    return nil, ("mtat: %s has the real set's %d rows but %s; counts = false accepts it")
      :format(file, rows, difference)
  end
  local root, classes = audio_root(dir), {}
  for i, tag in ipairs(TAGS) do classes[i] = tag[1] end
  for _, items in pairs(splits) do
    for _, item in ipairs(items) do item.path = root .. "/" .. item.path end
  end
  return set:build { root = root, classes = classes, splits = splits, skipped = skipped,
    partial = given.partial }
end

return set
