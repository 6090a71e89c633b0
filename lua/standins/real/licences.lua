--- LICENCES.md: which packages a corpus is made from, their versions and licences, the files that
-- were taken and those that were not, with the reasons.
local catalogue = require "standins.real.catalogue"
local packages = require "standins.real.packages"
local sys = require "moonstem.sys"

local licences = {}

local HEAD = [[
# Where this music is from

Rendered from files of the Debian packages below; whoever passes the sound on must keep to their
licences. The full text of each is in `/usr/share/doc/PACKAGE/copyright`. No composer is in two
parts (train, valid, test).
]]

local function line(entry, o)
  local what = entry.refused and "left out: " .. entry.refused
    or o.used[entry.path] and ("%s, by %s"):format(entry.part, entry.composer)
    or "not taken: the corpus holds as many as were asked for"
  return ("- `%s`: %s\n"):format(entry.file, what)
end

local function section(package, entries, o)
  local out = { ("\n## %s %s\n\n%s, from `%s`\n\n"):format(package.name,
    catalogue.version(package.name), package.licence, package.folder) }
  for _, entry in ipairs(entries) do
    if entry.package == package.name then out[#out + 1] = line(entry, o) end
  end
  return table.concat(out)
end

--- Writes the file into a corpus. pieces: what was rendered; entries: the catalogue. Returns true,
-- or nil and a message.
function licences.write(o, pieces, entries)
  local used, out = {}, { HEAD }
  for _, piece in ipairs(pieces) do used[piece.path] = true end
  for _, name in ipairs(o.packages) do
    out[#out + 1] = section(packages.find(name), entries, { used = used })
  end
  return sys.write_file(o.out .. "/LICENCES.md", table.concat(out))
end

return licences
