/* The largest and the smallest number of a whole tensor, for moonstem.tensor.reducing. */
#include "extreme_numbers.h"

#include "../../kernels/reduce/extremes.h"
#include "../scope.h"

/* f(x) -> the number and its place in row-major order, from 1 */
static int push_extreme(lua_State *L, int least)
{
  const ms_tensor *x = lms_tensor(L, 1);
  size_t at;
  if (!x->count) return luaL_error(L, "the tensor is empty");
  if (ms_k_extremes()->position(x->data, x->count, least, &at) != 0) return lms_raise(L);
  lms_heed(L);
  lua_pushnumber(L, (lua_Number)x->data[at]);
  lua_pushinteger(L, (lua_Integer)at + 1);
  return 2;
}

static int largest(lua_State *L)
{
  return push_extreme(L, 0);
}

static int smallest(lua_State *L)
{
  return push_extreme(L, 1);
}

void lms_extreme_numbers(lua_State *L)
{
  lua_pushcfunction(L, largest);
  lua_setfield(L, -2, "largest");
  lua_pushcfunction(L, smallest);
  lua_setfield(L, -2, "smallest");
}
