-- What lies below and above any separator of drums or bass that scales the mixture's spectrum: the
-- mixture left as it is, and the ideal ratio mask, which knows the true sources. On the test songs
-- of separation.lua, scored as there.
--   build/moonstem experiments/real_music/limits.lua [smoke]
-- It writes runs/real_separation/limits.json.
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_songs.lua")

-- The mixture in the place of the source, and of the rest.
local function mixture(references)
  return references * 0 + references:sum(1, { keep = true })
end

local LIMITS = { mixture = mixture,
  ["ideal ratio mask"] = function(references) return ms.evaluate.ideal_mask(references) end }

-- One row, or what an earlier call has left.
local function limit(name, corpus, source)
  local path = ("%s/limits/%s-%s-%s.json"):format(shared.out, name:gsub(" ", "-"), corpus, source)
  if ms.sys.exists(path) then return assert(ms.io.load_json(path)) end
  local found = assert(ms.evaluate.songs(LIMITS[name], shared.songs(corpus), source, "test",
    { songs = shared.size(nil, 1) }))
  local row = { name = name, corpus = corpus, source = source, songs = found.tracks }
  assert(ms.io.save_json(path, row))
  print(("%-16s %-9s %-5s  SI-SDR %6.2f dB, SDR %6.2f dB"):format(name, corpus, source,
    found.si_sdr[source], found.sdr[source]))
  return row
end

assert(ms.sys.mkdir(shared.out .. "/limits"))
local rows = {}
for name in pairs(LIMITS) do
  for _, corpus in ipairs(shared.corpora) do
    for _, source in ipairs(shared.sources) do rows[#rows + 1] = limit(name, corpus, source) end
  end
end
assert(ms.io.save_json(shared.out .. "/limits.json", rows))
