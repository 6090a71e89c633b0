--- Makes the reference of the library from the comments of its sources, as HTML by LDoc (Debian:
-- lua-ldoc): moonstem docs/reference.lua FOLDER
-- LDoc reads Lua files; those that it gets here hold nothing but the help texts, one file for each
-- library, so that functions of Lua and of C stand beside each other as users see them.
local comments = require "moonstem.app.comments"
local ms = require "moonstem"
local sys = ms.sys

-- How the receivers of methods are called in the help.
local OBJECTS = { x = "tensor" }

local CONFIG = [[
project = "moonstem"
title = "Moonstem %s: reference"
description = "All functions of the library. At the prompt, ?name shows the same texts."
format = "plain"
sort = true
no_space_before_args = true
file = { %s }
]]

local function escaped(text)
  local marks = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ["@"] = "&#64;" }
  return (text:gsub("[&<>@]", marks))
end

-- A text with its call as code. LDoc would take dots inside a call for the end of a sentence.
local function marked(text)
  local call, rest = text:match "^([%w_.:]+%b())(.*)$"
  if not call then call, rest = text:match "^([%w_.:]+%b{})(.*)$" end
  if not call then return (escaped(text)) end
  return "<code>" .. escaped(call):gsub("%.%.%.", "&hellip;") .. "</code>" .. escaped(rest)
end

-- A comment for LDoc, which takes dashes at the beginning of a line for its marks.
local function comment(text, tag)
  local lines = {}
  for line in (marked(text) .. "\n"):gmatch "(.-)\n" do
    lines[#lines + 1] = "-- " .. line:gsub("^(%s*)%-", "%1&#45;")
  end
  lines[1] = "-" .. lines[1]
  return table.concat(lines, "\n") .. "\n-- " .. tag .. "\n"
end

-- The library of a name, and its last word: "ms.audio", "stft". A module that users load by its
-- path is a library, too.
local function parts(name)
  name = name:gsub('^require%("(.-)"%)', "%1")
  local owner, last = name:match "^(.*)[%.:]([^%.:]+)$"
  return OBJECTS[owner] or owner or "ms", last or name
end

-- Texts of entries by library: { [library] = { about = text, { name =, text = }, ... } }.
local function libraries()
  local list = {}
  local function of(name)
    if not list[name] then list[name] = {} end
    return list[name]
  end
  for _, entry in ipairs(comments()) do
    local owner, last = parts(entry.name)
    if entry.module then of((entry.name:gsub('^require%("(.-)"%)', "%1"))).about = entry.text
    else table.insert(of(owner), { name = last, text = entry.text }) end
  end
  return list
end

local function source(name, library)
  local about = library.about or (name:find "^ms" and "Functions of " or "Methods of ") .. name
  local text = { comment(about, "@module " .. name) }
  for _, entry in ipairs(library) do
    text[#text + 1] = comment(entry.text, "@function " .. entry.name)
  end
  return table.concat(text, "\n")
end

local function write(path, text) assert(sys.write_file(path, text)) end

local function make(folder)
  local work <close> = setmetatable({ dir = assert(sys.tempdir()) }, { __close = function(self)
    sys.run { "rm", "-r", self.dir }
  end })
  local files = {}
  for name, library in pairs(libraries()) do
    files[#files + 1] = ('"%s/%s.lua"'):format(work.dir, name:gsub("[^%w_.]", "_"))
    write(files[#files]:sub(2, -2), source(name, library))
  end
  table.sort(files)
  write(work.dir .. "/config.ld", CONFIG:format(ms.version, table.concat(files, ", ")))
  return sys.run { "ldoc", "--quiet", "--fatalwarnings", "--testing", "--config",
    work.dir .. "/config.ld", "--dir", folder, work.dir }
end

local folder = ...
if not folder then
  io.stderr:write "usage: moonstem docs/reference.lua FOLDER\n"
  os.exit(2)
end
assert(sys.mkdir(folder))
local ok, status = pcall(make, sys.absolute(folder))
if not ok then error("ldoc cannot be run (Debian: lua-ldoc): " .. tostring(status), 0) end
os.exit(status)
