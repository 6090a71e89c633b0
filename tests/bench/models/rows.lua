--- The models of lua/moonstem/models/README.md: name, what the published crop is, its size, whose
-- model it is; how many clips a training step has, and of which size where that is not the crop's;
-- make() where the name does not say how it is made.
local ms = require "moonstem"

local WON = "Won et al. 2020, minzwon/sota-music-tagging-models"
local KONG = "Kong et al. 2021, bytedance/music_source_separation"
local PONS = "Pons and Serra 2019, the package musicnn"
local PAPER = "the paper"

local function row(name, crop, size, batch, source, make)
  return { name = name, crop = crop, size = size, batch = batch, step_size = size,
    source = source, make = make or function() return ms.models[name] {} end }
end

-- A third of a second, so that a step takes seconds.
local function kong(name)
  local new = row(name, "3 s, 44.1 kHz stereo", { 2, 132300 }, 1, KONG)
  new.step_size = { 2, 31 * 441 }
  return new
end

local function tail_only(tail) return ms.models.tail_only { tail = tail } end

return {
  row("fcn", "29 s", { 464000 }, 4, "Choi et al. 2016; " .. WON),
  row("crnn", "29 s", { 464000 }, 4, "Choi et al. 2017; " .. WON),
  row("sample_cnn", "3.7 s", { 59049 }, 8, "Lee et al. 2017; " .. WON),
  row("musicnn", "3 s", { 48128 }, 8, PONS),
  row("musicnn_vgg", "3 s", { 48128 }, 8, PONS),
  row("short_chunk_cnn", "3.7 s", { 59049 }, 8, WON),
  row("short_chunk_cnn, residual", "3.7 s", { 59049 }, 4, WON,
    function() return ms.models.short_chunk_cnn { residual = true } end),
  row("harmonic_cnn", "5 s", { 80000 }, 4, "Won et al. 2020 (ICASSP); " .. WON),
  row("self_attention", "15 s", { 240000 }, 2, "Won et al. 2019; " .. WON),
  row("tune_plus", "3.7 s", { 59049 }, 8,
    "Vélez Vásquez and Burgoyne 2022, Marcel-Velez/TUNe"),
  row("cnn_tail", "3.9 s", { 384, 256 }, 4, PAPER,
    function() return tail_only(ms.models.cnn_tail {}) end),
  row("ast_tail", "7.7 s", { 768, 256 }, 1, "the paper; Gong et al. 2021",
    function() return tail_only(ms.models.ast_tail {}) end),
  row("tagger", "3.9 s", { 384, 256 }, 2, PAPER,
    function() return ms.models.tagger { unet = ms.models.unet {} } end),
  row("unet", "3.9 s", { 384, 256 }, 2, PAPER),
  kong "kong_unet", kong "kong_resunet",
  row("open_unmix", "6 s, 44.1 kHz stereo", { 2, 255, 2049 }, 4,
    "Stöter et al. 2019, sigsep/open-unmix-pytorch"),
  row("conv_tasnet", "4 s, 8 kHz", { 32000 }, 1, "Luo and Mesgarani 2019, torchaudio"),
}
