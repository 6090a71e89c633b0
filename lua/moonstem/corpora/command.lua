--- The command line of the stand-in corpora: moonstem data render songs|tags|genres --out DIR ...
local argparse = require "argparse"

local function parser()
  local p = argparse("moonstem data render", "Render a stand-in corpus from Debian packages, in the layout of a real one.")
  p:argument("corpus", "songs (musdb18-HQ), tags (MagnaTagATune) or genres (FMA)."):choices { "songs", "tags", "genres" }
  p:option("--out", "The folder to render to; it is made, or goes on where it was stopped."):count(1)
  p:option("--count", "How many songs (24) or clips (200 tags, 160 genres)."):convert(math.tointeger)
  p:option("--seconds", "Length of a song (60) or clip (29.124, 29.976)."):convert(tonumber)
  p:option("--seed", "Same seed, same bytes.", "1"):convert(math.tointeger)
  p:option("--workers", "How many processes render.", "2"):convert(math.tointeger)
  p:option("--soundfont", "A General MIDI bank other than TimGM6mb.")
  p:flag("--plan", "Only count what would be rendered.")
  p:flag("--quiet", "No progress.")
  return p
end

local function sorted(counts)
  local keys = {}
  for key in pairs(counts) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local function show(title, counts)
  for _, key in ipairs(sorted(counts)) do
    local value = counts[key]
    local text = {}
    if type(value) == "table" then
      for _, part in ipairs(sorted(value)) do text[#text + 1] = ("%s %d"):format(part, value[part]) end
    else text[1] = tostring(value) end
    print(("%-8s %-20s %s"):format(title, key, table.concat(text, "  ")))
  end
end

local function plan(name, o)
  local counts, why = require("moonstem.corpora").plan(name, o)
  if not counts then return nil, why end
  show("part", counts.parts)
  show("style", counts.styles)
  show("tag", counts.tags)
  show("genre", counts.genres)
  return true
end

--- Runs the command line `args` (the words behind `moonstem data render`). Returns the exit status.
return function(args)
  local good, a = parser():pparse(args)
  if not good then
    io.stderr:write("moonstem data render: ", a, "\n")
    return 2
  end
  local corpora = require "moonstem.corpora"
  local o = { out = a.out, seconds = a.seconds, seed = a.seed, workers = a.workers, soundfont = a.soundfont,
    progress = not a.quiet }
  o[a.corpus == "songs" and "songs" or "clips"] = a.count
  local ran, result, why = pcall(a.plan and plan or function() return corpora[a.corpus](o) end, a.corpus, o)
  if not ran or not result then
    io.stderr:write("moonstem data render: ", tostring(ran and why or result), "\n")
    return 1
  end
  if not a.plan then
    print(("%s: %d %s, %d rendered now in %.0f s"):format(result.out, result.count, a.corpus, result.rendered, result.seconds))
  end
  return 0
end
