--- The paper against the authors' code: every named option changes what it says and nothing else,
-- variant = "authors" sets the authors' together, and checkpoints keep them.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"
local describe = require "moonstem.train.model_config"
local rules = require "moonstem.train.schedule.phases"

local tests = {}

local NARROW = { 4, 4, 4, 4, 4, 4, 4 }
local AUTHORS = { 64, 128, 128, 128, 128, 128, 256 }

local function difference(a, b) return (a - b):abs():max() end

local function unet(o)
  local options = { widths = { 2, 2, 4, 4, 6, 6 }, seed = 2 }
  for key, value in pairs(o or {}) do options[key] = value end
  return ms.models.unet(options)
end

--- A small joint model with a CNN tail, or with an AST of 12 layers.
local function cnn(o)
  local options = { unet = unet(), tail = { widths = NARROW, hidden = 8, frames = 192 },
    classes = 3, seed = 2 }
  for key, value in pairs(o or {}) do options[key] = value end
  return ms.models.tagger(options):eval()
end

local function ast(o)
  local options = { unet = unet(), tail = { kind = "ast", dim = 12, heads = 3, depth = 12,
    frames = 128 }, classes = 3, seed = 2 }
  for key, value in pairs(o or {}) do options[key] = value end
  return ms.models.tagger(options):eval()
end

local function magnitude(frames) return ms.uniform { 2, frames or 192, 256 } end

--- What the tail of a model is given.
local function image_of(model, x)
  local bytes, size, forward = nil, nil, model.tail.forward
  model.tail.forward = function(self, image, join)
    bytes, size = image:bytes(), image:size()
    return forward(self, image, join)
  end
  model(x)
  model.tail.forward = forward
  return ms.from_string(bytes, size)
end

