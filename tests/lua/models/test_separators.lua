--- The separators of other papers: parameters as many as the published code has, shapes, a batch
-- that is learnt, and what they refuse.
local lu = require "luaunit"
local find = require "moonstem.net.find"
local ms = require "moonstem"
local places = require "places"

local T = {}

local SPECTRA = { size = 64, hop = 16, widths = { 4, 6 } }

-- name -> count of the published code (the heads of the models name it; of Conv-TasNet the sum over
-- its layers by the paper's table, of Kong's the sum over the layers of their files), a small model
-- of the kind, the size of its input and that of its output.
local MODELS = {
  kong_unet = { 20783688, SPECTRA, { 2, 2, 320 }, { 2, 1, 2, 320 } },
  kong_resunet = { 102571278, SPECTRA, { 2, 2, 330 }, { 2, 1, 2, 330 } },
  open_unmix = { 8893348, { bins = 17, used = 9, hidden = 8, layers = 2 }, { 2, 2, 6, 17 },
    { 2, 2, 6, 17 } },
  conv_tasnet = { 4984881, { filters = 8, kernel = 4, bottleneck = 4, skip = 4, hidden = 8,
    layers = 2, stacks = 2 }, { 2, 101 }, { 2, 2, 101 } },
}

local function count(model)
  local n = 0
  for _, p in ipairs(model:parameters()) do n = n + p.value:count() end
  return n
end

local function answer(model, x)
  return ms.no_grad(function() return model(x) end)
end

-- Adam's steps towards `target`: the losses.
local function losses(model, x, target, steps)
  local opt, list = ms.optim.adam(model:parameters(), { lr = 1e-2 }), {}
  for k = 1, steps do
    local _ <close> = ms.scope()
    local loss = ms.loss.l1(model(x), target)
    loss:backward()
    opt:step()
    opt:zero()
    list[k] = loss:item()
  end
  return list
end

for name, row in pairs(MODELS) do
  T["test_" .. name .. "_has_the_published_count"] = function()
    lu.assertEquals(count(ms.models[name] {}), row[1])
  end

  T["test_" .. name .. "_learns_a_batch"] = function()
    ms.seed(5)
    local _ <close> = ms.scope()
    local model = ms.models[name](row[2]):init(1)
    local x = (ms.randn(row[3]) * 0.3):abs()
    lu.assertEquals(model(x):size(), row[4])
    local list = losses(model, x, ms.randn(row[4]):abs() * 0.1, 12)
    lu.assertTrue(math.min(table.unpack(list)) < 0.97 * list[1],
      ("%s: %s"):format(name, table.concat(list, " ")))
  end

  T["test_" .. name .. "_answers_alike_alone"] = function()
    local _ <close> = ms.scope()
    local model = ms.models[name](row[2]):init(2):eval()
    local x = (ms.randn(row[3]) * 0.3):abs()
    local both, one = answer(model, x), answer(model, x:slice(1, 2, 2))
    lu.assertTrue((both:slice(1, 2, 2) - one):abs():max() <= 1e-4 * (1 + both:abs():max()))
  end

  T["test_" .. name .. "_refuses_other_shapes"] = function()
    local model = ms.models[name](row[2])
    lu.assertErrorMsgContains(name .. ": ", model, ms.zeros { 2, 3, 4, 5, 1 })
  end
end

-- Options of the models whose values PyTorch worked out (tests/golden/make_separators.py).
local VALUED = {
  kong_unet = { size = 32, hop = 8, widths = { 2, 3 } },
  kong_resunet = { size = 32, hop = 8, widths = { 2, 3 } },
  open_unmix = { bins = 17, used = 9, hidden = 8, layers = 2 },
  conv_tasnet = { filters = 8, kernel = 4, bottleneck = 4, skip = 6, hidden = 8, layers = 3,
    stacks = 2 },
}

for name, options in pairs(VALUED) do
  T["test_" .. name .. "_equals_pytorch"] = function()
    local _ <close> = ms.scope()
    local state = {}
    for key, value in pairs(assert(ms.io.load_safetensors(places.GOLDEN
      .. "separators.safetensors"))) do
      state[key:match("^" .. name .. "/(.*)") or ""] = value
    end
    local x, y = state.__x, state.__y
    state.__x, state.__y, state[""] = nil, nil, nil
    local model = ms.models[name](options):eval()
    model:load(state)
    lu.assertTrue((answer(model, x) - y):abs():max() <= 1e-5 * y:abs():max())
  end
end

-- Where the masks are open and turn nothing, waves come back as they were.
function T.test_spectra_lead_back_to_waves()
  local _ <close> = ms.scope()
  local model = ms.models.kong_unet { size = 64, hop = 16, widths = { 2, 2 }, channels = 1 }
  model.maps = function(_, image)
    local s = image:size()
    return ms.zeros { s[1], s[2], s[3], 3 } + ms.tensor { 40, 20, 0 }
  end
  local t = ms.range(1, 333)
  local x = ms.stack({ (t * 0.3):sin(), (t * 0.7):cos() }, 1) -- little at the Nyquist bin
  local y = answer(model, x)
  lu.assertEquals(y:size(), { 2, 1, 333 })
  lu.assertTrue((y:reshape { 2, 333 } - x):abs():max() < 0.01, "waves differ")
end

function T.test_one_channel_is_a_wave_or_a_channel()
  local model = ms.models.kong_resunet { size = 64, hop = 16, widths = { 2, 2 }, channels = 1,
    sources = 3 }
  lu.assertEquals(model(ms.randn { 2, 400 }):size(), { 2, 3, 400 })
  lu.assertEquals(model(ms.randn { 2, 1, 400 }):size(), { 2, 3, 1, 400 })
end

function T.test_options_that_do_not_fit_are_refused()
  lu.assertErrorMsgContains("size must be a multiple of 128", ms.models.kong_unet, { size = 2000 })
  lu.assertErrorMsgContains("hidden even", ms.models.open_unmix, { hidden = 5 })
  lu.assertErrorMsgContains("used must be at most bins", ms.models.open_unmix,
    { bins = 9, used = 10 })
  lu.assertErrorMsgContains("kernel must be even", ms.models.conv_tasnet, { kernel = 3 })
  lu.assertErrorMsgContains("at most 20 layers", ms.models.conv_tasnet, { layers = 1 << 40 })
  lu.assertErrorMsgContains("widths must be a list", ms.models.kong_unet, { widths = {} })
  lu.assertErrorMsgContains("did you mean widths", ms.models.kong_resunet, { width = { 2 } })
end

-- The table of models has every tagger and separator, with these counts.
function T.test_the_table_of_models_is_complete()
  local text = assert(ms.sys.read_file(places.ROOT .. "lua/moonstem/models/README.md"))
  for name in pairs(find.names()) do
    local kind = find.module(name):match "^moonstem%.models%.(%a+)%."
    if kind and name ~= "musicnn_weights" then
      lu.assertStrContains(text, "| `" .. name .. "` |")
    end
  end
  for name, row in pairs(MODELS) do
    local digits = text:match("| `" .. name .. "` | ([%d ]+) |")
    lu.assertEquals(digits:gsub(" ", ""), tostring(row[1]))
  end
end

return T
