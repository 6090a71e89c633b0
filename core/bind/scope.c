/* Tensors as results, the scopes that release them, and the ceiling that wakes the collector. */
#include "scope.h"

#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/memory.h"

#define SCOPE      "moonstem.scope"
#define SCOPE_LIST "moonstem.scope_list" /* metatable of the lists */
#define CEILING    ((size_t)256 << 20)
#define LEAST      ((size_t)16 << 20) /* near the limit, so much between two collections */

enum { ROOM = 64 };           /* handles in a list before places are closed up */
enum { LIST = 1, OUTER = 2 }; /* user values of a scope: its handles, the scope around it */

typedef struct scope {
  lua_Integer count, room; /* places of the list in use (some may be free), and when to look */
} scope;

/* Registry key of a table: coroutine -> its innermost open scope. */
static const char scope_key = 0;

/* ---- the ceiling ------------------------------------------------------------------------ */
/* Lua sees a handle of a few bytes where megabytes hang: past a ceiling, which follows what
   survives and stays below the limit, the collector is told to run. */
static void mind_ceiling(lua_State *L)
{
  static size_t ceiling, limit;
  ms_memory m = ms_memory_now();
  if (m.limit != limit) {
    limit = m.limit;
    ceiling = limit / 2 < CEILING ? limit / 2 : CEILING;
  }
  if (m.live < ceiling) return;
  lua_gc(L, LUA_GCCOLLECT);
  size_t live = ms_memory_now().live, room = live / 2 > CEILING ? live / 2 : CEILING;
  size_t left = live < limit ? (limit - live) / 2 : 0;
  ceiling = live + (room < left ? room : left) + (limit / 64 < LEAST ? limit / 64 : LEAST);
}

/* ---- the list of a scope ---------------------------------------------------------------- */
/* Weak: what only a scope knows may be collected before it ends, so that a long or forgotten
   scope keeps nothing alive. Places that became free are closed up as the list doubles. */
static void push_list(lua_State *L)
{
  lua_newtable(L);
  if (luaL_newmetatable(L, SCOPE_LIST)) {
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
  }
  lua_setmetatable(L, -2);
}

static void close_up(lua_State *L, int list, scope *s)
{
  lua_Integer to = 0;
  for (lua_Integer i = 1; i <= s->count; i++) {
    lua_rawgeti(L, list, i);
    void **h = lua_touserdata(L, -1);
    if (h && *h && ++to < i) lua_rawseti(L, list, to);
    else lua_pop(L, 1);
  }
  for (lua_Integer i = to + 1; i <= s->count; i++) {
    lua_pushnil(L);
    lua_rawseti(L, list, i);
  }
  s->count = to;
  s->room = 2 * to > ROOM ? 2 * to : ROOM;
}

/* Enters the handle at `index` in the list of the scope on the top. */
static void enter_into(lua_State *L, int index)
{
  scope *s = lua_touserdata(L, -1);
  index = lua_absindex(L, index);
  lua_getiuservalue(L, -1, LIST);
  if (s->count >= s->room) close_up(L, lua_gettop(L), s);
  lua_pushvalue(L, index);
  lua_rawseti(L, -2, ++s->count);
  lua_pop(L, 1);
}

/* Pushes the innermost open scope of this coroutine, or nil; its type. Each coroutine has its own:
   a generator may keep tensors over a yield while the loop that it feeds opens and closes scopes.
   */
static int push_innermost(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &scope_key);
  lua_pushthread(L);
  int type = lua_rawget(L, -2);
  lua_remove(L, -2);
  return type;
}

/* Makes the value on the top (a scope or nil) the innermost one; pops it. */
static void set_innermost(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &scope_key);
  lua_pushthread(L);
  lua_rotate(L, -3, -1);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

/* Enters the handle on the top in the innermost scope's list. */
static void enter(lua_State *L)
{
  if (push_innermost(L) == LUA_TUSERDATA) enter_into(L, -2);
  lua_pop(L, 1);
}

int lms_push_tensor(lua_State *L, ms_tensor *t)
{
  if (!t) return lms_raise(L);
  const int cut = ms_cut();
  if (cut || !lua_checkstack(L, 10)) {
    ms_tensor_free(t);
    return cut ? lms_stop(L) : luaL_error(L, "too many values on the stack");
  }
  void **h = lms_handle(L, LMS_TENSOR);
  *h = t;
  enter(L);
  mind_ceiling(L);
  return 1;
}

/* ---- scopes ------------------------------------------------------------------------------ */
/** ms.scope() -> scope: `local scope <close> = ms.scope()` releases, at the end of its block, the
    tensors that were made since; scope:keep(t) saves one from that, scope:close() ends it earlier
    */
