--- State dicts of PyTorch, kept as safetensors: tensors by other names, their dimensions in another
-- order (io/torch_layers.lua).
local core = require "moonstem.tensor"
local files = require "moonstem.core.io"
local layers = require "moonstem.io.torch_layers"
local layer_of = require "moonstem.net.layer"
local options_of = require "moonstem.options"
local parts = require "moonstem.net.parts"
local words = require "moonstem.core.words"

local M = {}

-- What batch norms count, and we do not.
local IGNORED = "num_batches_tracked$"

-- ---- names ------------------------------------------------------------------------------------
-- A function that gives the other name of a part. names: a function of a path, or { part = other },
-- of which the longest part that a path begins with counts. used: entries that were met.
local function renaming(names, used)
  if type(names) == "function" then
    return function(path)
      local other = names(path)
      return type(other) == "string" and other or path
    end
  end
  return function(path)
    local above, rest = path, ""
    while above do
      if names[above] then
        used[above] = true
        return names[above] == "" and rest:sub(2) or names[above] .. rest
      end
      local shorter, last = above:match "^(.*)%.([^.]*)$"
      if shorter then rest = "." .. last .. rest end
      above = shorter
    end
    return path
  end
end

local function check_names(names, who)
  if type(names) == "function" then return end
  for part, other in pairs(names) do
    if type(part) ~= "string" or type(other) ~= "string" then
      error(who .. ": names must be a function of a name, or a table { part = other name }", 0)
    end
  end
end

local function check_used(names, used, paths, who)
  if type(names) == "function" then return end
  for part in pairs(names) do
    if not used[part] then
      error(("%s: names: no part of the model goes by the entry %s%s"):format(who, part,
         words.hint(part, paths)), 0)
    end
  end
end

local function joined(prefix, name)
  if prefix == "" or name == "" then return prefix .. name end
  return prefix .. "." .. name
end

-- ---- what a model's tensors are called there ----------------------------------------------------
local function rows_of_layer(path, child, who)
  local of = layers.kinds[child:kind()]
  local rows = of and of(child)
  if not rows then
    error(("%s: %s is a %s, whose weights in PyTorch are not known here"):format(who, path,
      child:kind()), 0)
  end
  return rows
end

-- The tensors of a row, or nil where the layer has none of them, as without bias.
local function tensors_of(row, own)
  local list = {}
  for k, name in ipairs(row.ours) do
    list[k] = own[name]
    if not list[k] then return nil end
  end
  return list
end

