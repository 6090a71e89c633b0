--- How separated music looks and sounds: mixture, truth and estimate of a test song on one scale.
local example = require "moonstem.report.example"
local pictures = require "moonstem.report.pictures"

local MOST = 3 -- separators that are heard in one page

local function clock(seconds)
  return ("%d:%04.1f"):format(seconds // 60, seconds % 60)
end

local function name_of(label, name) return (label .. "-" .. name):gsub("[^%w-]", "-") end

-- What a wave is, in words.
local function words_of(name)
  local source = name:match "^(.*)%-separated$"
  if source then return source .. " as the network separated them: the estimate" end
  return name == "mixture" and "mixture: what the network heard"
    or name .. " as they were recorded: the truth"
end

local function add_song(doc, run, about, several)
  local panels, caption = {}, {}
  for i, entry in ipairs(about.waves) do
    panels[i] = { title = words_of(entry[1]), wave = entry[2] }
    caption[i] = entry[1]
  end
  if several then doc:heading { text = run.label, level = 3 } end
  doc:paragraph { text = ("%s, %s to %s of the song, where the %s are loudest."):format(about.song,
    clock(about.seconds[1]), clock(about.seconds[2]), about.sources[1]) }
  doc:picture { name = name_of(run.label, "spectrograms"), svg = pictures.spectrograms(panels),
    caption = "Mixture, truth and estimate, all on one scale of decibels.",
    alt = ("Spectrograms, 0 to 8000 Hz over %d seconds, of %s"):format(
      math.floor(about.seconds[2] - about.seconds[1] + 0.5), table.concat(caption, ", ")) }
  for _, entry in ipairs(about.waves) do
    doc:sound { name = name_of(run.label, entry[1]), wave = entry[2], rate = about.rate,
      caption = words_of(entry[1]) }
  end
end

-- The runs that have kept an example, with it; and sentences about those that cannot be read.
local function examples(runs)
  local list, problems = {}, {}
  for _, run in ipairs(runs) do
    local about, why
    if example.is_kept(run.dir) then about, why = example.read(run.dir) end
    if about then list[#list + 1] = { run, about } end
    problems[#problems + 1] = why
  end
  return list, problems
end

--- Adds the examples that runs have kept.
return function(doc, runs)
  local list, problems = examples(runs)
  if #list + #problems == 0 then return end
  doc:heading { text = #list > 1 and "Test songs" or "A test song" }
  if #problems > 0 then doc:list { items = problems } end
  for i = 1, math.min(#list, MOST) do add_song(doc, list[i][1], list[i][2], #list > 1) end
  if #list > MOST then
    doc:paragraph { text = ("%d more separators are not heard here; moonstem report RUN makes a "
      .. "page of one."):format(#list - MOST) }
  end
end
