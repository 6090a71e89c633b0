-- What does a separator know about music of human composers that learnt from music composed and
-- rendered here, and the reverse? Separators of drums and of bass from either kind of songs, scored
-- on the test songs of both: SI-SDR and SDR of BSS Eval version 4 in dB, medians over frames of a
-- second, then over songs.
--   build/moonstem experiments/real_music/separation.lua [smoke]
-- Started twice, both share the work. ?ms.corpora.real.songs names the Debian packages, and
-- README.md has the answer.
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_songs.lua")
local size = shared.size

-- Scores on the test songs of both corpora; those of each song's frames are kept beside them.
local function scores(model, _, point)
  local all = { songs = {} }
  for _, corpus in ipairs(shared.corpora) do
    local found, why = ms.evaluate.songs(model, shared.songs(corpus), point.source, "test",
      { songs = size(nil, 1) })
    if not found then return nil, why end
    all[corpus .. " SI-SDR"] = found.si_sdr[point.source]
    all[corpus .. " SDR"] = found.sdr[point.source]
    all.songs[corpus] = found.tracks
  end
  return all
end

return ms.lab.experiment {
  name = "real_separation",
  data = function(point) return shared.copies(point.corpus) end,
  vary = { corpus = shared.corpora, source = shared.sources, seed = { 1, 2, 3 } },
  model = function(point)
    return ms.models.separator { unet = ms.models.unet { widths = { 8, 16, 32, 32, 48, 48 },
      seed = point.seed } }
  end,
  task = function(point, songs)
    return assert(ms.train.separation_task(songs, { source = point.source, batch = 8, frames = 128,
      seed = point.seed, valid = size(24, 1), scored = size(3, 1) }))
  end,
  train = ms.train.separation { lr = 3e-3, steps = size(300, 2), decay_every = 20,
    validate_every = size(50, 2), update_bn = size(8, 1) },
  evaluate = scores,
  score = { "stand-ins SI-SDR", "stand-ins SDR", "real SI-SDR", "real SDR" },
}