-- Rows of a model: { row =, path =, values = ours, theirs = names, aliases =, is_repeated = }.
local function rows_of(model, names, who)
  local rows, used, paths = {}, {}, {}
  local renamed = renaming(names, used)
  parts.walk_all(model, function(path, child, first)
    paths[#paths + 1] = path
    if not layer_of.is_layer(child) then return end
    local own = {}
    for _, t in ipairs(child:tensors()) do own[t.name] = t.value end
    if not next(own) then return end
    local other = renamed(path)
    for _, row in ipairs(rows_of_layer(path, child, who)) do
      local values, theirs, aliases = tensors_of(row, own), {}, {}
      for k, name in ipairs(values and row.theirs or {}) do theirs[k] = joined(other, name) end
      for k, name in ipairs(values and row.alias or {}) do aliases[k] = joined(other, name) end
      if values then
        rows[#rows + 1] = { row = row, path = path, values = values, theirs = theirs,
          aliases = aliases, is_repeated = first ~= nil }
      end
    end
  end)
  check_used(names, used, paths, who)
  return rows
end

-- ---- there and back -----------------------------------------------------------------------------
local function inverse(turn)
  local back = {}
  for d, from in ipairs(turn) do back[from] = d end
  return back
end

local function join(list, dimension)
  return #list == 1 and list[1] or core.ops.cat(list, dimension)
end

-- One tensor as theirs from its part of ours.
local function theirs_from(row, x)
  if row.turn then x = x:permute(inverse(row.turn)) end
  if row.lead then x = x:squeeze(1) end
  return row.size and x:reshape(row.size) or x
end

local function split(x, dimension, sizes)
  local list, at = {}, 1
  for k, n in ipairs(sizes) do
    list[k], at = x:slice(dimension, at, at + n - 1), at + n
  end
  return list
end

-- Theirs, a tensor for each name.
local function to_theirs(entry)
  local row = entry.row
  local whole = join(entry.values, row.ours_join)
  local list, count = { whole }, #entry.theirs
  if count > 1 then
    local each = whole:size(row.theirs_join) // count
    local sizes = {}
    for k = 1, count do sizes[k] = each end
    list = split(whole, row.theirs_join, sizes)
  end
  for k, x in ipairs(list) do list[k] = theirs_from(row, x) end
  return list
end

-- Ours, a tensor for each of entry.values, from theirs.
local function to_ours(entry, theirs)
  local row, list = entry.row, {}
  for k, x in ipairs(theirs) do
    if row.size then x = x:reshape { -1 } end
    if row.lead then x = x:unsqueeze(1) end
    list[k] = row.turn and x:permute(row.turn) or x
  end
  local whole = join(list, row.theirs_join)
  if #entry.values == 1 then return { whole } end
  local sizes = {}
  for k, value in ipairs(entry.values) do sizes[k] = value:size(row.ours_join) end
  return split(whole, row.ours_join, sizes)
end

-- ---- files --------------------------------------------------------------------------------------
local OPTIONS = { names = options_of.any, strict = true }

local function options(given, who, known)
  local o = options_of(given, who, known)
  o.names = o.names == nil and {} or o.names
  if type(o.names) ~= "table" and type(o.names) ~= "function" then
    error(who .. ": names must be a function of a name, or a table { part = other name }", 0)
  end
  check_names(o.names, who)
  return o
end

-- The file's tensors for an entry, or nil and the name of one that is missing.
local function found(entry, state)
  local list = {}
  for k, name in ipairs(entry.theirs) do
    local alias = entry.aliases[k]
    list[k] = state[name] or alias and state[alias]
    if not list[k] then return nil, name end
  end
  return list
end

local function mark(entry, left)
  for _, name in ipairs(entry.theirs) do left[name] = nil end
  for _, name in ipairs(entry.aliases) do left[name] = nil end
end

-- Why theirs have other sizes than ours, or nil.
local function mismatch(entry, theirs)
  for k, expected in ipairs(to_theirs(entry)) do
    if expected:shape() ~= theirs[k]:shape() then
      return ("%s is %s in the file, but %s.%s of the model is %s there"):format(entry.theirs[k],
        theirs[k]:shape(), entry.path, entry.row.ours[1], expected:shape())
    end
  end
end

local function first_of(names)
  local list = {}
  for name in pairs(names) do list[#list + 1] = name end
  table.sort(list)
  return list[1], #list
end

-- Pairs of ours and the numbers for them, or nil and a message.
local function matched(rows, state, strict)
  local pairs_of, left, missing = {}, {}, {}
  for name in pairs(state) do
    if not name:find(IGNORED) then left[name] = true end
  end
  for _, entry in ipairs(rows) do
    local theirs, lacking = found(entry, state)
    local why = theirs and mismatch(entry, theirs)
    if why then return nil, why end
    if lacking and not entry.is_repeated then missing[lacking] = true end
    if theirs and not entry.is_repeated then
      for k, x in ipairs(to_ours(entry, theirs)) do
        pairs_of[#pairs_of + 1] = { own = entry.values[k], from = x }
      end
    end
    mark(entry, left)
  end
  local name, count = first_of(missing)
  if name and strict then
    return nil, ("the file lacks %d of the model's tensors, first %s"):format(count, name)
  end
  name, count = first_of(left)
  if name and strict then
    return nil, ("the file has %d tensors that the model lacks, first %s"):format(count, name)
  end
  return pairs_of
end

function M.load(path, model, given)
  if not parts.is_module(model) then
    error("load_torch: a model is expected, got " .. type(model), 0)
  end
  local o = options(given, "load_torch", OPTIONS)
  local state, why = files.load_safetensors(path)
  if not state then return nil, why end
  local _ <close> = core.scope()
  local pairs_of
  pairs_of, why = core.no_grad(matched, rows_of(model, o.names, "load_torch"), state, o.strict)
  if not pairs_of then return nil, ("%s: %s"):format(path, why) end
  for _, pair in ipairs(pairs_of) do pair.own:copy(pair.from) end
  return model, #pairs_of
end

function M.save(path, model, given)
  if not parts.is_module(model) then
    error("save_torch: a model is expected, got " .. type(model), 0)
  end
  local o = options(given, "save_torch", { names = options_of.any })
  local _ <close> = core.scope()
  local state = {}
  core.no_grad(function()
    for _, entry in ipairs(rows_of(model, o.names, "save_torch")) do
      for k, x in ipairs(to_theirs(entry)) do
        local name = entry.theirs[k]
        if state[name] then
          error(("save_torch: two tensors would be called %s"):format(name), 0)
        end
        state[name] = x
      end
    end
  end)
  return files.save_safetensors(path, state, { format = "pt" })
end

return M
