/* Moving averages of parameters in Lua: ms.optim.ema(params), ema:update(), ema:swap(). */
#include "ema.h"

#include <string.h>

#include "../../base/error.h"
#include "../../optim/average.h"
#include "../options.h"
#include "../scope.h"
#include "making.h"

#define AVERAGE "moonstem.ema"

static void release(void *a)
{
  ms_average_free(a);
}

static ms_average *average(lua_State *L)
{
  return lms_check(L, 1, AVERAGE);
}

/** ms.optim.ema(params, {decay = 0.999}) -> ema: moving averages of m:parameters(), or of an
    optimizer's, which begin as copies. As PyTorch's AveragedModel with get_ema_multi_avg_fn: the
    first ema:update() copies, later ones give decay average + (1 - decay) parameter. Running
    statistics of batch norms are no parameters: update_bn computes them anew */
static int ema(lua_State *L)
{
  static const ms_optim_kind list = { .name = "ema" };
  static const char *const known[] = { "decay", NULL };
  lms_options(L, 2, "ema", known);
  const double decay = lms_opt_number(L, 2, "decay", 0.999);
  if (!(decay >= 0 && decay <= 1)) luaL_error(L, "ema: decay must be 0..1, got %f", decay);
  lua_settop(L, 1);
  if (lua_type(L, 1) != LUA_TUSERDATA) {
    lms_expect_parameters(L, "ema");
    lms_push_optim(L, &list, 0);
  }
  const int from = lua_gettop(L);
  void **h = lms_handle(L, AVERAGE);
  const ms_optim *o = lms_check(L, from, LMS_OPTIM);
  ms_average *a = *h = ms_average_new(o->params, decay);
  for (int i = 0; a && i < o->params; i++)
    if (ms_average_add(a, o->param[i]) != 0) lms_raise(L);
  if (!a) lms_raise(L);
  lua_getiuservalue(L, from, 1);
  lua_setiuservalue(L, -2, 1);
  return 1;
}

/** ema:update() follows the parameters, after opt:step(); raises between two swaps */
static int update(lua_State *L)
{
  if (ms_average_update(average(L)) != 0) lms_raise(L);
  return 0;
}

/** ema:swap() exchanges all parameters with their averages: once before a model is measured or
    saved, and again before training goes on */
static int swap(lua_State *L)
{
  ms_average_swap(average(L));
  return 0;
}

static void expect_weights(lua_State *L, const char *who)
{
  if (average(L)->swapped)
    luaL_error(L, "%s: the parameters hold the averages now; call ema:swap() before", who);
}

/** ema:state() -> {NAME = average, ..., steps = updates so far}, tensors that follow the next
    updates; raises between two swaps */
static int state(lua_State *L)
{
  expect_weights(L, "state");
  lua_settop(L, 1);
  lua_getiuservalue(L, 1, 1);
  lua_newtable(L);
  for (int i = 0; i < average(L)->params; i++) {
    lms_push_parameter_name(L, 2, i + 1);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 3) != LUA_TNIL || strcmp(lua_tostring(L, -2), "steps") == 0)
      return luaL_error(L, "ema: two parameters are called %s", lua_tostring(L, -2));
    lua_pop(L, 1);
    lms_push_tensor(L, ms_tensor_ref(average(L)->mean[i]));
    lua_rawset(L, 3);
  }
  lua_pushinteger(L, (lua_Integer)average(L)->steps);
  lua_setfield(L, 3, "steps");
  return 1;
}

/* The tensor in the state at 2 for parameter i; names are in the list at 3. Raises. */
static ms_tensor *in_state(lua_State *L, int i)
{
  char want[MS_SHAPE_TEXT], have[MS_SHAPE_TEXT];
  lua_settop(L, 3);
  const char *name = lms_push_parameter_name(L, 3, i + 1);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, 2) == LUA_TNIL) luaL_error(L, "ema: the state has no %s", name);
  ms_tensor *from = lms_tensor_at(L, -1, "ema: %s in the state", name);
  const ms_tensor *mean = average(L)->mean[i];
  if (!ms_tensor_same_shape(from, mean))
    luaL_error(L, "ema: %s is %s in the state but %s here", name,
               ms_shape_text(from->ndim, from->dim, have),
               ms_shape_text(mean->ndim, mean->dim, want));
  return from;
}

/** ema:load(state) takes over what ema:state() gave; raises, before anything changes, where a
    tensor is missing, too many or of another shape */
static int load(lua_State *L)
{
  int given = 0;
  luaL_checktype(L, 2, LUA_TTABLE);
  expect_weights(L, "load");
  lua_settop(L, 2);
  lua_getiuservalue(L, 1, 1);
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) given++;
  for (int i = 0; i < average(L)->params; i++) in_state(L, i);
  lua_settop(L, 3);
  lua_pushliteral(L, "steps");
  if (lua_rawget(L, 2) != LUA_TNUMBER || !lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0)
    return luaL_error(L, "ema: steps in the state must be a whole number, 0 or more");
  const uint64_t steps = (uint64_t)lua_tointeger(L, -1);
  if (given != average(L)->params + 1)
    return luaL_error(L, "ema: the state has %d tensors but there are %d parameters", given - 1,
                      average(L)->params);
  for (int i = 0; i < average(L)->params; i++) {
    const ms_tensor *from = in_state(L, i);
    ms_tensor *mean = average(L)->mean[i];
    memmove(mean->data, from->data, mean->count * sizeof(real));
    ms_tensor_changed(mean);
  }
  average(L)->steps = steps;
  return 0;
}

void lms_averages(lua_State *L)
{
  static const lms_function methods[] = {
    { "update", update, 1 }, { "swap", swap, 1 }, { "state", state, 1 }, { "load", load, 2 },
    { NULL, NULL, 0 },
  };
  static const lms_function functions[] = { { "ema", ema, 2 }, { NULL, NULL, 0 } };
  lms_type(L, AVERAGE, methods, release);
  lms_functions(L, functions);
}
