--- Sizes of the smallest networks and trainings that do all that large ones do (recipes/scale.lua).
return { unet = { widths = { 2, 2, 2, 2, 2, 2 } },
  tail = { widths = { 2, 2, 2, 2, 2, 2, 4 }, hidden = 4 },
  tagging = { lr = 1e-3, lrs = {}, patience = 1, epochs = 2, batch = 8 },
  joint = { lr = 1e-3, lrs = {}, patience = 1, epochs = 1, batch = 8 }, corpora = {}, seeds = { 1 },
  ast = { frames = 64, dim = 8, depth = 4, heads = 2, epochs = 1, sgd_epochs = 1, batch = 8 },
  separation = { steps = 4, batch = 2, frames = 64, lr = 1e-3, decay_every = 10,
    validate_every = 2, valid = 2, scored = 0, tested = 1 } }
