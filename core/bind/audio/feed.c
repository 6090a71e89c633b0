/* Feeds in Lua: ms.audio.feed{...}, feed:push, feed:pop, feed:pending. */
#include <math.h>
#include <string.h>

#include "../../audio/loader.h"
#include "../../base/error.h"
#include "../options.h"
#include "../scope.h"
#include "waves.h"

#define FEED  "moonstem.feed"
#define BATCH "moonstem.feed_batch" /* holds a batch while a push fills it in */

static void release_feed(void *l)
{
  ms_loader_close(l);
}

static void release_batch(void *b)
{
  ms_loader_batch_free(b);
}

static ms_loader *feed(lua_State *L, int arg)
{
  return lms_check(L, arg, FEED);
}

/* A whole number, 1..most. */
static int int_option(lua_State *L, const char *key, int other, int most)
{
  return lms_within(L, "feed", key, lms_opt_integer(L, 1, key, other), 1, most);
}

static int is_magnitude(lua_State *L)
{
  const char *name = lms_opt_string(L, 1, "transform", "wave");
  if (strcmp(name, "magnitude") == 0) return 1;
  if (strcmp(name, "wave") == 0) return 0;
  return luaL_error(L, "feed: transform must be \"wave\" or \"magnitude\", got \"%s\"", name);
}

/** ms.audio.feed{workers = 2, ahead = 4, samples = 61792, rate = 16000,
   transform = "wave" | "magnitude", pad = false} -> feed: threads that read, crop, resample and mix
   audio in the background. At most `ahead` batches are finished or in work before they
   are popped. pad fills crops that end beyond their file with zeros; without it they are
   an error. For crops of files that only ffmpeg reads (.mp4, .aac, .wma, ...) two
   programs are started each time and all before the crop is decoded: pack such sets first. */
static int new_feed(lua_State *L)
{
  static const char *const known[] = { "workers", "ahead", "samples", "rate", "transform", "pad",
                                       NULL };
  lms_options(L, 1, "feed", known);
  ms_loader_options o = {
    .workers = int_option(L, "workers", 2, MS_MOST_WORKERS),
    .ahead = int_option(L, "ahead", 4, MS_MOST_AHEAD),
    .samples = (size_t)int_option(L, "samples", 61792, 1 << 30),
    .rate = int_option(L, "rate", 16000, LMS_MOST_RATE),
    .magnitude = is_magnitude(L),
    .pad = lms_opt_bool(L, 1, "pad", 0),
  };
  void **h = lms_handle(L, FEED);
  *h = ms_loader_new(o);
  return *h ? 1 : lms_raise(L);
}

/* ---- push ---- */

/* The segment on the top of the stack goes to row `row` (from 1). */
static void add_segment(lua_State *L, ms_loader_batch *b, lua_Integer row)
{
  static const char *const known[] = { "path", "start", "weight", "stream", NULL };
  int at = lua_gettop(L);
  if (!lua_istable(L, at))
    luaL_error(L, "feed: row %I must be a list of segments {path =, start =, weight =}",
               (LUAI_UACINT)row);
  lms_options(L, at, "feed: segment", known);
  const char *path = lms_opt_string(L, at, "path", "");
  if (!*path) luaL_error(L, "feed: a segment of row %I needs a path", (LUAI_UACINT)row);
  lua_Integer start = lms_opt_integer(L, at, "start", 0);
  lua_Integer stream = lms_opt_integer(L, at, "stream", 0);
  double weight = lms_opt_number(L, at, "weight", 1);
  if (start < 0 || start >> 40)
    luaL_error(L, "feed: %s: start must be 0 or more samples, got %I", path, (LUAI_UACINT)start);
  if (stream < 0 || stream > 1000)
    luaL_error(L, "feed: %s: there is no stream %I", path, (LUAI_UACINT)stream);
  if (!isfinite(weight)) luaL_error(L, "feed: %s: the weight is not a finite number", path);
  if (ms_loader_batch_add(b, (size_t)row - 1, path, (int)stream, (size_t)start,
                          (real)weight) != 0)
    lms_raise(L);
}

/* The row on the top of the stack. */
static void add_row(lua_State *L, ms_loader_batch *b, lua_Integer row)
{
  int at = lua_gettop(L);
  lua_Integer n = lua_istable(L, at) ? (lua_Integer)lua_rawlen(L, at) : 0;
  if (n == 0)
    luaL_error(L, "feed: row %I must be a list of segments {{path =, start =, weight =}, ...}",
               (LUAI_UACINT)row);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, at, i);
    add_segment(L, b, row);
    lua_settop(L, at);
  }
}

/** feed:push(rows) -> feed: queues one batch and returns at once. rows is a list of rows,
   a row a list of segments {path =, start = 0, weight = 1, stream = 0}; start counts
   samples at the feed's rate, from 0. A row is the weighted sum of its segments' mono
   crops. */
static int feed_push(lua_State *L)
{
  ms_loader *l = feed(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lua_Integer rows = (lua_Integer)lua_rawlen(L, 2);
  if (rows == 0) return luaL_error(L, "feed: push needs at least one row");
  void **h = lms_handle(L, BATCH);
  ms_loader_batch *b = *h = ms_loader_batch_new((size_t)rows);
  if (!b) return lms_raise(L);
  for (lua_Integer row = 1; row <= rows; row++) {
    lua_rawgeti(L, 2, row);
    add_row(L, b, row);
    lua_settop(L, 3);
  }
  *h = NULL;
  ms_loader_push(l, b);
  lua_settop(L, 1);
  return 1;
}

/** feed:pop() -> a batch of mono waves (batch, sample), or (batch, frames, 256) with transform =
   "magnitude": the oldest batch, waited for. nil and a message that names the file if a
   row could not be made; the batches after it are not touched. */
static int feed_pop(lua_State *L)
{
  ms_loader *l = feed(L, 1);
  if (ms_loader_pending(l) == 0)
    return luaL_error(L, "feed: nothing to pop: every batch that was pushed has been popped");
  ms_tensor *t = ms_loader_pop(l);
  return t ? lms_push_tensor(L, t) : lms_refuse(L);
}

/** feed:pending() -> how many batches are pushed and not yet popped */
static int feed_pending(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)ms_loader_pending(feed(L, 1)));
  return 1;
}

static const lms_function methods[] = {
  { "push", feed_push, 2 },
  { "pop", feed_pop, 1 },
  { "pending", feed_pending, 1 },
  { NULL, NULL, 0 },
};

static const lms_function functions[] = { { "feed", new_feed, 1 }, { NULL, NULL, 0 } };

void lms_add_feed(lua_State *L)
{
  lms_type(L, FEED, methods, release_feed);
  lms_type(L, BATCH, NULL, release_batch);
  lms_functions(L, functions);
}
