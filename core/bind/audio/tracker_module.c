/* The Lua module moonstem.core.tracker: tracker modules, played with some instruments silent
   (core/audio/music/tracker.h). For the corpora of real music. */
#include "../../audio/music/tracker.h"

#include "../../base/error.h"
#include "../open.h"
#include "../scope.h"

#define TRACKER "moonstem.tracker"
enum { MOST_FRAMES = 1 << 28 };

static void release(void *tracker)
{
  ms_tracker_close(tracker);
}

/* open(bytes) -> tracker, or nil and a message */
static int tracker_open(lua_State *L)
{
  size_t size;
  const char *bytes = luaL_checklstring(L, 1, &size);
  void **h = lms_handle(L, TRACKER);
  *h = ms_tracker_open(bytes, size);
  return *h ? 1 : lms_refuse(L);
}

/* t:seconds() -> the length as libopenmpt reckons it */
static int tracker_seconds(lua_State *L)
{
  lua_pushnumber(L, ms_tracker_seconds(lms_check(L, 1, TRACKER)));
  return 1;
}

static int push_words(lua_State *L, const char *words)
{
  lua_pushstring(L, words ? words : "");
  ms_tracker_give_back(words);
  return 1;
}

/* t:title() */
static int tracker_title(lua_State *L)
{
  return push_words(L, ms_tracker_words(lms_check(L, 1, TRACKER), "title"));
}

/* t:names() -> the list of its instruments' names, "" where there are none */
static int tracker_names(lua_State *L)
{
  const ms_tracker *t = lms_check(L, 1, TRACKER);
  const int count = ms_tracker_instruments(t);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    push_words(L, ms_tracker_name(t, i));
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* t:mute(i): instrument i (from 1) is silent from the next frame on; returns t */
static int tracker_mute(lua_State *L)
{
  ms_tracker *t = lms_check(L, 1, TRACKER);
  const lua_Integer i = luaL_checkinteger(L, 2);
  luaL_argcheck(L, i >= 1 && i <= ms_tracker_instruments(t), 2, "there is no such instrument");
  if (ms_tracker_mute(t, (int)i - 1) != 0) return lms_raise(L);
  lua_settop(L, 1);
  return 1;
}

/* t:read(rate, frames) -> the next frames (frames, 2), silent behind the end; how many there were
   */
static int tracker_read(lua_State *L)
{
  ms_tracker *t = lms_check(L, 1, TRACKER);
  const lua_Integer rate = luaL_checkinteger(L, 2), frames = luaL_checkinteger(L, 3);
  luaL_argcheck(L, rate >= 8000 && rate <= 192000, 2, "a rate is 8000 to 192000 Hz");
  luaL_argcheck(L, frames >= 1 && frames <= MOST_FRAMES, 3, "1 to 2^28 frames are read at once");
  const size_t dim[2] = { (size_t)frames, 2 };
  lms_push_tensor(L, ms_tensor_zeros(2, dim));
  ms_tensor *wave = lms_tensor(L, -1);
  lua_pushinteger(L, (lua_Integer)ms_tracker_read(t, (int)rate, (size_t)frames, wave->data));
  return 2;
}

static const lms_function methods[] = {
  { "seconds", tracker_seconds, 1 }, { "title", tracker_title, 1 }, { "names", tracker_names, 1 },
  { "mute", tracker_mute, 2 },       { "read", tracker_read, 3 },   { NULL, NULL, 0 },
};
static const lms_function functions[] = { { "open", tracker_open, 1 }, { NULL, NULL, 0 } };

int lms_open_tracker(lua_State *L)
{
  lms_type(L, TRACKER, methods, release);
  lms_library(L, functions);
  return 1;
}
