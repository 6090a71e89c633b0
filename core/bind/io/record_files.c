/* Rows of ms.io: JSON as text, files of one value, and logs of one value a line. */
#include <string.h>

#include "../../base/system/atomic.h"
#include "../../io/json.h"
#include "../../io/numbers.h"
#include "../handle.h"
#include "../options.h"
#include "../results.h"
#include "records.h"

/* Leaves a tree handle and then the text of the value at `arg` on the stack; raises a message
   that names the file, where there is one. */
static void push_text(lua_State *L, int arg, int options, const char *who, const char *file,
                      int indent)
{
  static const char *const known[] = { "indent", "sorted", NULL };
  luaL_checkany(L, arg);
  lua_settop(L, options);
  lms_options(L, options, who, known);
  lua_Integer spaces = lms_opt_integer(L, options, "indent", indent);
  int sorted = lms_opt_bool(L, options, "sorted", 1);
  if (spaces < 0 || spaces > 31) luaL_error(L, "%s: indent must be 0..31", who);
  json_t **tree = lms_json_handle(L);
  *tree = lms_to_json(L, arg, file ? lua_pushfstring(L, "%s: %s", who, file) : who);
  if (!*tree) lms_raise(L);
  void **block = lms_block_handle(L);
  size_t bytes;
  char *text = *block = ms_json_text(*tree, sorted, (int)spaces, &bytes);
  lms_json_free(tree);
  if (!text) lms_raise(L);
  lua_pushlstring(L, text, bytes);
  lms_release(block, free);
}

/** ms.io.json_encode(value [, {indent = 0, sorted = true}]) -> text
    JSON of nested tables, strings, numbers, booleans and ms.io.null. Tables are lists (keys
    1..n) or objects (string keys, in sorted order); {} is an object, ms.io.list{} is a list.
    What JSON has no word for is spelled as in Extended JSON (MongoDB, version 2), so that any
    strict reader can read it and json_decode gives it back: infinities and NaN as
    {"$numberDouble": "Infinity"}, "-Infinity" or "NaN"; strings that are not UTF-8 as
    {"$binary": {"base64": "Y2Fm6Q==", "subType": "00"}}; names that are not UTF-8, or hold a
    zero byte, as "$binary:Y2Fm6Q=="; names of your own that would be taken for one of these get
    one more "$". Raises for functions and other objects, and for tables that contain themselves
    or are nested deeper than 1000. */
int lms_io_json_encode(lua_State *L)
{
  push_text(L, 1, 2, "json_encode", NULL, 0);
  return 1;
}

/* Pushes the value of a text; or nil and the message. */
static int push_value(lua_State *L, const char *text, size_t bytes, const char *who)
{
  json_t **tree = lms_json_handle(L);
  *tree = ms_json_parse(text, bytes, who);
  if (!*tree) return lms_refuse(L);
  lms_push_json(L, *tree);
  lms_json_free(tree);
  return 1;
}

/** ms.io.json_decode(text) -> value, or nil and a message with line and column
    Whole numbers become integers, null becomes ms.io.null, repeated names are refused; infinities,
    NaN and other bytes than UTF-8 come back as json_encode spells them. */
int lms_io_json_decode(lua_State *L)
{
  size_t bytes;
  const char *text = luaL_checklstring(L, 1, &bytes);
  return push_value(L, text, bytes, "json_decode");
}

/** ms.io.load_json(path) -> value, or nil and a message that names the file and the line */
int lms_io_load_json(lua_State *L)
{
  const char *path = lms_path(L, 1);
  void **block = lms_block_handle(L);
  size_t bytes;
  *block = ms_input_text(path, &bytes);
  if (!*block) return lms_refuse(L);
  int results = push_value(L, *block, bytes, path);
  lms_release(block, free);
  return results;
}

/** ms.io.save_json(path, value [, {indent = 2, sorted = true}]) -> true, or nil and a message
    Atomic: the file is the old one or the new one, whatever happens. Raises like json_encode. */
int lms_io_save_json(lua_State *L)
{
  size_t bytes;
  const char *path = lms_path(L, 1);
  push_text(L, 2, 3, "save_json", path, 2);
  lua_pushliteral(L, "\n");
  lua_concat(L, 2);
  const char *text = lua_tolstring(L, -1, &bytes);
  return lms_done(L, ms_atomic_put(path, text, bytes));
}

/** ms.io.append_json_line(path, value) -> true, or nil and a message
    One value as one line at the end of a log, in one write; a line that a crash had cut short
    stays alone on its line. */
int lms_io_append_json_line(lua_State *L)
{
  size_t bytes;
  const char *path = lms_path(L, 1);
  lua_settop(L, 2); /* no options: one line it is */
  push_text(L, 2, 3, "append_json_line", path, 0);
  const char *text = lua_tolstring(L, -1, &bytes);
  return lms_done(L, ms_append_line(path, text, bytes));
}

static int is_blank(const char *line, size_t bytes)
{
  size_t i = 0;
  while (i < bytes && (line[i] == ' ' || line[i] == '\t' || line[i] == '\r')) i++;
  return i == bytes;
}

/* Appends the line's value to the list at `list`, or counts it as damaged. */
static void add_line(lua_State *L, int list, const char *line, size_t bytes, lua_Integer *damaged)
{
  if (is_blank(line, bytes)) return;
  int top = lua_gettop(L);
  json_t **tree = lms_json_handle(L);
  *tree = ms_json_parse(line, bytes, "line");
  if (*tree) {
    lms_push_json(L, *tree);
    lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
    lms_json_free(tree);
  } else (*damaged)++;
  lua_settop(L, top);
}

/** ms.io.load_json_lines(path) -> list of values, number of damaged lines; or nil and a message
    Reads what append_json_line wrote; lines that a crash cut short are left out and counted. */
int lms_io_load_json_lines(lua_State *L)
{
  const char *path = lms_path(L, 1);
  void **block = lms_block_handle(L);
  size_t bytes;
  lua_Integer damaged = 0;
  char *text = *block = ms_input_text(path, &bytes);
  if (!text) return lms_refuse(L);
  char *end = text + bytes;
  lua_newtable(L);
  int list = lua_gettop(L);
  while (text < end) {
    char *stop = memchr(text, '\n', (size_t)(end - text));
    if (!stop) stop = end;
    add_line(L, list, text, (size_t)(stop - text), &damaged);
    text = stop + 1;
  }
  lms_release(block, free);
  lua_pushinteger(L, damaged);
  return 2;
}
