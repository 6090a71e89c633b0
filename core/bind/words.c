/* Words that people mistype, and those that other libraries use: what is meant here. And what
   messages call values. */
#include "words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 40, LISTED = 24 }; /* letters that are looked at; names that a message lists */

/* What users of NumPy, PyTorch or librosa write. A hint counts where `meant` is a known name; `how`
   is what to write where the name alone does not tell. */
static const struct { const char *wrote, *meant, *how;
} hints[] = {
  /* options */
  { "lr", "rate", NULL },
  { "learning_rate", "lr", NULL },
  { "learning_rate", "rate", NULL },
  { "sr", "rate", NULL },
  { "sample_rate", "rate", NULL },
  { "sampling_rate", "rate", NULL },
  { "lrs", "rates", NULL },
  { "learning_rates", "rates", NULL },
  { "hop_length", "hop", NULL },
  { "n_fft", "size", NULL },
  { "frame_length", "size", NULL },
  { "win_length", "width", NULL },
  { "center", "centre", NULL },
  { "pad_mode", "pad", NULL },
  { "n_mfcc", "n", NULL },
  { "n_chroma", "n", NULL },
  { "n_bins", "bins", NULL },
  { "n_iter", "steps", NULL },
  { "n_fft", "window", NULL },
  { "n_fft", "bins", NULL },
  { "n_mels", "bands", NULL },
  { "fmin", "low", NULL },
  { "fmax", "high", NULL },
  { "in_features", "in_channels", NULL },
  { "in_channels", "in_features", NULL },
  { "in_", "in_channels", NULL },
  { "in_", "in_features", NULL },
  { "out_features", "out_channels", NULL },
  { "out_channels", "out_features", NULL },
  { "output", "out_channels", NULL },
  { "output", "out_features", NULL },
  { "input", "in_channels", NULL },
  { "input", "in_features", NULL },
  { "dropout", "p", NULL },
  { "kernel_size", "kernel", NULL },
  { "strides", "stride", NULL },
  { "padding", "same", NULL },
  { "num_features", "channels", NULL },
  { "normalized_shape", "channels", NULL },
  { "eps", "epsilon", NULL },
  { "embed_dim", "dim", NULL },
  { "num_heads", "heads", NULL },
  { "num_classes", "classes", NULL },
  { "n_classes", "classes", NULL },
  { "batch_size", "batch", NULL },
  { "num_workers", "workers", NULL },
  { "num_epochs", "epochs", NULL },
  { "max_epochs", "epochs", NULL },
  { "max_steps", "steps", NULL },
  { "wd", "weight_decay", NULL },
  { "decay_rate", "weight_decay", NULL },
  { "betas", "beta1", "beta1 and beta2" },
  { "offset", "start", NULL },
  { "duration", "length", NULL },
  { "duration", "seconds", NULL },
  { "num_frames", "length", NULL },
  { "dropout_rate", "dropout", NULL },
  { "T_max", "steps", NULL },
  { "total_iters", "steps", NULL },
  { "total_steps", "steps", NULL },
  { "T_0", "steps", NULL },
  { "eta_min", "min_lr", NULL },
  { "max_lr", "lr", NULL },
  { "anneal_strategy", "anneal", NULL },
  /* functions */
  { "rand", "uniform", NULL },
  { "random_sample", "uniform", NULL },
  { "normal", "randn", NULL },
  { "array", "tensor", NULL },
  { "asarray", "tensor", NULL },
  { "from_numpy", "tensor_from", NULL },
  { "arange", "range", "ms.range, which includes its end" },
  { "identity", "eye", NULL },
  { "hann_window", "window", "ms.window(\"hann\", n)" },
  { "hamming_window", "window", "ms.window(\"hamming\", n)" },
  { "permutation", "randperm", NULL },
  { "manual_seed", "seed", NULL },
  { "set_num_threads", "threads", NULL },
  { "concat", "cat", NULL },
  { "save", "tensor_from", "ms.io.save_safetensors" },
  { "load", "tensor_from", "ms.io.load_safetensors" },
  { "inv", "inverse", NULL },
  { "plot", "lines", NULL },
  { "specshow", "spectrogram", NULL },
  { "stft", "spectrogram", "ms.signal.spectrogram(x, { mode = \"complex\" })" },
  { "Audio", "play", "ms.play(x, { rate = 16000 })" },
  { "concatenate", "cat", NULL },
  { "hstack", "cat", NULL },
  { "vstack", "cat", NULL },
  { "melspectrogram", "mel", NULL },
  { "chroma_stft", "chroma", NULL },
  { "zero_crossing_rate", "zero_crossings", NULL },
  { "griffinlim", "griffin_lim", NULL },
  { "onset_detect", "onsets", NULL },
  { "beat_track", "beats", NULL },
  { "pyin", "pitch", NULL },
  { "piptrack", "pitch", NULL },
  { "spectral_centroid", "spectral", "ms.audio.spectral.centroid" },
  { "spectral_bandwidth", "spectral", "ms.audio.spectral.bandwidth" },
  { "spectral_rolloff", "spectral", "ms.audio.spectral.rolloff" },
  { "spectral_contrast", "spectral", "ms.audio.spectral.contrast" },
  { "spectral_flatness", "spectral", "ms.audio.spectral.flatness" },
  { "load", "read", NULL },
  { "BCEWithLogitsLoss", "bce_with_logits", NULL },
  { "BCELoss", "bce", NULL },
  { "binary_cross_entropy", "bce", NULL },
  { "binary_cross_entropy_with_logits", "bce_with_logits", NULL },
  { "CrossEntropyLoss", "cross_entropy", NULL },
  { "NLLLoss", "nll", NULL },
  { "nll_loss", "nll", NULL },
  { "KLDivLoss", "kl_div", NULL },
  { "CTCLoss", "ctc", NULL },
  { "ctc_loss", "ctc", NULL },
  { "smooth_l1_loss", "huber", NULL },
  { "huber_loss", "huber", NULL },
  { "sigmoid_focal_loss", "focal", NULL },
  { "triplet_margin_loss", "triplet", NULL },
  { "margin_ranking_loss", "margin", NULL },
  { "cosine_embedding_loss", "cosine", NULL },
  { "poisson_nll_loss", "poisson", NULL },
  { "gaussian_nll_loss", "gaussian_nll", NULL },
  { "hinge_embedding_loss", "hinge", NULL },
  { "info_nce", "nt_xent", NULL },
  { "clip_grad_norm_", "clip_grad_norm", NULL },
  { "clip_grad_value_", "clip_grad_value", NULL },
  { "AveragedModel", "ema", NULL },
  { "StepLR", "step", NULL },
  { "MultiStepLR", "step", NULL },
  { "ExponentialLR", "exponential", NULL },
  { "CosineAnnealingLR", "cosine", NULL },
  { "CosineAnnealingWarmRestarts", "cosine", NULL },
  { "OneCycleLR", "one_cycle", NULL },
  { "LinearLR", "warm_up", NULL },
  { "PolynomialLR", "polynomial", NULL },
  { "ReduceLROnPlateau", "plateau", NULL },
  { "SequentialLR", "chain", NULL },
  { "zero_grad", "zero", NULL },
  { "state_dict", "state", NULL },
  { "load_state_dict", "load", NULL },
  { "mse_loss", "mse", NULL },
  { "l1_loss", "l1", NULL },
  { "mae", "l1", NULL },
  { "AdamW", "adamw", NULL },
  /* methods of tensors and of models; some stand for what is written without one */
  { "to", "permute", "x itself, which has no device" },
  { "to", "summary", "m itself, which has no device" },
  { "cuda", "permute", "x itself, which has no device" },
  { "cpu", "permute", "x itself, which has no device" },
  { "contiguous", "permute", "x itself, which lies in one piece" },
  { "float", "permute", "x itself, which holds floats" },
  { "long", "permute", "x itself, or x:trunc()" },
  { "int", "permute", "x itself, or x:trunc()" },
  { "clip", "clamp", NULL },
  { "power", "pow", NULL },
  { "absolute", "abs", NULL },
  { "repeat", "tile", NULL },
  { "repeat_interleave", "index_select", NULL },
  { "zero_grad", "summary", "opt:zero()" },
  { "named_parameters", "parameters", NULL },
  { "register_forward_hook", "watch", NULL },
  { "ravel", "flatten", NULL },
  { "swapaxes", "transpose", NULL },
  { "moveaxis", "movedim", NULL },
  { "expand_dims", "unsqueeze", NULL },
  { "broadcast_to", "expand", NULL },
  { "T", "t", NULL },
  { "dim", "permute", "#x:size()" },
  { "ndim", "permute", "#x:size()" },
  { "ndimension", "permute", "#x:size()" },
  { "numel", "count", NULL },
  { "nelement", "count", NULL },
  { "numpy", "totable", NULL },
  { "tolist", "totable", NULL },
  { "requires_grad", "needs_grad", NULL },
  { "requires_grad_", "needs_grad", NULL },
  { "narrow", "slice", NULL },
  { "dot", "matmul", NULL },
  { "mm", "matmul", NULL },
  { "bmm", "matmul", NULL },
  { "isfinite", "finite", NULL },
  { "pow", "square", NULL },
  { "copy_", "copy", NULL },
  { "argmax", "max", "x:max(), whose second value is the place" },
  { "min", "max", "-(-x):max()" },
  { "add", "permute", "x + y" },
  { "sub", "permute", "x - y" },
  { "mul", "permute", "x * y" },
  { "div", "permute", "x / y" },
  { "neg", "permute", "-x" },
  { "dtype", "permute", "ms.machine().real" },
};

