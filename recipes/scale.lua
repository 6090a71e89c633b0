--- How large the networks and how long the training: one column per scale.
-- "paper" is the paper's own (recipes/paper.md#the-u-net, #training-the-cnn): give it the real data
-- sets and weeks, or a large machine. "small" is a real experiment, an hour or two for a column of
-- Table I on two cores; "brief" has half its width; "quick" is what quickstart does in ten minutes,
-- corpora included; "smoke" only shows that everything runs. Where a smaller scale departs from the
-- paper (channels, rates, steps) the number stands here and nowhere else.
local PAPER_LRS = { 1e-3, 1e-4, 1e-5 } -- of the three SGD phases

return {
  smoke = {
    corpora = { songs = { songs = 8, seconds = 16 }, tags = { clips = 40, seconds = 6 },
                genres = { clips = 48, seconds = 6 } },
    unet = { widths = { 4, 8, 16, 16, 16, 16 } },
    tail = { widths = { 8, 8, 16, 16, 16, 16, 32 }, hidden = 32 },
    separation = { steps = 12, batch = 2, lr = 3e-3, decay_every = 1000, validate_every = 6,
      valid = 4, scored = 2,
                   tested = 4 },
    tagging = { lr = 1e-3, lrs = { 1e-3 }, patience = 1, epochs = 2, batch = 8 },
    joint = { lr = 1e-3, lrs = { 1e-3 }, patience = 1, epochs = 2, batch = 8 },
    ast = { dim = 24, depth = 12, heads = 3, frames = 384, lr = 1e-3, epochs = 1, sgd_epochs = 1,
      batch = 8 },
    seeds = { 1, 2, 3, 4, 5 },
  },

  -- Crops of 128 frames in stage 1: more mixes for the same work. Higher rates: few steps must do.
  quick = {
    corpora = { songs = { songs = 33, seconds = 30 }, tags = { clips = 210, seconds = 10 },
                genres = { clips = 160, seconds = 10 } },
    unet = { widths = { 8, 16, 32, 32, 48, 48 } },
    tail = { widths = { 16, 16, 32, 32, 32, 32, 64 }, hidden = 128 },
    separation = { steps = 400, batch = 8, frames = 128, lr = 3e-3, decay_every = 20,
      validate_every = 50,
                   valid = 24, scored = 3, tested = 60, update_bn = 8 },
    tagging = { lr = 2e-3, lrs = {}, patience = 24, epochs = 24, batch = 8, update_bn = 8 },
    joint = { lr = 1e-3, lrs = {}, patience = 8, epochs = 5, batch = 8, update_bn = 8 },
    ast = { dim = 96, depth = 12, heads = 3, frames = 768, lr = 3e-4, epochs = 5, sgd_epochs = 1,
      batch = 8 },
    seeds = { 1, 2, 3 },
  },

  small = {
    corpora = { songs = { songs = 64, seconds = 30 }, tags = { clips = 720, seconds = 10 },
                genres = { clips = 480, seconds = 10 } },
    unet = { widths = { 8, 16, 32, 32, 48, 48 } },
    tail = { widths = { 16, 16, 32, 32, 32, 32, 64 }, hidden = 128 },
    separation = { steps = 1000, batch = 8, frames = 128, lr = 3e-3, decay_every = 50,
      validate_every = 100,
                   valid = 24, scored = 3, tested = 60, update_bn = 8 },
    tagging = { lr = 2e-3, lrs = {}, patience = 24, epochs = 24, batch = 16, update_bn = 8 },
    joint = { lr = 1e-3, lrs = {}, patience = 8, epochs = 4, batch = 16, update_bn = 8 },
    ast = { dim = 96, depth = 12, heads = 3, frames = 768, lr = 3e-4, epochs = 12, sgd_epochs = 2,
      batch = 8,
            update_bn = 8 },
    seeds = { 1, 2, 3, 4, 5 },
  },

  -- All 155 trainings of the paper in one sitting: a minute of a processor for a joint run.
  brief = {
    corpora = { songs = { songs = 30, seconds = 20 }, tags = { clips = 280, seconds = 5 },
                genres = { clips = 480, seconds = 5 } },
    unet = { widths = { 4, 8, 16, 16, 24, 24 } },
    tail = { widths = { 8, 8, 16, 16, 16, 16, 32 }, hidden = 64, frames = 192 },
    separation = { steps = 500, batch = 8, frames = 128, lr = 3e-3, decay_every = 25,
      validate_every = 100, valid = 16, scored = 2, tested = 30, update_bn = 8 },
    tagging = { lr = 2e-3, lrs = {}, patience = 32, epochs = 32, batch = 8, update_bn = 8 },
    joint = { lr = 1e-3, lrs = {}, patience = 4, epochs = 4, batch = 8, update_bn = 8 },
    ast = { dim = 48, depth = 4, heads = 3, frames = 192, lr = 1e-3, epochs = 6, sgd_epochs = 1,
      batch = 4, update_bn = 8 },
    seeds = { 1, 2, 3, 4, 5 },
  },

  paper = {
    corpora = { songs = { songs = 150, seconds = 240 }, tags = { clips = 25863, seconds = 29.124 },
                genres = { clips = 25000, seconds = 29.976 } },
    unet = { widths = { 16, 32, 64, 128, 192, 192 } },
    tail = { widths = { 64, 64, 128, 128, 128, 128, 256 }, hidden = 512 },
    -- The rate of stage 1 is that of the source (ms.train.separation).
    separation = { steps = 300000, batch = 8, decay_every = 15000, validate_every = 1000,
      scored = 0 },
    tagging = { lr = 1e-4, lrs = PAPER_LRS, patience = 10, epochs = 200, batch = 16 },
    joint = { lr = 1e-4, lrs = PAPER_LRS, patience = 10, epochs = 200, batch = 16 },
    ast = { frames = 768 }, -- ms.train.ast and ms.models.ast_tail are the paper's
    seeds = { 1, 2, 3, 4, 5 },
  },
}
