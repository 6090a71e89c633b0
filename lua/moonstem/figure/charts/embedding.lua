--- Embeddings in the plane: their two principal axes, coloured by labels. Options: see
-- ms.figure.embedding.
local given = require "moonstem.figure.options"
local linalg = require "moonstem.linalg"
local scatter = require "moonstem.figure.charts.scatter"

local WHO = "figure.embedding"
local OPTIONS = { "x", "labels", "title", "size", "opacity", "width", "height" }

-- Coordinates (point, 2) along the two axes of greatest variance, and their shares of all variance.
-- Of an axis both directions are as good: its largest loading is made positive.
local function principal(x)
  local centred = x - x:mean(1, { keep = true })
  local _, s, vt = linalg.svd(centred, { full_matrices = false })
  local axes = vt[{ { 1, 2 } }]
  local signs = axes:gather(2, axes:abs():argmax(2):unsqueeze(2)):sign()
  local all = s:square():sum():item()
  return centred:matmul((axes * signs):t()), function(k)
    return all > 0 and s[k] * s[k] / all * 100 or 0
  end
end

--- A picture of embeddings, as a paper; see ms.figure.embedding.
return function(options)
  if type(options) ~= "table" or #options > 0 then options = { x = options } end
  given.check(options, WHO, OPTIONS)
  local x = given.array(options.x, { "point", "feature" }, WHO .. ": x")
  if x:size(1) < 3 or x:size(2) < 2 then
    error(("%s: at least 3 points of 2 features are needed, got %s"):format(WHO, x:shape()), 0)
  end
  if not x:finite() then error(WHO .. ": x holds numbers that are not finite", 0) end
  local places, share = principal(x)
  local function label(k) return ("axis %d (%.0f %% of the variance)"):format(k, share(k)) end
  return scatter { x = places[{ {}, 1 }], y = places[{ {}, 2 }], labels = options.labels,
    title = options.title, size = options.size, opacity = options.opacity, width = options.width,
    height = options.height, x_label = label(1), y_label = label(2) }
end
