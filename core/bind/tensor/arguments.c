/* Arguments of operators but tensors: a function for each kind. */
#include "arguments.h"

#include <limits.h>
#include <string.h>

#include "../words.h"

const char *lms_argument_name(const ms_arg *a)
{
  const char *dot = strrchr(a->name, '.');
  return dot ? dot + 1 : a->name;
}

/* Raises about an argument by name; others are told by their place (luaL_check...). */
static void wrong(lua_State *L, const lms_argument *a, const char *expected)
{
  luaL_error(L, "%s: option %s must be %s, got %s", a->who, a->option, expected,
             lms_describe(L, a->at));
}

static double read_number(lua_State *L, const lms_argument *a)
{
  if (!a->option) return luaL_checknumber(L, a->at);
  if (lua_type(L, a->at) != LUA_TNUMBER) wrong(L, a, "a number");
  return lua_tonumber(L, a->at);
}

static lua_Integer read_integer(lua_State *L, const lms_argument *a)
{
  if (!a->option) return luaL_checkinteger(L, a->at);
  int whole;
  const lua_Integer n = lua_tointegerx(L, a->at, &whole);
  if (!whole || lua_type(L, a->at) != LUA_TNUMBER) wrong(L, a, "a whole number");
  return n;
}

static int read_choice(lua_State *L, const lms_argument *a)
{
  const char *const *words = a->arg->choices, *name = a->option ? a->option : a->arg->name;
  const char *given = lua_type(L, a->at) == LUA_TSTRING ? lua_tostring(L, a->at) : NULL;
  for (int i = 0; given && words[i]; i++)
    if (strcmp(given, words[i]) == 0) return i;
  return luaL_error(L, "%s: there is no %s %s%s", a->who, name,
                    given ? given : lms_describe(L, a->at),
                    lms_push_hint(L, given ? given : "", words, ""));
}

/* Whether a word is given in place of numbers. */
static int is_word(lua_State *L, const lms_argument *a)
{
  return a->arg->choices && lua_type(L, a->at) == LUA_TSTRING;
}

static size_t read_count(lua_State *L, const lms_argument *a)
{
  if (is_word(L, a)) return MS_WORD(read_choice(L, a));
  const lua_Integer n = read_integer(L, a);
  if (n < (lua_Integer)a->arg->least)
    luaL_error(L, "%s: %s must be %I or more, got %I", a->who,
               a->option ? a->option : a->arg->name, (LUAI_UACINT)a->arg->least, (LUAI_UACINT)n);
  return (size_t)n;
}

static int read_flag(lua_State *L, const lms_argument *a)
{
  if (lua_type(L, a->at) != LUA_TBOOLEAN) {
    if (a->option) wrong(L, a, "true or false");
    luaL_error(L, "%s: %s must be true or false, got %s", a->who, a->arg->name,
               lms_describe(L, a->at));
  }
  return lua_toboolean(L, a->at);
}

/* One number for both, or a list of two. */
static void read_pair(lua_State *L, const lms_argument *a, size_t pair[2])
{
  const char *expected =
      a->arg->least ? "a whole number or two, 1 or more" : "a whole number or two, 0 or more";
  if (is_word(L, a)) {
    pair[0] = pair[1] = MS_WORD(read_choice(L, a));
    return;
  }
  const int table = lua_type(L, a->at) == LUA_TTABLE;
  if (table && lua_rawlen(L, a->at) != 2)
    luaL_error(L, "%s: option %s must be %s", a->who, a->option, expected);
  for (int i = 0; i < 2; i++) {
    int whole;
    if (table) lua_rawgeti(L, a->at, i + 1);
    else lua_pushvalue(L, a->at);
    const lua_Integer n = lua_tointegerx(L, -1, &whole);
    if (!whole || n < (lua_Integer)a->arg->least || n > INT_MAX || lua_type(L, -1) != LUA_TNUMBER)
      luaL_error(L, "%s: option %s must be %s, got %s", a->who, a->option, expected,
                 lms_describe(L, -1));
    pair[i] = (size_t)n;
    lua_pop(L, 1);
  }
}

/* ---- dimensions ------------------------------------------------------------------------------ */
static int read_axis(lua_State *L, const lms_argument *a)
{
  if (a->option) read_integer(L, a);
  return lms_axis(L, a->at, a->x->ndim, a->who);
}

static uint32_t all_axes(const ms_tensor *x)
{
  return ((uint32_t)1 << x->ndim) - 1;
}

