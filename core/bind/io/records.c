/* JSON values to and from Lua values: the records of ms.io.
   object <-> table with string keys; list <-> table with keys 1..n; null <-> ms.io.null;
   whole numbers <-> Lua integers (64 bits, exact); other numbers <-> floats (17 digits).
   An empty table is an object unless it was made by ms.io.list. Infinities, NaN, and text and
   names that are not UTF-8 are spelled as io/extended.h says. */
#include "records.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../io/extended.h"
#include "../../io/json.h"
#include "../../io/unicode.h"
#include "../handle.h"

#define LIST "moonstem.list"
#define TREE "moonstem.json"
#define BLOCK "moonstem.block"

static void release_tree(void *tree)
{
  json_decref(tree);
}

void lms_json_types(lua_State *L)
{
  lms_type(L, TREE, NULL, release_tree);
  lms_type(L, BLOCK, NULL, free);
  luaL_newmetatable(L, LIST);
  lua_pop(L, 1);
}

json_t **lms_json_handle(lua_State *L)
{
  return (json_t **)lms_handle(L, TREE);
}

void **lms_block_handle(lua_State *L)
{
  return lms_handle(L, BLOCK);
}

void lms_json_free(json_t **tree)
{
  lms_release((void **)tree, release_tree);
}

/* ---- Lua to JSON ----------------------------------------------------------------------- */
typedef struct place { /* the place inside the value, for messages */
  const char *who;
  char text[200];
  size_t used;
  int depth;
} place;

static json_t *convert(lua_State *L, int index, place *at);

static json_t *refuse(const place *at, const char *why)
{
  const char *where = at->used ? at->text : "the value";
  return ms_fail("%s: %s%.80s%s %s", at->who, where[0] == '.' ? "value" : "", where,
                 strlen(where) > 80 ? "..." : "", why), NULL;
}

static json_t *too_deep(const place *at)
{
  return refuse(at, "is nested too deep, or contains itself");
}

static void leave(place *at, size_t used)
{
  at->used = used;
  at->text[used] = '\0';
}

/* Appends ".key" or "[i]" to the place; what was there before comes back by leave. */
__attribute__((format(printf, 2, 3))) static size_t enter(place *at, const char *format, ...)
{
  size_t before = at->used, room = sizeof at->text - before;
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(at->text + before, room, format, arguments);
  va_end(arguments);
  at->used += (size_t)n < room ? (size_t)n : room - 1;
  return before;
}

static json_t *convert_list(lua_State *L, int index, lua_Integer n, place *at)
{
  json_t *list = json_array();
  for (lua_Integer i = 1; i <= n && list; i++) {
    size_t before = enter(at, "%s[%lld]", at->used ? "" : ".", i);
    lua_rawgeti(L, index, i);
    json_t *item = convert(L, lua_gettop(L), at);
    lua_pop(L, 1);
    leave(at, before);
    if (item && json_array_append_new(list, item) == 0) continue;
    json_decref(list);
    return NULL;
  }
  return list;
}

/* One pair, key at -2 and value at -1. */
static int add_pair(lua_State *L, json_t *object, place *at)
{
  size_t length;
  const char *key = lua_tolstring(L, -2, &length);
  size_t before = enter(at, ".%s", key);
  json_t *value = convert(L, lua_gettop(L), at);
  leave(at, before);
  char *name = value ? ms_extended_name(key, length) : NULL;
  int status = name ? json_object_set_new(object, name, value) : -1;
  if (!name) json_decref(value);
  free(name);
  return status;
}

static json_t *convert_object(lua_State *L, int index, place *at)
{
  json_t *object = json_object();
  for (lua_pushnil(L); object && lua_next(L, index); lua_pop(L, 1)) {
    if (add_pair(L, object, at) == 0) continue;
    lua_pop(L, 2);
    json_decref(object);
    return NULL;
  }
  return object;
}

/* Counts the keys of each kind; 0 where the table is neither a list nor an object. */
static int is_list(lua_State *L, int index, lua_Integer *n)
{
  lua_Integer whole = 0, names = 0, other = 0;
  *n = (lua_Integer)lua_rawlen(L, index);
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    lua_Integer key = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
    if (lua_type(L, -2) == LUA_TSTRING) names++;
    else if (key >= 1 && key <= *n) whole++;
    else other++;
  }
  if (other || (whole && names) || whole != *n) return -1;
  if (names) return 0;
  if (whole) return 1;
  if (!lua_getmetatable(L, index)) return 0;
  luaL_getmetatable(L, LIST);
  int marked = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return marked;
}

static json_t *convert_table(lua_State *L, int index, place *at)
{
  lua_Integer n;
  if (at->depth >= MS_JSON_DEPTH || !lua_checkstack(L, 8)) return too_deep(at);
  int list = is_list(L, index, &n);
  if (list < 0)
    return refuse(at, "is neither a list without holes nor a table whose keys are all strings");
  at->depth++;
  json_t *tree = list ? convert_list(L, index, n, at) : convert_object(L, index, at);
  at->depth--;
  return tree;
}

