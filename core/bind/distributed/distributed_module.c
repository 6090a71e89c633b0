/* The other processes of a training, in Lua. moonstem.core.distributed */
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/share/share.h"
#include "../../distributed/world.h"
#include "../open.h"
#include "../results.h"
#include "../scope.h"
#include "reducer_handle.h"

/* open(library or nil, patience) -> true, or nil and a message */
static int distributed_open(lua_State *L)
{
  const char *library = luaL_optstring(L, 1, NULL);
  return lms_done(L, ms_world_open(library, luaL_checknumber(L, 2)));
}

/* close(): waits until all others close, too */
static int distributed_close(lua_State *L)
{
  (void)L;
  ms_world_close();
  return 0;
}

/* about() -> rank from 0, size, name of the library; nothing where no world is open */
static int about(lua_State *L)
{
  if (!ms_world_is_open()) return 0;
  lua_pushinteger(L, ms_world_rank());
  lua_pushinteger(L, ms_world_size());
  lua_pushstring(L, ms_world_library());
  return 3;
}

/* lost() -> the rank that failed and the message, or nothing */
static int lost(lua_State *L)
{
  if (ms_world_culprit() < 0) return 0;
  lua_pushinteger(L, ms_world_culprit());
  lua_pushstring(L, ms_world_message());
  return 2;
}

/* in_step(whether) */
static int in_step(lua_State *L)
{
  if (ms_world_is_open()) ms_world_in_step(lua_toboolean(L, 1));
  return 0;
}

/* stop(status): ends all processes at once */
static int stop(lua_State *L)
{
  ms_world_end((int)luaL_checkinteger(L, 1));
  return 0;
}

/* Does an exchange where there are others: true, or nil and a message. */
static int exchanged(lua_State *L, ms_exchange *e)
{
  return lms_done(L, ms_world_size() > 1 ? ms_world_exchange(e) : 0);
}

/* sum(tensor, tree) -> true, or nil and a message: in place, over all ranks */
static int sum(lua_State *L)
{
  ms_tensor *t = lms_tensor(L, 1);
  ms_exchange e = { .kind = MS_SUM_REALS, .data = t->data, .count = t->count,
                    .tree = lua_toboolean(L, 2) };
  const int results = exchanged(L, &e);
  ms_tensor_changed(t);
  return results;
}

/* broadcast(tensor, root) -> true, or nil and a message: in place */
static int broadcast(lua_State *L)
{
  ms_tensor *t = lms_tensor(L, 1);
  ms_exchange e = { .kind = MS_BROADCAST, .data = t->data, .count = t->count * sizeof(real),
                    .root = (int)luaL_checkinteger(L, 2) };
  const int results = exchanged(L, &e);
  ms_tensor_changed(t);
  return results;
}

/* sum_numbers(list, tree) -> list of their sums over all ranks, or nil and a message */
static int sum_numbers(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  const size_t n = lua_rawlen(L, 1);
  double *x = lua_newuserdatauv(L, (n + 1) * sizeof *x, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 1, (lua_Integer)i + 1);
    x[i] = luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  ms_exchange e = { .kind = MS_SUM_DOUBLES, .data = x, .count = n, .tree = lua_toboolean(L, 2) };
  if (ms_world_size() > 1 && ms_world_exchange(&e) != 0) return lms_refuse(L);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, x[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* broadcast_text(text, root) -> the root's text, or nil and a message */
static int broadcast_text(lua_State *L)
{
  const int root = (int)luaL_checkinteger(L, 2), mine = ms_world_rank() == root;
  size_t n = 0;
  const char *text = mine ? luaL_checklstring(L, 1, &n) : NULL;
  double length = (double)n;
  if (ms_world_size() < 2) return lua_settop(L, 1), 1;
  ms_exchange e = { .kind = MS_BROADCAST, .data = &length, .count = sizeof length, .root = root };
  if (ms_world_exchange(&e) != 0) return lms_refuse(L);
  char *room = lua_newuserdatauv(L, (size_t)length + 1, 0);
  if (mine) memcpy(room, text, n);
  e = (ms_exchange){ .kind = MS_BROADCAST, .data = room, .count = (size_t)length, .root = root };
  if (ms_world_exchange(&e) != 0) return lms_refuse(L);
  lua_pushlstring(L, room, (size_t)length);
  return 1;
}

/* share() -> first clip (from 1), number of clips, of how many: what this function computes of a
   batch; nothing where the batch is here as a whole */
static int share(lua_State *L)
{
  const ms_share *s = ms_share_now();
  if (!s) return 0;
  lua_pushinteger(L, (lua_Integer)s->first + 1);
  lua_pushinteger(L, (lua_Integer)s->count);
  lua_pushinteger(L, (lua_Integer)s->total);
  return 3;
}

/* cut_share(first, count, total): what follows belongs to another batch, of which this function has
   these clips */
static int cut_share(lua_State *L)
{
  ms_share_cut((size_t)(luaL_checkinteger(L, 1) - 1), (size_t)luaL_checkinteger(L, 2),
               (size_t)luaL_checkinteger(L, 3));
  return 0;
}

/* hash(list of tensors) -> a whole number below 2^48 that depends on all their bits */
static int hash(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  const lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
  uint64_t sum = 0xCBF29CE484222325u;
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, 1, i);
    const ms_tensor *t = lms_tensor_at(L, -1, "hash: entry %d", (int)i);
    const unsigned char *at = (const unsigned char *)t->data;
    const size_t words = t->count * sizeof(real) / sizeof(uint32_t);
    for (size_t k = 0; k < words; k++) { /* FNV-1a, a word at a time */
      uint32_t word;
      memcpy(&word, at + k * sizeof word, sizeof word);
      sum = (sum ^ word) * 0x100000001B3u;
    }
    lua_pop(L, 1);
  }
  return lua_pushinteger(L, (lua_Integer)(sum >> 16)), 1;
}

int lms_open_distributed(lua_State *L)
{
  static const lms_function functions[] = {
    { "open", distributed_open, 2 }, { "close", distributed_close, 0 }, { "about", about, 0 },
    { "lost", lost, 0 }, { "in_step", in_step, 1 }, { "stop", stop, 1 }, { "sum", sum, 2 },
    { "broadcast", broadcast, 2 }, { "sum_numbers", sum_numbers, 2 },
    { "broadcast_text", broadcast_text, 2 }, { "share", share, 0 },
    { "cut_share", cut_share, 3 }, { "hash", hash, 1 }, { NULL, NULL, 0 },
  };
  lms_library(L, functions);
  lms_reducers(L);
  return 1;
}