/* A list of them at `at`, each once. */
static uint32_t read_axes_list(lua_State *L, const lms_argument *a)
{
  const lua_Integer n = (lua_Integer)lua_rawlen(L, a->at);
  uint32_t axes = 0;
  if (n == 0 && (lua_pushnil(L), lua_next(L, a->at)))
    luaL_error(L, "%s: dimensions are a number or a list, such as {1, 2}; options come behind them",
               a->who);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, a->at, i);
    const int d = lms_axis(L, lua_gettop(L), a->x->ndim, a->who);
    if (ms_axes_has(axes, d)) luaL_error(L, "%s: dimension %d is given twice", a->who, d + 1);
    axes |= (uint32_t)1 << d;
    lua_pop(L, 1);
  }
  return axes;
}

static uint32_t read_axes(lua_State *L, const lms_argument *a)
{
  if (lua_type(L, a->at) == LUA_TTABLE) return read_axes_list(L, a);
  return (uint32_t)1 << read_axis(L, a);
}

/* Raises where the list at a->at has other keys than 1..n, which nobody would read. */
static void check_plain(lua_State *L, const lms_argument *a, lua_Integer n)
{
  lua_Integer keys = 0;
  for (lua_pushnil(L); lua_next(L, a->at); lua_pop(L, 1)) keys++;
  if (keys != n)
    luaL_error(L, "%s: %s are a list, such as {2, 3}, got a table with gaps or names; options come "
                  "in a table of their own", a->who, a->arg->name);
}

/* A list, or all arguments from there on. */
static void read_sizes(lua_State *L, const lms_argument *a, ms_sizes *s)
{
  const int table = lua_type(L, a->at) == LUA_TTABLE, last = !a->arg[1].kind;
  const lua_Integer given = last ? lua_gettop(L) - a->at + 1 : 1;
  const lua_Integer n = table ? (lua_Integer)lua_rawlen(L, a->at) : given;
  if (table) check_plain(L, a, n);
  if (table && last) lms_sizes_alone(L, a->at);
  if (n > MS_MAX_DIMS)
    luaL_error(L, "%s: a tensor has at most %d dimensions, not %I", a->who, MS_MAX_DIMS,
               (LUAI_UACINT)n);
  s->count = n < 0 ? 0 : (int)n;
  for (int d = 0; d < s->count; d++) {
    int whole;
    if (table) lua_rawgeti(L, a->at, d + 1);
    else lua_pushvalue(L, a->at + d);
    s->size[d] = (ptrdiff_t)lua_tointegerx(L, -1, &whole);
    if (!whole || lua_type(L, -1) != LUA_TNUMBER)
      luaL_error(L, "%s: a size or a dimension is a whole number, got %s", a->who,
                 lms_describe(L, -1));
    lua_pop(L, 1);
  }
}

/* ---- any of them ----------------------------------------------------------------------------- */
static void take_default(const lms_argument *a, void *to)
{
  const double value = a->arg->value;
  switch (a->arg->kind) {
  case MS_ARG_NUMBER: *(double *)to = value; break;
  case MS_ARG_INTEGER: *(uint64_t *)to = (uint64_t)value; break;
  case MS_ARG_COUNT: *(size_t *)to = (size_t)(ptrdiff_t)value; break;
  case MS_ARG_PAIR: ((size_t *)to)[0] = ((size_t *)to)[1] = (size_t)(ptrdiff_t)value; break;
  case MS_ARG_AXES: *(uint32_t *)to = all_axes(a->x); break;
  case MS_ARG_AXIS: *(int *)to = (int)value == MS_LAST ? a->x->ndim - 1 : (int)value; break;
  default: *(int *)to = (int)value;
  }
}

void lms_read_argument(lua_State *L, const lms_argument *a, void *to)
{
  if (!a->arg->needed && lua_isnoneornil(L, a->at)) {
    take_default(a, to);
    return;
  }
  switch (a->arg->kind) {
  case MS_ARG_NUMBER: *(double *)to = read_number(L, a); break;
  case MS_ARG_INTEGER: *(uint64_t *)to = (uint64_t)read_integer(L, a); break;
  case MS_ARG_COUNT: *(size_t *)to = read_count(L, a); break;
  case MS_ARG_FLAG: *(int *)to = read_flag(L, a); break;
  case MS_ARG_CHOICE: *(int *)to = read_choice(L, a); break;
  case MS_ARG_PAIR: read_pair(L, a, to); break;
  case MS_ARG_AXIS: *(int *)to = read_axis(L, a); break;
  case MS_ARG_AXES: *(uint32_t *)to = read_axes(L, a); break;
  case MS_ARG_POSITION:
    *(size_t *)to = lms_index(L, a->at, a->x->dim[a->axis], a->who);
    break;
  default: read_sizes(L, a, to);
  }
}
