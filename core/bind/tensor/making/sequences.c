/* Tensors made of nothing but sizes and numbers; random ones are in random.c. */
#include "sequences.h"

#include <math.h>
#include <string.h>

#include "../../../base/error.h"
#include "../../../ops/fill.h"
#include "../../../ops/windows.h"
#include "../../options.h"
#include "../../scope.h"
#include "../../words.h"
#include "../nested.h"
#include "random.h"

/* ---- constants ------------------------------------------------------------------------------ */
/* Pushes a tensor of the sizes from argument 1 on, to be filled. */
static ms_tensor *push_blank(lua_State *L)
{
  size_t dim[MS_MAX_DIMS];
  int n = lms_sizes(L, 1, dim);
  lms_push_tensor(L, ms_tensor_new(n, dim));
  return lms_tensor(L, -1);
}

static int constant(lua_State *L, double value)
{
  ms_fill_constant(push_blank(L), value);
  lms_heed(L);
  return 1;
}

/** ms.zeros{2, 3} -> tensor of zeros of that shape */
static int zeros(lua_State *L) { return constant(L, 0); }

/** ms.ones{2, 3} -> tensor of ones of that shape */
static int ones(lua_State *L) { return constant(L, 1); }

/** ms.full({2, 3}, value) -> tensor of that shape, each number of which is value */
static int full(lua_State *L)
{
  const double value = luaL_checknumber(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  return constant(L, value);
}

static int constant_like(lua_State *L, double value)
{
  lms_to_tensor(L, 1, "full_like");
  lms_push_tensor(L, ms_tensor_like(lms_tensor(L, 1)));
  ms_fill_constant(lms_tensor(L, -1), value);
  lms_heed(L);
  return 1;
}

/** ms.zeros_like(x) x:zeros_like() -> tensor of zeros of x's shape */
static int zeros_like(lua_State *L) { return constant_like(L, 0); }

/** ms.ones_like(x) x:ones_like() -> tensor of ones of x's shape */
static int ones_like(lua_State *L) { return constant_like(L, 1); }

/** ms.full_like(x, value) x:full_like(value) -> tensor of x's shape, of that value */
static int full_like(lua_State *L) { return constant_like(L, luaL_checknumber(L, 2)); }

/** ms.eye(n, [m = n]) -> n x m zeros, with ones on the diagonal */
static int eye(lua_State *L)
{
  const lua_Integer n = luaL_checkinteger(L, 1), m = luaL_optinteger(L, 2, n);
  if (n < 0 || m < 0) return luaL_error(L, "eye: sizes are 0 or more, got %I and %I", n, m);
  lms_push_tensor(L, ms_tensor_zeros(2, (size_t[]){ (size_t)n, (size_t)m }));
  ms_tensor *t = lms_tensor(L, -1);
  for (size_t i = 0; i < t->dim[0] && i < t->dim[1]; i++) t->data[i * t->dim[1] + i] = 1;
  return 1;
}

/* ---- sequences ------------------------------------------------------------------------------ */
static double finite_number(lua_State *L, int arg, const char *who)
{
  const double v = luaL_checknumber(L, arg);
  if (!isfinite(v)) luaL_error(L, "%s: finite numbers are expected, got %f", who, v);
  return v;
}

static int sequence(lua_State *L, size_t n, ms_sequence s)
{
  lms_push_tensor(L, ms_tensor_new(1, &n));
  ms_fill_sequence(lms_tensor(L, -1), s);
  lms_heed(L);
  return 1;
}

/** ms.range(first, last, [step = 1]) -> first, first + step, ... up to last, which is among them
    where steps lead there (within rounding); empty where last lies behind first, as in Lua's
    loops. PyTorch's arange leaves the end out */
static int range(lua_State *L)
{
  const double first = finite_number(L, 1, "range"), last = finite_number(L, 2, "range");
  const double step = lua_isnoneornil(L, 3) ? 1 : finite_number(L, 3, "range");
  if (step == 0) return luaL_error(L, "range: the step must not be 0");
  const double steps = (last - first) / step, near = round(steps);
  const int lands = fabs(steps - near) <= 1e-9 * fmax(1, near);
  const double whole = lands ? near : floor(steps);
  if (!(whole < 1e15)) return luaL_error(L, "range: %f numbers are too many", whole + 1);
  const double end = lands ? last : first + whole * step;
  return sequence(L, whole < 0 ? 0 : (size_t)whole + 1, (ms_sequence){ first, end, step, 0 });
}

static int spaced(lua_State *L, const char *who, double base)
{
  const double first = finite_number(L, 1, who), last = finite_number(L, 2, who);
  const lua_Integer n = luaL_checkinteger(L, 3);
  if (n < 0) return luaL_error(L, "%s: the count must be 0 or more, got %I", who, n);
  const double step = n > 1 ? (last - first) / (double)(n - 1) : 0;
  return sequence(L, (size_t)n, (ms_sequence){ first, n == 1 ? first : last, step, base });
}

/** ms.linspace(first, last, count) -> count numbers at equal distances, both ends among them */
static int linspace(lua_State *L) { return spaced(L, "linspace", 0); }

/** ms.logspace(first, last, count, [base = 10]) -> base ^ first, ..., base ^ last: count numbers at
    equal ratios */
static int logspace(lua_State *L)
{
  const double base = lua_isnoneornil(L, 4) ? 10 : finite_number(L, 4, "logspace");
  if (!(base > 0)) return luaL_error(L, "logspace: the base must be above 0, got %f", base);
  lua_settop(L, 3);
  return spaced(L, "logspace", base);
}

/* ---- windows -------------------------------------------------------------------------------- */
static int window_named(lua_State *L)
{
  const char *name = luaL_checkstring(L, 1);
  for (int i = 0; ms_window_names[i]; i++)
    if (strcmp(name, ms_window_names[i]) == 0) return i;
  return luaL_error(L, "window: there is no window %s%s", name,
                    lms_push_hint(L, name, ms_window_names, ""));
}

/** ms.window(name, n, [{ periodic = true, beta = 12 }]) -> n weights: "hann", "hamming",
    "blackman", "bartlett" or "kaiser" (which alone takes beta). periodic: the first n of n + 1, as
    spectra want them; false: symmetric, as filters do. Values and defaults are PyTorch's
    (hann_window and its like) */
static int window(lua_State *L)
{
  static const char *const known[] = { "periodic", "beta", NULL };
  const int kind = window_named(L);
  const lua_Integer n = luaL_checkinteger(L, 2);
  if (n < 0) return luaL_error(L, "window: the length must be 0 or more, got %I", n);
  lms_options(L, 3, "window", known);
  if (kind != MS_WINDOW_KAISER && lms_has_option(L, 3, "beta"))
    return luaL_error(L, "window: beta is an option of the kaiser window alone");
  const double beta = lms_opt_number(L, 3, "beta", 12);
  if (!(beta >= 0 && beta <= 700)) 
    return luaL_error(L, "window: beta is from 0 to 700, got %f", beta);
  return lms_push_tensor(L, ms_window(kind, (size_t)n, lms_opt_bool(L, 3, "periodic", 1), beta));
}

/* ---- from numbers of Lua's ------------------------------------------------------------------ */
/** ms.tensor{{1, 2}, {3, 4}} -> the tensor of a nested table, or of one number */
static int tensor(lua_State *L)
{
  lms_push_nested(L, 1, "tensor");
  return 1;
}

/** ms.tensor_from(list, {2, 3}) -> the numbers of a flat list in that shape */
static int tensor_from(lua_State *L)
{
  size_t dim[MS_MAX_DIMS], flat;
  luaL_checktype(L, 1, LUA_TTABLE);
  int n = lms_sizes(L, 2, dim);
  if (ms_shape_count(n, dim, &flat) != 0) return lms_raise(L);
  if (lua_rawlen(L, 1) != flat)
    return luaL_error(L, "tensor_from: the list has %I numbers but the shape holds %I",
                      (LUAI_UACINT)lua_rawlen(L, 1), (LUAI_UACINT)flat);
  lms_push_tensor(L, ms_tensor_new(n, dim));
  lua_pushvalue(L, 1);
  lms_copy_nested(L, "tensor_from", 1, &flat, lms_tensor(L, -2)->data);
  lua_pop(L, 1);
  return 1;
}

/** ms.from_string(bytes, {2, 3}) -> little-endian float32 bytes as a tensor */
static int from_string(lua_State *L)
{
  size_t length, dim[MS_MAX_DIMS];
  const char *bytes = luaL_checklstring(L, 1, &length);
  int n = lms_sizes(L, 2, dim);
  size_t numbers;
  if (ms_shape_count(n, dim, &numbers) != 0) return lms_raise(L);
  const size_t wanted = numbers * sizeof(float);
  if (length != wanted)
    return luaL_error(L, "from_string: %I bytes are expected, got %I", (LUAI_UACINT)wanted,
                      (LUAI_UACINT)length);
  lms_push_tensor(L, ms_tensor_new(n, dim));
  ms_tensor *t = lms_tensor(L, -1);
  for (size_t i = 0; i < t->count; i++) {
    float v;
    memcpy(&v, bytes + i * sizeof v, sizeof v);
    t->data[i] = (real)v;
  }
  return 1;
}

/* ---- what Lua gets --------------------------------------------------------------------------- */
void lms_making_methods(lua_State *L)
{
  static const lms_function methods[] = {
    { "zeros_like", zeros_like, 1 }, { "ones_like", ones_like, 1 }, { "full_like", full_like, 2 },
    { NULL, NULL, 0 },
  };
  lms_functions(L, methods);
  lms_random_methods(L);
}

void lms_making_functions(lua_State *L)
{
  static const lms_function functions[] = {
    { "tensor", tensor, 1 }, { "tensor_from", tensor_from, LMS_ANY },
    { "from_string", from_string, LMS_ANY }, { "zeros", zeros, LMS_ANY }, { "ones", ones, LMS_ANY },
    { "full", full, 2 }, { "eye", eye, 2 }, { "range", range, 3 }, { "linspace", linspace, 3 },
    { "logspace", logspace, 4 }, { "window", window, 3 }, { NULL, NULL, 0 },
  };
  lms_functions(L, functions);
  lms_making_methods(L);
  lms_random_functions(L);
}
