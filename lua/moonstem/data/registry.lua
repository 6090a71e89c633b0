--- The data sets that there are: each declares itself in one file of a folder moonstem/data/sets on
-- package.path, or in a script; the program, the recipes and ms.data know it from there.
local dataset = require "moonstem.data.dataset"
local modules = require "moonstem.sys.modules"
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"
local sys = require "moonstem.core.sys"

local M = {}

local Set = {}
Set.__index = Set

local FOLDER = "moonstem.data.sets."
local ORDER = { songs = 1, tags = 2, genres = 3 }

local defined = {} -- name -> Set

local KNOWN = {
  name = options_of.string, kind = options_of.choice("songs", "tags", "genres"),
  layout = options_of.string,
  marks = {}, file = false, short = options_of.string, synthetic = options_of.string,
  open = options_of.callable,
}

--- ms.data.define{ name =, kind =, layout =, marks =, open = function(dir, options) } -> set
-- Declares a data set, which is ms.data.NAME(dir, options) from then on, `moonstem data --kind
-- NAME` and a recipe's `--data NAME=DIR`. One that stands in a file
-- moonstem/data/sets/NAME.lua on package.path, which returns the set, is found without being
-- asked for; its comment above set.open is its help.
-- kind: "songs", "tags" or "genres" (none: `open` tells); layout: the text that refusals quote;
-- marks: names in a folder by any of which the program knows it; file = true: `open` takes a file
-- in place of a folder; short: what recipes call it (name); synthetic: the corpus of ms.corpora
-- that recipes render in its place. `open` returns what set:build{...} returns.
function M.define(given)
  local set = options_of(given, "data.define", KNOWN)
  for _, key in ipairs { "name", "layout" } do
    if not set[key] then error(("data.define: %s is needed"):format(key), 2) end
  end
  set.short = set.short or set.name
  defined[set.name] = setmetatable(set, Set)
  return set
end

--- set:build{ splits =, root =, classes =, skipped =, notes =, partial =, ... } -> data set
-- moonstem.data.dataset.build with the name, kind and layout of the set, where the fields do not
-- say others; nil and a message where that refuses.
function Set:build(fields)
  return dataset.build(options_of.merge({ name = self.name, kind = self.kind,
    layout = self.layout }, fields))
end

--- set:refuse(why [, dir]) -> nil and a message that quotes the
-- layout and, of a folder, tells what it holds.
function Set:refuse(why, dir)
  local listing = dir and (" (%s)"):format(dataset.listing(dir)) or ""
  return nil, ("%s: %s%s; expected layout:\n%s"):format(self.name, why, listing, self.layout)
end

-- The set of a file, which is loaded; raises unless it declares the set of that name.
local function loaded(name)
  local set = require(FOLDER .. name)
  if getmetatable(set) == Set and set.name == name then return set end
  error(("data: %s%s must return what define{ name = \"%s\", ... } gives")
    :format(FOLDER, name, name), 0)
end

--- Name -> true of every data set, loading none.
function M.names()
  local names = modules.names(FOLDER)
  for name in pairs(defined) do names[name] = true end
  return names
end

--- All data sets: songs, tags, genres, then those whose kind is known when they are opened; by name
-- within a kind.
function M.list()
  for name in pairs(modules.names(FOLDER)) do defined[name] = loaded(name) end
  local list = {}
  for _, set in pairs(defined) do list[#list + 1] = set end
  table.sort(list, function(a, b)
    local i, k = ORDER[a.kind] or 4, ORDER[b.kind] or 4
    if i ~= k then return i < k end
    return a.name < b.name
  end)
  return list
end

--- The data set of that name, or nil.
function M.find(name)
  if not defined[name] and M.names()[name] then defined[name] = loaded(name) end
  return defined[name]
end

-- Whether a folder or file looks like the set.
local function fits(set, path, is_dir)
  if not is_dir then return set.file end
  for _, mark in ipairs(set.marks) do
    if sys.exists(path .. "/" .. mark) then return true end
  end
end

--- The data set that a folder or file holds, by the marks; nil and a
-- message when there is none, or more than one.
function M.guess(path)
  local is_dir, fitting, marks = sys.is_dir(path), {}, {}
  for _, set in ipairs(M.list()) do
    if fits(set, path, is_dir) then fitting[#fitting + 1] = set.name end
    if #set.marks > 0 then
      marks[#marks + 1] = ("%s (%s)"):format(set.name, table.concat(set.marks, " or "))
    end
  end
  if #fitting == 1 then return M.find(fitting[1]) end
  local why = #fitting > 1 and "it could be " .. table.concat(fitting, " or ")
    or dataset.listing(path) .. ", which is no data set known here: " .. table.concat(marks, ", ")
  return nil, why .. "; --kind NAME says what it is"
end

strict.class(Set, "data set", { "kind", "file", "synthetic", "open" })

return M
