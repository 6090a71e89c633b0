--- What the experiments on real songs share: 40 songs composed and rendered here (stand-ins)
-- and 40 of human composers (ms.corpora.real), made once in runs/real_separation/corpora. The
-- word `smoke` behind an experiment takes a few songs and steps in runs/smoke.
local ms = require "moonstem"

local is_smoke = false
for _, word in ipairs(arg) do is_smoke = is_smoke or word == "smoke" end

local M = {}

--- A number of the real thing, or of the smoke form.
function M.size(real, smoke) return is_smoke and smoke or real end

ms.lab.root = M.size(ms.lab.root, "runs/smoke")
M.out = M.size("runs/real_separation", "runs/smoke/real_separation")

--- The two kinds of songs, and what they have in common: nobody sings in the real ones.
M.corpora, M.sources = { "stand-ins", "real" }, { "drums", "bass" }

local makers = { ["stand-ins"] = function(o) return ms.corpora.songs(o) end,
  real = function(o) return ms.corpora.real.songs(o) end }

--- The songs of a corpus as they lie on the disk: stereo at 44.1 kHz.
function M.songs(corpus)
  M.known = M.known or {}
  if M.known[corpus] then return M.known[corpus] end
  local made = assert(makers[corpus] { out = ("%s/corpora/%s"):format(M.out, corpus),
    songs = M.size(40, 8), seconds = M.size(30, 16) })
  M.known[corpus] = assert(ms.data.musdb18(made.out, { partial = true }))
  return M.known[corpus]
end

--- Their 16 kHz copies, for training.
function M.copies(corpus)
  return ms.data.cache(M.songs(corpus), { cache = M.out .. "/pack" })
end

return M
