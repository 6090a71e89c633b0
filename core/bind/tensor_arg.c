/* Tensors, sizes, dimensions and positions as arguments. */
#include "tensor_arg.h"

#include <stdarg.h>
#include <string.h>

#include "../base/profile.h"
#include "failure.h"
#include "words.h"

static void release_tensor(void *t)
{
  ms_tensor_free(t);
}

/* ---- handles -------------------------------------------------------------------------------- */
/* Registry key of tensors' metatable: found sooner than under its name. */
static const char tensor_key = 0;

/* __gc; upvalue 1: tensors' metatable. */
static int collect(lua_State *L)
{
  lms_tensor_handle *h = lua_touserdata(L, 1);
  if (!h || !lua_getmetatable(L, 1) || !lua_rawequal(L, -1, lua_upvalueindex(1)))
    return luaL_argerror(L, 1, "a tensor is expected");
  lms_tensor_handle_leave(h);
  lms_release((void **)h, release_tensor);
  return 0;
}

void lms_tensor_type(lua_State *L, const lms_function *methods)
{
  lms_type(L, LMS_TENSOR, methods, release_tensor);
  luaL_getmetatable(L, LMS_TENSOR);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, collect, 1);
  lua_setfield(L, -2, "__gc");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &tensor_key);
}

lms_tensor_handle *lms_tensor_handle_new(lua_State *L)
{
  lms_tensor_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
  *h = (lms_tensor_handle){ .ring = { &h->ring, &h->ring } };
  lua_rawgetp(L, LUA_REGISTRYINDEX, &tensor_key);
  lua_setmetatable(L, -2);
  return h;
}

void lms_tensor_handle_leave(lms_tensor_handle *h)
{
  h->ring.before->after = h->ring.after;
  h->ring.after->before = h->ring.before;
  h->ring = (lms_ring){ &h->ring, &h->ring };
  h->scope = NULL;
}

void lms_tensor_handle_enter(lms_tensor_handle *h, lms_ring *ring, const void *scope)
{
  lms_tensor_handle_leave(h);
  h->ring = (lms_ring){ ring->before, ring };
  ring->before->after = &h->ring;
  ring->before = &h->ring;
  h->scope = scope;
}

/* ---- tensors as arguments ------------------------------------------------------------------- */
lms_tensor_handle *lms_tensor_handle_at(lua_State *L, int index)
{
  lms_tensor_handle *h = lua_touserdata(L, index);
  if (!h || !lua_getmetatable(L, index)) return NULL;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &tensor_key);
  const int is_tensor = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is_tensor ? h : NULL;
}


ms_tensor *lms_tensor(lua_State *L, int arg)
{
  if (ms_profile_on) ms_profile_begin(); /* the first thing that every operator does */
  const lms_tensor_handle *h = lms_tensor_handle_at(L, arg);
  return h && h->tensor ? h->tensor : lms_check(L, arg, LMS_TENSOR); /* which says what is wrong */
}

ms_tensor *lms_test_tensor(lua_State *L, int arg)
{
  return lms_tensor_handle_at(L, arg) ? lms_tensor(L, arg) : NULL;
}

ms_tensor *lms_tensor_at(lua_State *L, int index, const char *format, ...)
{
  const lms_tensor_handle *h = lms_tensor_handle_at(L, index);
  if (h && h->tensor) return h->tensor;
  const char *found = h ? NULL : lms_describe(L, index);
  va_list list;
  va_start(list, format);
  const char *what = lua_pushvfstring(L, format, list);
  va_end(list);
  if (found) luaL_error(L, "%s must be a tensor, got %s", what, found);
  luaL_error(L, "%s is a closed tensor (its scope ended, or close was called)", what);
  return NULL;
}

ms_tensor *lms_hold(lua_State *L, int arg)
{
  arg = lua_absindex(L, arg);
  lms_tensor(L, arg);
  lms_tensor_handle *h = lms_tensor_handle_new(L);
  return h->tensor = ms_tensor_ref(lms_tensor(L, arg));
}

static size_t size_here(lua_State *L, int index)
{
  int whole;
  lua_Integer n = lua_tointegerx(L, index, &whole);
  if (!whole || n < 0 || lua_type(L, index) != LUA_TNUMBER)
    luaL_error(L, "%sa size must be a whole number, 0 or more, got %s", lms_called(L),
               lms_describe(L, index));
  return (size_t)n;
}

void lms_sizes_alone(lua_State *L, int arg)
{
  lua_Debug call = { .name = NULL };
  int given = lua_gettop(L);
  while (given > arg && lua_isnil(L, given)) given--;
  if (lua_getstack(L, 0, &call)) lua_getinfo(L, "n", &call);
  if (given > arg) lms_surplus(L, call.name ? call.name : "a list of sizes", arg, given);
}

/* Raises where the table at `arg` has names other than the n of table.pack: a list of sizes is no
   table of options. */
static void no_names(lua_State *L, int arg)
{
  for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1))
    if (lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), "n") != 0)
      luaL_error(L, "%s%s stands in the list of sizes, where no option is read", lms_called(L),
                 lua_tostring(L, -2));
}

int lms_sizes(lua_State *L, int arg, size_t dim[MS_MAX_DIMS])
{
  int table = lua_type(L, arg) == LUA_TTABLE;
  lua_Integer n = table ? (lua_Integer)lua_rawlen(L, arg) : lua_gettop(L) - arg + 1;
  if (n > MS_MAX_DIMS)
    luaL_error(L, "%sa tensor has at most %d dimensions, not %I", lms_called(L), MS_MAX_DIMS,
               (LUAI_UACINT)n);
  if (table) lms_sizes_alone(L, arg);
  if (table && n == 0 && (lua_pushnil(L), lua_next(L, arg)))
    luaL_error(L, "%ssizes are a list such as {2, 3}, got a table without a first one",
               lms_called(L));
  if (table) no_names(L, arg);
  for (int d = 0; d < n; d++) {
    if (table) lua_rawgeti(L, arg, d + 1);
    else lua_pushvalue(L, arg + d);
    dim[d] = size_here(L, -1);
    lua_pop(L, 1);
  }
  return (int)(n < 0 ? 0 : n);
}

int lms_axis(lua_State *L, int arg, int ndim, const char *who)
{
  lua_Integer axis = luaL_checkinteger(L, arg);
  lua_Integer at = axis < 0 ? ndim + axis : axis - 1;
  if (at < 0 || at >= ndim)
    luaL_error(L, "%s: there is no dimension %I; the tensor has %d", who, (LUAI_UACINT)axis, ndim);
  return (int)at;
}

size_t lms_index(lua_State *L, int arg, size_t size, const char *who)
{
  lua_Integer place = luaL_checkinteger(L, arg);
  lua_Integer at = place < 0 ? (lua_Integer)size + place : place - 1;
  if (at < 0 || at >= (lua_Integer)size)
    luaL_error(L, "%s: position %I is outside 1..%I", who, place, (lua_Integer)size);
  return (size_t)at;
}
