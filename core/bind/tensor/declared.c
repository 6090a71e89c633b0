/* Offers the operators that core/ops declares: reads a call's arguments by the declaration. */
#include "declared.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "../../base/profile.h"
#include "../../ops/operator.h"
#include "../options.h"
#include "../scope.h"
#include "../words.h"

/* How many arguments of `o` are not options. */
static int count_positional(const ms_operator *o)
{
  int n = 0;
  while (o->param[n].kind != MS_KIND_NONE && !o->param[n].option) n++;
  return n;
}

static int has_options(const ms_operator *o)
{
  return o->param[count_positional(o)].kind != MS_KIND_NONE;
}

/* Raises on options in the table at `at` that are not declared. */
static void check_options(lua_State *L, const ms_operator *o, int at)
{
  const char *known[MS_MOST_PARAMS + 1];
  int n = 0;
  for (const ms_param *p = o->param + count_positional(o); p->kind != MS_KIND_NONE; p++)
    known[n++] = p->name;
  known[n] = NULL;
  lms_options(L, at, o->name, known);
}

static void read_option(lua_State *L, int at, const ms_param *p, ms_arg *a)
{
  a->given = lms_has_option(L, at, p->name);
  if (p->kind == MS_KIND_PAIR) lms_opt_pair(L, at, p->name, (size_t)p->other, a->pair);
  else if (p->kind == MS_KIND_FLAG) a->whole = lms_opt_bool(L, at, p->name, (int)p->other);
  else if (p->kind == MS_KIND_WHOLE)
    a->whole = lms_opt_integer(L, at, p->name, (lua_Integer)p->other);
  else a->number = lms_opt_number(L, at, p->name, p->other);
}

/* The default of a parameter that was left out; needed ones go on to be read, which raises. */
static int take_default(lua_State *L, int at, const ms_param *p, ms_arg *a)
{
  if (!lua_isnoneornil(L, at) || isnan(p->other)) return 0;
  a->number = p->other;
  a->whole = (int64_t)p->other;
  return 1;
}

static void read_argument(lua_State *L, const ms_operator *o, int i, ms_arg *args)
{
  const ms_param *p = &o->param[i];
  ms_arg *a = &args[i];
  a->given = !lua_isnoneornil(L, i + 1);
  if (p->kind == MS_KIND_TENSOR) a->tensor = lms_tensor(L, i + 1);
  else if (p->kind == MS_KIND_MAYBE_TENSOR) a->tensor = a->given ? lms_tensor(L, i + 1) : NULL;
  else if (p->kind == MS_KIND_OPERAND) a->tensor = lms_tensor_or_number(L, i + 1);
  else if (take_default(L, i + 1, p, a)) return;
  else if (p->kind == MS_KIND_NUMBER) a->number = luaL_checknumber(L, i + 1);
  else if (p->kind == MS_KIND_WHOLE) a->whole = luaL_checkinteger(L, i + 1);
  else if (p->kind == MS_KIND_AXIS) a->whole = lms_axis(L, i + 1, args[0].tensor->ndim, o->name);
}

/* Upvalue 1 is the declaration. */
static int call(lua_State *L)
{
  const ms_operator *o = lua_touserdata(L, lua_upvalueindex(1));
  const int n = count_positional(o), options = has_options(o);
  ms_arg args[MS_MOST_PARAMS];
  if (ms_profile_on) ms_profile_begin();
  lms_check_surplus(L, o->name, n + options);
  if (o->param[0].kind == MS_KIND_OPERAND) lua_settop(L, n); /* theirs are pushed behind */
  if (options) check_options(L, o, n + 1);
  for (int i = 0; i < n; i++) read_argument(L, o, i, args);
  for (int i = n; o->param[i].kind != MS_KIND_NONE; i++)
    read_option(L, n + 1, &o->param[i], &args[i]);
  return lms_push_tensor(L, o->call(args));
}

static int same_home(const char *a, const char *b)
{
  return a && b ? strcmp(a, b) == 0 : a == b;
}

void lms_declared(lua_State *L, const char *home)
{
  for (const ms_operator *const *o = ms_operators; *o; o++) {
    if (!same_home((*o)->home, home)) continue;
    union { const ms_operator *declaration; void *data; } pointer = { .declaration = *o };
    lua_pushlightuserdata(L, pointer.data);
    lua_pushcclosure(L, call, 1);
    lua_setfield(L, -2, (*o)->name);
  }
}
