/* Tensors in Lua: making them, looking into them, gradients. moonstem.core.tensor; its other
   functions are in machine.c, the operators in operators.c. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "../../base/error.h"
#include "../../grad/grad.h"
#include "../../ops/ops.h"
#include "../../tensor/show.h"
#include "../scope.h"
#include "../words.h"
#include "machine.h"
#include "../open.h"
#include "arithmetic.h"
#include "different_numbers.h"
#include "extreme_numbers.h"
#include "operators.h"
#include "recompute.h"
#include "taped.h"
#include "gradients.h"
#include "layer_weights.h"
#include "nested.h"
#include "indexing/in_place.h"
#include "indexing/indexing.h"
#include "making/sequences.h"

/* ---- looking --------------------------------------------------------------------------- */
/** x:size() -> list of sizes; x:size(d) -> one of them; #x is the first, so that loops run over
    x[1] .. x[#x] */
static int size(lua_State *L)
{
  ms_tensor *t = lms_tensor(L, 1);
  if (!lua_isnoneornil(L, 2)) {
    lua_pushinteger(L, (lua_Integer)t->dim[lms_axis(L, 2, t->ndim, "size")]);
    return 1;
  }
  lua_createtable(L, t->ndim, 0);
  for (int d = 0; d < t->ndim; d++) {
    lua_pushinteger(L, (lua_Integer)t->dim[d]);
    lua_rawseti(L, -2, d + 1);
  }
  return 1;
}

/** x:count() -> how many numbers x holds */
static int count(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)lms_tensor(L, 1)->count);
  return 1;
}

/** x:shape() -> "2x3x4" */
static int shape(lua_State *L)
{
  char text[MS_SHAPE_TEXT];
  ms_tensor *t = lms_tensor(L, 1);
  lua_pushstring(L, ms_shape_text(t->ndim, t->dim, text));
  return 1;
}

static const real *push_nested(lua_State *L, const ms_tensor *t, int depth, const real *from)
{
  if (depth == t->ndim) {
    lua_pushnumber(L, (lua_Number)*from);
    return from + 1;
  }
  luaL_checkstack(L, 4, "tensor too deep");
  lua_createtable(L, t->dim[depth] < INT_MAX ? (int)t->dim[depth] : 0, 0);
  for (size_t i = 1; i <= t->dim[depth]; i++) {
    lms_heed_step(L, i);
    from = push_nested(L, t, depth + 1, from);
    lua_rawseti(L, -2, (lua_Integer)i);
  }
  return from;
}

/** x:totable() -> nested tables of numbers (a number for a tensor without dimensions) */
static int totable(lua_State *L)
{
  ms_tensor *t = lms_hold(L, 1);
  push_nested(L, t, 0, t->data);
  return 1;
}

/** x:item() -> the number of a tensor that holds just one */
static int item(lua_State *L)
{
  char text[MS_SHAPE_TEXT];
  ms_tensor *t = lms_tensor(L, 1);
  if (t->count != 1)
    return luaL_error(L, "item: the tensor holds %s, not a single number",
                      ms_shape_text(t->ndim, t->dim, text));
  lua_pushnumber(L, (lua_Number)t->data[0]);
  return 1;
}

/** x:bytes() -> the numbers as little-endian float32 bytes */
static int bytes(lua_State *L)
{
  ms_tensor *t = lms_hold(L, 1);
  luaL_Buffer b;
  char *to = luaL_buffinitsize(L, &b, t->count * sizeof(float));
  for (size_t i = 0; i < t->count; i++) {
    float v = (float)t->data[i];
    memcpy(to + i * sizeof v, &v, sizeof v);
  }
  luaL_pushresultsize(&b, t->count * sizeof(float));
  return 1;
}

static int show(lua_State *L)
{
  char text[MS_SHOW_TEXT];
  void **h = luaL_checkudata(L, 1, LMS_TENSOR);
  lua_pushstring(L, *h ? ms_show(*h, text) : "tensor (closed)");
  return 1;
}

/** x:extent() -> the least and the largest of the finite numbers (nil, nil where there is none),
    and how many are infinite or not a number */
static int extent(lua_State *L)
{
  ms_extent e = ms_extent_of(lms_tensor(L, 1));
  if (e.low <= e.high) {
    lua_pushnumber(L, e.low);
    lua_pushnumber(L, e.high);
  } else {
    lua_pushnil(L);
    lua_pushnil(L);
  }
  lua_pushinteger(L, (lua_Integer)e.nan + (lua_Integer)e.infinite);
  return 3;
}

enum { LOOKED_AT = 4096 }; /* numbers between two looks at what was found: loops of vectors */

static int all_finite(const real *x, size_t n)
{
  int odd = 0;
  for (size_t i = 0; i < n; i++) odd |= !(x[i] - x[i] == 0);
  return !odd;
}

/** x:finite() -> whether no number is infinite or not a number */
static int is_finite(lua_State *L)
{
  const ms_tensor *t = lms_tensor(L, 1);
  size_t i = 0, n = LOOKED_AT;
  for (; i < t->count; i += n) {
    if (t->count - i < n) n = t->count - i;
    if (!all_finite(t->data + i, n)) break;
  }
  lua_pushboolean(L, i == t->count);
  return 1;
}

/* ---- copies ------------------------------------------------------------------------------ */
/** x:detach() -> the same numbers, outside the graph: what changes them changes x's */
static int detach(lua_State *L)
{
  return lms_push_tensor(L, ms_tensor_alias(lms_tensor(L, 1)));
}

