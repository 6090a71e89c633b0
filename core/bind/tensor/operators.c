/* Operators in Lua: x:NAME(...) and ms.ops.NAME(x, ...) are the same function. */
#include "operators.h"

#include <limits.h>

#include "../../base/error.h"
#include "../../ops/ops.h"
#include "../options.h"
#include "../scope.h"
#include "../words.h"

/* ---- arithmetic: a number with a tensor is an affine map where it can be ------------------ */
static int two(lua_State *L, ms_tensor *(*op)(ms_tensor *, ms_tensor *))
{
  ms_tensor *a = lms_tensor_or_number(L, 1), *b = lms_tensor_or_number(L, 2);
  return lms_push_tensor(L, op(a, b));
}

static int is_number(lua_State *L, int arg)
{
  return lua_type(L, arg) == LUA_TNUMBER;
}

static int affine(lua_State *L, int tensor, double scale, double offset)
{
  return lms_push_tensor(L, ms_affine(lms_tensor(L, tensor), scale, offset));
}

/** x + y, with broadcasting: sizes of 1 stretch, aligned at the last dimension */
int lms_add(lua_State *L)
{
  if (is_number(L, 1)) return affine(L, 2, 1, lua_tonumber(L, 1));
  if (is_number(L, 2)) return affine(L, 1, 1, lua_tonumber(L, 2));
  return two(L, ms_add);
}

int lms_sub(lua_State *L)
{
  if (is_number(L, 1)) return affine(L, 2, -1, lua_tonumber(L, 1));
  if (is_number(L, 2)) return affine(L, 1, 1, -lua_tonumber(L, 2));
  return two(L, ms_sub);
}

int lms_mul(lua_State *L)
{
  if (is_number(L, 1)) return affine(L, 2, lua_tonumber(L, 1), 0);
  if (is_number(L, 2)) return affine(L, 1, lua_tonumber(L, 2), 0);
  return two(L, ms_mul);
}

int lms_div(lua_State *L)
{
  if (is_number(L, 2)) return affine(L, 1, 1 / lua_tonumber(L, 2), 0);
  return two(L, ms_div);
}

int lms_neg(lua_State *L)
{
  return lms_push_tensor(L, ms_neg(lms_tensor(L, 1)));
}

