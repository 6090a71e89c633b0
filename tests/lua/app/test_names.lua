--- The names that the library promises to scripts: each is there, has help, is completed at the
-- prompt, and stands in the case table (test_cases.lua), where values and gradients are checked.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local completion = require "moonstem.app.completion"
local help = require "moonstem.app.help"

local tests = {}

--- Methods of tensors.
local METHODS = [[
  reshape view flatten unflatten transpose t permute squeeze unsqueeze expand tile cat split
  chunk unbind pad flip roll unfold fold movedim diag sin cos tan asin acos atan atan2 sinh cosh
  tanh exp expm1 log log1p log2 log10 sqrt rsqrt square abs sign floor ceil round trunc frac
  clamp reciprocal pow erf erfinv lgamma digamma softplus silu elu selu hardtanh mish relu6
  logsigmoid relu leaky_relu gelu sigmoid maximum minimum lerp hypot where masked_fill isnan
  isinf isfinite nan_to_num logical_and logical_or logical_not logical_xor gt ge lt le eq ne sum
  mean prod max min amax amin argmax argmin std var norm logsumexp softmax log_softmax any all
  median quantile mode cumsum cumprod cummax diff histogram bincount unique gather scatter
  scatter_add index_select index_add take masked_select nonzero sort argsort topk searchsorted
  matmul dot outer cross kron cdist tensordot trace fill_ zero_ add_ sub_ mul_ div_
]]

--- Functions and libraries below ms.
local FUNCTIONS = [[
  range linspace logspace eye full zeros_like ones_like randn_like full_like randint randperm
  bernoulli multinomial one_hot meshgrid tril triu window stack einsum where cat grad jacobian
  linalg.solve linalg.lstsq linalg.inverse linalg.det linalg.slogdet linalg.cholesky linalg.qr
  linalg.svd linalg.eigh linalg.pinv linalg.matrix_norm
  fft.fft fft.ifft fft.rfft fft.irfft fft.dct fft.idct
  signal.convolve signal.correlate signal.lfilter signal.filtfilt signal.hilbert
  signal.resample_poly signal.spectrogram
  nn.conv1d nn.conv2d nn.conv_transpose1d nn.conv_transpose2d nn.max_pool nn.avg_pool
  nn.adaptive_avg_pool nn.global_pool nn.linear nn.bilinear nn.embedding nn.rnn nn.lstm nn.gru
  nn.batch_norm nn.layer_norm nn.group_norm nn.instance_norm nn.rms_norm nn.weight_norm
  nn.spectral_norm nn.dropout nn.dropout1d nn.dropout2d nn.drop_path nn.attention
  nn.transformer_layer nn.upsample nn.prelu nn.sequential nn.residual nn.parallel nn.lambda
  nn.init.glorot nn.init.kaiming_uniform nn.init.kaiming_normal nn.init.orthogonal
  nn.init.truncated_normal nn.init.zeros
  loss.l1 loss.mse loss.huber loss.bce loss.bce_with_logits loss.cross_entropy loss.nll loss.focal
  loss.kl_div loss.cosine loss.margin loss.triplet loss.nt_xent loss.si_sdr loss.multi_stft
  loss.hinge loss.ctc loss.poisson loss.gaussian_nll
  optim.adam optim.adamw optim.nadam optim.radam optim.sgd optim.rmsprop optim.adagrad optim.lion
  optim.lamb optim.clip_grad_norm optim.clip_grad_value optim.ema
  train.schedule.step train.schedule.exponential train.schedule.cosine train.schedule.one_cycle
  train.schedule.warm_up train.schedule.plateau train.schedule.polynomial train.schedule.chain
  train.early_stopping
  audio.mel audio.mfcc audio.power_to_db audio.chroma audio.cqt audio.spectral.centroid
  audio.spectral.bandwidth audio.spectral.rolloff audio.spectral.flatness audio.spectral.contrast
  audio.spectral.flux audio.zero_crossings audio.rms audio.onset_strength audio.hpss
  audio.griffin_lim audio.delta audio.preemphasis audio.trim audio.split_silence
  audio.augment audio.tempo audio.beats audio.onsets audio.pitch audio.loudness
  audio.time_stretch audio.pitch_shift audio.fingerprint
  data.loader data.split data.folds data.gtzan data.manifest data.jamendo data.esc50 data.nsynth
  data.openmic data.musdb18 data.mtat data.fma
  models.fcn models.musicnn models.sample_cnn models.crnn models.short_chunk_cnn
  models.harmonic_cnn models.self_attention models.tune_plus models.ast_tail models.kong_unet
  models.kong_resunet models.open_unmix models.conv_tasnet
  distributed.init distributed.is_initialized distributed.rank distributed.size
  distributed.all_reduce distributed.broadcast distributed.barrier distributed.by_first
  distributed.in_turn distributed.data_parallel distributed.finalize
]]

