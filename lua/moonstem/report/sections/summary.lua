--- The top of a report: what came out, and what that does not show.
local groups = require "moonstem.report.groups"
local headlines = require "moonstem.report.headlines"
local outcome = require "moonstem.report.sections.outcome"
local sys = require "moonstem.sys"
local tables = require "moonstem.report.tables"

local M = {}

local function number(x, digits) return tables.number(x, nil, digits) end
local function signed(x) return (x > 0 and "+" or "") .. number(x) end

-- ---- numbers first ---------------------------------------------------------------------------
local function score_fact(group, score, evidence)
  local mean = groups.score(group, score)
  if not mean then return nil end
  local value = ("%s %s"):format(score.name == "improvement" and signed(mean) or number(mean),
    score.unit)
  local interval = score.unit == "%" and evidence:interval(group, score.name)
  local chance = score.unit == "%" and evidence:chance(group, score.name)
  local notes = {}
  if interval then
    notes[1] = ("95 %% over clips: %s to %s"):format(number(100 * interval.low, 1),
      number(100 * interval.high, 1))
  end
  if chance then notes[#notes + 1] = ("guessing: %s %%"):format(number(100 * chance, 1)) end
  return { score.label, value, #notes > 0 and table.concat(notes, "; ") or nil }
end

local function facts_of_run(run, kind, evidence)
  local items, group = {}, { label = run.label, runs = { run } }
  for _, score in ipairs(groups.scores(kind, { run })) do
    items[#items + 1] = score_fact(group, score, evidence)
  end
  items[#items + 1] = { "measured on", groups.tested(group), "of the test split" }
  local seconds = run.result and run.result.seconds
  items[#items + 1] = { "trained for", ("%d steps"):format(run.steps),
    seconds and sys.duration(seconds) or nil }
  if run.best then items[#items + 1] = { "best validation loss", ("%.5f"):format(run.best) } end
  return items
end

--- Items for d:facts about several runs.
function M.facts_of_runs(runs)
  local done, seconds = 0, 0
  for _, run in ipairs(runs) do
    done = done + (run.result and 1 or 0)
    seconds = seconds + (run.result and run.result.seconds or 0)
  end
  return { { "runs", tostring(#runs), done == #runs and "all finished"
    or ("%d finished"):format(done) }, { "training time", sys.duration(seconds), "of all runs" } }
end

-- ---- what it does not show -------------------------------------------------------------------
local function as_results(runs)
  local list = {}
  for _, run in ipairs(runs) do
    local r = run.result
    if r and r.scores then
      list[#list + 1] = { name = run.label, scores = r.scores, stand_in = r.stand_in,
        seed = r.options and r.options.seed }
    end
  end
  return list
end

local function about_kinds(list)
  local clips, songs, others = false, false, false
  for _, result in ipairs(list) do
    local s = result.scores
    clips, songs = clips or s.clips, songs or s.si_sdr
    others = others or not (s.clips or s.si_sdr or s.per_tag)
  end
  return clips and "intervals over clips tell what other test clips would have changed, not what "
    .. "another seed would have" or nil,
    songs and "SI-SDR of 16 kHz mono segments is not the SDR that papers on separation print: the "
    .. "two cannot be compared" or nil,
    others and "scores of an evaluation of one's own: there are no intervals over test examples"
      or nil
end

local function unfinished(runs)
  local sentences = {}
  for _, run in ipairs(runs) do
    if not run.result then
      sentences[#sentences + 1] = ("%s is not finished: %d steps, no test scores"):format(run.label,
        run.steps)
    end
  end
  return sentences
end

local function problems(runs)
  local list = {}
  for _, run in ipairs(runs) do table.move(run.problems, 1, #run.problems, #list + 1, list) end
  return list
end

--- Sentences on how far the scores of runs can be trusted, on runs without any, and on files that
-- cannot be read.
function M.trust(runs, evidence)
  local results = as_results(runs)
  local list = headlines.notes(results)
  local of_kinds = table.pack(about_kinds(results))
  for i = 1, of_kinds.n do list[#list + 1] = of_kinds[i] end
  for _, more in ipairs { unfinished(runs), problems(runs), evidence:problems(runs) } do
    table.move(more, 1, #more, #list + 1, list)
  end
  return list
end

--- Adds a list with a heading, where there is something in it.
function M.add_list(doc, text, items)
  if #items == 0 then return end
  doc:heading { text = text, level = 3 }
  doc:list { items = items }
end

--- Adds the summary of runs, or of one, whose kind is given.
function M.add(doc, runs, kind, evidence)
  doc:heading { text = "Summary" }
  doc:facts { items = #runs == 1 and facts_of_run(runs[1], kind, evidence)
    or M.facts_of_runs(runs) }
  M.add_list(doc, "What came out", outcome(runs, evidence))
  M.add_list(doc, "What it does not show", M.trust(runs, evidence))
end

return M
