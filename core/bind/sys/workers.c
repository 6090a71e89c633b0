/* Copies of this program that work beside it, and what they send. moonstem.core.workers */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/interrupt.h"
#include "../../base/system/channel.h"
#include "../../base/system/fork.h"
#include "../handle.h"
#include "../open.h"
#include "../scope.h"
#include "children.h"

#define CHANNEL "moonstem.channel"

enum { MOST_SLOTS = 64, MOST_TENSORS = 1 << 20, ALIGN = 64 };

/* A message: this, a `shape` for each tensor, the text, and each tensor's numbers at the next
   multiple of ALIGN. */
typedef struct head { size_t text, tensors; } head;
typedef struct shape { int32_t ndim; size_t dim[MS_MAX_DIMS]; } shape;

static size_t aligned(size_t n) { return (n + ALIGN - 1) / ALIGN * ALIGN; }

static size_t text_at(size_t tensors) { return sizeof(head) + tensors * sizeof(shape); }

static void release_channel(void *c) { ms_channel_free(c); }

/* ---- the worker's side -------------------------------------------------------------------- */
/* The bytes of a message: text at 2, tensors in the list at 3. */
static size_t message_size(lua_State *L, const head *h)
{
  size_t n = aligned(text_at(h->tensors) + h->text);
  for (size_t i = 1; i <= h->tensors; i++) {
    lua_rawgeti(L, 3, (lua_Integer)i);
    n += aligned(lms_tensor_at(L, -1, "send: entry %d", (int)i)->count * sizeof(real));
    lua_pop(L, 1);
  }
  return n;
}

static void write_message(lua_State *L, char *to, const head *h, const char *text)
{
  size_t at = aligned(text_at(h->tensors) + h->text);
  memcpy(to, h, sizeof *h);
  memcpy(to + text_at(h->tensors), text, h->text);
  for (size_t i = 0; i < h->tensors; i++) {
    lua_rawgeti(L, 3, (lua_Integer)i + 1);
    const ms_tensor *t = lms_tensor_at(L, -1, "send: entry %d", (int)i + 1);
    shape *s = (shape *)(to + sizeof *h) + i;
    s->ndim = t->ndim;
    memcpy(s->dim, t->dim, sizeof s->dim);
    memcpy(to + at, t->data, t->count * sizeof(real));
    at += aligned(t->count * sizeof(real));
    lua_pop(L, 1);
  }
}

/* channel:send(text, tensors) -> true, or nil and a message
   Waits until the parent has room. */
static int channel_send(lua_State *L)
{
  ms_channel *c = lms_check(L, 1, CHANNEL);
  head h;
  const char *text = luaL_checklstring(L, 2, &h.text);
  luaL_checktype(L, 3, LUA_TTABLE);
  h.tensors = lua_rawlen(L, 3);
  if (h.tensors > MOST_TENSORS)
    return luaL_error(L, "send: %I tensors, but a message has at most %d",
                      (LUAI_UACINT)h.tensors, (int)MOST_TENSORS);
  const size_t bytes = message_size(L, &h);
  char *to = ms_channel_room(c, bytes);
  if (!to) return lms_refuse(L);
  write_message(L, to, &h, text);
  if (ms_channel_send(c, bytes) != 0) return lms_refuse(L);
  lua_pushboolean(L, 1);
  return 1;
}

/* ---- the parent's side -------------------------------------------------------------------- */
static void push_message(lua_State *L, const char *from)
{
  const head *h = (const head *)from;
  const shape *s = (const shape *)(from + sizeof *h);
  size_t at = aligned(text_at(h->tensors) + h->text);
  lua_pushlstring(L, from + text_at(h->tensors), h->text);
  lua_createtable(L, (int)h->tensors, 0);
  for (size_t i = 0; i < h->tensors; i++, s++) {
    ms_tensor *t = ms_tensor_new(s->ndim, s->dim);
    lms_push_tensor(L, t);
    memcpy(t->data, from + at, t->count * sizeof(real));
    at += aligned(t->count * sizeof(real));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

/* channel:receive() -> text, tensors; or nil and a message once the worker has ended
   Waits for the next message. */
static int channel_receive(lua_State *L)
{
  ms_channel *c = lms_check(L, 1, CHANNEL);
  const void *from;
  size_t bytes;
  int found;
  while ((found = ms_channel_receive(c, 0.05, &from, &bytes)) == 0)
    if (ms_stop_wanted()) return lms_stop(L);
  if (found < 0) return lms_refuse(L);
  push_message(L, from);
  ms_channel_release(c);
  return 2;
}

/* ---- starting ----------------------------------------------------------------------------- */
/* The child's whole life: run(channel), the function at 1. */
static _Noreturn void live(lua_State *L, int channel)
{
  lua_pushvalue(L, 1);
  lua_pushvalue(L, channel);
  const int status = lua_pcall(L, 1, 0, 0) == LUA_OK ? 0 : 1;
  if (status) fprintf(stderr, "moonstem: a worker failed: %s\n", luaL_tolstring(L, -1, NULL));
  ms_fork_leave(status);
}

/* fork(run, slots) -> process, channel; or nil and a message
   A child process goes on as a copy of this one, calls run(channel), and ends. The parent has a
   process as ms.sys.spawn gives, and the other end of the channel, in which at most `slots`
   messages wait. All that the script has is there in the copy, but threads and what they held. */
static int workers_fork(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  const lua_Integer slots = luaL_checkinteger(L, 2);
  if (slots < 1 || slots > MOST_SLOTS)
    return luaL_error(L, "fork: slots must be 1..%d, got %I", (int)MOST_SLOTS, slots);
  long *id = lms_push_process(L);
  void **h = lms_handle(L, CHANNEL);
  const int channel = lua_gettop(L);
  if (!(*h = ms_channel_new((int)slots))) return lms_refuse(L);
  lua_gc(L, LUA_GCCOLLECT); /* handles without an owner are released here, not in the copy */
  *id = ms_process_fork();
  if (*id == 0) ms_channel_writes(*h), live(L, channel);
  if (*id < 0) return lms_refuse(L);
  ms_channel_reads(*h);
  return 2;
}

int lms_open_workers(lua_State *L)
{
  static const lms_function functions[] = { { "fork", workers_fork, 2 }, { NULL, NULL, 0 } };
  static const lms_function methods[] = { { "send", channel_send, 3 },
                                          { "receive", channel_receive, 1 }, { NULL, NULL, 0 } };
  lms_type(L, CHANNEL, methods, release_channel);
  lms_library(L, functions);
  return 1;
}