--- Part of the tail and frames of the map, as they meet.
local function meetings(model, x)
  local met, adapt = {}, model.adapt.forward
  model.adapt.forward = function(self, k, y, map)
    met[#met + 1] = { k, map:size(2) }
    return adapt(self, k, y, map)
  end
  model(x)
  model.adapt.forward = adapt
  return met
end

-- ---- the joint model ---------------------------------------------------------------------------
--- The paper's choice is what one gets by saying nothing, bit for bit.
function tests.the_defaults_are_the_papers()
  local x = magnitude()
  local plain = cnn()(x):bytes()
  lu.assertTrue(plain == cnn { variant = "paper", adaptation = "sum", mixture = "log_mel",
    estimates = "log_mel", levels = { 5, 4, 3, 2, 1 } }(x):bytes())
  local short = magnitude(128)
  lu.assertTrue(ast()(short):bytes() == ast { levels = { 6, 5, 4, 3, 2 },
    layers = { 3, 5, 7, 9, 11 } }(short):bytes())
end

--- variant = "authors" is three options at once; their counts at full size
-- (recipes/paper.md#sizes-and-cost).
function tests.the_authors_variant_is_its_options()
  for _, row in ipairs { { 1, 6390359, 7240151 }, { 4, 6392954, 7242746 } } do
    local _ <close> = ms.scope()
    local whole = ms.models.unet { sources = row[1] }
    lu.assertEquals(ms.models.tagger { unet = whole, adaptation = "sum" }:count(), row[2])
    lu.assertEquals(ms.models.tagger { unet = whole, adaptation = "concat", mixture = "mel_of_log",
      tail = { widths = AUTHORS } }:count(), row[3])
  end
  local x, small = magnitude(), { widths = { 4, 5, 4, 4, 4, 4, 4 }, hidden = 8, frames = 192 }
  local at_once = cnn { variant = "authors", tail = small }(x):bytes()
  lu.assertTrue(at_once == cnn { adaptation = "concat", mixture = "mel_of_log", tail = small }(x)
    :bytes())
  lu.assertFalse(at_once == cnn { adaptation = "concat", tail = small }(x):bytes())
  lu.assertTrue(cnn { variant = "authors", adaptation = "sum", mixture = "log_mel", tail = small }(
    x):bytes()
    == cnn { tail = small }(x):bytes())
end

--- Logarithm and mel matrix in either order, for the mixture, for the estimates, for the tail
-- alone.
function tests.order_of_logarithm_and_mel()
  local x, matrix = magnitude(), ms.audio.mel_matrix()
  local function log_mel(y) return y:matmul(matrix):log10(1e-4):reshape { 2, 192, 128, 1 } end
  local function mel_of_log(y) return y:log10(1e-4):matmul(matrix):reshape { 2, 192, 128, 1 } end
  local mask = cnn().unet(x):reshape { 2, 192, 256 }
  for _, case in ipairs { { {}, log_mel, log_mel },
    { { mixture = "mel_of_log" }, log_mel, mel_of_log },
    { { estimates = "mel_of_log" }, mel_of_log, log_mel } } do
    local image = image_of(cnn(case[1]), x)
    lu.assertTrue(difference(image:slice(4, 1, 1), case[2](mask * x)) < 1e-5)
    lu.assertTrue(difference(image:slice(4, 2, 2), case[3](x)) < 1e-5)
  end
  local function alone(o)
    o.tail = ms.models.cnn_tail { widths = NARROW, hidden = 8, frames = 192 }
    return ms.models.tail_only(o):eval()
  end
  lu.assertTrue(difference(image_of(alone {}, x), log_mel(x)) < 1e-5)
  lu.assertTrue(difference(image_of(alone { mixture = "mel_of_log" }, x), mel_of_log(x)) < 1e-5)
end

--- A level that is left out is one whose convolution gives zeros.
function tests.levels_of_a_cnn()
  local x = magnitude()
  local some, all = cnn { levels = { 4, 1 } }, cnn()
  lu.assertEquals(meetings(all, x), { { 2, 96 }, { 3, 48 }, { 4, 24 }, { 5, 12 }, { 6, 6 } })
  lu.assertEquals(meetings(some, x), { { 3, 48 }, { 6, 6 } })
  local mine, theirs = some:state(), all:state()
  for j, of in ipairs { false, 1, false, false, 2 } do
    for _, part in ipairs { "weight", "bias" } do
      local target = theirs[("adapt.conv.%d.%s"):format(j, part)]
      target:copy(of and mine[("adapt.conv.%d.%s"):format(of, part)] or ms.zeros(target:size()))
    end
  end
  lu.assertTrue(difference(some(x), all(x)) < 1e-6)
  lu.assertEquals(meetings(cnn { levels = {} }, x), {})
  lu.assertEquals(meetings(cnn { levels = { 5 }, adaptation = "concat" }, x), { { 2, 96 } })
end

--- The AST takes levels in the order given, at the layers given; the coarsest one, too.
function tests.levels_and_layers_of_an_ast()
  local x = magnitude(128)
  lu.assertEquals(meetings(ast { levels = { 2, 3, 4, 5, 6 } }, x),
    { { 3, 8 }, { 5, 16 }, { 7, 32 }, { 9, 64 }, { 11, 128 } })
  lu.assertEquals(meetings(ast { layers = { 1, 12 } }, x), { { 1, 128 }, { 12, 64 } })
  local six = ast { levels = { 6, 5, 4, 3, 2, 1 }, layers = { 1, 3, 5, 7, 9, 11 } }
  lu.assertEquals(meetings(six, x), { { 1, 128 }, { 3, 64 }, { 5, 32 }, { 7, 16 }, { 9, 8 },
    { 11, 4 } })
  lu.assertEquals(six(x):size(), { 2, 3 })
  local coarsest = ms.models.ast_adaptation { maps = { 192 }, layers = { 11 }, scales = { 32 } }
  lu.assertEquals(coarsest:count(), 147456 + 768) -- recipes/paper.md#adaptation-of-the-ast
  local map = ms.randn { 1, 4, 8, 192 }
  local tokens = coarsest(11, ms.zeros { 1, 1 + 8 * 8, 768 }, map):slice(2, 2, -1)
    :reshape { 1, 8, 8, 768 }
  -- every frame for two columns of the grid; row 3 of the grid is band 3 of the map
  for column = 1, 8 do
    local frame = map:slice(2, (column + 1) // 2, (column + 1) // 2):slice(3, 3, 3)
      :reshape { 1, 192 }
    local expected = frame:matmul(coarsest:state()["conv.1.weight"]:reshape { 192, 768 })
    lu.assertTrue(difference(tokens:slice(2, 3, 3):slice(3, column, column):reshape { 1, 768 },
      expected) < 1e-4)
  end
end

-- ---- the separators ----------------------------------------------------------------------------
function tests.pooling_of_the_separators()
  local x, widths = magnitude(64), { 2, 2, 4 }
  local function mask(o)
    o.widths, o.seed = widths, 5
    return ms.models.separator(o).unet:eval()(x):bytes()
  end
  lu.assertTrue(mask { sources = 4 } == mask { sources = 4, pool = "max" })
  lu.assertTrue(mask { sources = 4, variant = "authors" } == mask { sources = 4, pool = "avg" })
  lu.assertFalse(mask { sources = 4, variant = "authors" } == mask { sources = 4 })
  lu.assertTrue(mask { variant = "authors" } == mask {})
  lu.assertTrue(mask { sources = 4, variant = "authors", pool = "max" } == mask { sources = 4,
    variant = "paper" })
end

-- ---- checkpoints -------------------------------------------------------------------------------
--- Every option comes back from a checkpoint's description, after a round through JSON.
function tests.descriptions_keep_the_options()
  local x, short, wave = magnitude(), magnitude(128), ms.randn { 1, 63 * 160 + 512 }
  local tail = { widths = { 4, 5, 4, 4, 4, 4, 4 }, hidden = 8, frames = 192 }
  local cases = {
    { cnn { variant = "authors", tail = tail }, x },
      { cnn { mixture = "mel_of_log", estimates = "mel_of_log" }, x },
    { cnn { adaptation = "concat", levels = { 3, 5 } }, x }, { cnn { levels = {} }, x },
    { cnn { unet = unet { pool = "avg", sources = 4 } }, x },
    { ast { levels = { 1, 4, 6 }, layers = { 2, 7, 12 } }, short },
      { ast { estimates = "mel_of_log" }, short },
    { ms.models.tail_only { tail = ms.models.cnn_tail(tail), mixture = "mel_of_log" }, x },
    { ms.models.separator { widths = { 2, 2, 4 }, sources = 2, variant = "authors" }, wave },
    { unet { pool = "avg" }, x },
  }
  for i, case in ipairs(cases) do
    local _ <close> = ms.scope()
    local model = case[1]:eval()
    local spec = ms.io.json_decode(ms.io.json_encode(describe.describe(model)))
    local again = assert(describe.build(spec)):eval()
    again:load(model:state())
    lu.assertTrue(again(case[2]):bytes() == model(case[2]):bytes(), "case " .. i)
  end
end

--- Files from before there were single options name the variant alone.
function tests.older_descriptions_still_build()
  local tail = { widths = { 4, 5, 4, 4, 4, 4, 4 }, hidden = 8, frames = 192 }
  local x = magnitude()
  for _, variant in ipairs { "paper", "authors" } do
    local model = cnn { variant = variant, tail = tail }
    local spec = { kind = "tagger", unet = { widths = { 2, 2, 4, 4, 6, 6 }, sources = 1 },
      variant = variant,
      tail = { widths = tail.widths, hidden = 8, classes = 3, channels = 2, frames = 192 } }
    local again = assert(describe.build(spec)):eval()
    again:load(model:state())
    lu.assertTrue(again(x):bytes() == model(x):bytes())
  end
end

-- ---- data --------------------------------------------------------------------------------------
--- A set of songs that claim a length and have no files: plans look at lengths only.
local function claimed_songs()
  local songs = {}
  for i = 1, 8 do
    local stems = {}
    for _, stem in ipairs { "mixture", "vocals", "other", "drums", "bass" } do
      stems[stem] = stem .. i
    end
    songs[i] = { id = "song" .. i, samples = 13 * 16000, stems = stems }
  end
  return { kind = "songs", name = "claimed", items = function() return songs end }
end

local function rows(songs, source, o)
  o.batch, o.seed, o.step = 4, 3, 2
  return ms.data.mixes(songs, source, o).rows
end

function tests.mixing_of_the_separators()
  local songs = claimed_songs()
  for _, source in ipairs { "vocals", "bass", "all" } do
    lu.assertEquals(rows(songs, source, {}), rows(songs, source,
      { mixing = "additive", variant = "paper" }))
  end
  lu.assertEquals(#rows(songs, "bass", {})[1], 3) -- bass + (mixture - bass)
  lu.assertEquals(rows(songs, "bass", { variant = "authors" }),
    rows(songs, "bass", { bass_twice = true }))
  lu.assertEquals(#rows(songs, "bass", { variant = "authors" })[1], 6)
  lu.assertEquals(rows(songs, "bass", { variant = "authors", bass_twice = false }),
    rows(songs, "bass", {}))
  for _, source in ipairs { "vocals", "drums", "other", "all" } do
    lu.assertEquals(rows(songs, source, { variant = "authors" }), rows(songs, source, {}))
  end
end

--- Without mixing an example is a segment's own mixture and stems.
function tests.without_mixing()
  local songs = claimed_songs()
  local list = rows(songs, "all", { mixing = "none" })
  lu.assertEquals(#list, 4 * 5)
  local seen = {}
  for e = 1, 4 do
    local mixture = list[e]
    local number = mixture[1].path:match "^mixture(%d)$"
    lu.assertEquals({ #mixture, mixture[1].weight }, { 1, 1 })
    for s, stem in ipairs { "vocals", "other", "drums", "bass" } do
      lu.assertEquals(list[4 + (e - 1) * 4 + s], {
        { path = stem .. number, start = mixture[1].start, weight = 1 } })
    end
    seen[number .. "@" .. mixture[1].start] = true
  end
  lu.assertTrue(next(seen, next(seen)) ~= nil) -- not always the same
end

--- The task of stage 1 hands its options on.
function tests.the_separation_task_takes_them()
  local songs = claimed_songs()
  local function first(o)
    o.source, o.seed = o.source or "bass", 3
    return (assert(ms.train.separation_task(songs, o)):batch(0))
  end
  lu.assertEquals(#first {}[1], 3)
  lu.assertEquals(#first { variant = "authors" }[1], 6)
  lu.assertEquals(#first { bass_twice = true }[1], 6)
  lu.assertEquals(#first { mixing = "none", source = "vocals" }[1], 1)
end

tests.the_subset_of_fma = tools.in_folder(function(dir)
  tools.genre_set(dir, tools.genre_rows(), 0.2)
  local function count(o) return assert(ms.data.fma(dir, o)):count() end
  lu.assertEquals(count { variant = "paper" }, count { subset = "medium" })
  lu.assertEquals(count { variant = "authors" }, count { subset = "medium-minus-small" })
  lu.assertTrue(count { variant = "authors" } < count {})
  lu.assertEquals(count { variant = "authors", subset = "medium" }, count {})
end)

-- ---- plans -------------------------------------------------------------------------------------
function tests.sgd_as_in_the_work_that_the_paper_follows()
  local plain = ms.train.adam_then_sgd()
  for _, phase in ipairs(plain.phases) do
    lu.assertNil(rules.optimizer_options(phase).momentum)
  end
  local schedule = rules.check(ms.train.adam_then_sgd { momentum = 0.9, nesterov = true,
    weight_decay = 1e-4 })
  for i, phase in ipairs(schedule.phases) do
    local given = rules.optimizer_options(phase)
    lu.assertEquals({ given.momentum, given.nesterov, given.weight_decay },
      i == 1 and { nil, nil, 1e-4 } or { 0.9, true, 1e-4 })
    local x = ms.ones { 1 }:needs_grad()
    local opt = ms.optim[phase.optimizer]({ x }, given) -- they are options of the optimizers
    local loss = (x * 2):sum()
    loss:backward()
    opt:step()
    if i == 2 then lu.assertAlmostEquals(x:get(1), 1 - 1e-3 * (1 + 0.9) * (2 + 1e-4), 1e-6) end
  end
end

function tests.schedule_of_the_ast()
  local schedule = ms.train.ast { halve_after = 6, keep = "last" }
  local lrs = {}
  for epoch = 1, 9 do lrs[epoch] = rules.lr(schedule.phases[1], 0, epoch - 1) / 5e-5 end
  lu.assertEquals(lrs, { 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.25 })
  lu.assertEquals({ schedule.keep, ms.train.ast().keep }, { "last", "best" })
end

-- ---- from stage to stage -----------------------------------------------------------------------
--- Shared among the channels, the first kernel answers equal channels as the tail alone does.
function tests.channels_of_the_hand_over()
  for sources = 1, 4, 3 do
    local alone_tail = ms.models.cnn_tail { widths = NARROW, hidden = 8, frames = 192, classes = 3 }
    local tail = ms.models.tail_only { tail = alone_tail }
    local name = "tail.block.1.conv.1.weight"
    local alone = tail:state()[name]
    local function kernel(options)
      return ms.train.transfer.tail(tail, cnn { unet = unet { sources = sources } }, options)
        :state()[name]
    end
    lu.assertTrue(kernel():bytes() == kernel({ channels = "mixture" }):bytes())
    local shared = kernel { channels = "shared" }
    lu.assertEquals(shared:size(), { 3, 3, sources + 1, 4 })
    for c = 1, sources + 1 do
      lu.assertTrue(difference(shared:slice(3, c, c) * (sources + 1), alone) < 1e-6)
    end
  end
end

function tests.channels_of_an_image_models_patches()
  local weight = ms.randn { 12, 3, 16, 16 }
  local sum = ms.models.imagenet.patch_kernel(weight, 1)
  for c = 1, 5, 2 do
    local mixture = ms.models.imagenet.patch_kernel(weight, c, "mixture")
    lu.assertEquals(difference(mixture:slice(3, c, c), sum), 0.0)
    if c > 1 then lu.assertEquals(mixture:slice(3, 1, c - 1):abs():max(), 0.0) end
    local cyclic = ms.models.imagenet.patch_kernel(weight, c, "cyclic")
    for k = 1, c do
      local colour = weight:slice(2, (k - 1) % 3 + 1, (k - 1) % 3 + 1) * (3 / c)
      lu.assertEquals(difference(cyclic:slice(3, k, k):permute { 4, 3, 2, 1 }, colour), 0.0)
    end
  end
  local tagger = ast()
  local state = { cls_token = ms.zeros { 1, 1, 12 }, pos_embed = ms.zeros { 1, 65, 12 },
    ["patch_embed.proj.weight"] = weight }
  local nothing, why = ms.models.imagenet.fill(tagger, state, { patch = "cyclic" })
  lu.assertNil(nothing)
  lu.assertStrContains(why, "it has no patch_embed.proj.bias")
end

-- ---- what cannot be ----------------------------------------------------------------------------
local SENTENCES = {
  { 'adaptation must be "sum" or "concat", got "add"', function() cnn { adaptation = "add" } end },
  { 'mixture must be "log_mel" or "mel_of_log", got "mel"',
    function() cnn { mixture = "mel" } end },
  { 'estimates must be "log_mel" or "mel_of_log", got 5', function() cnn { estimates = 5 } end },
  { 'tail_only: option mixture must be "log_mel" or "mel_of_log"', function()
    ms.models.tail_only { tail = ms.models.cnn_tail { widths = { 4 }, frames = 3 },
      mixture = "mel" }
  end },
  { "levels must be a list of whole numbers, got number", function() cnn { levels = 5 } end },
  { "levels must be different whole numbers from 1 to 6, got 7", function()
    cnn { levels = { 7 } }
  end },
  { "levels must be different whole numbers from 1 to 6, got 2", function()
    ast { levels = { 2, 2 } }
  end },
  { "level 6 of the decoder meets no block of a CNN tail of 7 blocks", function()
    cnn { levels = { 5, 6 } }
  end }, { "layers are those of an AST", function() cnn { layers = { 3 } } end },
  { "2 levels need as many layers, got 1", function()
    ast { levels = { 2, 3 }, layers = { 3 } }
  end },
  { "layers must be different whole numbers from 1 to 12, got 13", function()
    ast { layers = { 13 } }
  end },
  { "the layers of so many levels must be different whole numbers from 1 to 12, got 13", function()
    ast { levels = { 6, 5, 4, 3, 2, 1 } }
  end },
  { "maps are added to an AST's tokens, not concatenated", function()
    ast { adaptation = "concat" }
  end }, { 'adaptation: option kind must be "sum" or "concat", got "max"', function()
    ms.models.adaptation { maps = { 4 }, widths = { 4 }, kind = "max" }
  end },
  { 'separator: option variant must be "paper" or "authors", got "ours"', function()
    ms.models.separator { variant = "ours" }
  end },
  { 'mixes: option mixing must be "additive" or "none", got "all"', function()
    ms.data.mixes(claimed_songs(), "bass", { mixing = "all" })
  end },
  { 'mixes: option variant must be "paper" or "authors", got 1', function()
    ms.data.mixes(claimed_songs(), "bass", { variant = 1 })
  end },
  { 'fma: option variant must be "paper" or "authors", got "v1"', function()
    ms.data.fma("/nowhere", { variant = "v1" })
  end }, { 'transfer: channels must be "mixture" or "shared", got all', function()
    ms.train.transfer.tail(cnn(), cnn(), { channels = "all" })
  end },
  { 'imagenet: patch must be "shared", "mixture" or "cyclic", got rgb', function()
    ms.models.imagenet.load(ast(), "/nowhere", { patch = "rgb" })
  end },
  { "ast_adaptation: scales must be 1, 2, 4, 8, 16 or 32, got 3", function()
    ms.models.ast_adaptation { maps = { 4 }, scales = { 3 } }
  end },
}

function tests.sentences()
  for _, row in ipairs(SENTENCES) do lu.assertErrorMsgContains(row[1], row[2]) end
end

return tests
