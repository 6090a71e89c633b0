/* Arithmetic, and operators whose arguments take more than a declaration (declared.c): lists of sizes,
   of tensors, and a norm. */
#include "operators.h"

#include <limits.h>

#include "../../base/error.h"
#include "../../ops/ops.h"
#include "../options.h"
#include "../scope.h"
#include "../words.h"

/* ---- arithmetic: a number with a tensor is an affine map where it can be ------------------ */
static int two(lua_State *L, ms_binary_kind kind)
{
  ms_tensor *a = lms_tensor_or_number(L, 1), *b = lms_tensor_or_number(L, 2);
  return lms_push_tensor(L, ms_binary(kind, a, b));
}

static int is_number(lua_State *L, int arg)
{
  return lua_type(L, arg) == LUA_TNUMBER;
}

static int affine(lua_State *L, int tensor, double scale, double offset)
{
  return lms_push_tensor(L, ms_affine(lms_tensor(L, tensor), scale, offset));
}

int lms_add(lua_State *L)
{
  if (is_number(L, 1)) return affine(L, 2, 1, lua_tonumber(L, 1));
  if (is_number(L, 2)) return affine(L, 1, 1, lua_tonumber(L, 2));
  return two(L, MS_BINARY_add);
}

int lms_sub(lua_State *L)
{
  if (is_number(L, 1)) return affine(L, 2, -1, lua_tonumber(L, 1));
  if (is_number(L, 2)) return affine(L, 1, 1, -lua_tonumber(L, 2));
  return two(L, MS_BINARY_sub);
}

int lms_mul(lua_State *L)
{
  if (is_number(L, 1)) return affine(L, 2, lua_tonumber(L, 1), 0);
  if (is_number(L, 2)) return affine(L, 1, lua_tonumber(L, 2), 0);
  return two(L, MS_BINARY_mul);
}

int lms_div(lua_State *L)
{
  if (is_number(L, 2)) return affine(L, 1, 1 / lua_tonumber(L, 2), 0);
  return two(L, MS_BINARY_div);
}

int lms_neg(lua_State *L)
{
  return lms_push_tensor(L, ms_neg(lms_tensor(L, 1)));
}

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

const lms_function lms_operators[] = {
  { "reshape", reshape, LMS_ANY }, { "slice", slice, 4 }, { "permute", permute, LMS_ANY },
  { "cat", cat, 2 }, { "batch_norm", batch_norm, 2 }, { "norm_conv2d", norm_conv2d, 5 },
  { "norm_max_pool2d", norm_max_pool2d, 4 }, { NULL, NULL, 0 },
};
