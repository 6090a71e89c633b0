/* The rows of functions: each says how many arguments it takes, which is checked here. */
#include "functions.h"

#include <string.h>

#include "words.h"

/* ---- surplus arguments ----------------------------------------------------------------------- */
/* Pushes the value at `index` as a caller would know it again: 2, "none", {n_fft = ...}. */
static const char *push_shown(lua_State *L, int index)
{
  if (lua_type(L, index) == LUA_TSTRING && lua_rawlen(L, index) <= 40)
    return lua_pushfstring(L, "\"%s\"", lua_tostring(L, index));
  if (lua_type(L, index) == LUA_TBOOLEAN)
    return lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
  const int is_object = luaL_getmetafield(L, index, "__name") != LUA_TNIL;
  if (is_object || lua_type(L, index) != LUA_TTABLE)
    return lua_pushstring(L, lms_describe(L, index));
  lua_pushnil(L);
  if (lua_next(L, index) && lua_type(L, -2) == LUA_TSTRING)
    return lua_pushfstring(L, "{%s = ...}", lua_tostring(L, -2));
  return lua_pushliteral(L, "a table");
}

/* Whether the function on level 0 is called as object:name(). */
static int is_method_call(lua_State *L)
{
  lua_Debug call;
  return lua_getstack(L, 0, &call) && lua_getinfo(L, "n", &call) &&
         strcmp(call.namewhat, "method") == 0;
}

/* What takes arguments that users of NumPy, PyTorch and librosa give to a function of this name. */
static const char *elsewhere(const char *name)
{
  static const struct {
    const char *name, *how;
  } places[] = {
    { "stft", "ms.signal.spectrogram has sizes, hops and mode = \"complex\"" },
    { "magnitude", "ms.signal.spectrogram has sizes, hops and mode = \"magnitude\"" },
    { "uniform", "from a to b: ms.uniform(sizes) * (b - a) + a" },
    { "randn", "other means and deviations: ms.randn(sizes) * sd + mean" },
    { "ms.nn.sequential", "the parts are a list: ms.nn.sequential { a, b }" },
    { "ms.net.chain", "the parts are a list: ms.net.chain { a, b }" },
    { "cat", "the tensors are a list: ms.cat({ x, y }, axis)" },
    { "stack", "the tensors are a list: ms.stack({ x, y }, axis)" },
  };
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    if (strcmp(name, places[i].name) == 0) return places[i].how;
  return NULL;
}

/* Pushes the message about the arguments at first..last, which are too many; `wanted` may be
   given. */
static void push_surplus(lua_State *L, const char *name, int wanted, int first, int last)
{
  enum { SHOWN = 4 };
  const char *text = "";
  luaL_checkstack(L, 3 * SHOWN + 8, name);
  for (int i = first; i <= last && i < first + SHOWN; i++)
    text = lua_pushfstring(L, "%s%s%s", text, i > first ? ", " : "", push_shown(L, i));
  if (last >= first + SHOWN) text = lua_pushfstring(L, "%s, ...", text);
  if (wanted <= 0)
    lua_pushfstring(L, "%s: takes no arguments, got %d too many: %s", name, last - first + 1, text);
  else
    lua_pushfstring(L, "%s: takes at most %d argument%s, got %d too many: %s", name, wanted,
                    wanted == 1 ? "" : "s", last - first + 1, text);
  const char *how = elsewhere(name);
  if (how) lua_pushfstring(L, "%s; %s", lua_tostring(L, -1), how);
}

int lms_surplus(lua_State *L, const char *name, int most, int given)
{
  int is_call = strcmp(name, "__call") == 0; /* layer(x) */
  if (is_call) name = lms_describe(L, 1);
  push_surplus(L, name, most - (is_call || is_method_call(L)), most + 1, given);
  return luaL_error(L, "%s", lua_tostring(L, -1));
}

/* The last argument that is not nil, or `least` where that is later: to give nil is to give
   nothing. */
static int last_given(lua_State *L, int least)
{
  int given = lua_gettop(L);
  while (given > least && lua_isnil(L, given)) given--;
  return given;
}

int lms_surplus_message(lua_State *L)
{
  int most = (int)luaL_checkinteger(L, 2), objects = (int)luaL_checkinteger(L, 3),
      given = last_given(L, 3);
  if (given - 3 <= most) return 0;
  push_surplus(L, luaL_checkstring(L, 1), most - objects, 4 + most, given);
  return 1;
}

void lms_check_surplus(lua_State *L, const char *name, int most)
{
  if (lua_gettop(L) <= most) return;
  int given = last_given(L, most);
  lua_settop(L, given);
  if (given > most) lms_surplus(L, name, most, given);
}

/* Upvalue 1 is the row. The function runs in this call: names and levels in its errors stay its
   own. */
static int guarded(lua_State *L)
{
  const lms_function *f = lua_touserdata(L, lua_upvalueindex(1));
  lms_check_surplus(L, f->name, f->most);
  return f->call(L);
}

void lms_push_function(lua_State *L, const lms_function *f)
{
  union { const lms_function *row; void *data; } pointer = { .row = f };
  if (f->most == LMS_ANY) return lua_pushcfunction(L, f->call);
  lua_pushlightuserdata(L, pointer.data);
  lua_pushcclosure(L, guarded, 1);
}

void lms_functions(lua_State *L, const lms_function *list)
{
  for (const lms_function *f = list; f->name; f++) {
    lms_push_function(L, f);
    lua_setfield(L, -2, f->name);
  }
}

void lms_library(lua_State *L, const lms_function *list)
{
  lua_newtable(L);
  lms_functions(L, list);
}

/* ---- names that are not there ---------------------------------------------------------------- */
int lms_no_such(lua_State *L, int methods, const char *what)
{
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : lms_describe(L, 2);
  const char *now = lms_renamed(L, "name", what, key);
  if (now) return lua_getfield(L, 1, now), 1;
  methods = lua_absindex(L, methods);
  lua_pushfstring(L, "%s:", what);
  const char *hint = lms_push_hint(L, key, lms_push_names(L, methods), lua_tostring(L, -1));
  return luaL_error(L, "%s.%s: there is no such method or field%s", what, key, hint);
}

/* (methods, key); upvalue 1: what objects of the type are called. */
static int no_such_method(lua_State *L)
{
  return lms_no_such(L, 1, lua_tostring(L, lua_upvalueindex(1)));
}

void lms_strict(lua_State *L, const char *what)
{
  lua_createtable(L, 0, 1);
  lua_pushstring(L, what);
  lua_pushcclosure(L, no_such_method, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}
