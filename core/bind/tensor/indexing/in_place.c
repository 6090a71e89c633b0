/* Writing numbers in place: who may, and the methods that do. Versions of storage (grad/node.c)
   keep backward from taking changed numbers for those of the forward pass. */
#include "in_place.h"

#include <math.h>
#include <string.h>

#include "../../../base/error.h"
#include "../../../base/interrupt.h"
#include "../../../grad/grad.h"
#include "../../../ops/broadcast.h"
#include "../../../ops/fill.h"
#include "../../../ops/ops.h"
#include "../../scope.h"
#include "../nested.h"

ms_tensor *lms_writable(lua_State *L, int arg, const char *who)
{
  ms_tensor *x = lms_tensor(L, arg);
  if (!ms_has_grad(x) || ms_no_grad(0) > 0) return x;
  if (ms_is_result(x))
    luaL_error(L, "%s: x is the result of an operator inside the graph, which backward needs as it "
                  "is; x:detach():clone() is a copy that may be changed", who);
  luaL_error(L, "%s: x is a leaf that needs a gradient; it may be changed inside "
                "ms.no_grad(function() ... end)", who);
  return NULL;
}

ms_tensor *lms_operand(lua_State *L, int arg, const char *who)
{
  ms_tensor *value = lms_tensor(L, arg);
  if (!ms_has_grad(value) || ms_no_grad(0) > 0) return value;
  luaL_error(L, "%s: no gradient passes through what is written in place; write value:detach(), or "
                "build x from parts, by ms.cat, ms.stack or x:where", who);
  return NULL;
}

static int done(lua_State *L, ms_tensor *x)
{
  ms_tensor_changed(x);
  lua_settop(L, 1);
  return 1;
}

/* ---- numbers alone -------------------------------------------------------------------------- */
static int filled(lua_State *L, const char *who, double value)
{
  ms_tensor *x = lms_writable(L, 1, who);
  ms_stop_hold(1);
  ms_fill_constant(x, value);
  ms_stop_hold(-1);
  return done(L, x);
}

/** x:fill_(value) -> x, all of whose numbers are value now. In place: it raises for results inside
    the graph and for leaves that need a gradient (but in ms.no_grad), as PyTorch does, and backward
    raises where it needs the numbers of before. Views share numbers: all of them change */
static int fill(lua_State *L)
{
  return filled(L, "fill_", luaL_checknumber(L, 2));
}

/** x:zero_() -> x, all of whose numbers are 0 now, in place, by the rules of fill_ */
static int zero(lua_State *L)
{
  return filled(L, "zero_", 0);
}

static real clamped(real v, real low, real high)
{
  v = v < low ? low : v;
  return v > high ? high : v;
}

/** x:clamp_([low], [high]) -> x, whose numbers below low are low now, and those above high high, in
    place, by the rules of fill_; one of them may be nil; NaN stays */
static int clamp(lua_State *L)
{
  if (lua_isnoneornil(L, 2) && lua_isnoneornil(L, 3))
    return luaL_error(L, "clamp_: a lower or an upper bound is expected");
  const real low = (real)luaL_optnumber(L, 2, -HUGE_VAL);
  const real high = (real)luaL_optnumber(L, 3, HUGE_VAL);
  ms_tensor *x = lms_writable(L, 1, "clamp_");
  for (size_t i = 0; i < x->count; i++) x->data[i] = clamped(x->data[i], low, high);
  return done(L, x);
}

/* ---- with another tensor -------------------------------------------------------------------- */
/* y at x's shape, in other storage or the very same place: NULL and a message where it does not
   fit. */
static ms_tensor *beside(const ms_tensor *x, ms_tensor *y, const char *who)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  int ndim;
  size_t dim[MS_MAX_DIMS];
  if (ms_shape_broadcast(x->ndim, x->dim, y->ndim, y->dim, &ndim, dim) != 0 ||
      !ms_shape_same(x->ndim, x->dim, ndim, dim))
    return ms_fail("%s: a tensor of %s does not fit into x, %s", who,
                   ms_shape_text(y->ndim, y->dim, b), ms_shape_text(x->ndim, x->dim, a)), NULL;
  const int same = y->data == x->data && ms_tensor_same_shape(x, y);
  if (same || !ms_tensor_same_storage(x, y)) return ms_stretch(y, ndim, dim);
  ms_tensor *own = ms_tensor_copy(y), *wide = own ? ms_stretch(own, ndim, dim) : NULL;
  ms_tensor_free(own);
  return wide;
}

