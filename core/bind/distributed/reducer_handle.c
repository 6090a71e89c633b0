/* Sums of gradients over micro-batches and processes, in Lua: reducer(list of tensors, bytes of a
   bucket, whether to overlap) -> reducer. */
#include "reducer_handle.h"

#include <string.h>

#include "../../base/error.h"
#include "../../distributed/reducer.h"
#include "../results.h"
#include "../tensor_arg.h"

#define REDUCER "moonstem.reducer"

static void release(void *r)
{
  ms_reducer_free(r);
}

static int reducer(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  const int n = (int)lua_rawlen(L, 1);
  const lua_Integer bytes = luaL_checkinteger(L, 2);
  ms_tensor **list = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *list, 0);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 1, i + 1);
    list[i] = lms_tensor_at(L, -1, "reducer: parameter %d", i + 1);
    lua_pop(L, 1);
  }
  void **h = lms_handle(L, REDUCER);
  *h = ms_reducer_new(n, list, (size_t)bytes, lua_toboolean(L, 3));
  return *h ? 1 : lms_raise(L);
}

/* ---- a step --------------------------------------------------------------------------------- */
/* What calls f(i): each micro-batch in a coroutine of its own, as it may be left in the middle
   while another one goes on. */
typedef struct caller {
  lua_State *L;
  lua_State **of; /* the coroutine of each, with f on its stack */
  int failed;     /* whose error, from 1, is on the top of its stack; 0: nobody's */
} caller;

static int call(void *with, int i)
{
  caller *c = with;
  lua_State *L = c->of[i];
  lua_pushinteger(L, i + 1);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK) return 0;
  if (!c->failed) c->failed = i + 1;
  return ms_fail("%s", lua_tostring(L, -1) ? lua_tostring(L, -1) : "a micro-batch failed");
}

/* The coroutines of `count` micro-batches, which the table on the top keeps. A single one runs
   where the caller does. */
static void prepare(lua_State *L, caller *c, int count, int f)
{
  c->of = lua_newuserdatauv(L, (size_t)count * sizeof *c->of, 0);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    c->of[i] = count > 1 ? lua_newthread(L) : L;
    if (count > 1) lua_rawseti(L, -2, i + 1);
    lua_pushvalue(L, f);
    if (count > 1) lua_xmove(L, c->of[i], 1);
  }
}

/* The shares in the list at `arg`: { first, count } of `total` clips, from 1. */
static ms_share *read_shares(lua_State *L, int arg, int count, size_t total)
{
  ms_share *shares = lua_newuserdatauv(L, (size_t)count * sizeof *shares, 0);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, arg, i + 1);
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    shares[i] = (ms_share){ .first = (size_t)(lua_tointeger(L, -2) - 1),
                            .count = (size_t)lua_tointeger(L, -1), .total = total,
                            .follows = i == 0 };
    lua_pop(L, 3);
  }
  return shares;
}

/* r:step(shares, total, fixed, f): calls f(i) for each share, which computes a loss and sweeps
   back; gradients are then summed over all shares here and elsewhere. Raises what f raised. */
static int reducer_step(lua_State *L)
{
  ms_reducer *r = lms_check(L, 1, REDUCER);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 5, LUA_TFUNCTION);
  const int count = (int)lua_rawlen(L, 2), fixed = lua_toboolean(L, 4);
  if (count < 1) return luaL_error(L, "step: there is no share");
  ms_share *shares = read_shares(L, 2, count, (size_t)luaL_checkinteger(L, 3));
  caller c = { .L = L };
  prepare(L, &c, count, 5);
  if (ms_reducer_step(r, count, shares, fixed, call, &c) == 0) return 0;
  if (!c.failed) return lms_raise(L);
  lua_State *from = c.of[c.failed - 1];
  if (from != L) lua_xmove(from, L, 1);
  return lua_error(L);
}

/* r:times() -> { summing =, waiting = seconds of the last step, bytes =, buckets = } */
static int times(lua_State *L)
{
  const ms_reducer_times t = ms_reducer_last(lms_check(L, 1, REDUCER));
  lua_createtable(L, 0, 4);
  lms_set_number(L, "summing", t.summing);
  lms_set_number(L, "waiting", t.waiting);
  lms_set_integer(L, "bytes", (lua_Integer)t.bytes);
  lms_set_integer(L, "buckets", (lua_Integer)t.buckets);
  return 1;
}

void lms_reducers(lua_State *L)
{
  static const lms_function methods[] = { { "step", reducer_step, 5 }, { "times", times, 1 },
                                          { NULL, NULL, 0 } };
  static const lms_function functions[] = { { "reducer", reducer, 3 }, { NULL, NULL, 0 } };
  lms_type(L, REDUCER, methods, release);
  lms_functions(L, functions);
}
