/* Nested tables of numbers as tensors: wherever a tensor is expected, one is taken. */
#include "nested.h"

#include "../failure.h"
#include "../scope.h"
#include "../words.h"

/* Raises where the table at `table` has other keys than 1..n: named options in the wrong place. */
static void check_keys(lua_State *L, int table, const char *who)
{
  lua_Integer count = 0;
  for (lua_pushnil(L); lua_next(L, table); count++) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) continue;
    luaL_error(L, "%s: numbers are expected in the table that stands for a tensor, got %s = ...",
               who, lua_tostring(L, -1));
  }
  if (count != (lua_Integer)lua_rawlen(L, table))
    luaL_error(L, "%s: the table that stands for a tensor has gaps", who);
}

/* Sizes of a nested table, from its first elements. */
static int sizes(lua_State *L, int table, const char *who, size_t dim[MS_MAX_DIMS])
{
  int n = 0, top = lua_gettop(L);
  lua_pushvalue(L, table);
  while (lua_type(L, -1) == LUA_TTABLE) {
    if (n == MS_MAX_DIMS) return luaL_error(L, "%s: nested deeper than %d", who, MS_MAX_DIMS);
    check_keys(L, lua_gettop(L), who);
    dim[n++] = lua_rawlen(L, -1);
    lua_rawgeti(L, -1, 1);
  }
  lua_settop(L, top);
  return n;
}

/* `depth`: how deep the table on the top lies, for messages. */
static real *copy(lua_State *L, const char *who, int depth, int ndim, const size_t *dim, real *to)
{
  if (depth == ndim) {
    if (lua_type(L, -1) != LUA_TNUMBER)
      luaL_error(L, "%s: a number is expected inside the table, got %s", who, luaL_typename(L, -1));
    *to = (real)lua_tonumber(L, -1);
    return to + 1;
  }
  if (lua_type(L, -1) != LUA_TTABLE || lua_rawlen(L, -1) != dim[depth])
    luaL_error(L, "%s: the nested tables are not all %I long at depth %d", who,
               (LUAI_UACINT)dim[depth], depth + 1);
  for (size_t i = 1; i <= dim[depth]; i++) {
    lms_heed_step(L, i);
    lua_rawgeti(L, -1, (lua_Integer)i);
    to = copy(L, who, depth + 1, ndim, dim, to);
    lua_pop(L, 1);
  }
  return to;
}

real *lms_copy_nested(lua_State *L, const char *who, int ndim, const size_t *dim, real *to)
{
  return copy(L, who, 0, ndim, dim, to);
}

ms_tensor *lms_push_nested(lua_State *L, int arg, const char *who)
{
  size_t dim[MS_MAX_DIMS];
  arg = lua_absindex(L, arg);
  if (lua_type(L, arg) != LUA_TNUMBER && lua_type(L, arg) != LUA_TTABLE)
    luaL_error(L, "%s: a number or a nested table of numbers is expected, got %s", who,
               luaL_typename(L, arg));
  luaL_checkstack(L, MS_MAX_DIMS + 8, who);
  const int n = sizes(L, arg, who, dim);
  lms_push_tensor(L, ms_tensor_new(n, dim));
  lua_pushvalue(L, arg);
  copy(L, who, 0, n, dim, lms_tensor(L, -2)->data);
  lua_pop(L, 1);
  return lms_tensor(L, -1);
}

/* Objects, such as layers, are none. */
static int is_plain_table(lua_State *L, int arg)
{
  if (lua_type(L, arg) != LUA_TTABLE) return 0;
  const int object = lua_getmetatable(L, arg);
  lua_pop(L, object);
  return !object;
}

void lms_to_tensor(lua_State *L, int arg, const char *who)
{
  const int type = lua_type(L, arg);
  if (type == LUA_TNUMBER) lms_push_tensor(L, ms_tensor_number(lua_tonumber(L, arg)));
  else if (is_plain_table(L, arg)) lms_push_nested(L, arg, who);
  else return;
  lua_replace(L, arg);
}

/** ms.as_tensor(x) -> x where it is a tensor, else the tensor of a number or a nested table */
int lms_as_tensor(lua_State *L)
{
  if (lms_tensor_handle_at(L, 1)) return lua_settop(L, 1), 1;
  lms_push_nested(L, 1, "as_tensor");
  return 1;
}
