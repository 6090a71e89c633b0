--- What the corpora of real music share: the programs and packages that they are made from, and
-- what decides their sound.
local catalogue = require "standins.real.catalogue"
local core_io = require "moonstem.core.io"
local rng = require "standins.rng"
local sys = require "moonstem.sys"
local tools = require "standins.tools"

local source = {}

local BANKS = {
  { path = tools.soundfont, package = "timgm6mb-soundfont" },
  { path = "/usr/share/sounds/sf2/FluidR3_GM.sf2", package = "fluid-soundfont-gm" },
}

--- The soundfonts that are installed, and the packages of the others.
function source.banks()
  local there, missing = {}, {}
  for _, bank in ipairs(BANKS) do
    if sys.exists(bank.path) then there[#there + 1] = bank.path
    else missing[#missing + 1] = bank.package end
  end
  return there, missing
end

-- nil and a sentence with the packages that would help.
local function nothing(what, list)
  return nil, ("%s: %s"):format(what, catalogue.line(list))
end

-- Soundfonts as full paths, of which at least one is needed.
local function prepare_banks(o)
  local there, missing = source.banks()
  for i, path in ipairs(o.soundfonts or {}) do
    local good, why = tools.check_soundfont(path)
    if not good then return nil, why end
    o.soundfonts[i] = sys.absolute(path)
  end
  o.soundfonts = o.soundfonts or there
  if #o.soundfonts > 0 then return true end
  return nothing("MIDI files need a soundfont", { missing[1] })
end

--- Looks for packages, programs and soundfonts, and sets o.packages to the names of what is used,
-- o.missing to the packages that are not installed. Returns true, or nil and a message.
function source.prepare(kind, o)
  local there, missing = catalogue.packages(kind.kinds, o.packages)
  if #there == 0 then return nothing("no package with music is installed", missing) end
  local asked, midi = o.packages, false
  if asked and #missing > 0 then return nothing("packages are missing", missing) end
  o.packages, o.missing = {}, {}
  for i, package in ipairs(missing) do o.missing[i] = package.name end
  for i, package in ipairs(there) do
    o.packages[i] = package.name
    midi = midi or package.kind == "midi"
  end
  if not midi then
    o.soundfonts = {}
    return true
  end
  if not tools.on_path "fluidsynth" then return nothing("MIDI files need it", { "fluidsynth" }) end
  return prepare_banks(o)
end

--- What decides the sound: packages with their versions, soundfonts with their sizes.
function source.settings(kind, o)
  local versions, banks = {}, {}
  for i, name in ipairs(o.packages) do versions[i] = name .. " " .. catalogue.version(name) end
  for i, path in ipairs(o.soundfonts) do
    banks[i] = ("%s (%d bytes)"):format(path:match "[^/]+$", sys.size(path))
  end
  return { kind = kind.name, format = rng.format, seed = o.seed, seconds = o.seconds,
    packages = core_io.list(versions), soundfonts = core_io.list(banks) }
end

--- The soundfont of a piece, drawn by the seed.
function source.bank(o, entry)
  if entry.kind ~= "midi" then return nil end
  return rng.new(o.seed, "real/bank/" .. entry.id):pick(o.soundfonts)
end

--- Makes a piece with its kind's own function.
function source.make(kind, o, piece, folder) return kind.make(o, piece, folder) end

return source