static int combine(lua_State *L, ms_binary_kind kind, const char *who)
{
  lms_to_tensor(L, 2, who);
  ms_tensor *x = lms_writable(L, 1, who), *y = lms_operand(L, 2, who);
  ms_stop_hold(1);
  ms_tensor *wide = beside(x, y, who);
  const int status = wide ? 0 : -1;
  if (wide) ms_k_elementwise()->binary(kind, x->data, wide->data, x->data, x->count);
  ms_tensor_free(wide);
  ms_stop_hold(-1);
  return status == 0 ? done(L, x) : lms_raise(L);
}

/** x:add_(y) -> x, to whose numbers those of y (or a number) are added, in place, by the rules of
    fill_; y is stretched to x's shape, x never. No gradient passes: a y that has one raises (but in
    ms.no_grad) */
static int add(lua_State *L)
{
  return combine(L, MS_BINARY_add, "add_");
}

/** x:sub_(y) -> x, from whose numbers those of y (or a number) are taken, in place, as add_ does */
static int sub(lua_State *L)
{
  return combine(L, MS_BINARY_sub, "sub_");
}

/** x:mul_(y) -> x, whose numbers are multiplied by those of y (or a number), as add_ does */
static int mul(lua_State *L)
{
  return combine(L, MS_BINARY_mul, "mul_");
}

/** x:div_(y) -> x, whose numbers are divided by those of y (or a number), in place, as add_ does */
static int divide(lua_State *L)
{
  return combine(L, MS_BINARY_div, "div_");
}

/** x:copy(y) overwrites x's numbers with those of y, which has the same shape; no gradient passes;
    returns x. Weights may be written so; x[{}] = y stretches y */
static int copy(lua_State *L)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  ms_tensor *x = lms_tensor(L, 1), *y = lms_tensor(L, 2);
  if (!ms_tensor_same_shape(x, y))
    return luaL_error(L, "copy: %s cannot hold %s", ms_shape_text(x->ndim, x->dim, a),
                      ms_shape_text(y->ndim, y->dim, b));
  memmove(x->data, y->data, x->count * sizeof(real));
  return done(L, x);
}

/* ---- one number ------------------------------------------------------------------------------ */
/* The offset that the arguments from 2 on name, one for each dimension; `more` arguments follow. */
static size_t offset(lua_State *L, const ms_tensor *t, int more, const char *who)
{
  size_t at = 0;
  int given = lua_gettop(L) - 1 - more;
  if (given != t->ndim)
    luaL_error(L, "%s: the tensor has %d dimensions but %d positions are given", who, t->ndim,
               given < 0 ? 0 : given);
  for (int d = 0; d < t->ndim; d++) at = at * t->dim[d] + lms_index(L, 2 + d, t->dim[d], who);
  return at;
}

/** x:get(i, j, ...) -> one number; positions count from 1, negative ones from the end. x[...]
    reads more: x[i], one position of the first dimension (of a list, its number); x[{ i, { first,
    last, step }, {} }], for each dimension a position, a range with both ends, or all of it;
    x[mask], where a mask of x's shape (or of its first dimensions) is 1; x[t], x at the positions
    in a tensor along the first dimension. What lies in one piece is a view of x, the rest a copy;
    gradients pass, but through Lua's numbers. t is a mask where a comparison made it or a 0 is in
    it; if it has x's shape and holds ones alone it could be either, which raises */
static int get(lua_State *L)
{
  ms_tensor *t = lms_tensor(L, 1);
  lua_pushnumber(L, (lua_Number)t->data[offset(L, t, 0, "get")]);
  return 1;
}

/** x:set(i, j, ..., value) changes one number in place. Backward raises where it needs the old one,
    as it does after copy, load and an optimizer's step; a result inside the graph cannot be gone on
    from. x[...] = value writes a number, a tensor or a nested table, stretched, to all that x[...]
    reads, by the rules of x:fill_ */
static int set(lua_State *L)
{
  ms_tensor *t = lms_tensor(L, 1);
  size_t at = offset(L, t, 1, "set");
  t->data[at] = (real)luaL_checknumber(L, 2 + t->ndim);
  ms_tensor_changed(t);
  return 0;
}

void lms_in_place(lua_State *L)
{
  static const lms_function methods[] = {
    { "fill_", fill, 2 }, { "zero_", zero, 1 }, { "clamp_", clamp, 3 },
    { "add_", add, 2 }, { "sub_", sub, 2 }, { "mul_", mul, 2 }, { "div_", divide, 2 },
    { "copy", copy, 2 }, { "get", get, LMS_ANY }, { "set", set, LMS_ANY }, { NULL, NULL, 0 },
  };
  lms_functions(L, methods);
}
