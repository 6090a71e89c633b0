--- The table of models in lua/moonstem/models/README.md: parameters, and the multiply-adds, counted
-- as two, of one forward pass over one crop of the published length.
--   moonstem tests/bench/models.lua [PATTERN ...]
local ms = require "moonstem"

local WON = "Won et al. 2020, minzwon/sota-music-tagging-models"
local KONG = "Kong et al. 2021, bytedance/music_source_separation"
local function ast(classes)
  return ms.models.tail_only { tail = ms.models.ast_tail { classes = classes } }
end
local function unet() return ms.models.unet {} end

-- Name, what the crop is, its size, whose model it is, and how it is made where its name does not
-- say it.
local MODELS = {
  { "fcn", "29 s", { 1, 464000 }, "Choi et al. 2016; " .. WON },
  { "crnn", "29 s", { 1, 464000 }, "Choi et al. 2017; " .. WON },
  { "sample_cnn", "3.7 s", { 1, 59049 }, "Lee et al. 2017; " .. WON },
  { "musicnn", "3 s", { 1, 48128 }, "Pons and Serra 2019, the package musicnn" },
  { "musicnn_vgg", "3 s", { 1, 48128 }, "Pons and Serra 2019, the package musicnn" },
  { "short_chunk_cnn", "3.7 s", { 1, 59049 }, WON },
  { "short_chunk_cnn, residual", "3.7 s", { 1, 59049 }, WON,
    function() return ms.models.short_chunk_cnn { residual = true } end },
  { "harmonic_cnn", "5 s", { 1, 80000 }, "Won et al. 2020 (ICASSP); " .. WON },
  { "self_attention", "15 s", { 1, 240000 }, "Won et al. 2019; " .. WON },
  { "tune_plus", "3.7 s", { 1, 59049 }, "Vélez Vásquez and Burgoyne 2022, Marcel-Velez/TUNe" },
  { "cnn_tail", "3.9 s", { 1, 384, 256 }, "the paper",
    function() return ms.models.tail_only { tail = ms.models.cnn_tail {} } end },
  { "ast_tail", "7.7 s", { 1, 768, 256 }, "the paper; Gong et al. 2021",
    function() return ast(50) end },
  { "tagger", "3.9 s", { 1, 384, 256 }, "the paper",
    function() return ms.models.tagger { unet = unet() } end },
  { "unet", "3.9 s", { 1, 384, 256 }, "the paper" },
  { "kong_unet", "3 s, 44.1 kHz stereo", { 1, 2, 132300 }, KONG },
  { "kong_resunet", "3 s, 44.1 kHz stereo", { 1, 2, 132300 }, KONG },
  { "open_unmix", "6 s, 44.1 kHz stereo", { 1, 2, 255, 2049 },
    "Stöter et al. 2019, sigsep/open-unmix-pytorch" },
  { "conv_tasnet", "4 s, 8 kHz", { 1, 32000 }, "Luo and Mesgarani 2019, torchaudio" },
}

local function is_asked(name)
  for _, pattern in ipairs(arg) do
    if name:find(pattern) then return true end
  end
  return #arg == 0
end

local function spaced(n)
  return (("%d"):format(n):reverse():gsub("(%d%d%d)", "%1 "):reverse():gsub("^ ", ""))
end

-- Waves in -1..1, or magnitudes: numbers of either sign would have no logarithm.
local function input(size) return (ms.randn(size) * 0.1):abs() end

print "| model | parameters | GFLOP | crop | source |\n|---|---|---|---|---|"
for _, row in ipairs(MODELS) do
  local name, crop, size, source, make = table.unpack(row, 1, 5)
  if is_asked(name) then
    local _ <close> = ms.scope()
    local model = (make or ms.models[name]) {}
    local _, flops = model:trace(input(size))
    print(("| `%s` | %s | %.2f | %s | %s |"):format(name, spaced((model:count())), flops / 1e9,
      crop, source))
    collectgarbage()
  end
end
