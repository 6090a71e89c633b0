/* Tensor handles, the scopes that let them go, and the ceiling that wakes the collector. */
#include "lms.h"

#include "../base/error.h"
#include "../base/memory.h"

#define SCOPE "moonstem.scope"

/* Registry key of the innermost open scope's userdata; its user value lists the handles. */
static const char scope_key = 0;

static void release_tensor(void *t)
{
  ms_tensor_free(t);
}

void lms_tensor_type(lua_State *L, const luaL_Reg *methods)
{
  lms_type(L, LMS_TENSOR, methods, release_tensor);
}

ms_tensor *lms_tensor(lua_State *L, int arg)
{
  return lms_check(L, arg, LMS_TENSOR);
}

ms_tensor *lms_test_tensor(lua_State *L, int arg)
{
  void **h = luaL_testudata(L, arg, LMS_TENSOR);
  return h ? lms_tensor(L, arg) : NULL;
}

/* Lua sees a handle of a few bytes where megabytes hang: past a ceiling, which follows what
   survives, the collector is told to run. */
static void mind_ceiling(lua_State *L)
{
  static size_t ceiling = (size_t)256 << 20;
  if (ms_memory_now().live < ceiling) return;
  lua_gc(L, LUA_GCCOLLECT);
  size_t live = ms_memory_now().live;
  ceiling = live + (live / 2 > ((size_t)256 << 20) ? live / 2 : (size_t)256 << 20);
}

/* Enters the handle on the top in the innermost scope's list. */
static void enter(lua_State *L)
{
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &scope_key) == LUA_TUSERDATA) {
    lua_getiuservalue(L, -1, 1);
    lua_pushvalue(L, -3);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

int lms_push_tensor(lua_State *L, ms_tensor *t)
{
  if (!t) return lms_raise(L);
  if (!lua_checkstack(L, 4)) {
    ms_tensor_free(t);
    return luaL_error(L, "too many values on the stack");
  }
  void **h = lms_handle(L, LMS_TENSOR);
  *h = t;
  enter(L);
  mind_ceiling(L);
  return 1;
}

ms_tensor *lms_tensor_or_number(lua_State *L, int arg)
{
  if (lua_type(L, arg) != LUA_TNUMBER) return lms_tensor(L, arg);
  lms_push_tensor(L, ms_tensor_number(lua_tonumber(L, arg)));
  return lms_tensor(L, -1);
}

/* ---- scopes: a userdata with an `outer` scope in user value 2 ------------------------- */
int lms_open_scope(lua_State *L)
{
  lua_newuserdatauv(L, 1, 2);
  lua_newtable(L);
  lua_setiuservalue(L, -2, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &scope_key);
  lua_setiuservalue(L, -2, 2);
  luaL_setmetatable(L, SCOPE);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &scope_key);
  return 1;
}

/* Whether `scope` (absolute index) is among the open ones. */
static int is_open(lua_State *L, int scope)
{
  int found = 0, top = lua_gettop(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &scope_key);
  while (!found && lua_type(L, -1) == LUA_TUSERDATA) {
    found = lua_rawequal(L, -1, scope);
    lua_getiuservalue(L, -1, 2);
    lua_remove(L, -2);
  }
  lua_settop(L, top);
  return found;
}

static int scope_close(lua_State *L)
{
  luaL_checkudata(L, 1, SCOPE);
  lua_settop(L, 1); /* __close brings the error, if any, as a second argument */
  lua_getiuservalue(L, 1, 1);
  for (lua_Integer i = (lua_Integer)lua_rawlen(L, 2); i >= 1; i--) {
    lua_rawgeti(L, 2, i);
    void **h = lua_touserdata(L, -1);
    if (h && *h) {
      ms_tensor_free(*h);
      *h = NULL;
    }
    lua_pop(L, 1);
  }
  lua_newtable(L);
  lua_setiuservalue(L, 1, 1);
  if (is_open(L, 1)) { /* scopes inside it that were forgotten end with it */
    lua_getiuservalue(L, 1, 2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &scope_key);
  }
  return 0;
}

/* Moves one handle out of the list on index 2, into the outer scope if there is one. */
static void rescue(lua_State *L, int handle)
{
  for (lua_Integer i = (lua_Integer)lua_rawlen(L, 2); i >= 1; i--) {
    lua_rawgeti(L, 2, i);
    int same = lua_rawequal(L, -1, handle);
    lua_pop(L, 1);
    if (!same) continue;
    lua_pushboolean(L, 0); /* keeps the list without holes */
    lua_rawseti(L, 2, i);
    lua_getiuservalue(L, 1, 2);
    if (lua_type(L, -1) == LUA_TUSERDATA) {
      lua_getiuservalue(L, -1, 1);
      lua_pushvalue(L, handle);
      lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return;
  }
}

/* s:keep(t, ...) -> t, ...  Tables are searched one level deep for tensors. */
static int scope_keep(lua_State *L)
{
  luaL_checkudata(L, 1, SCOPE);
  int last = lua_gettop(L);
  lua_getiuservalue(L, 1, 1);
  lua_insert(L, 2); /* list at 2, arguments from 3 */
  for (int arg = 3; arg <= last + 1; arg++) {
    if (luaL_testudata(L, arg, LMS_TENSOR)) rescue(L, arg);
    if (lua_type(L, arg) != LUA_TTABLE) continue;
    for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1))
      if (luaL_testudata(L, -1, LMS_TENSOR)) rescue(L, lua_gettop(L));
  }
  return last - 1;
}

/* ms.keep(t) -> t: no open scope lets it go. */
int lms_keep(lua_State *L)
{
  lms_tensor(L, 1);
  lua_settop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &scope_key);
  while (lua_type(L, 2) == LUA_TUSERDATA) {
    lua_getiuservalue(L, 2, 1);
    for (lua_Integer i = (lua_Integer)lua_rawlen(L, 3); i >= 1; i--) {
      lua_rawgeti(L, 3, i);
      if (lua_rawequal(L, -1, 1)) {
        lua_pushboolean(L, 0);
        lua_rawseti(L, 3, i);
      }
      lua_pop(L, 1);
    }
    lua_getiuservalue(L, 2, 2);
    lua_replace(L, 2);
    lua_settop(L, 2);
  }
  lua_settop(L, 1);
  return 1;
}

void lms_scope_types(lua_State *L)
{
  static const luaL_Reg methods[] = { { "keep", scope_keep }, { "close", scope_close }, { NULL, NULL } };
  luaL_newmetatable(L, SCOPE);
  lua_newtable(L);
  lms_functions(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, scope_close);
  lua_setfield(L, -2, "__close");
  lua_pop(L, 1);
}
