/* What went wrong, told to Lua. */
#include "failure.h"

#include "../base/error.h"
#include "../base/interrupt.h"

int lms_raise(lua_State *L)
{
  lms_heed(L);
  return luaL_error(L, "%s", ms_error());
}

int lms_refuse(lua_State *L)
{
  lms_heed(L);
  lua_pushnil(L);
  lua_pushstring(L, ms_error());
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
