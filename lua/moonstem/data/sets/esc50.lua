--- ESC-50 (Piczak 2015): 2000 environmental sounds of 5 s, 50 classes, five folds.
local csv = require "moonstem.data.csv"
local define = require("moonstem.data.registry").define
local options_of = require "moonstem.options"

local set = define { name = "esc50", kind = "genres", marks = { "meta/esc50.csv" }, layout = [[
  DIR/meta/esc50.csv              filename,fold,target,category,esc10,src_file,take
  DIR/audio/1-100032-A-0.wav ...  fold-source-take-target]] }

local COLUMNS = { "filename", "fold", "target", "category", "esc10", "src_file" }
local FOLDS, REAL_ROWS = 5, 2000

local function columns_of(header)
  local at = {}
  for k, name in ipairs(header) do at[name] = k end
  for _, name in ipairs(COLUMNS) do
    if not at[name] then return nil, ("line 1: there is no column %s"):format(name) end
  end
  return at
end

-- A row as { id =, path =, fold =, target =, category =, small =, source = }, or nil and a message.
local function item_of(row, at, dir)
  local function field(name) return row[at[name]] or "" end
  local fold, target = math.tointeger(field "fold"), math.tointeger(field "target")
  if not fold or fold < 1 or fold > FOLDS then
    return nil, ('the fold is "%s", not 1 to %d'):format(field "fold", FOLDS)
  end
  if not target or target < 0 then return nil, ('the target is "%s"'):format(field "target") end
  local named, last = field("filename"):match "^(%d+)%-[^-]+%-%u%-(%d+)%.wav$"
  if tonumber(named) ~= fold or tonumber(last) ~= target then
    return nil, ('the file "%s" is not named fold-source-take-target.wav of fold %d and target %d')
      :format(field "filename", fold, target)
  end
  return { id = field "filename", path = dir .. "/audio/" .. field "filename", fold = fold,
    target = target, category = field "category", small = field "esc10" == "True",
    source = field "src_file" }
end

-- Whether what must be of one kind is: the name of a target, the fold of a source.
local function consistent(seen, item)
  for _, pair in ipairs { { "target " .. item.target, item.category, "category" },
    { "category " .. item.category, item.target, "target" },
    { "source " .. item.source, item.fold, "fold" } } do
    local other = seen[pair[1]]
    if other and other ~= pair[2] then
      return nil, ("%s has the %s %s here and %s before"):format(pair[1], pair[3], pair[2], other)
    end
    seen[pair[1]] = pair[2]
  end
  return true
end

local function read(dir)
  local file = dir .. "/meta/esc50.csv"
  local rows, why = csv.read(file)
  if not rows then return nil, why end
  local at
  at, why = columns_of(rows[1] or {})
  if not at then return nil, ("%s: %s"):format(file, why) end
  local list, seen = {}, {}
  for line = 2, #rows do
    local item, problem = item_of(rows[line], at, dir)
    local good = item and not seen[item.id]
    if item and not good then problem = item.id .. " is listed twice" end
    if good then good, problem = consistent(seen, item) end
    if not good then return nil, ("%s: line %d: %s"):format(file, line, problem) end
    seen[item.id], list[#list + 1] = true, item
  end
  return list
end

-- What differs from the published table, where it has as many rows, or nil.
local function differs(list)
  local folds, targets = {}, {}
  for _, item in ipairs(list) do
    folds[item.fold] = (folds[item.fold] or 0) + 1
    targets[item.target] = (targets[item.target] or 0) + 1
  end
  for fold = 1, FOLDS do
    if folds[fold] ~= 400 then return ("%d clips in fold %d"):format(folds[fold] or 0, fold) end
  end
  for target = 0, 49 do
    if targets[target] ~= 40 then
      return ("%d clips of target %d"):format(targets[target] or 0, target)
    end
  end
end

-- Numbers the categories that occur in the order of their targets; the names.
local function number(list)
  local names, targets, class = {}, {}, {}
  for _, item in ipairs(list) do names[item.target] = item.category end
  for target in pairs(names) do targets[#targets + 1] = target end
  table.sort(targets)
  local classes = {}
  for k, target in ipairs(targets) do classes[k], class[target] = names[target], k end
  for _, item in ipairs(list) do item.class = class[item.target] end
  return classes
end

--- ms.data.esc50(dir, {fold = 5, esc10 =, partial =, counts =}) -> dataset
-- Opens ESC-50. One fold is the test split, the one before it validation, three are for training:
-- cross-validation is { fold = 1 } to { fold = 5 }, scores averaged.
-- options: { fold = 5 of the test, esc10 = false takes the ten classes of ESC-10 alone,
--   partial = false accepts empty splits, counts = true checks a table of 2000 rows: 400 clips a
--   fold, 40 a class }
-- Items: { id =, path =, class =, fold =, source = recording that clips were cut from }. Sources
-- that lie in two folds are refused. Returns a data set of kind "genres", or nil and a message.
function set.open(dir, options)
  local o = options_of(options, "esc50", { fold = FOLDS, esc10 = options_of.flag,
    partial = options_of.flag, counts = true })
  if o.fold < 1 or o.fold > FOLDS then
    error(("esc50: fold must be 1 to %d, got %d"):format(FOLDS, o.fold), 2)
  end
  local list, why = read(dir)
  if not list then return set:refuse(why, dir) end
  local difference = o.counts and #list == REAL_ROWS and differs(list)
  if difference then
    return nil, ("esc50: 2000 rows, as the real set, but %s; counts = false accepts it")
      :format(difference)
  end
  local chosen, splits = {}, { train = {}, valid = {}, test = {} }
  for _, item in ipairs(list) do
    if item.small or not o.esc10 then chosen[#chosen + 1] = item end
  end
  local classes, valid = number(chosen), (o.fold - 2) % FOLDS + 1
  for _, item in ipairs(chosen) do
    local split = item.fold == o.fold and "test" or item.fold == valid and "valid" or "train"
    table.insert(splits[split], item)
  end
  return set:build { name = o.esc10 and "esc10" or nil, root = dir .. "/audio", classes = classes,
    splits = splits, partial = o.partial }
end

return set
