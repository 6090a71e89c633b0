--- The command line of the corpora: moonstem data render CORPUS --out DIR ...
local arguments = require "moonstem.app.arguments"
local exit = require "moonstem.sys.status"
local renamed = require "moonstem.renamed"
local tools = require "standins.tools"

local NAMES = { "songs", "tags", "genres", "real-songs", "real-tags", "real-recordings" }

local function parser()
  local p = arguments.parser("data render",
    "Renders a corpus from Debian packages, in the layout of a real data set: same options, same "
    .. "bytes. songs, tags and genres are composed here; those called real are human composers' "
    .. "music. The same command goes on where it was stopped.")
  p:argument("corpus", "songs, real-songs (as musdb18-HQ), tags, real-tags (as MagnaTagATune), "
    .. "genres (as FMA), real-recordings (a table of installed music)"):choices(NAMES)
  p:option("--out", "the folder to render to, made if it is not there; the table's file")
    :argname "DIR"
  p:option("--count", "how many songs (24) or clips (200 tags, 160 genres); of real ones all")
    :convert(arguments.whole(1)):argname "N"
  p:option("--seconds", "length of a song (60) or clip (29.124, 29.976)"):convert(tonumber)
    :argname "S"
  p:option("--seed", "what is drawn (1)"):convert(math.tointeger):argname "N"
  p:option("--workers", "how many processes render (2)"):convert(arguments.whole(1)):argname "N"
  p:option("--soundfont", "a General MIDI bank other than TimGM6mb"):argname "FILE"
  p:option("--package", "of real ones: only music of this package"):argname "NAME":count "*"
  p:flag("--dry-run", "render nothing, but count the styles, tags and genres, or list the files")
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
  if not result then
    local status = arguments.fail(why)
    return exit.stopped() or status
  end
  print(("%s: %d %s, %d rendered now in %.0f s"):format(result.out, result.count, name,
    result.rendered, result.seconds))
  return 0
end

-- The options of the composed corpora.
local function composed_options(given)
  return { out = given.out, seconds = given.seconds, seed = given.seed, workers = given.workers,
    soundfont = given.soundfont, progress = not given.quiet,
    [given.corpus == "songs" and "songs" or "clips"] = given.count }
end

local function composed(corpora, given)
  local options = composed_options(given)
  if #given.package > 0 then return arguments.fail("--package goes with real-... alone") end
  local sound, mistake = pcall(corpora.check, given.corpus, options)
  if not sound then return arguments.fail((mistake:gsub("^[^:]*:%d+: ", ""))) end
  return (given.dry_run and dry_run or render)(corpora, given.corpus, options)
end

-- Whether the soundfont that is asked for is one; or nil and a message.
local function sound_of(given)
  if not given.soundfont then return true end
  return tools.check_soundfont(given.soundfont)
end

--- Runs the command line `args` (the words behind `moonstem data render`) with the functions of
-- standins. Returns the exit status.
return function(corpora, args)
  for i, word in ipairs(args) do args[i] = renamed.name("moonstem data render", word) or word end
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  local good, why = sound_of(given)
  if not good then return arguments.fail(why) end
  if given.corpus:find "^real" then
    return require("standins.real.command")(corpora.real, given)
  end
  return composed(corpora, given)
end
