--- What came out of runs, in sentences: scores, differences from a baseline, and how far clips and
-- seeds bear them out.
local groups = require "moonstem.report.groups"
local headlines = require "moonstem.report.headlines"
local statistics = require "moonstem.statistics"
local tables = require "moonstem.report.tables"

local MOST = 8 -- settings that are told one by one

local function signed(x) return (x > 0 and "+" or "") .. tables.number(x) end

local function with_unit(text, score)
  return score.unit ~= "" and text .. " " .. score.unit or text
end

local function score_sentence(group, scores)
  local parts = {}
  for _, score in ipairs(scores) do
    local mean, sd = groups.score(group, score)
    if mean then
      parts[#parts + 1] = score.label .. " " .. with_unit(tables.number(mean, sd), score)
    end
  end
  return #parts > 0 and ("%s: %s"):format(group.label, table.concat(parts, ", ")) or nil
end

-- ---- differences -----------------------------------------------------------------------------
-- "B against A: +1.65 points of PR-AUC; the 95 % interval over test clips, ..., holds 0"
local function over_clips(group, against, score, evidence)
  local gain = evidence:gain(group, against, score.name)
  if not gain then return nil end
  local low, high = 100 * gain.low, 100 * gain.high
  local verdict = (low > 0 or high < 0) and "does not hold 0"
    or "holds 0, so that no difference is shown"
  return ("%s against %s: %s points of %s; the 95 %% interval over test clips, %s to %s, %s")
    :format(group.label, against.label, signed(100 * gain.value), score.label, signed(low),
      signed(high), verdict)
end

local function values_of(group, score)
  local list = {}
  for i, run in ipairs(groups.finished(group)) do
    local value = run.result.scores[score.name]
    list[i] = type(value) == "number" and score.scale * value
  end
  return list
end

-- Welch's tests over seeds of all settings against one, where both have several runs; p values
-- after Holm: list of { group =, test =, p = }.
local function tests_of(list, base, score)
  local tests, ps = {}, {}
  for _, group in ipairs(list) do
    local result = group ~= base
      and statistics.welch_t_test(values_of(group, score), values_of(base, score))
    if result then
      tests[#tests + 1], ps[#ps + 1] = { group = group, test = result }, result.p
    end
  end
  local adjusted = #ps > 0 and statistics.holm(ps).adjusted
  for i, entry in ipairs(tests) do entry.p = adjusted[i] end
  return tests
end

local function over_seeds(list, base, score)
  local sentences, tests = {}, tests_of(list, base, score)
  for i, entry in ipairs(tests) do
    local t = entry.test
    local difference = with_unit(signed(t.difference), score)
    sentences[i] = ("%s against %s: %s of %s over seeds (n = %d and %d), p = %.2g in Welch's "
      .. "t-test%s"):format(entry.group.label, base.label, difference, score.label, t.n[1], t.n[2],
        entry.p, #tests > 1 and (" after Holm over %d"):format(#tests) or "")
  end
  return sentences
end

-- The setting that others are compared with: the tail alone, or the first.
local function baseline_of(list)
  for _, group in ipairs(list) do
    if ("/" .. group.label .. "/"):find("/tail/", 1, true) then return group end
  end
  return list[1]
end

-- ---- kinds of runs ---------------------------------------------------------------------------
-- Of many settings the first and the last by their main score.
local function extremes(list, scores)
  local ranked = { table.unpack(list) }
  local function mean(group) return groups.score(group, scores[1]) or -math.huge end
  table.sort(ranked, function(a, b) return mean(a) > mean(b) end)
  local best, worst = score_sentence(ranked[1], scores), score_sentence(ranked[#ranked], scores)
  return { best and "highest: " .. best, worst and "lowest: " .. worst }
end

local function separators(list)
  local sentences = {}
  for _, group in ipairs(list) do
    for _, run in ipairs(groups.finished(group)) do
      local s = run.result.scores
      if s.si_sdr and s.segments then
        sentences[#sentences + 1] = headlines.separator(run.label, s)
      end
    end
  end
  return #sentences <= MOST and sentences or nil
end

local function append(list, more) return table.move(more, 1, #more, #list + 1, list) end

local function sentences_of(kind, list, evidence)
  local scores, sentences = groups.scores(kind, list[1].runs), {}
  if #scores == 0 then return {} end
  local told = kind == "separation" and separators(list)
  if told then return told end
  if #list > MOST then return extremes(list, scores) end
  local base = baseline_of(list)
  for _, group in ipairs(list) do sentences[#sentences + 1] = score_sentence(group, scores) end
  for _, group in ipairs(list) do
    sentences[#sentences + 1] = group ~= base
      and over_clips(group, base, scores[1], evidence) or nil
  end
  return append(sentences, over_seeds(list, base, scores[1]))
end

--- What came out of all runs: a list of sentences.
return function(runs, evidence)
  local kinds, of = groups.by_kind(runs)
  local all = {}
  for _, kind in ipairs(kinds) do append(all, sentences_of(kind, of[kind], evidence)) end
  return all
end
