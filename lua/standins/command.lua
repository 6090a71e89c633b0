--- The command line of the stand-in corpora: moonstem data render songs|tags|genres --out DIR ...
local arguments = require "moonstem.app.arguments"
local renamed = require "moonstem.renamed"

local function parser()
  local p = arguments.parser("data render",
    "Renders a stand-in corpus from Debian packages, in the layout of a real data set: "
    .. "same seed, same bytes. The same command goes on where it was stopped.")
  p:argument("corpus", "songs (as musdb18-HQ), tags (as MagnaTagATune) or genres (as FMA)")
    :choices { "songs", "tags", "genres" }
  p:option("--out", "the folder to render to; made if it is not there"):argname "DIR"
  p:option("--count", "how many songs (24) or clips (200 tags, 160 genres)")
    :convert(arguments.whole(1)):argname "N"
  p:option("--seconds", "length of a song (60) or clip (29.124, 29.976)"):convert(tonumber)
    :argname "S"
  p:option("--seed", "what is drawn (1)"):convert(math.tointeger):argname "N"
  p:option("--workers", "how many processes render (2)"):convert(arguments.whole(1)):argname "N"
  p:option("--soundfont", "a General MIDI bank other than TimGM6mb"):argname "FILE"
  p:flag("--dry-run", "render nothing, but count the styles, tags and genres that there would be")
  p:flag("--quiet", "show no progress")
  return p
end

local function sorted(counts)
  local keys = {}
  for key in pairs(counts) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- One line a key: a count, or a count for each part.
local function show(title, counts)
  for _, key in ipairs(sorted(counts)) do
    local value, text = counts[key], {}
    for _, part in ipairs(type(value) == "table" and sorted(value) or {}) do
      text[#text + 1] = ("%s %d"):format(part, value[part])
    end
    print(("%-6s %-20s %s"):format(title, key, text[1] and table.concat(text, "  ") or value))
  end
end

local function dry_run(corpora, name, options)
  local counts, why = corpora.stats(name, options)
  if not counts then return arguments.fail(why) end
  show("part", counts.parts)
  show("style", counts.styles)
  show("tag", counts.tags)
  show("genre", counts.genres)
  return 0
end

local function render(corpora, name, options)
  if not options.out then return arguments.fail("data render needs --out DIR") end
  local result, why = corpora[name](options)
  if not result then return arguments.fail(why) end
  print(("%s: %d %s, %d rendered now in %.0f s"):format(result.out, result.count, name,
    result.rendered, result.seconds))
  return 0
end

--- Runs the command line `args` (the words behind `moonstem data render`) with the functions of
-- standins. Returns the exit status.
return function(corpora, args)
  for i, word in ipairs(args) do args[i] = renamed.name("moonstem data render", word) or word end
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  local options = { out = given.out, seconds = given.seconds, seed = given.seed,
    workers = given.workers, soundfont = given.soundfont, progress = not given.quiet }
  options[given.corpus == "songs" and "songs" or "clips"] = given.count
  local sound, mistake = pcall(corpora.check, given.corpus, options)
  if not sound then return arguments.fail((mistake:gsub("^[^:]*:%d+: ", ""))) end
  return (given.dry_run and dry_run or render)(corpora, given.corpus, options)
end
