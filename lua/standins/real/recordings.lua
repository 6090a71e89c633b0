--- Recordings without labels: a table of what is installed, to listen to and to measure speed with.
local audio = require "moonstem.audio"
local catalogue = require "standins.real.catalogue"
local csv = require "moonstem.data.csv"
local sys = require "moonstem.sys"

local recordings = {}

--- The kinds of packages that it lists.
recordings.kinds = { recording = true, module = true }

local function row_of(package, version, name)
  local path = package.folder .. "/" .. name
  local info, why = audio.info(path)
  return { path = path, package = package.name, version = version,
    licence = package.licence, seconds = info and info.seconds, rate = info and info.rate,
    channels = info and info.channels, refused = why }
end

--- The files of installed packages of recordings and modules (of which the first song alone is
-- read): a list of { path =, package =, version
-- =, licence =, seconds =, rate =, channels =, refused = why moonstem cannot read it }; and the
-- names of the packages that are not installed.
function recordings.list(names)
  local there, missing = catalogue.packages(recordings.kinds, names)
  local list = {}
  for _, package in ipairs(there) do
    local version = catalogue.version(package.name)
    for _, name in ipairs(catalogue.files(package)) do
      list[#list + 1] = row_of(package, version, name)
    end
  end
  for i, package in ipairs(missing) do missing[i] = package.name end
  return list, missing
end

local COLUMNS = { "path", "package", "version", "licence", "seconds", "rate", "channels",
  "refused" }

--- Writes the list as a table (CSV). Returns the list and the missing packages, or nil and a
-- message.
function recordings.write(path, names)
  local list, missing = recordings.list(names)
  local lines = { csv.row(COLUMNS) }
  for _, file in ipairs(list) do
    local row = {}
    for i, column in ipairs(COLUMNS) do row[i] = file[column] or "" end
    lines[#lines + 1] = csv.row(row)
  end
  local good, why = sys.write_file(path, table.concat(lines))
  if not good then return nil, why end
  return list, missing
end

return recordings
