--- Melodies over chords: rhythm cells that repeat, steps that stay near, chord notes on strong
-- beats.
local theory = require "standins.score.theory"

local melody = {}

-- Rhythms of one bar by its quarters; negative numbers are rests.
local cell_texts = {
  [2] = { "1 1", "2", ".5 .5 1", "1.5 .5" },
  [3] = { "1 1 1", "2 1", "1.5 .5 1", "3", ".5 .5 1 1", "1 2" },
  [4] = { "1 1 2", ".5 .5 1 1 1", "1.5 .5 2", ".5 .5 .5 .5 1 1", "2 2", "1 .5 .5 2", ".5 1 .5 1 1",
    "4", "3 1", "1 1 1 1", ".5 .5 .5 .5 .5 .5 1", ".75 .75 .5 1 1", "-1 1 1 1", "-.5 .5 1 2" },
  [5] = { "1 1 1 2", "3 2", "2 1 2" },
  [6] = { "1 1 1 1 1 1", "2 1 2 1", "3 3", "3 2 1", "1.5 .5 1 3", "6" },
}

local cells = {}
for beats, texts in pairs(cell_texts) do
  cells[beats] = {}
  for i, text in ipairs(texts) do
    local cell = {}
    for word in text:gmatch("%S+") do cell[#cell + 1] = tonumber(word) end
    cells[beats][i] = cell
  end
end

local function contains(list, x)
  for _, y in ipairs(list) do if x == y then return true end end
  return false
end

-- The key from low to high whose pitch class is allowed and that lies nearest to the target.
local function nearest(target, low, high, allowed, fallback)
  local best, distance = fallback, math.huge
  for key = math.floor(low), math.floor(high) do
    local d = math.abs(key - target)
    if d < distance and allowed(key % 12) then best, distance = key, d end
  end
  return best
end

-- The next note: a chord note on every other beat, else mostly of the scale; pulled gently to the
-- middle.
local function step(rng, form, chord, t, current, low, high)
  local free = t % 2 ~= 0 and not rng:chance(0.35)
  local distance = math.abs(rng:normal(0, 3.2)) + 0.5
  local way = rng:chance(0.5) and 1 or -1
  local target = current + way * distance + 0.12 * ((low + high) / 2 - current)
  return nearest(target, low, high, function(class)
    return contains(chord, class) or (free and contains(form.scale, (class - form.key) % 12))
  end, math.floor(current))
end

--- A melody: list of {beat, length in beats, key} over the bars (from 0) of a list.
-- low, high: its range; dense: above 1 prefers busy bars; rest: how often it is silent.
function melody.line(rng, form, bars, low, high, dense, rest)
  local choice = cells[math.floor(form.beats)] or cells[4]
  local weights = {}
  for i, cell in ipairs(choice) do weights[i] = math.exp((#cell - 3) * (dense - 1) * 1.2) end
  local motif = { rng:pick(choice, weights), rng:pick(choice, weights) }
  local current = rng:uniform(low + (high - low) * 0.3, low + (high - low) * 0.7)
  local out = {}
  for i, bar in ipairs(bars) do
    if not (i % 4 == 0 and rng:chance(rest * 1.5)) then
      local cell = rng:chance(0.75) and motif[(i - 1) % 2 + 1] or rng:pick(choice, weights)
      local chord, t = theory.pitch_classes(form.key, form.chords[bar + 1]), 0
      for j, length in ipairs(cell) do
        local silent = length < 0 or (rng:chance(rest * 0.3) and j > 1)
        if not silent then
          current = step(rng, form, chord, t, current, low, high)
          out[#out + 1] = { bar * form.beats + t, length, current }
        end
        t = t + math.abs(length)
      end
    end
  end
  return out
end

--- A rapped line: 16ths (8ths when quick) about one pitch.
function melody.rap(rng, form, bars, base)
  local length = form.bpm < 92 and 0.25 or 0.5
  local out = {}
  for _, bar in ipairs(bars) do
    for k = 0, math.floor(form.beats / length) - 1 do
      if rng:chance(0.78) then
        out[#out + 1] = { bar * form.beats + k * length, length, base + rng:normal(0, 1.5) }
      end
    end
  end
  return out
end

return melody
