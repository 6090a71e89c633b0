--- The report of the paper's experiments: what came out, how it was learnt, how it looks and
-- sounds, what to beware of.
local audio = require "moonstem.audio"
local core_io = require "moonstem.core.io"
local core = require "moonstem.tensor"
local evaluate = require "moonstem.evaluate"
local sys = require "moonstem.sys"
local front = require("moonstem.audio.frontend").paper
local options_of = require "moonstem.options"
local document = require "moonstem.report.document"
local headlines = require "moonstem.report.headlines"
local pictures = require "moonstem.report.pictures"

local SECONDS = 10 -- of a song, in pictures
local MIXES = " (training mixes are sums of several songs, louder and harder than the songs of the "
  .. "validation split)"

local function must(value, why)
  if value == nil or value == false then error(why, 0) end
  return value
end

-- ---- how it was learnt ---------------------------------------------------------------------
local function rows_of(result)
  return must(core_io.load_json_lines(result.dir .. "/metrics.jsonl"))
end

local function add_curves(doc, runs)
  doc:heading { text = "Learning curves" }
  for _, result in ipairs(runs) do
    local rows, file = rows_of(result), result.name:gsub("[^%w]", "-")
    doc:picture { name = "loss-" .. file, svg = pictures.losses(result.name, rows),
                  caption = result.name .. ": loss on the training data and on the validation split"
                    .. (result.scores.segments and MIXES or "") }
    if rows[1].valid_improvement then
      doc:picture { name = "improvement-" .. file, svg = pictures.improvement(result.name, rows),
                    caption = result.name
                      .. ": SI-SDR over the mixture, median of validation segments" }
    end
  end
end

local function add_times(doc, runs)
  local rows = {}
  for i, result in ipairs(runs) do
    local trainable = result.model:count()
    rows[i] = { result.name, tostring(trainable), tostring(result.steps),
                sys.duration(result.seconds), headlines.score(result.scores),
                headlines.tested(result.scores) }
  end
  doc:heading { text = "Runs" }
  doc:table { header = { "run", "parameters", "steps", "time", "score", "measured on" },
              rows = rows }
end

-- ---- how it looks and sounds ---------------------------------------------------------------
-- The first test song's waves: mixture, target and estimate, each (samples).
local function waves_of(paper, separator)
  local song = paper:data("musdb"):items("test")[1]
  local source = separator.name:match "[^/]+$"
  local mixture = must(audio.read(song.stems.mixture, { rate = front.rate, mono = true }))
  local target = must(audio.read(song.stems[source], { rate = front.rate, mono = true }))
  local both = math.min(mixture:size(1), target:size(1)) -- stems may differ in length
  mixture, target = mixture:slice(1, 1, both), target:slice(1, 1, both)
  local estimate = evaluate.separate(separator.model, mixture)
  return song, source, { mixture = mixture, [source] = target,
                         [source .. "-separated"] = estimate:reshape { mixture:size(1) } }
end

-- The stretch of SECONDS in which the target is loudest: its first sample.
local function loudest(wave)
  local length, best, at = SECONDS * front.rate, -1, 1
  for first = 1, math.max(1, wave:size(1) - length), length // 2 do
    local last = math.min(wave:size(1), first + length - 1)
    local energy = wave:slice(1, first, last):abs():mean():item()
    if energy > best then best, at = energy, first end
  end
  return at, math.min(wave:size(1), at + length - 1)
end

local function add_song(doc, paper, separator, folder)
  local _ <close> = core.scope()
  local song, source, waves = waves_of(paper, separator)
  must(sys.mkdir(folder .. "/audio"))
  local first, last = loudest(waves[source])
  local names, panels = { "mixture", source, source .. "-separated" }, {}
  for i, name in ipairs(names) do
    panels[i] = { title = name, wave = waves[name]:slice(1, first, last) }
  end
  doc:heading { text = "A test song: " .. song.name }
  doc:picture { name = "spectrograms", svg = pictures.spectrograms(panels),
                caption = ("Where the %s are loudest: mixture, truth, the separator's estimate")
                  :format(source) }
  local peak = 1 -- all at one level, so that they can be compared
  for _, name in ipairs(names) do peak = math.max(peak, (waves[name]:abs():max())) end
  for _, name in ipairs(names) do
    local path = ("audio/%s.wav"):format(name)
    must(audio.write(folder .. "/" .. path, waves[name] / peak, front.rate))
    doc:sound { path = path, caption = name }
  end
end

-- ---- what it was made with -----------------------------------------------------------------
-- A record as text for people: numbers in no more digits than tell them apart from their
-- neighbours.
local function record_text(value)
  return (core_io.json_encode(value, { indent = 2 }):gsub("%d+%.%d+e?[+-]?%d*", function(digits)
    local short = ("%.15g"):format(tonumber(digits))
    return #digits > 16 and tonumber(short) == tonumber(digits) and short or nil
  end))
end

local function add_origin(doc, paper, runs)
  local first = must(core_io.load_json(runs[1].dir .. "/settings.json"))
  doc:heading { text = "Settings and machine" }
  doc:code { text = record_text { scale = paper.scale, seed = paper.seed } }
  doc:code { text = record_text(first.machine) }
  local begun = "Moonstem %s; the first run was begun at %s"
  local hashes = { begun:format(first.moonstem, first.started) }
  for name, dataset in pairs(paper.sets) do
    local about = tostring(dataset):match "[^\n]*"
    hashes[#hashes + 1] = ("%s: %s, split hash %s"):format(name, about, dataset.hash)
  end
  table.sort(hashes)
  doc:list { items = hashes }
end

--- ms.report.of_paper{ paper = ms.lab.paper, title =,
--   tables = list of { header =, rows =, caption = }, runs = list of results,
--   separator = one of them (its song is shown), out = folder (paper.out/report),
--   notes = for the reader, list of sentences }
-- Writes index.html, report.md, pictures and audio/*.wav; the path of the page. Raises a message
-- when it cannot.
return function(options)
  options_of.check(options, "of_paper", { paper = options_of.table, notes = options_of.table,
    title = options_of.string, tables = options_of.table, runs = options_of.table,
    separator = options_of.table, out = options_of.string })
  local paper, folder = options.paper, options.out or options.paper.out .. "/report"
  local doc = document.new(options.title)
  for _, t in ipairs(options.tables) do doc:table(t) end
  doc:list { items = headlines.sentences(options.runs) }
  local notes = options.notes or {}
  if #notes > 0 then
    doc:heading { text = "Beware" }
    doc:list { items = notes }
  end
  add_times(doc, options.runs)
  add_curves(doc, options.runs)
  if options.separator then add_song(doc, paper, options.separator, folder) end
  add_origin(doc, paper, options.runs)
  return must(doc:write(folder))
end
