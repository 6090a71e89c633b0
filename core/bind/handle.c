/* Handles: one pointer each, made empty, closable. */
#include "handle.h"

#include "words.h"

typedef void release_function(void *);

/* The metatable keeps its release function as a light userdata under its own address. */
static const char release_key = 0;

static int handle_close(lua_State *L)
{
  void **h = lua_touserdata(L, 1);
  if (!h || !lua_getmetatable(L, 1) || lua_rawgetp(L, -1, &release_key) != LUA_TLIGHTUSERDATA)
    return luaL_argerror(L, 1, "a moonstem object is expected");
  union { void *data; release_function *call; } release = { .data = lua_touserdata(L, -1) };
  lms_release(h, release.call);
  return 0;
}

void lms_type(lua_State *L, const char *type, const lms_function *methods, void (*release)(void *))
{
  static const lms_function common[] = { { "close", handle_close, 1 }, { NULL, NULL, 0 } };
  luaL_newmetatable(L, type); /* sets __name */
  union { release_function *call; void *data; } pointer = { .call = release };
  lua_pushlightuserdata(L, pointer.data);
  lua_rawsetp(L, -2, &release_key);
  lua_pushcfunction(L, handle_close);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__gc");
  lua_setfield(L, -2, "__close");
  lms_library(L, common);
  if (methods) lms_functions(L, methods);
  lms_strict(L, lms_plain_name(type));
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

void *lms_check(lua_State *L, int arg, const char *type)
{
  void **h = luaL_testudata(L, arg, type);
  if (!h) {
    const char *found = lms_describe(L, arg);
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "a %s is expected, got %s", lms_plain_name(type), found));
    return NULL; /* not reached */
  }
  if (!*h)
    luaL_error(L, "%sthis %s is closed (its scope ended, or close was called)", lms_called(L),
               lms_plain_name(type));
  return *h;
}
