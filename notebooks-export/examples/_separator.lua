--- What two of the notebooks start from: songs, and a small separator of vocals that has heard
-- seven of them. It is trained once, in half a minute on two idle cores.
local ms = require "moonstem"

local function must(value, why) return value or error(why, 0) end

--- (folder, where songs are rendered and the network is trained, or found done) -> model, songs
return function(folder)
  must(ms.corpora.songs { out = folder .. "/songs", songs = 12, seconds = 16, progress = false })
  local songs = must(ms.data.musdb18(folder .. "/songs"))
  local copies = must(ms.data.cache(songs, { cache = folder .. "/pack" }))
  local task = must(ms.train.separation_task(copies, { source = "vocals", batch = 8, frames = 128,
    valid = 8, scored = 1 }))
  local model = ms.models.separator { widths = { 8, 16, 32, 32, 48, 48 }, seed = 1 }
  must(ms.train.run { model = model, task = task, out = folder .. "/separate", quiet = true,
    schedule = ms.train.separation { source = "vocals", steps = 120, batch = 8, lr = 3e-3,
      decay_every = 10, validate_every = 20, update_bn = 8 } })
  return model:eval(), songs
end
