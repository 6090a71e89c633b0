/* Handles: one pointer each, made empty, closable. */
#include "lms.h"

#include "../base/error.h"

int lms_raise(lua_State *L)
{
  return luaL_error(L, "%s", ms_error());
}

int lms_refuse(lua_State *L)
{
  lua_pushnil(L);
  lua_pushstring(L, ms_error());
  return 2;
}

typedef void release_function(void *);

/* The metatable keeps its release function as a light userdata under its own address. */
static const char release_key = 0;

static int handle_close(lua_State *L)
{
  void **h = lua_touserdata(L, 1);
  if (!h || !lua_getmetatable(L, 1)) return luaL_argerror(L, 1, "a moonstem object is expected");
  lua_rawgetp(L, -1, &release_key);
  union { void *data; release_function *call; } release = { .data = lua_touserdata(L, -1) };
  if (*h && release.data) {
    void *p = *h;
    *h = NULL;
    release.call(p);
  }
  return 0;
}

void lms_functions(lua_State *L, const luaL_Reg *list)
{
  luaL_setfuncs(L, list, 0);
}

void lms_type(lua_State *L, const char *type, const luaL_Reg *methods, void (*release)(void *))
{
  luaL_newmetatable(L, type); /* sets __name */
  union { release_function *call; void *data; } pointer = { .call = release };
  lua_pushlightuserdata(L, pointer.data);
  lua_rawsetp(L, -2, &release_key);
  lua_pushcfunction(L, handle_close);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__gc");
  lua_setfield(L, -2, "__close");
  lua_newtable(L);
  if (methods) lms_functions(L, methods);
  lua_pushcfunction(L, handle_close);
  lua_setfield(L, -2, "close");
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "locked");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void **lms_handle(lua_State *L, const char *type)
{
  void **h = lua_newuserdatauv(L, sizeof *h, 1);
  *h = NULL;
  luaL_setmetatable(L, type);
  return h;
}

/* "moonstem.tensor" -> "tensor" */
static const char *plain(const char *type)
{
  const char *dot = type;
  for (const char *c = type; *c; c++)
    if (*c == '.') dot = c + 1;
  return dot;
}

void *lms_check(lua_State *L, int arg, const char *type)
{
  void **h = luaL_testudata(L, arg, type);
  if (!h) {
    const char *found = luaL_typename(L, arg);
    if (luaL_getmetafield(L, arg, "__name") == LUA_TSTRING) found = plain(lua_tostring(L, -1));
    luaL_argerror(L, arg, lua_pushfstring(L, "a %s is expected, got %s", plain(type), found));
  }
  if (!*h)
    luaL_argerror(L, arg, lua_pushfstring(L, "this %s is closed (its scope ended, or close was called)",
                                          plain(type)));
  return *h;
}
