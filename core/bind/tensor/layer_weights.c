/* What layers (lua/moonstem/net/layer.lua) start from: numbers that are a function of a seed, a
   stream and the place alone. core.weights in Lua, for the library itself. */
#include "layer_weights.h"

#include "../../base/rng.h"
#include "../../ops/fill.h"
#include "../scope.h"

typedef void fill_function(ms_tensor *t, uint64_t seed, uint64_t stream, double a, double b);

/* (seed, stream, a, b, sizes) -> a tensor */
static int filled(lua_State *L, fill_function *fill)
{
  size_t dim[MS_MAX_DIMS];
  const uint64_t seed = (uint64_t)luaL_checkinteger(L, 1);
  const uint64_t stream = (uint64_t)luaL_checkinteger(L, 2);
  const double a = luaL_checknumber(L, 3), b = luaL_checknumber(L, 4);
  luaL_checktype(L, 5, LUA_TTABLE);
  const int n = lms_sizes(L, 5, dim);
  lms_push_tensor(L, ms_tensor_new(n, dim));
  fill(lms_tensor(L, -1), seed, stream, a, b);
  lms_heed(L);
  return 1;
}

/* uniform(seed, stream, low, high, sizes) -> a tensor of numbers in [low, high) */
static int uniform(lua_State *L) { return filled(L, ms_fill_uniform); }

/* normal(seed, stream, mean, deviation, sizes) -> a tensor */
static int normal(lua_State *L) { return filled(L, ms_fill_normal); }

/* truncated_normal(seed, stream, mean, deviation, sizes) -> normal numbers within two deviations */
static int truncated_normal(lua_State *L) { return filled(L, ms_fill_truncated); }

/* stream(name) -> the number of the stream of that name */
static int stream(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)ms_rng_stream(luaL_checkstring(L, 1)));
  return 1;
}

/* handle(x) -> another handle of the same tensor, which belongs to the innermost scope: closing it
   leaves x open */
static int handle(lua_State *L)
{
  return lms_push_tensor(L, ms_tensor_ref(lms_tensor(L, 1)));
}

void lms_layer_weights(lua_State *L)
{
  static const lms_function functions[] = {
    { "uniform", uniform, 5 }, { "normal", normal, 5 }, { "stream", stream, 1 },
    { "handle", handle, 1 },   { "truncated_normal", truncated_normal, 5 },
    { NULL, NULL, 0 },
  };
  lms_library(L, functions);
  lua_setfield(L, -2, "weights");
}
