/* What went wrong, told to Lua. */
#include "failure.h"

#include <string.h>

#include "../base/error.h"
#include "../base/interrupt.h"
#include "raising.h"

const char *lms_called(lua_State *L)
{
  lua_Debug call = { .name = NULL };
  if (lua_getstack(L, 0, &call)) lua_getinfo(L, "n", &call);
  return call.name ? lua_pushfstring(L, "%s: ", call.name) : "";
}

/* Whether a message begins with the name of a function, `called` or another. */
static int is_named(const char *message, const char *called)
{
  const size_t word = strcspn(message, " :");
  return message[word] == ':' || strncmp(message, called, word) == 0;
}

/* Pushes the message, and keeps none: a failure that sets none must not tell an old one. */
static const char *push_message(lua_State *L)
{
  const char *message = lua_pushstring(L, ms_error());
  ms_set_error("unknown failure");
  return message;
}

int lms_raise(lua_State *L)
{
  lms_heed(L);
  const char *message = push_message(L), *called = lms_called(L);
  luaL_error(L, "%s%s", is_named(message, called) ? "" : called, message);
}

int lms_refuse(lua_State *L)
{
  lms_heed(L);
  lua_pushnil(L);
  push_message(L);
  return 2;
}

int lms_stop(lua_State *L)
{
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  lua_sethook(lua_tothread(L, -1), NULL, 0, 0); /* signals.c sets it */
  ms_stop_clear();
  return luaL_error(L, "interrupted");
}

void lms_heed_step(lua_State *L, size_t i)
{
  if (i % 65536 == 0 && ms_stop_wanted()) lms_stop(L);
}

void lms_heed(lua_State *L)
{
  if (ms_cut()) lms_stop(L);
}