-- Those whose values are compared elsewhere: the test that does it, and names them.
local ELSEWHERE = {}
for test, names in pairs {
  ["train/test_schedules"] = "train.early_stopping",
  ["audio/test_augment"] = "audio.augment",
  ["audio/test_music"] = "audio.tempo audio.beats audio.onsets audio.pitch audio.loudness \z
    audio.time_stretch audio.pitch_shift audio.fingerprint",
  ["data/test_layouts"] = "data.gtzan data.jamendo data.esc50 data.nsynth data.openmic",
  ["data/test_data_sets"] = "data.musdb18 data.mtat", ["data/test_data"] = "data.fma data.manifest",
  ["models/test_taggers"] = "models.fcn models.musicnn models.sample_cnn models.crnn \z
    models.short_chunk_cnn models.harmonic_cnn models.self_attention models.tune_plus",
  ["models/test_ast"] = "models.ast_tail",
  ["models/test_separators"] = "models.kong_unet models.kong_resunet models.open_unmix \z
    models.conv_tasnet",
  ["data/test_loader"] = "data.loader", ["data/test_split"] = "data.split data.folds",
  ["models/test_layers"] = "nn.sequential nn.parallel nn.lambda nn.init.glorot \z
    nn.init.kaiming_uniform nn.init.kaiming_normal nn.init.orthogonal nn.init.truncated_normal \z
    nn.init.zeros",
  ["train/test_mpi"] = "distributed.init distributed.is_initialized distributed.rank \z
    distributed.size distributed.all_reduce distributed.broadcast distributed.barrier \z
    distributed.by_first distributed.in_turn distributed.data_parallel distributed.finalize",
  ["models/test_chain"] = "nn.residual", ["train/test_train"] = "nn.dropout",
  ["core/test_ops"] = "nn.linear nn.layer_norm nn.batch_norm nn.conv2d nn.conv_transpose2d",
} do
  for name in names:gmatch "[%w_%.]+" do ELSEWHERE[name] = test end
end

local cases = {}
local function read_cases(folder)
  for _, file in ipairs(ms.sys.list(folder)) do
    if ms.sys.is_dir(folder .. file) then read_cases(folder .. file .. "/")
    else
      for name, rows in pairs(dofile(folder .. file)) do cases[name] = #rows > 0 or nil end
    end
  end
end
read_cases(places.ROOT .. "tests/lua/cases/")

local function value_at(name)
  local value = ms
  for part in name:gmatch "[^%.]+" do
    local ok, inner = pcall(function() return value[part] end)
    if not ok then return nil end
    value = inner
  end
  return value
end

local function is_completed(text)
  local list, from = completion.at(text, #text)
  for _, found in ipairs(list) do
    if text:sub(1, from - 1) .. found == text then return true end
  end
  return false
end

-- Whether the case table has rows of the name, or of the operator that a layer is made of.
local function has_rows(name)
  local test, last = ELSEWHERE[name], name:match "[%w_]+$"
  if test then
    return ms.sys.read_file(places.ROOT .. "tests/lua/" .. test .. ".lua"):find(last, 1, true)
  end
  return cases[name] or cases[name:match "^train%.(.*)$"] or name:find "^nn%." and cases[last]
end

-- What is wrong with a name: a list of sentences.
local function faults(name, whole, value)
  local list = {}
  if value == nil then return { whole .. " is not there" } end
  if not help.of(whole) then list[#list + 1] = whole .. " has no help" end
  if not has_rows(name) then
    list[#list + 1] = whole .. " has no row in tests/lua/cases/"
  end
  if not is_completed(whole) then list[#list + 1] = whole .. " is not completed" end
  return list
end

local function check(names, prefix, find)
  local all = {}
  for name in names:gmatch "%S+" do
    local list = faults(name, prefix .. name, find(name))
    table.move(list, 1, #list, #all + 1, all)
  end
  lu.assertEquals(table.concat(all, "\n"), "")
end

local before -- what the names at the prompt were
function tests.setup()
  before = { ms = _G.ms, x = _G.x }
  _G.ms, _G.x = ms, ms.zeros { 1 }
end
function tests.teardown() _G.ms, _G.x = before.ms, before.x end

function tests.test_methods_of_tensors()
  local x = ms.zeros { 1 }
  check(METHODS, "x:", function(name)
    local ok, f = pcall(function() return x[name] end)
    return ok and f or nil
  end)
end

-- Methods of other objects are there and have help.
function tests.test_methods_of_modules_and_optimizers()
  local model = ms.models.unet { widths = { 2 } }
  local opt = ms.optim.sgd(model:parameters(), { lr = 1 })
  for name in ("freeze watch apply summary"):gmatch "%a+" do
    lu.assertIsFunction(model[name], name)
    lu.assertIsString((help.of("m:" .. name)), name)
  end
  lu.assertIsFunction(opt.norms)
  lu.assertIsString((help.of "opt:norms"))
end

function tests.test_functions() check(FUNCTIONS, "ms.", value_at) end

return tests
