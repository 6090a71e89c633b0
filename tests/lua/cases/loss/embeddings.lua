--- Cases of losses of vectors and ranks, by PyTorch in double.
local ms = require "moonstem"

local cases = {}

local WRONG = {
  cosine = {
    { function()
      return ms.loss.cosine({ 1, 2 }, { 1, 2, 3 }, 1)
    end, "cosine: the vectors are 2 but the others are 3" },
    { function()
      return ms.loss.cosine({ 1, 2 }, { 1, 2 }, 0.5)
    end, "cosine: a side is 1 or -1" },
    { function()
      return ms.loss.cosine({ 1 }, { 1 }, 1, { margn = 1 })
    end, "loss.cosine: there is no option margn; did you mean margin?" },
  },
  triplet = {
    { function()
      return ms.loss.triplet({ 1 }, { 1 }, { 1, 2 })
    end, "triplet: the vectors are 1 but the negatives are 2" },
  },
  nt_xent = {
    { function()
      return ms.loss.nt_xent({ 1 }, { 2 })
    end, "nt_xent: the vectors must be batch x features" },
    { function()
      return ms.loss.nt_xent({ { 1 } }, { { 2 } }, { temperature = 0 })
    end, "loss.nt_xent: option temperature must be a number above 0, got 0" },
  },
  margin = {
    { function() return ms.loss.margin({ 1 }, { 1 }) end, "got nil" },
  },
}

cases["loss.cosine"] = {
  { function(x, y)
    return ms.loss.cosine(x, y, { 1, -1 }, { reduction = "mean" })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 1.1, -0.3, 0.4 }, { 0.7, -0.8, 0.35 } } },
      0.24927913205756 },
  { function(x, y)
    return ms.loss.cosine(x, y, { 1, -1 }, { reduction = "sum" })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 1.1, -0.3, 0.4 }, { 0.7, -0.8, 0.35 } } },
      0.49855826411512 },
  { function(x, y)
    return ms.loss.cosine(x, y, { 1, -1 }, { reduction = "none" })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 1.1, -0.3, 0.4 }, { 0.7, -0.8, 0.35 } } },
      { 0.49855826411512, 0 } },
  { function(x, y)
    return ms.loss.cosine(x, y, -1, { margin = 0.1 })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 1.1, -0.3, 0.4 }, { 0.7, -0.8, 0.35 } } },
      0.20072086794244 },
  { function(x, y)
    return ms.loss.cosine(x, y, 1)
  end,
    { { 0.3, -1.2, 2.5 }, { 1.1, -0.3, 0.4 } }, 0.49855826411512 },
  wrong = WRONG.cosine }

cases["loss.triplet"] = {
  { function(x, y, z)
    return ms.loss.triplet(x, y, z, { reduction = "mean" })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 0.9, 0.1, -0.4 }, { -0.4, 1.5, 0.2 } }, { {
      1.1, -0.3, 0.4 }, { 0.7, -0.8, 0.35 } } }, 0.997689637779 },
  { function(x, y, z)
    return ms.loss.triplet(x, y, z, { reduction = "sum" })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 0.9, 0.1, -0.4 }, { -0.4, 1.5, 0.2 } }, { {
      1.1, -0.3, 0.4 }, { 0.7, -0.8, 0.35 } } }, 1.995379275558 },
  { function(x, y, z)
    return ms.loss.triplet(x, y, z, { reduction = "none" })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 0.9, 0.1, -0.4 }, { -0.4, 1.5, 0.2 } }, { {
      1.1, -0.3, 0.4 }, { 0.7, -0.8, 0.35 } } }, { 1.81344878233477, 0.18193049322323 } },
  { function(x, y, z)
    return ms.loss.triplet(x, y, z, { margin = 2, norm = 3, swap = true })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 0.9, 0.1, -0.4 }, { -0.4, 1.5, 0.2 } }, { {
      1.1, -0.3, 0.4 }, { 0.7, -0.8, 0.35 } } }, 2.81553403192203 },
  { function(x, y, z)
    return ms.loss.triplet(x, y, z, { norm = 1, eps = 1e-3 })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 0.9, 0.1, -0.4 }, { -0.4, 1.5, 0.2 } }, { {
      1.1, -0.3, 0.4 }, { 0.7, -0.8, 0.35 } } }, 1 },
  wrong = WRONG.triplet }

cases["loss.nt_xent"] = {
  { function(x, y)
    return ms.loss.nt_xent(x, y)
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 }, { 1, 0.2, -0.6 } }, { { 0.5, -1, 2 }, { 0.4, 1.1,
      1.2 }, { 0.9, -0.2, -0.8 } } }, 0.526109985841222 },
  { function(x, y)
    return ms.loss.nt_xent(x, y, { temperature = 0.1, reduction = "none" })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 }, { 1, 0.2, -0.6 } }, { { 0.5, -1, 2 }, { 0.4, 1.1,
      1.2 }, { 0.9, -0.2, -0.8 } } }, { 0.0148141998066617, 0.0677453390553551,
      6.14767354496837e-05, 0.0103673567231969, 0.0158465307339562, 6.03820436904361e-06 } },
  wrong = WRONG.nt_xent }

cases["loss.margin"] = {
  { function(x, y)
    return ms.loss.margin(x, y,
      { { 1, -1, 1 }, { -1, 1, -1 } }, { margin = 0.75, reduction = "mean" })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 0.9, 0.1, -0.4 }, { -0.4, 1.5, 0.2 } } },
      0.95 },
  { function(x, y)
    return ms.loss.margin(x, y,
      { { 1, -1, 1 }, { -1, 1, -1 } }, { margin = 0.75, reduction = "sum" })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 0.9, 0.1, -0.4 }, { -0.4, 1.5, 0.2 } } },
      5.7 },
  { function(x, y)
    return ms.loss.margin(x, y,
      { { 1, -1, 1 }, { -1, 1, -1 } }, { margin = 0.75, reduction = "none" })
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 0.9, 0.1, -0.4 }, { -0.4, 1.5, 0.2 } } }, {
      { 1.35, 0, 0 }, { 0.75, 1.35, 2.25 } } },
  { function(x, y)
    return ms.loss.margin(x, y, 1)
  end,
    { { { 0.3, -1.2, 2.5 }, { -0.4, 0.9, 1.7 } }, { { 1.1, -0.3, 0.4 }, { 0.7, -0.8, 0.35 } } },
      0.466666666666667 },
  wrong = WRONG.margin }

return cases
