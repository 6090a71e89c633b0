/* Tensors as results, the scopes that release them, and the ceiling that wakes the collector. */
#include "scope.h"

#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/memory.h"

#define SCOPE   "moonstem.scope"
#define CEILING ((size_t)256 << 20)
#define LEAST   ((size_t)16 << 20) /* near the limit, so much between two collections */

enum { OUTER = 1 }; /* user value of a scope: the scope around it */

/* The handles that it is to release. It keeps none of them alive: one that is collected leaves its
   ring, so that a long or forgotten scope holds on to nothing. */
typedef struct scope {
  lms_ring ring;
} scope;

/* Registry key of a table: coroutine -> its innermost open scope. */
static const char scope_key = 0;

/* The same of the main coroutine, in which most tensors are made. */
static struct {
  lua_State *L;
  scope *scope; /* or NULL */
} of_main;

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

/* ---- the innermost scope ----------------------------------------------------------------- */
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
  scope *s = lua_touserdata(L, -1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &scope_key);
  lua_pushthread(L);
  lua_rotate(L, -3, -1);
  lua_rawset(L, -3);
  lua_pop(L, 1);
  if (L == of_main.L) of_main.scope = s;
}

static scope *innermost(lua_State *L)
{
  if (L == of_main.L) return of_main.scope;
  push_innermost(L);
  scope *s = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return s;
}

int lms_push_tensor(lua_State *L, ms_tensor *t)
{
  if (!t) return lms_raise(L);
  const int cut = ms_cut();
  if (cut || !lua_checkstack(L, 10)) {
    ms_tensor_free(t);
    return cut ? lms_stop(L) : luaL_error(L, "too many values on the stack");
  }
  lms_tensor_handle *h = lms_tensor_handle_new(L);
  h->tensor = t;
  scope *s = innermost(L);
  if (s) lms_tensor_handle_enter(h, &s->ring, s);
  mind_ceiling(L);
  return 1;
}

/* ---- scopes ------------------------------------------------------------------------------ */
/** ms.scope() -> scope: `local scope <close> = ms.scope()` releases, at the end of its block, the
    tensors that were made since; scope:keep(t) saves one from that, scope:close() ends it earlier
    */
int lms_open_scope(lua_State *L)
{
  scope *s = lua_newuserdatauv(L, sizeof *s, 1);
  *s = (scope){ { &s->ring, &s->ring } };
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

/* Takes the handle that came last out of the scope; NULL: it has none. */
static lms_tensor_handle *take_last(scope *s)
{
  lms_ring *last = s->ring.before;
  if (last == &s->ring) return NULL;
  lms_tensor_handle *h = (void *)((char *)last - offsetof(lms_tensor_handle, ring));
  lms_tensor_handle_leave(h);
  return h;
}

/* Releases all that the scope at `at` has. */
static void release_all(lua_State *L, int at)
{
  scope *s = lua_touserdata(L, at);
  for (lms_tensor_handle *h; (h = take_last(s));) {
    ms_tensor *t = h->tensor;
    h->tensor = NULL;
    ms_tensor_free(t);
  }
}

/* A forgotten scope is collected: its handles belong to nobody then. */
static int collect(lua_State *L)
{
  scope *s = luaL_checkudata(L, 1, SCOPE);
  while (take_last(s)) {}
  if (of_main.scope == s) of_main.scope = NULL;
  return 0;
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

/* Moves one handle out of the scope at 1, into the outer scope if there is one. */
static void rescue(lua_State *L, int handle)
{
  lms_tensor_handle *h = lua_touserdata(L, handle);
  if (h->scope != lua_touserdata(L, 1)) return;
  lua_getiuservalue(L, 1, OUTER);
  scope *outer = lua_touserdata(L, -1);
  if (outer) lms_tensor_handle_enter(h, &outer->ring, outer);
  else lms_tensor_handle_leave(h);
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
    if (lms_tensor_handle_at(L, arg)) rescue(L, arg);
    if (lua_type(L, arg) != LUA_TTABLE) continue;
    for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1))
      if (lms_tensor_handle_at(L, -1)) rescue(L, -1);
  }
  return last - 1;
}

/** ms.keep(t) -> t: no open scope of any coroutine releases it */
int lms_keep(lua_State *L)
{
  lms_tensor(L, 1);
  lua_settop(L, 1);
  lms_tensor_handle_leave(lua_touserdata(L, 1));
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
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  of_main.L = lua_tothread(L, -1);
  lua_pop(L, 1);
  static const lms_function methods[] = { { "keep", scope_keep, LMS_ANY },
                                          { "close", scope_close, 1 },
                                          { NULL, NULL, 0 } };
  luaL_newmetatable(L, SCOPE);
  lms_library(L, methods);
  lms_strict(L, "scope");
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, scope_close);
  lua_setfield(L, -2, "__close");
  lua_pushcfunction(L, collect);
  lua_setfield(L, -2, "__gc");
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
