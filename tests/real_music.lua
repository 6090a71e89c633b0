--- Music of human composers from installed Debian packages: makes small corpora of it, checks what
-- they promise, and pushes real files through separate, tag and embed. Prints speed and peak
-- memory; fails when a promise is broken.
--   build/moonstem tests/real_music.lua [songs] [tags] [files] [--each N]    some minutes
-- Without a word all three; the N shortest files of each package, 1 unless it is given.
package.path = ("%s/separation/?.lua;"):format(arg[0]:match "^(.*)/" or ".") .. package.path
local ms = require "moonstem"
local commands = require "commands"

local real = ms.corpora.real
local bad = 0

local function check(holds, format, ...)
  if holds then return end
  bad = bad + 1
  print("  WRONG: " .. format:format(...))
end

-- ---- corpora ---------------------------------------------------------------------------------
-- The largest difference between the mixture and the sum of the stems.
local function sum_error(item)
  local _ <close> = ms.scope()
  local rest = assert(ms.audio.read(item.stems.mixture, { mono = false }))
  for _, stem in ipairs { "vocals", "drums", "bass", "other" } do
    rest = rest - assert(ms.audio.read(item.stems[stem], { mono = false }))
  end
  return (rest:abs():max())
end

-- Composers of the parts of a corpus, by its records.
local function check_composers(dir)
  local part_of, folder = {}, dir .. "/.moonstem/pieces/"
  for _, name in ipairs(ms.sys.list(folder)) do
    local record = assert(ms.io.load_json(folder .. name))
    if record.composer then
      local other = part_of[record.composer]
      check(not other or other == record.part, "%s is in two parts", record.composer)
      part_of[record.composer] = record.part
    end
  end
end

local function songs(dir)
  local made, why = real.songs { out = dir .. "/songs", songs = 16, seconds = 20, progress = false }
  if not made then return nil, why end
  local worst = 0
  for _, split in ipairs { "train", "valid", "test" } do
    local set = assert(ms.data.musdb18(made.out, { partial = true }))
    for _, item in ipairs(set:items(split)) do worst = math.max(worst, sum_error(item)) end
  end
  check(worst == 0, "stems differ from their mixtures by %g", worst)
  check_composers(made.out)
  print(("songs: %d of 20 s in %.0f s; stems and mixtures differ by %g"):format(made.count,
    made.seconds, worst))
end

local function tags(dir)
  local made, why = real.tags { out = dir .. "/tags", clips = 40, seconds = 10, progress = false }
  if not made then return nil, why end
  local set = assert(ms.data.manifest(made.out .. "/manifest.csv", { partial = true }))
  print(("tags: %d clips in %.0f s; %s"):format(made.count, made.seconds, tostring(set)))
end

-- ---- commands ----------------------------------------------------------------------------------
-- Stems have the rate, the channels and the length of their file.
local function check_stems(dir, file)
  local name = file.path:match "[^/]*$":gsub("%.%w+$", "")
  for _, stem in ipairs { "source", "rest" } do
    local info = assert(ms.audio.info(("%s/stems/%s.%s.wav"):format(dir, name, stem)))
    check(info.rate == file.rate and info.channels == file.channels
      and math.abs(info.seconds - file.seconds) < 0.1, "%s: its %s has %d Hz, %d channels, %g s",
      file.path, stem, info.rate, info.channels, info.seconds)
  end
end

local function row(dir, file)
  local path, seconds = file.path, file.seconds
  local separate, took = commands.peak_of(dir, "separate", path, "--model",
    dir .. "/separate.safetensors", "--out", dir .. "/stems", "--force")
  check_stems(dir, file)
  local tag, tagging = commands.peak_of(dir, "tag", path, "--model", dir .. "/tag.safetensors")
  local embed, embedding = commands.peak_of(dir, "embed", path, "--model",
    dir .. "/tag.safetensors", "-o", dir .. "/embedding.npz", "--force")
  print(("%-44s %6.0f s %6.0fx %5.0f MiB %6.0fx %5.0f MiB %6.0fx %5.0f MiB"):format(
    path:match "[^/]*$", seconds, seconds / took, separate, seconds / tagging, tag,
    seconds / embedding, embed))
  io.stdout:flush()
end

local SHORTEST = 5 -- seconds: tagging wants 3.9

-- Files that can be read, the short ones first, and refusals.
local function sorted()
  print "looks at what is installed: modules are played to be counted, a second each"
  io.stdout:flush()
  local list = {}
  for _, file in ipairs((real.recordings())) do
    if file.refused then print(("%s: %s"):format(file.path, file.refused))
    elseif file.seconds >= SHORTEST then list[#list + 1] = file end
  end
  table.sort(list, function(a, b)
    return a.seconds < b.seconds or a.seconds == b.seconds and a.path < b.path
  end)
  return list
end

local function files(dir, most)
  local list, counts = sorted(), {}
  commands.save_networks(dir)
  print(("%-44s %8s %17s %17s %17s"):format("file", "", "separate", "tag", "embed"))
  io.stdout:flush()
  for _, file in ipairs(list) do
    counts[file.package] = (counts[file.package] or 0) + 1
    if counts[file.package] <= most then row(dir, file) end
  end
end

-- ---- all of it -------------------------------------------------------------------------------
local PARTS = { "songs", "tags", "files" }
local parser = require "argparse" ("real_music.lua", "Pushes real music through everything.")
parser:argument("parts", "songs, tags, files"):args "*":choices(PARTS)
parser:option("--each", "files of each package, the shortest"):convert(tonumber):default "1"
local o = parser:parse(arg)
local runs = { songs = songs, tags = tags, files = function(dir) files(dir, o.each) end }

local dir = assert(ms.sys.tempdir())
local ok, why = pcall(function()
  for _, part in ipairs(#o.parts > 0 and o.parts or PARTS) do
    local _, refusal = runs[part](dir)
    if refusal then print("skipped: " .. refusal) end
  end
end)
ms.sys.run { "rm", "-r", dir }
if not ok then error(why, 0) end
os.exit(bad == 0 and 0 or 1)