int lms_open_scope(lua_State *L)
{
  scope *s = lua_newuserdatauv(L, sizeof *s, 2);
  *s = (scope){ 0, ROOM };
  push_list(L);
  lua_setiuservalue(L, -2, LIST);
  push_innermost(L);
  lua_setiuservalue(L, -2, OUTER);
  luaL_setmetatable(L, SCOPE);
  lua_pushvalue(L, -1);
  set_innermost(L);
  return 1;
}

/* Whether `at` (absolute index) is among this coroutine's open scopes. */
static int is_open(lua_State *L, int at)
{
  int found = 0, top = lua_gettop(L);
  push_innermost(L);
  while (!found && lua_type(L, -1) == LUA_TUSERDATA) {
    found = lua_rawequal(L, -1, at);
    lua_getiuservalue(L, -1, OUTER);
    lua_remove(L, -2);
  }
  lua_settop(L, top);
  return found;
}

/* Releases all that the scope at `at` (absolute index) lists. */
static void release_all(lua_State *L, int at)
{
  scope *s = lua_touserdata(L, at);
  lua_getiuservalue(L, at, LIST);
  for (; s->count > 0; s->count--) {
    lua_rawgeti(L, -1, s->count);
    void **h = lua_touserdata(L, -1);
    if (h && *h) {
      ms_tensor *t = *h;
      *h = NULL;
      ms_tensor_free(t);
    }
    lua_pop(L, 1);
    lua_pushnil(L);
    lua_rawseti(L, -2, s->count);
  }
  lua_pop(L, 1);
}

/* A scope ends, and with it the scopes inside it that were forgotten. */
static int scope_close(lua_State *L)
{
  luaL_checkudata(L, 1, SCOPE);
  lua_settop(L, 1); /* __close brings the error, if any, as a second argument */
  release_all(L, 1);
  if (!is_open(L, 1)) return 0;
  for (int last = 0; !last; lua_settop(L, 1)) {
    push_innermost(L);
    last = lua_rawequal(L, 1, 2);
    release_all(L, 2);
    lua_getiuservalue(L, 2, OUTER);
    set_innermost(L);
  }
  return 0;
}

/* Takes the handle at `at` out of the list of the scope on the top; whether it was there. */
static int leave(lua_State *L, int at)
{
  scope *s = lua_touserdata(L, -1);
  int found = 0;
  at = lua_absindex(L, at);
  lua_getiuservalue(L, -1, LIST);
  for (lua_Integer i = s->count; i >= 1 && !found; i--) {
    lua_rawgeti(L, -1, i);
    found = lua_rawequal(L, -1, at);
    lua_pop(L, 1);
    if (!found) continue;
    lua_pushnil(L);
    lua_rawseti(L, -2, i);
  }
  lua_pop(L, 1);
  return found;
}

/* Moves one handle out of the scope at 1, into the outer scope if there is one. */
static void rescue(lua_State *L, int handle)
{
  handle = lua_absindex(L, handle);
  lua_pushvalue(L, 1);
  if (leave(L, handle)) {
    if (lua_getiuservalue(L, -1, OUTER) == LUA_TUSERDATA) enter_into(L, handle);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/** s:keep(t, ...) -> t, ...: what the scope s shall not release; it belongs to the scope around s
    from then on. Tables are searched one level deep for tensors. */
static int scope_keep(lua_State *L)
{
  luaL_checkudata(L, 1, SCOPE);
  int last = lua_gettop(L);
  luaL_checkstack(L, 8, "too many values to keep");
  for (int arg = 2; arg <= last; arg++) {
    if (luaL_testudata(L, arg, LMS_TENSOR)) rescue(L, arg);
    if (lua_type(L, arg) != LUA_TTABLE) continue;
    for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1))
      if (luaL_testudata(L, -1, LMS_TENSOR)) rescue(L, -1);
  }
  return last - 1;
}

/** ms.keep(t) -> t: no open scope of any coroutine releases it */
int lms_keep(lua_State *L)
{
  lms_tensor(L, 1);
  lua_settop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &scope_key);
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1))
    while (lua_type(L, -1) == LUA_TUSERDATA) {
      leave(L, 1);
      lua_getiuservalue(L, -1, OUTER);
      lua_replace(L, -2);
    }
  lua_settop(L, 1);
  return 1;
}

static int show(lua_State *L)
{
  luaL_checkudata(L, 1, SCOPE);
  lua_pushstring(L, is_open(L, 1) ? "scope" : "scope (closed)");
  return 1;
}

void lms_scope_types(lua_State *L)
{
  static const lms_function methods[] = { { "keep", scope_keep, LMS_ANY },
                                          { "close", scope_close, 1 },
                                          { NULL, NULL, 0 } };
  luaL_newmetatable(L, SCOPE);
  lms_library(L, methods);
  lms_strict(L, "scope");
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, scope_close);
  lua_setfield(L, -2, "__close");
  lua_pushcfunction(L, show);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "locked");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  lua_newtable(L); /* keys are weak: a coroutine that is gone needs no scope */
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &scope_key);
}