static json_t *convert_number(lua_State *L, int index, const place *at)
{
  if (lua_isinteger(L, index)) return json_integer(lua_tointeger(L, index));
  double value = lua_tonumber(L, index);
  if (isfinite(value)) return json_real(value);
  if (at->depth + MS_EXTENDED_NUMBER_DEPTH > MS_JSON_DEPTH) return too_deep(at);
  return ms_extended_number(value);
}

static json_t *convert_string(lua_State *L, int index, const place *at)
{
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  if (ms_unicode_valid(text, length)) return json_stringn(text, length);
  if (at->depth + MS_EXTENDED_BYTES_DEPTH > MS_JSON_DEPTH) return too_deep(at);
  return ms_extended_bytes(text, length);
}

/* "moonstem.tensor" for our objects, else Lua's name of the type. */
static const char *type_name(lua_State *L, int index)
{
  const char *name = luaL_typename(L, index);
  int type = luaL_getmetafield(L, index, "__name");
  if (type == LUA_TSTRING) name = lua_tostring(L, -1);
  if (type != LUA_TNIL) lua_pop(L, 1);
  return name;
}

static json_t *convert(lua_State *L, int index, place *at)
{
  char why[80];
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN: return json_boolean(lua_toboolean(L, index));
    case LUA_TNUMBER: return convert_number(L, index, at);
    case LUA_TSTRING: return convert_string(L, index, at);
    case LUA_TTABLE: return convert_table(L, index, at);
    case LUA_TLIGHTUSERDATA:
      if (!lua_touserdata(L, index)) return json_null();
  }
  snprintf(why, sizeof why, "is a %.40s, which JSON cannot hold", type_name(L, index));
  return refuse(at, why);
}

json_t *lms_to_json(lua_State *L, int index, const char *who)
{
  place at = { .who = who };
  ms_fail("%s: no memory", who); /* what jansson's own refusals mean here */
  return convert(L, index, &at);
}

/* ---- JSON to Lua ----------------------------------------------------------------------- */
static void push_list(lua_State *L, const json_t *tree)
{
  size_t n = json_array_size(tree);
  lua_createtable(L, (int)(n < 1 << 20 ? n : 1 << 20), 0);
  luaL_setmetatable(L, LIST);
  for (size_t i = 0; i < n; i++) {
    lms_push_json(L, json_array_get(tree, i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

/* Pushes what a malloc'ed block holds and frees it; 0 where there is none. */
static int push_and_free(lua_State *L, void **block, size_t n)
{
  if (!*block) return 0;
  lua_pushlstring(L, *block, n);
  lms_release(block, free);
  return 1;
}

static void push_name(lua_State *L, const char *spelling, size_t n)
{
  size_t length;
  int top = lua_gettop(L) + 1;
  if (spelling[0] == '$') {
    void **block = lms_block_handle(L);
    *block = ms_extended_read_name(spelling, n, &length);
    int found = push_and_free(L, block, length);
    lua_remove(L, top);
    if (found) return;
  }
  lua_pushlstring(L, spelling, n);
}

static void push_pairs(lua_State *L, const json_t *tree)
{
  lua_newtable(L);
  json_t *object = (json_t *)tree;
  for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it)) {
    push_name(L, json_object_iter_key(it), json_object_iter_key_len(it));
    lms_push_json(L, json_object_iter_value(it));
    lua_rawset(L, -3);
  }
}

/* Pushes the number or the text that an object spells; 0 where it is a table. */
static int push_spelled(lua_State *L, const json_t *tree)
{
  double number;
  size_t n;
  int top = lua_gettop(L) + 1;
  if (json_object_size(tree) != 1) return 0;
  if (json_object_iter_key(json_object_iter((json_t *)tree))[0] != '$') return 0;
  if (ms_extended_is_number(tree, &number)) return lua_pushnumber(L, number), 1;
  void **block = lms_block_handle(L);
  *block = ms_extended_read_bytes(tree, &n);
  int found = push_and_free(L, block, n);
  lua_remove(L, top);
  return found;
}

static void push_object(lua_State *L, const json_t *tree)
{
  if (!push_spelled(L, tree)) push_pairs(L, tree);
}

void lms_push_json(lua_State *L, const json_t *tree)
{
  luaL_checkstack(L, 8, "JSON nested too deep");
  switch (json_typeof(tree)) {
    case JSON_OBJECT: push_object(L, tree); break;
    case JSON_ARRAY: push_list(L, tree); break;
    case JSON_STRING: lua_pushlstring(L, json_string_value(tree), json_string_length(tree)); break;
    case JSON_INTEGER: lua_pushinteger(L, json_integer_value(tree)); break;
    case JSON_REAL: lua_pushnumber(L, json_real_value(tree)); break;
    case JSON_TRUE: lua_pushboolean(L, 1); break;
    case JSON_FALSE: lua_pushboolean(L, 0); break;
    case JSON_NULL: lua_pushlightuserdata(L, NULL); break;
  }
}

/** ms.io.list(t) -> t
    Marks a table as a list, so that it stays one in JSON even when it is empty: [] not {}. */
int lms_io_list(lua_State *L)
{
  if (lua_isnone(L, 1)) lua_newtable(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1); /* the metatable goes to the value on the top: for a string, to all strings */
  luaL_setmetatable(L, LIST);
  return 1;
}