/* ---- gradients ----------------------------------------------------------------------------- */
/** x:needs_grad() makes x a leaf that collects its gradient in x.grad; x:needs_grad(false) makes it
    a constant, which collects none; returns x. Raises for the result of an operator on such
    tensors, through which gradients pass without staying: y:detach():needs_grad() makes a leaf with
    its numbers */
static int needs_grad(lua_State *L)
{
  ms_tensor *x = lms_tensor(L, 1);
  if (lua_type(L, 2) == LUA_TBOOLEAN && !lua_toboolean(L, 2)) ms_needs_no_grad(x);
  else if (ms_is_result(x))
    return luaL_error(L, "needs_grad: the result of an operator keeps no gradient; detach() it to "
                         "make a leaf of it");
  else if (ms_needs_grad(x) != 0) return lms_raise(L);
  lua_settop(L, 1);
  return 1;
}

/** loss:backward() adds the gradient of a single number to every leaf below it;
    y:backward(gy) starts from a given gradient of y's shape. Raises, before anything is added,
    where a tensor that it needs was changed in place after the forward pass */
static int backward(lua_State *L)
{
  const int status =
      lms_sweep(L, lms_tensor(L, 1), lua_isnoneornil(L, 2) ? NULL : lms_tensor(L, 2));
  return status == 0 ? 0 : lms_raise(L);
}

/** x:zero_grad() lets the gradient of x go */
static int zero_grad(lua_State *L)
{
  ms_grad_clear(lms_tensor(L, 1));
  return 0;
}

/* x.grad is the gradient; every other name is a method (upvalue 1). */
static int index_tensor(lua_State *L)
{
  if (lua_type(L, 2) != LUA_TSTRING) return lms_index_read(L, lua_upvalueindex(1));
  if (strcmp(lua_tostring(L, 2), "grad") != 0) {
    lua_pushvalue(L, 2);
    return lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL
               ? 1
               : lms_no_such(L, lua_upvalueindex(1), "x");
  }
  ms_tensor *g = ms_grad(lms_tensor(L, 1));
  if (!g) return lua_pushnil(L), 1;
  return lms_push_tensor(L, ms_tensor_alias(g));
}

/** ms.no_grad(f, ...) -> f(...) without recording for backward; f: a function, or what can be
    called like one, such as a model */
static int no_grad(lua_State *L)
{
  if (!lua_isfunction(L, 1)) {
    if (luaL_getmetafield(L, 1, "__call") == LUA_TNIL) return luaL_typeerror(L, 1, "function");
    lua_pop(L, 1);
  }
  ms_no_grad(1);
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  ms_no_grad(-1);
  return status == LUA_OK ? lua_gettop(L) : lua_error(L);
}

static const lms_function methods[] = {
  { "size", size, 2 },         { "count", count, 1 },
  { "shape", shape, 1 },       { "totable", totable, 1 },
  { "item", item, 1 },         { "bytes", bytes, 1 },
  { "finite", is_finite, 1 },  { "extent", extent, 1 },
  { "detach", detach, 1 },     { "needs_grad", needs_grad, 2 },
  { "backward", backward, 2 }, { "zero_grad", zero_grad, 1 },
  { NULL, NULL, 0 },
};

/** ms.check_tensor(x, "the wave") -> x; raises "the wave must be a tensor, got ..." where x is none
    */
static int check_tensor(lua_State *L)
{
  const char *what = luaL_checkstring(L, 2);
  lua_settop(L, 2);
  void **h = luaL_testudata(L, 1, LMS_TENSOR);
  if (h && *h) return lua_settop(L, 1), 1;
  if (h) lua_pushfstring(L, "%s is a closed tensor (its scope ended, or close was called)", what);
  else lua_pushfstring(L, "%s must be a tensor, got %s", what, lms_describe(L, 1));
  return lua_error(L); /* without a place: it would be the network's, inside the library */
}

static const lms_function functions[] = {
  { "no_grad", no_grad, LMS_ANY },   { "scope", lms_open_scope, 0 },
  { "as_tensor", lms_as_tensor, 1 }, { "check_tensor", check_tensor, 2 },
  { "keep", lms_keep, 1 },           { NULL, NULL, 0 },
};

/* Where the table of methods is kept, which Lua completes (moonstem.tensor). */
#define METHODS "moonstem.methods"

int lms_open_tensor(lua_State *L)
{
  lms_tensor_type(L, methods);
  lms_scope_types(L);
  luaL_getmetatable(L, LMS_TENSOR);
  lms_arithmetic(L);
  lua_pushcfunction(L, show);
  lua_setfield(L, -2, "__tostring");
  lua_pushcfunction(L, lms_index_write);
  lua_setfield(L, -2, "__newindex");
  lua_pushcfunction(L, lms_index_length);
  lua_setfield(L, -2, "__len");
  lua_getfield(L, -1, "__index"); /* the methods; operators join them */
  lms_in_place(L);
  lms_making_methods(L);
  lms_operators(L, NULL);
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, METHODS);
  lua_pushcclosure(L, index_tensor, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lms_library(L, functions);
  lms_making_functions(L);
  lms_machine_functions(L);
  lms_recompute_functions(L);
  lms_layer_weights(L);
  lua_newtable(L);
  lms_operators(L, NULL);
  lua_setfield(L, -2, "ops");
  lua_newtable(L);
  lms_operators(L, "loss");
  lua_setfield(L, -2, "loss");
  lua_newtable(L);
  lms_operators(L, "internal");
  lms_extreme_numbers(L);
  lms_different_numbers(L);
  lms_gradients(L);
  lms_tape_functions(L);
  lua_setfield(L, -2, "internal");
  lua_getfield(L, LUA_REGISTRYINDEX, METHODS);
  lua_setfield(L, -2, "methods");
  return 1;
}
