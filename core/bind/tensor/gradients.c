/* Gradients as results: core.internal.gradients, behind ms.grad (lua/moonstem/gradients.lua). */
#include "gradients.h"

#include "../scope.h"
#include "recompute.h"

enum { MOST = 1 << 20 };

static void release(lua_State *L, int first, int last)
{
  for (int i = first; i <= last; i++) {
    ms_tensor **h = lua_touserdata(L, i);
    ms_tensor_free(*h);
    *h = NULL;
  }
}

/* gradients(y, {x, ...}, gy or nil) -> {gradient, ...}, nil for what y does not depend on. Scripts
   may run meanwhile (ms.recompute): all tensors are held. */
static int gradients(lua_State *L)
{
  luaL_checktype(L, 2, LUA_TTABLE);
  const size_t n = lua_rawlen(L, 2);
  luaL_argcheck(L, n >= 1 && n <= MOST, 2, "a list of 1 or more tensors is expected");
  lua_settop(L, 3);
  ms_tensor **x = lua_newuserdatauv(L, 2 * n * sizeof *x, 0), **g = x + n;
  luaL_checkstack(L, (int)n + 10, "too many tensors");
  ms_tensor *y = lms_hold(L, 1), *gy = lua_isnil(L, 3) ? NULL : lms_hold(L, 3);
  const int first = lua_gettop(L) - (gy ? 1 : 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    lms_tensor_at(L, -1, "grad: tensor %d", (int)i + 1);
    x[i] = lms_hold(L, -1);
    lua_remove(L, -2);
  }
  const int status = lms_sweep_for(L, y, gy, (int)n, x, g);
  release(L, first, lua_gettop(L));
  if (status != 0) return lms_raise(L);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    if (!g[i]) continue;
    lms_push_tensor(L, g[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

void lms_gradients(lua_State *L)
{
  static const lms_function functions[] = { { "gradients", gradients, 3 }, { NULL, NULL, 0 } };
  lms_functions(L, functions);
}