/* ---- number by number: the rows of kernels/unary.def ---------------------------------------- */
#define NONE 0
#define PARAMETER(name, value, least, most) luaL_optnumber(L, 2, value)
#define UNARY(name, value, gradient, from, output, parameter) \
  static int unary_##name(lua_State *L)                       \
  {                                                           \
    ms_tensor *x = lms_tensor(L, 1);                          \
    return lms_push_tensor(L, ms_unary(MS_UNARY_##name, x, parameter)); \
  }
#include "../../kernels/unary.def"
#undef UNARY
#undef NONE
#undef PARAMETER

/* ---- sums ------------------------------------------------------------------------------------ */
static int reduce(lua_State *L, const char *name, ms_tensor *(*op)(ms_tensor *, int))
{
  ms_tensor *x = lms_tensor(L, 1);
  int axis = lua_isnoneornil(L, 2) ? -1 : lms_axis(L, 2, x->ndim, name);
  return lms_push_tensor(L, op(x, axis));
}

/** x:sum([axis]) -> the sum of all, or along one dimension, which disappears */
static int sum(lua_State *L) { return reduce(L, "sum", ms_sum); }

/** x:mean([axis]) -> the mean of all, or along one dimension, which disappears */
static int mean(lua_State *L) { return reduce(L, "mean", ms_mean); }

/* ---- rearranging ------------------------------------------------------------------------------- */
/* One size may be -1: what is left. */
static void infer(lua_State *L, size_t count, size_t dim[MS_MAX_DIMS], int *n)
{
  int open = -1, table = lua_type(L, 2) == LUA_TTABLE;
  size_t rest = 1;
  lua_Integer sizes = table ? (lua_Integer)lua_rawlen(L, 2) : lua_gettop(L) - 1;
  if (table) lms_sizes_alone(L, 2);
  if (sizes > MS_MAX_DIMS)
    luaL_error(L, "reshape: a tensor has at most %d dimensions, not %I", MS_MAX_DIMS, (LUAI_UACINT)sizes);
  *n = (int)sizes;
  for (int d = 0; d < *n; d++) {
    if (table) lua_rawgeti(L, 2, d + 1);
    else lua_pushvalue(L, 2 + d);
    int whole;
    lua_Integer v = lua_tointegerx(L, -1, &whole);
    if (!whole || lua_type(L, -1) != LUA_TNUMBER || v < -1 || (v == -1 && open >= 0))
      luaL_error(L, "reshape: sizes are whole numbers, 0 or more, and one may be -1, got %s",
                 lms_describe(L, -1));
    lua_pop(L, 1);
    if (v == -1) open = d;
    dim[d] = v == -1 ? 1 : (size_t)v;
  }
  if (ms_shape_count(*n, dim, &rest) != 0) lms_raise(L);
  if (open >= 0) dim[open] = rest ? count / rest : 0;
}

/** x:reshape{2, -1} -> the same numbers in another shape; one size may be -1 */
static int reshape(lua_State *L)
{
  size_t dim[MS_MAX_DIMS];
  int n;
  ms_tensor *x = lms_tensor(L, 1);
  infer(L, x->count, dim, &n);
  return lms_push_tensor(L, ms_reshape(x, n, dim));
}

/** x:slice(axis, first, last) -> positions first..last of one dimension, from 1, inclusive */
static int slice(lua_State *L)
{
  ms_tensor *x = lms_tensor(L, 1);
  int axis = lms_axis(L, 2, x->ndim, "slice");
  size_t first = lms_index(L, 3, x->dim[axis], "slice"), last = lms_index(L, 4, x->dim[axis], "slice");
  if (last < first) return luaL_error(L, "slice: the last position comes before the first");
  return lms_push_tensor(L, ms_slice(x, axis, first, last - first + 1));
}

/** x:permute{1, 3, 2} -> the dimensions in another order */
static int permute(lua_State *L)
{
  ms_tensor *x = lms_tensor(L, 1);
  size_t dim[MS_MAX_DIMS];
  int order[MS_MAX_DIMS], seen = 0, n = lms_sizes(L, 2, dim);
  for (int d = 0; d < n; d++) {
    if (n != x->ndim || dim[d] < 1 || dim[d] > (size_t)n || seen & 1 << dim[d])
      return luaL_error(L, "permute: the order must name each of the %d dimensions once", x->ndim);
    seen |= 1 << dim[d];
    order[d] = (int)dim[d] - 1;
  }
  if (n != x->ndim) return luaL_error(L, "permute: the order must name each of the %d dimensions once", x->ndim);
  return lms_push_tensor(L, ms_permute(x, order));
}

/** ms.cat({a, b, ...}, [axis = -1]) -> tensors side by side along one dimension; as many as memory holds */
static int cat(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  size_t n = lua_rawlen(L, 1);
  if (n < 1 || n > INT_MAX) return luaL_error(L, "cat: a list of 1 or more tensors is expected, got %I", (LUAI_UACINT)n);
  ms_tensor **list = lua_newuserdatauv(L, n * sizeof *list, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 1, (lua_Integer)i + 1);
    list[i] = lms_tensor_at(L, -1, "cat: item %d of the list", (int)i + 1);
    lua_pop(L, 1); /* the list holds it; the stack has no room for thousands */
  }
  const int axis = lua_isnoneornil(L, 2) ? list[0]->ndim - 1 : lms_axis(L, 2, list[0]->ndim, "cat");
  return lms_push_tensor(L, ms_concat((int)n, list, axis));
}

/* ---- products and pictures ---------------------------------------------------------------------- */
/** a:matmul(b) -> (..., m, k) times (k, n), or batches of matrices of both */
static int matmul(lua_State *L)
{
  return lms_push_tensor(L, ms_matmul(lms_tensor(L, 1), lms_tensor(L, 2)));
}

/** x:linear(weight, [bias]) -> x weight + bias; weight (in, out) */
static int linear(lua_State *L)
{
  ms_tensor *bias = lua_isnoneornil(L, 3) ? NULL : lms_tensor(L, 3);
  return lms_push_tensor(L, ms_linear(lms_tensor(L, 1), lms_tensor(L, 2), bias));
}

/** x:layer_norm(gamma, beta, [epsilon = 1e-6]) -> every row of the last dimension with mean 0 and variance 1,
    times gamma, plus beta */
static int layer_norm(lua_State *L)
{
  return lms_push_tensor(L, ms_layer_norm(lms_tensor(L, 1), lms_tensor(L, 2), lms_tensor(L, 3),
                                          luaL_optnumber(L, 4, 1e-6)));
}

/** x:softmax() -> exponentials over their sum, along the last dimension */
static int softmax(lua_State *L) { return lms_push_tensor(L, ms_softmax(lms_tensor(L, 1))); }

/** qkv:attention(heads) -> (batch, token, dim) from queries, keys and values side by side in
    (batch, token, 3 dim): softmax(q k' / sqrt(dim / heads)) v of every head */
static int attention(lua_State *L)
{
  lua_Integer heads = luaL_checkinteger(L, 2);
  return lms_push_tensor(L, ms_attention(lms_tensor(L, 1), heads > 0 ? (size_t)heads : 0));
}

/** x:conv2d(weight, [bias], [{stride =, same =}]) -> images (batch, time, frequency, channel) with
    weight (kh, kw, in, out); same (the default) puts zeros around */
static int conv2d(lua_State *L)
{
  static const char *const known[] = { "stride", "same", NULL };
  ms_tensor *bias = lua_isnoneornil(L, 3) ? NULL : lms_tensor(L, 3);
  size_t stride[2];
  lms_options(L, 4, "conv2d", known);
  lms_opt_pair(L, 4, "stride", 1, stride);
  return lms_push_tensor(L, ms_conv2d(lms_tensor(L, 1), lms_tensor(L, 2), bias, stride[0], stride[1],
                                      lms_opt_bool(L, 4, "same", 1)));
}

/** x:conv_transpose2d(weight, [bias]) -> transposed convolution 2x2 of stride 2; weight (2, 2, in, out) */
static int conv_transpose2d(lua_State *L)
{
  ms_tensor *bias = lua_isnoneornil(L, 3) ? NULL : lms_tensor(L, 3);
  return lms_push_tensor(L, ms_conv_transpose2d(lms_tensor(L, 1), lms_tensor(L, 2), bias));
}

/* ---- batch norm, and what begins with one ------------------------------------------------------- */
/* The table at 2; its tensors stay on the stack. Whoever asks for it asks for tensors after it: finalizers may run here. */
static ms_norm norm_option(lua_State *L, const char *who)
{
  static const char *const known[] = { "weight", "bias", "running_mean", "running_var", "training", "slope", "epsilon",
                                       "momentum", NULL };
  luaL_checktype(L, 2, LUA_TTABLE);
  lms_options(L, 2, who, known);
  const int at = lua_gettop(L) + 1;
  for (int i = 0; i < 4; i++) {
    lua_pushstring(L, known[i]);
    lua_rawget(L, 2);
  }
  const ms_batch_norm_options o = { .training = lms_opt_bool(L, 2, "training", 0),
                                    .slope = lms_opt_number(L, 2, "slope", 1),
                                    .epsilon = lms_opt_number(L, 2, "epsilon", 1e-3),
                                    .momentum = lms_opt_number(L, 2, "momentum", 0.99) };
  ms_tensor *t[4];
  for (int i = 0; i < 4; i++) t[i] = lms_tensor_at(L, at + i, "%s: %s", who, known[i]);
  return (ms_norm){ t[0], t[1], t[2], t[3], o };
}

/** x:batch_norm{weight =, bias =, running_mean =, running_var =, training = false, slope = 1, epsilon = 1e-3,
    momentum = 0.99} -> x normalised over all dimensions but the last by the running statistics, or, training, by its own,
    which move the running ones on; times weight, plus bias; then leaky ReLU with that slope */
static int batch_norm(lua_State *L)
{
  const ms_norm norm = norm_option(L, "batch_norm");
  return lms_push_tensor(L, ms_batch_norm(lms_tensor(L, 1), &norm));
}

/** x:norm_conv2d(norm, weight, [bias], [{stride =, same =}]) -> x:batch_norm(norm):conv2d(weight, bias, {...}) as one
    operator that stores nothing in between */
static int norm_conv2d(lua_State *L)
{
  static const char *const known[] = { "stride", "same", NULL };
  size_t stride[2];
  lua_settop(L, 5);
  lms_options(L, 5, "norm_conv2d", known);
  lms_opt_pair(L, 5, "stride", 1, stride);
  const int same = lms_opt_bool(L, 5, "same", 1);
  const ms_norm norm = norm_option(L, "norm_conv2d");
  ms_tensor *bias = lua_isnil(L, 4) ? NULL : lms_tensor(L, 4);
  return lms_push_tensor(L, ms_norm_conv2d(lms_tensor(L, 1), &norm, lms_tensor(L, 3), bias, stride[0], stride[1], same));
}

/** x:norm_max_pool2d(norm, [ph = 2], [pw = ph]) -> x:batch_norm(norm):max_pool2d(ph, pw) as one operator that stores
    nothing in between */
static int norm_max_pool2d(lua_State *L)
{
  lua_Integer ph = luaL_optinteger(L, 3, 2), pw = luaL_optinteger(L, 4, ph);
  const ms_norm norm = norm_option(L, "norm_max_pool2d");
  return lms_push_tensor(L, ms_norm_max_pool2d(lms_tensor(L, 1), &norm, ph > 0 ? (size_t)ph : 0, pw > 0 ? (size_t)pw : 0));
}

/** x:dropout([p = 0.5], [seed = 0], [stream = 0]) -> x with a share p of its numbers zeroed and the others divided by
    1 - p; which ones depends on seed, stream and the place alone */
static int dropout(lua_State *L)
{
  return lms_push_tensor(L, ms_dropout(lms_tensor(L, 1), luaL_optnumber(L, 2, 0.5), (uint64_t)luaL_optinteger(L, 3, 0),
                                       (uint64_t)luaL_optinteger(L, 4, 0)));
}

static int pool2d(lua_State *L, ms_tensor *(*op)(ms_tensor *, size_t, size_t))
{
  lua_Integer ph = luaL_optinteger(L, 2, 2), pw = luaL_optinteger(L, 3, ph);
  if (ph < 1 || pw < 1)
    return luaL_error(L, "pool2d: the window must be 1x1 or more, got %Ix%I", (LUAI_UACINT)ph, (LUAI_UACINT)pw);
  return lms_push_tensor(L, op(lms_tensor(L, 1), (size_t)ph, (size_t)pw));
}

/** x:max_pool2d([ph = 2], [pw = ph]) -> the largest number of every window side by side */
static int max_pool2d(lua_State *L) { return pool2d(L, ms_max_pool2d); }

/** x:avg_pool2d([ph = 2], [pw = ph]) -> the mean of every window side by side */
static int avg_pool2d(lua_State *L) { return pool2d(L, ms_avg_pool2d); }

/* ---- sound ------------------------------------------------------------------------------------------ */
/** ms.audio.stft(wave) -> (..., frames, 257, 2): Hann window 512, hop 160, no padding. wave is (sample) or a
    batch of mono waves, (batch, sample); of a recording (sample, channel) take wave:permute{2, 1}. */
static int stft(lua_State *L) { return lms_push_tensor(L, ms_stft_op(lms_tensor(L, 1))); }

/** ms.audio.istft(spectrum) -> waves (..., sample), as stft takes them: overlap-add with TensorFlow's inverse window */
static int istft(lua_State *L) { return lms_push_tensor(L, ms_istft_op(lms_tensor(L, 1))); }

/** ms.audio.magnitude(wave) -> (..., frames, 256): magnitudes without the Nyquist bin, of waves as stft
    takes them */
static int magnitude(lua_State *L) { return lms_push_tensor(L, ms_magnitude_op(lms_tensor(L, 1))); }

/** spectrum:mask_spectrum(mask) -> (batch, sources, frames, 257, 2); Nyquist passes unmasked */
static int mask_spectrum(lua_State *L)
{
  return lms_push_tensor(L, ms_mask_spectrum(lms_tensor(L, 1), lms_tensor(L, 2)));
}

/* ---- losses ------------------------------------------------------------------------------------------- */
static int loss(lua_State *L, ms_tensor *(*op)(ms_tensor *, ms_tensor *))
{
  return lms_push_tensor(L, op(lms_tensor(L, 1), lms_tensor(L, 2)));
}

/** ms.loss.l1(y, target) -> mean of |y - target|, with gradients to both */
static int l1(lua_State *L) { return loss(L, ms_l1_loss); }

/** ms.loss.mse(y, target) -> mean of (y - target)^2, with gradients to both */
static int mse(lua_State *L) { return loss(L, ms_mse_loss); }

/** ms.loss.bce_with_logits(logits, target) -> mean binary cross-entropy of sigmoid(logits), with gradients to both */
static int bce(lua_State *L) { return loss(L, ms_bce_with_logits); }

/** ms.loss.cross_entropy(logits, classes) -> mean cross-entropy; classes from 1, which may need no gradient */
static int cross_entropy(lua_State *L) { return loss(L, ms_cross_entropy); }

const lms_function lms_operators[] = {
#define NONE 1
#define PARAMETER(...) 2
#define UNARY(name, value, gradient, from, output, parameter) { #name, unary_##name, parameter },
#include "../../kernels/unary.def"
#undef UNARY
  { "sum", sum, 2 }, { "mean", mean, 2 }, { "reshape", reshape, LMS_ANY }, { "slice", slice, 4 }, { "permute", permute, LMS_ANY }, { "cat", cat, 2 },
  { "matmul", matmul, 2 }, { "linear", linear, 3 }, { "layer_norm", layer_norm, 4 },
  { "softmax", softmax, 1 }, { "attention", attention, 2 }, { "conv2d", conv2d, 4 }, { "conv_transpose2d", conv_transpose2d, 3 },
  { "batch_norm", batch_norm, 2 }, { "norm_conv2d", norm_conv2d, 5 }, { "norm_max_pool2d", norm_max_pool2d, 4 },
  { "dropout", dropout, 4 },
  { "max_pool2d", max_pool2d, 3 }, { "avg_pool2d", avg_pool2d, 3 }, { "stft", stft, 1 }, { "istft", istft, 1 },
  { "magnitude", magnitude, 1 }, { "mask_spectrum", mask_spectrum, 2 }, { NULL, NULL, 0 },
};

const lms_function lms_losses[] = {
  { "l1", l1, 2 }, { "mse", mse, 2 }, { "bce_with_logits", bce, 2 }, { "cross_entropy", cross_entropy, 2 },
  { NULL, NULL, 0 },
};
