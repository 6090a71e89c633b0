--- The taggers of other papers: parameters as many as the published code has, a step of training,
-- and answers that do not depend on what else is in the batch.
local lu = require "luaunit"
local ms = require "moonstem"

local T = {}

--- Published parameter counts, of the code of Won et al. 2020 (minzwon/sota-music-tagging-models),
-- of the package musicnn and of Marcel-Velez/TUNe, with 50 tags, and a small model of the kind with
-- its input.
local MODELS = {
  fcn = { 447732, { samples = 8000, widths = { 4, 4 }, pools = { { 4, 8 }, { 4, 8 } } } },
  crnn = { 394100, { samples = 30000, hidden = 4 } },
  sample_cnn = { 1869874, { samples = 243, widths = { 4, 4, 4, 8, 8 } } },
  short_chunk_cnn = { 3687348, { samples = 40000, widths = { 4, 4, 8, 8, 8, 8, 16 } } },
  ["short_chunk_cnn residual"] = { 12104244,
    { samples = 40000, widths = { 4, 4, 8, 8, 8, 8, 16 } }, { residual = true } },
  harmonic_cnn = { 3631551, { samples = 80000, width = 2 } },
  self_attention = { 10521652,
    { samples = 4000, widths = { 4, 4, 4, 8, 8, 8, 8 }, hidden = 16, dropout = 0.0 } },
  tune_plus = { 2246040, { samples = 59049, width = 1, features = 8 } },
  musicnn = { 787159, { frames = 20, filters = 4, hidden = 4, timbral = 4, temporal = 2 } },
  musicnn_vgg = { 605748, { filters = 2 } },
}

local function make(name, options, more)
  local o = { classes = options and 3 or 50 }
  for _, list in ipairs { options or {}, more or {} } do
    for key, value in pairs(list) do o[key] = value end
  end
  return ms.models[name:match "^[%w_]+"](o)
end

local function count(model)
  local n = 0
  for _, p in ipairs(model:parameters()) do n = n + p.value:count() end
  return n
end

for name, row in pairs(MODELS) do
  local key = name:gsub(" ", "_")
  T["test_" .. key .. "_has_the_published_count"] = function()
    lu.assertEquals(count(make(name, nil, row[3])), row[1])
  end

  T["test_" .. key .. "_learns_a_batch"] = function()
    ms.seed(4)
    ms.step(0) -- which dropout draws by
    local _ <close> = ms.scope()
    local model = make(name, row[2], row[3]):init(1)
    local x, y = ms.randn { 4, model.input[1] } * 0.1, ms.tensor { 1, 2, 3, 1 }
    local opt = ms.optim.adam(model:parameters(), { lr = 1e-2 })
    local first, least = nil, math.huge
    for _ = 1, 12 do
      local inner <close> = ms.scope()
      local loss = ms.loss.cross_entropy(model(x), y)
      loss:backward()
      opt:step()
      opt:zero()
      loss = inner and loss:item()
      first, least = first or loss, math.min(least, loss)
    end
    lu.assertTrue(least < first, ("%s: %g at first, never less"):format(name, first))
    model:eval()
    local both = ms.no_grad(function() return model(x) end)
    local one = ms.no_grad(function() return model(x:slice(1, 2, 2)) end)
    local off = (both:slice(1, 2, 2) - one):abs():max()
    lu.assertTrue(off <= 1e-4 * (1 + (both:abs():max())), ("%s: off by %g"):format(name, off))
  end
end

function T.test_a_single_wave_is_told_apart_from_a_batch()
  local _ <close> = ms.scope()
  for name, row in pairs(MODELS) do
    local model = make(name, row[2], row[3])
    lu.assertErrorMsgContains("waves are (batch, samples), got 4000;", model, ms.zeros { 4000 })
    lu.assertErrorMsgContains("got 2x1x4000", model, ms.zeros { 2, 1, 4000 })
  end
end

return T