static int least(int a, int b)
{
  return a < b ? a : b;
}

static int letter(char c)
{
  return tolower((unsigned char)c);
}

/* Slips of the pen between two words, cut at 40 letters: letters too many, missing, wrong, or two
   that have changed places. Capitals do not count. */
static int distance(const char *a, const char *b)
{
  int row[3][MOST + 1], na = (int)strnlen(a, MOST), nb = (int)strnlen(b, MOST);
  for (int j = 0; j <= nb; j++) row[0][j] = j;
  for (int i = 1; i <= na; i++) {
    int *now = row[i % 3], *above = row[(i + 2) % 3], *before = row[(i + 1) % 3];
    now[0] = i;
    for (int j = 1; j <= nb; j++) {
      now[j] = least(least(above[j], now[j - 1]) + 1,
                     above[j - 1] + (letter(a[i - 1]) != letter(b[j - 1])));
      if (i > 1 && j > 1 && letter(a[i - 1]) == letter(b[j - 2]) &&
          letter(a[i - 2]) == letter(b[j - 1]))
        now[j] = least(now[j], before[j - 2] + 1);
    }
  }
  return row[na % 3][nb];
}

static int is_known(const char *word, const char *const *known)
{
  for (; *known; known++)
    if (strcmp(word, *known) == 0) return 1;
  return 0;
}

