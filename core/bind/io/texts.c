/* Texts of NumPy's arrays as Lua's lists of strings. NumPy keeps characters as numbers of four
   bytes, Lua strings are UTF-8. */
#include "texts.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../io/unicode.h"
#include "../failure.h"
#include "../tensor_arg.h"
#include "records.h"

enum { CHARACTER = 4 };

/* ---- from an array ------------------------------------------------------------------------- */
static int put_utf8(uint32_t c, char to[4])
{
  if (c < 0x80) return to[0] = (char)c, 1;
  int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  for (int k = more; k > 0; k--, c >>= 6) to[k] = (char)(0x80 | (c & 0x3F));
  to[0] = (char)((0xFF00 >> (more + 1) & 0xFF) | c);
  return more + 1;
}

static void push_characters(lua_State *L, const unsigned char *text, size_t count)
{
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t i = 0; i < count; i++) {
    uint32_t c;
    char bytes[4];
    memcpy(&c, text + i * CHARACTER, CHARACTER);
    luaL_addlstring(&b, bytes, (size_t)put_utf8(c, bytes));
  }
  luaL_pushresult(&b);
}

/* An item without the zeros that fill it up. */
static void push_item(lua_State *L, const ms_array *a, size_t i)
{
  const unsigned char *text = a->text + i * a->width;
  size_t n = a->width;
  while (n > 0 && text[n - 1] == 0) n--;
  if (a->is_unicode) push_characters(L, text, (n + CHARACTER - 1) / CHARACTER);
  else lua_pushlstring(L, (const char *)text, n);
}

static void push_from(lua_State *L, const ms_array *a, int d, size_t *i)
{
  if (d == a->ndim) {
    lms_heed_step(L, *i);
    push_item(L, a, (*i)++);
    return;
  }
  luaL_checkstack(L, 4, "an array of texts");
  lua_newtable(L);
  for (size_t k = 1; a->count > 0 && k <= a->dim[d]; k++) {
    push_from(L, a, d + 1, i);
    lua_rawseti(L, -2, (lua_Integer)k);
  }
}

void lms_push_texts(lua_State *L, ms_array *a)
{
  size_t i = 0;
  void **block = lms_block_handle(L);
  *block = a->text;
  push_from(L, a, 0, &i);
  lua_remove(L, -2);
  lms_release(block, free);
  a->text = NULL;
}

/* ---- to an array --------------------------------------------------------------------------- */
typedef struct filling {
  const char *who;
  ms_array *a;
  size_t next, most; /* the next item; characters of the longest so far */
} filling;

/* The string on the top of the stack: its characters are counted, or written where there is room.
 */
static void visit_string(lua_State *L, filling *f)
{
  size_t bytes, n = 0;
  const unsigned char *at = (const unsigned char *)lua_tolstring(L, -1, &bytes), *end = at + bytes;
  unsigned char *to = f->a->text ? f->a->text + f->next * f->a->width : NULL;
  size_t room = to ? f->a->width / CHARACTER : SIZE_MAX;
  for (; at < end; n++) {
    int64_t c = ms_unicode_take(&at, end);
    if (c < 0)
      luaL_error(L, "%s: text %d is not valid UTF-8", f->who, (int)f->next + 1);
    if (n == room || f->next == f->a->count) /* a finalizer may do that */
      luaL_error(L, "%s: the list changed meanwhile", f->who);
    uint32_t character = (uint32_t)c;
    if (to) memcpy(to + n * CHARACTER, &character, CHARACTER);
  }
  if (n > f->most) f->most = n;
  f->next++;
}

/* Visits all strings below the value on the top of the stack. */
static void visit(lua_State *L, filling *f, int d)
{
  int is_last = d == f->a->ndim;
  if (lua_type(L, -1) != (is_last ? LUA_TSTRING : LUA_TTABLE))
    luaL_error(L, "%s: a tensor or a list of strings is expected, got %s in the list", f->who,
               luaL_typename(L, -1));
  if (is_last) {
    visit_string(L, f);
    return;
  }
  luaL_checkstack(L, 4, f->who);
  if (lua_rawlen(L, -1) != f->a->dim[d])
    luaL_error(L, "%s: lists inside a list must have the same length", f->who);
  for (size_t k = 1; k <= f->a->dim[d]; k++) {
    lua_rawgeti(L, -1, (lua_Integer)k);
    visit(L, f, d + 1);
    lua_pop(L, 1);
  }
}

/* The sizes, by the first element of each list. */
static void measure(lua_State *L, int index, const char *who, ms_array *a)
{
  int top = lua_gettop(L);
  lua_pushvalue(L, index);
  for (a->count = 1; lua_istable(L, -1) && a->count > 0; a->ndim++) {
    if (a->ndim == MS_MAX_DIMS) luaL_error(L, "%s: lists lie more than %d deep", who, MS_MAX_DIMS);
    luaL_checkstack(L, 4, who);
    a->dim[a->ndim] = lua_rawlen(L, -1);
    a->count *= a->dim[a->ndim];
    lua_rawgeti(L, -1, 1);
  }
  lua_settop(L, top);
}

static void walk(lua_State *L, int index, filling *f)
{
  f->next = 0;
  lua_pushvalue(L, index);
  visit(L, f, 0);
  lua_pop(L, 1);
}

void lms_texts(lua_State *L, int index, const char *who, ms_array *a)
{
  *a = (ms_array){ .is_unicode = 1 };
  filling f = { .who = who, .a = a };
  index = lua_absindex(L, index);
  measure(L, index, who, a);
  walk(L, index, &f);
  a->width = CHARACTER * (f.most > 0 ? f.most : 1);
  void **block = lms_block_handle(L);
  a->text = *block = calloc(a->count + 1, a->width);
  if (!*block) luaL_error(L, "%s: no memory for %d texts", who, (int)a->count);
  walk(L, index, &f);
}
