/* Option tables, and file names. */
#include "options.h"

#include <string.h>

#include "words.h"

/* Whether the key on the top is an old name: then its value stands under the present one from now
   on. */
static int renames(lua_State *L, int arg, const char *who)
{
  const int key = lua_gettop(L);
  const char *now =
      lua_type(L, key) == LUA_TSTRING ? lms_renamed(L, "option", who, lua_tostring(L, key)) : NULL;
  if (now) {
    lua_pushvalue(L, key);
    lua_rawget(L, arg);
    lua_setfield(L, arg, now);
    lua_pushvalue(L, key);
    lua_pushnil(L);
    lua_rawset(L, arg);
  }
  lua_settop(L, key);
  return now != NULL;
}

static int is_known(const char *key, const char *const *known)
{
  for (; *known; known++)
    if (**known == *key && strcmp(key, *known) == 0) return 1;
  return 0;
}

/* Raises about the key on the top, which is not known. */
static void unknown(lua_State *L, const char *who, const char *const *known)
{
  const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  if (!known[0]) luaL_error(L, "%s: takes no options", who);
  if (!key)
    luaL_error(L, "%s: options are written as name = value, got the key %s", who,
               lms_describe(L, -1));
  luaL_error(L, "%s: there is no option %s%s", who, key, lms_push_hint(L, key, known, ""));
}

/* Who asked for options last: opens the messages about their values. */
static char asking[48];

static void ask_for(const char *who)
{
  const size_t n = strnlen(who, sizeof asking - 1);
  memcpy(asking, who, n);
  asking[n] = 0;
}

void lms_options(lua_State *L, int arg, const char *who, const char *const *known)
{
  ask_for(who);
  if (lua_isnoneornil(L, arg)) return;
  if (lua_type(L, arg) != LUA_TTABLE)
    luaL_error(L, "%s: options are a table, got %s%s%s", who, luaL_typename(L, arg),
               !known[0] ? "" : known[1] ? "; there are " : "; there is ", lms_push_list(L, known));
  for (lua_pushnil(L); lua_next(L, arg);) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING && is_known(lua_tostring(L, -1), known)) continue;
    if (!renames(L, arg, who)) unknown(L, who, known);
    lua_pop(L, 1);
    lua_pushnil(L); /* the table has changed: from its beginning */
  }
}

/* Pushes the option; 0 and nothing pushed where it is absent. Metamethods are not asked: the table
   alone keeps the value alive. */
static int push_option(lua_State *L, int arg, const char *key)
{
  if (lua_type(L, arg) != LUA_TTABLE) return 0;
  lua_pushstring(L, key);
  if (lua_rawget(L, lua_absindex(L, arg)) != LUA_TNIL) return 1;
  lua_pop(L, 1);
  return 0;
}

int lms_has_option(lua_State *L, int arg, const char *key)
{
  int there = push_option(L, arg, key);
  lua_pop(L, there);
  return there;
}

/* The value on the top is not what the option must be. */
static void wrong(lua_State *L, const char *key, const char *expected)
{
  luaL_error(L, "%s: option %s must be %s, got %s", asking, key, expected, lms_describe(L, -1));
}

double lms_opt_number(lua_State *L, int arg, const char *key, double other)
{
  if (!push_option(L, arg, key)) return other;
  if (lua_type(L, -1) != LUA_TNUMBER) wrong(L, key, "a number");
  double value = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

lua_Integer lms_opt_integer(lua_State *L, int arg, const char *key, lua_Integer other)
{
  if (!push_option(L, arg, key)) return other;
  int whole;
  lua_Integer value = lua_tointegerx(L, -1, &whole);
  if (!whole || lua_type(L, -1) != LUA_TNUMBER) wrong(L, key, "a whole number");
  lua_pop(L, 1);
  return value;
}

int lms_opt_bool(lua_State *L, int arg, const char *key, int other)
{
  if (!push_option(L, arg, key)) return other;
  if (lua_type(L, -1) != LUA_TBOOLEAN) wrong(L, key, "true or false");
  int value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* The string stays alive as long as the option table holds it. */
const char *lms_opt_string(lua_State *L, int arg, const char *key, const char *other)
{
  if (!push_option(L, arg, key)) return other;
  if (lua_type(L, -1) != LUA_TSTRING) wrong(L, key, "a string");
  const char *value = lua_tostring(L, -1);
  lua_pop(L, 1);
  return value;
}

int lms_choice(lua_State *L, int arg, const char *other, const char *const *known)
{
  const char *given = lua_type(L, arg) == LUA_TSTRING ? lua_tostring(L, arg) : NULL;
  const char *word = lua_isnoneornil(L, arg) ? other : given;
  for (int i = 0; word && known[i]; i++)
    if (strcmp(word, known[i]) == 0) return i;
  const char *got = word ? lua_pushfstring(L, "\"%s\"", word) : lms_describe(L, arg);
  return luaL_argerror(L, arg, lua_pushfstring(L, "one of %s is expected, got %s",
                                               lms_push_list(L, known), got));
}

const char *lms_path(lua_State *L, int arg)
{
  size_t n;
  if (lua_type(L, arg) != LUA_TSTRING)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "a file name is expected, got %s", lms_describe(L, arg)));
  const char *path = lua_tolstring(L, arg, &n);
  if (strlen(path) != n) luaL_argerror(L, arg, "a file name holds no zero byte");
  return path;
}