/* The one known name that begins with the word: norm, normalise. */
static const char *completed(const char *word, const char *const *known)
{
  const char *found = NULL;
  for (size_t n = strlen(word); n >= 3 && *known; known++) {
    if (strncmp(word, *known, n) != 0) continue;
    if (found) return NULL;
    found = *known;
  }
  return found;
}

/* A slip in every third letter at most: beyond that a hint misleads. */
const char *lms_nearest(const char *word, const char *const *known)
{
  const char *best = NULL;
  int slips = (int)strnlen(word, MOST) / 3 + 1;
  for (const char *const *k = known; *k; k++) {
    int d = distance(word, *k);
    if (d < slips || (best && d == slips && strcmp(*k, best) < 0)) best = *k, slips = d;
  }
  return best ? best : completed(word, known);
}

const char *lms_push_list(lua_State *L, const char *const *known)
{
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (const char *const *k = known; *k; k++) {
    if (k != known) luaL_addstring(&b, k[1] ? ", " : " and ");
    luaL_addstring(&b, *k);
  }
  luaL_pushresult(&b);
  return lua_tostring(L, -1);
}

const char *lms_push_hint(lua_State *L, const char *word, const char *const *known,
                          const char *prefix)
{
  for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
    if (strcmp(word, hints[i].wrote) == 0 && is_known(hints[i].meant, known))
      return lua_pushfstring(L, "; did you mean %s%s?", hints[i].how ? "" : prefix,
                             hints[i].how ? hints[i].how : hints[i].meant);
  const char *near = lms_nearest(word, known);
  if (near) return lua_pushfstring(L, "; did you mean %s%s?", prefix, near);
  size_t n = 0;
  while (known[n]) n++;
  if (n == 0 || n > LISTED) return lua_pushliteral(L, "");
  return lua_pushfstring(L, "; there %s %s", n == 1 ? "is" : "are", lms_push_list(L, known));
}

/* ---- values ------------------------------------------------------------------------------------
   */
const char *lms_plain_name(const char *type)
{
  const char *dot = type;
  for (const char *c = type; *c; c++)
    if (*c == '.') dot = c + 1;
  return dot;
}

const char *lms_describe(lua_State *L, int index)
{
  index = lua_absindex(L, index);
  if (lua_type(L, index) == LUA_TNUMBER) {
    lua_pushvalue(L, index);
    return lua_tostring(L, -1);
  }
  if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING)
    return lms_plain_name(lua_tostring(L, -1));
  return luaL_typename(L, index);
}

/* ---- names in Lua tables
   -------------------------------------------------------------------------- */
static int by_letters(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *lms_push_names(lua_State *L, int table)
{
  size_t n = 0, room = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) room++;
  const char **names = lua_newuserdatauv(L, (room + 1) * sizeof *names, 0);
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    int is_list = lua_type(L, -2) == LUA_TNUMBER;
    const char *name =
        lua_type(L, is_list ? -1 : -2) == LUA_TSTRING ? lua_tostring(L, is_list ? -1 : -2) : "__";
    if (strncmp(name, "__", 2) != 0 && n < room) names[n++] = name; /* the table keeps it */
  }
  names[n] = NULL;
  qsort(names, n, sizeof *names, by_letters);
  return names;
}

const char *lms_renamed(lua_State *L, const char *kind, const char *owner, const char *old)
{
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "moonstem.renamed") != LUA_TTABLE) return NULL; /* the core alone */
  lua_getfield(L, -1, kind);
  lua_pushstring(L, owner);
  lua_pushstring(L, old);
  lua_call(L, 2, 1);
  return lua_tostring(L, -1);
}
