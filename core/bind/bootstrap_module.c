/* The Lua module moonstem.core.bootstrap: metrics of resampled clips. ms.statistics checks what
   goes in and out. */
#include "../statistics/bootstrap.h"

#include <math.h>

#include "../base/rng.h"
#include "handle.h"
#include "open.h"

#define BOOTSTRAP "moonstem.bootstrap"

static void release(void *r)
{
  ms_bootstrap_free(r);
}

/* Asked for again after every allocation of Lua's, during which a finalizer may close it. */
static const ms_bootstrap *bootstrap(lua_State *L)
{
  return lms_check(L, 1, BOOTSTRAP);
}

/* new(clips, resamples, seed, purpose) -> bootstrap; raises where memory is refused. */
static int new(lua_State *L)
{
  lua_Integer clips = luaL_checkinteger(L, 1), resamples = luaL_checkinteger(L, 2);
  lua_Integer seed = luaL_checkinteger(L, 3);
  const char *purpose = luaL_checkstring(L, 4);
  luaL_argcheck(L, clips > 0 && clips <= INT32_MAX, 1, "how many clips there are");
  luaL_argcheck(L, resamples > 0 && resamples <= INT32_MAX, 2, "how many resamples to draw");
  void **h = lms_handle(L, BOOTSTRAP);
  *h = ms_bootstrap_new((size_t)clips, (size_t)resamples, (uint64_t)seed, ms_rng_stream(purpose));
  lms_heed(L);
  return *h ? 1 : lms_raise(L);
}

/* The list at `arg`, a value for each clip, in a block on the top of the stack. */
static double *clips_at(lua_State *L, int arg, size_t clips)
{
  luaL_checktype(L, arg, LUA_TTABLE);
  size_t n = lua_rawlen(L, arg);
  if (n != clips) luaL_error(L, "bootstrap: %d values were given for %d clips", (int)n, (int)clips);
  double *list = lua_newuserdatauv(L, n * sizeof *list, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, arg, (lua_Integer)i + 1);
    int is_number;
    list[i] = lua_tonumberx(L, -1, &is_number);
    if (!is_number || isnan(list[i]))
      luaL_error(L, "bootstrap: value %d is not a number", (int)i + 1);
    lua_pop(L, 1);
  }
  return list;
}

/* Values of all resamples as a list, false where there is none. */
static void push_list(lua_State *L, const double *values, size_t n)
{
  lua_createtable(L, (int)n, 0);
  for (size_t d = 0; d < n; d++) {
    if (isnan(values[d])) lua_pushboolean(L, 0);
    else lua_pushnumber(L, values[d]);
    lua_rawseti(L, -2, (lua_Integer)d + 1);
  }
}

/* r:ranking(scores, labels) -> ROC-AUC of every resample, average precision of every resample
   Two lists of numbers, labels 0 or 1. */
static int ranking(lua_State *L)
{
  size_t clips = bootstrap(L)->clips, resamples = bootstrap(L)->resamples;
  const double *scores = clips_at(L, 2, clips), *labels = clips_at(L, 3, clips);
  unsigned char *positive = lua_newuserdatauv(L, clips, 0);
  for (size_t i = 0; i < clips; i++) {
    if (labels[i] != 0 && labels[i] != 1)
      return luaL_error(L, "bootstrap: label %d must be 0 or 1", (int)i + 1);
    positive[i] = labels[i] == 1;
  }
  double *roc = lua_newuserdatauv(L, 2 * resamples * sizeof *roc, 0);
  if (ms_bootstrap_ranking(bootstrap(L), scores, positive, roc, roc + resamples) != 0)
    return lms_raise(L);
  lms_heed(L);
  push_list(L, roc, resamples);
  push_list(L, roc + resamples, resamples);
  return 2;
}

/* r:mean(values) -> mean of every resample */
static int mean(lua_State *L)
{
  size_t resamples = bootstrap(L)->resamples;
  const double *values = clips_at(L, 2, bootstrap(L)->clips);
  double *means = lua_newuserdatauv(L, resamples * sizeof *means, 0);
  ms_bootstrap_mean(bootstrap(L), values, means);
  lms_heed(L);
  push_list(L, means, resamples);
  return 1;
}

static const lms_function methods[] = {
  { "ranking", ranking, 3 }, { "mean", mean, 2 }, { NULL, NULL, 0 },
};
static const lms_function functions[] = { { "new", new, 4 }, { NULL, NULL, 0 } };

int lms_open_bootstrap(lua_State *L)
{
  lms_type(L, BOOTSTRAP, methods, release);
  lms_library(L, functions);
  return 1;
}
