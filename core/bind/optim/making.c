/* Optimizers from a list of parameters and a table of options, by what each kind declares. */
#include "making.h"

#include <float.h>
#include <string.h>

#include "../../base/error.h"
#include "../options.h"
#include "../words.h"

enum { MOST_PARAMS = 1 << 20, MOST_GROUPS = 1000 };

/* ---- options --------------------------------------------------------------------------------- */
/* What a table of options may hold, NULL-ended: the kind's rows, PyTorch's names for some of them,
   and `last`. */
static void known_options(const ms_optim_kind *kind, const char *last,
                          const char *known[MS_OPTIM_OPTIONS + 4])
{
  int n = 0, betas = 0, eps = 0;
  for (const ms_optim_option *row = kind->takes; row->name; row++) {
    betas |= strcmp(row->name, "beta1") == 0;
    eps |= strcmp(row->name, "epsilon") == 0;
    known[n++] = row->name;
  }
  if (betas) known[n++] = "betas";
  if (eps) known[n++] = "eps";
  known[n++] = last;
  known[n] = NULL;
}

/* The value on the top, which may not be one of the row's. */
static double checked(lua_State *L, const char *who, const ms_optim_option *row)
{
  const double value = lua_tonumber(L, -1);
  if (lua_type(L, -1) != LUA_TNUMBER)
    luaL_error(L, "%s: option %s must be a number, got %s", who, row->name, lms_describe(L, -1));
  if (value >= 0 && (row->below ? value < row->most : value <= row->most)) return value;
  if (row->most > 1)
    luaL_error(L, "%s: %s must be a number, 0 or more, got %f", who, row->name, value);
  luaL_error(L, "%s: %s must be 0..1 (below 1), got %f", who, row->name, value);
  return value;
}

static double checked_flag(lua_State *L, const char *who, const ms_optim_option *row)
{
  if (lua_type(L, -1) != LUA_TBOOLEAN)
    luaL_error(L, "%s: option %s must be true or false, got %s", who, row->name,
               lms_describe(L, -1));
  return lua_toboolean(L, -1);
}

double lms_check_option(lua_State *L, const ms_optim_kind *kind, int row, int index)
{
  lua_pushvalue(L, index);
  const ms_optim_option *r = &kind->takes[row];
  const double value = r->flag ? checked_flag(L, kind->name, r) : checked(L, kind->name, r);
  lua_pop(L, 1);
  return value;
}

void lms_push_option(lua_State *L, const ms_optim_kind *kind, int row, ms_optim_values *values)
{
  const double value = *ms_optim_value(kind, row, values);
  if (kind->takes[row].flag) lua_pushboolean(L, value != 0);
  else lua_pushnumber(L, value);
}

/* Pushes what the table at `arg` gives for a row, under its own name or PyTorch's; nil for
   nothing. */
static void push_given(lua_State *L, int arg, const char *who, const char *name)
{
  const int beta = strncmp(name, "beta", 4) == 0 ? name[4] - '0' : 0;
  const char *other = beta ? "betas" : strcmp(name, "epsilon") == 0 ? "eps" : NULL;
  lua_pushstring(L, name);
  lua_rawget(L, arg);
  if (!other) return;
  lua_pushstring(L, other);
  if (lua_rawget(L, arg) == LUA_TNIL) return lua_pop(L, 1);
  if (!lua_isnil(L, -2)) luaL_error(L, "%s: %s and %s are the same: give one", who, name, other);
  if (beta) {
    if (lua_type(L, -1) != LUA_TTABLE || lua_rawlen(L, -1) != 2)
      luaL_error(L, "%s: option betas must be a list of two numbers", who);
    lua_rawgeti(L, -1, beta);
    lua_replace(L, -2);
  }
  lua_replace(L, -2);
}

/* Reads the options in the table at `arg` into values; returns a bit for each that is there. */
static unsigned read_values(lua_State *L, int arg, const char *who, const ms_optim_kind *kind,
                            ms_optim_values *values)
{
  unsigned given = 0;
  if (lua_type(L, arg) != LUA_TTABLE) return 0;
  for (int row = 0; kind->takes[row].name; row++) {
    const ms_optim_option *r = &kind->takes[row];
    push_given(L, arg, who, r->name);
    if (!lua_isnil(L, -1)) {
      *ms_optim_value(kind, row, values) = r->flag ? checked_flag(L, who, r) : checked(L, who, r);
      given |= 1u << row;
    }
    lua_pop(L, 1);
  }
  return given;
}

void lms_check_values(lua_State *L, const ms_optim_kind *kind, const ms_optim_values *values)
{
  const char *why = kind->wrong ? kind->wrong(values) : NULL;
  if (why) luaL_error(L, "%s: %s", kind->name, why);
}

/* ---- parameters ------------------------------------------------------------------------------ */
void lms_expect_parameters(lua_State *L, const char *who)
{
  if (lua_type(L, 1) != LUA_TTABLE)
    luaL_error(L, "%s: a list of parameters is expected, as m:parameters() gives, got %s", who,
               luaL_typename(L, 1));
  const lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
  if (n > MOST_PARAMS) luaL_error(L, "%s: at most %d parameters", who, MOST_PARAMS);
  if (n == 0 && (lua_pushnil(L), lua_next(L, 1)))
    luaL_error(L, "%s: a list of parameters is expected, as m:parameters() gives, got %s", who,
               lua_getmetatable(L, 1) ? "an object, such as the model itself" : "a table of names");
}

const char *lms_push_parameter_name(lua_State *L, int list, lua_Integer i)
{
  const int top = lua_gettop(L);
  if (lua_rawgeti(L, list, i) == LUA_TTABLE) {
    lua_pushliteral(L, "name");
    if (lua_rawget(L, -2) == LUA_TSTRING) {
      lua_replace(L, top + 1);
      lua_settop(L, top + 1);
      return lua_tostring(L, -1);
    }
  }
  lua_settop(L, top);
  return lua_pushfstring(L, "%I", (LUAI_UACINT)i);
}

/* The tensor of entry i of the list at index 1; it stays on the stack. */
static ms_tensor *parameter(lua_State *L, const char *who, lua_Integer i)
{
  if (lua_rawgeti(L, 1, i) == LUA_TTABLE) {
    lua_pushliteral(L, "value");
    lua_rawget(L, -2);
  }
  ms_tensor *t = lms_tensor_at(L, -1, "%s: parameter %d", who, (int)i);
  if (!ms_has_grad(t)) luaL_error(L, "%s: parameter %d does not collect a gradient", who, (int)i);
  if (ms_is_result(t))
    luaL_error(L, "%s: parameter %d is the result of an operator, with which no gradient stays",
               who, (int)i);
  return t;
}

/* ---- groups ---------------------------------------------------------------------------------- */
/* Whether the pattern on the top, which is popped, is found in the name at `name`. */
static int fits(lua_State *L, const char *who, int name)
{
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "%s: match must be a pattern of names or a list of patterns, got %s", who,
               lms_describe(L, -1));
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, "string");
  lua_getfield(L, -1, "find");
  lua_pushvalue(L, name);
  lua_pushvalue(L, -5);
  lua_call(L, 2, 1);
  const int found = lua_toboolean(L, -1);
  lua_pop(L, 4);
  return found;
}

/* Whether group g of the list at `groups` takes the parameter whose name is at `name`. */
static int takes(lua_State *L, const char *who, int groups, int g, int name)
{
  int found = 0;
  lua_rawgeti(L, groups, g);
  lua_pushliteral(L, "match");
  lua_rawget(L, -2);
  const int match = lua_gettop(L);
  if (lua_type(L, match) != LUA_TTABLE) {
    lua_pushvalue(L, match);
    found = fits(L, who, name);
  }
  for (lua_Integer i = 1; !found && lua_type(L, match) == LUA_TTABLE; i++) {
    if (lua_rawgeti(L, match, i) == LUA_TNIL) break;
    found = fits(L, who, name);
  }
  lua_settop(L, match - 2);
  return found;
}

/* The group of entry i: the first one of the list at `groups` that takes it, else 0. */
static int group_of(lua_State *L, const ms_optim *o, int groups, lua_Integer i)
{
  int group = 0;
  if (!groups) return 0;
  lms_push_parameter_name(L, 1, i);
  for (int g = 1; !group && g < o->groups; g++)
    if (takes(L, o->kind->name, groups, g, lua_gettop(L))) group = g;
  lua_pop(L, 1);
  return group;
}

/* The table on the top keeps entries by number, and knows their tensors. */
static void add_parameter(lua_State *L, ms_optim *o, int groups, lua_Integer i)
{
  const int kept = lua_gettop(L), group = group_of(L, o, groups, i);
  ms_tensor *t = parameter(L, o->kind->name, i);
  if (lua_rawgetp(L, kept, t) == LUA_TNIL) {
    ms_optim_add(o, t, group);
    lua_rawgeti(L, 1, i);
    lua_rawseti(L, kept, o->params);
    lua_pushboolean(L, 1);
    lua_rawsetp(L, kept, t);
  }
  lua_settop(L, kept);
}

ms_optim *lms_push_optim(lua_State *L, const ms_optim_kind *kind, int groups)
{
  const lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
  const int more = groups ? (int)lua_rawlen(L, groups) : 0;
  void **h = lms_handle(L, LMS_OPTIM);
  *h = ms_optim_new(kind, (int)n, more + 1);
  if (!*h) lms_raise(L);
  lua_newtable(L);
  for (lua_Integer i = 1; i <= n; i++) add_parameter(L, *h, groups, i);
  lua_setiuservalue(L, -2, 1);
  return *h;
}

/* ---- all together ---------------------------------------------------------------------------- */
/* Pushes the list of groups that the options at 2 have, or nil; returns its index or 0. */
static int push_groups(lua_State *L, const char *who)
{
  if (lua_type(L, 2) != LUA_TTABLE) return 0;
  lua_pushliteral(L, "groups");
  if (lua_rawget(L, 2) == LUA_TNIL) return 0;
  if (lua_type(L, -1) != LUA_TTABLE || lua_rawlen(L, -1) > MOST_GROUPS)
    luaL_error(L, "%s: groups must be a list of at most %d tables, got %s", who, MOST_GROUPS,
               lms_describe(L, -1));
  const int at = lua_gettop(L);
  for (lua_Integer g = (lua_Integer)lua_rawlen(L, at); g >= 1; g--) {
    if (lua_rawgeti(L, at, g) != LUA_TTABLE)
      luaL_error(L, "%s: groups[%d] must be a table, got %s", who, (int)g, lms_describe(L, -1));
    lua_pop(L, 1);
  }
  return at;
}

/* Group g's options, which begin as those of all. */
static void read_group(lua_State *L, ms_optim *o, int groups, int g)
{
  ms_optim_group *group = &o->group[g], *all = &o->group[0];
  const char *known[MS_OPTIM_OPTIONS + 4];
  lua_rawgeti(L, groups, g);
  const char *who = lua_pushfstring(L, "%s: groups[%d]", o->kind->name, g);
  const int table = lua_gettop(L) - 1;
  known_options(o->kind, "match", known);
  if (lua_type(L, table) != LUA_TTABLE) luaL_error(L, "%s must be a table", who);
  lms_options(L, table, who, known);
  *group = *all;
  group->own = read_values(L, table, who, o->kind, &group->values);
  lms_check_values(L, o->kind, &group->values);
  if (group->own & 1 && !(all->values.lr > 0))
    luaL_error(L, "%s: its lr is kept as a multiple of the optimizer's, which must be above 0",
               who);
  group->ratio = group->own & 1 ? group->values.lr / all->values.lr : 1;
  int members = 0;
  for (int i = 0; i < o->params; i++) members += o->of[i] == g;
  if (!members) luaL_error(L, "%s: match fits the name of no parameter that is left", who);
  lua_pop(L, 2);
}

/* What must be there before the parameters are looked at. */
static void read_options(lua_State *L, const ms_optim_kind *kind, ms_optim_values *values)
{
  const char *known[MS_OPTIM_OPTIONS + 4];
  known_options(kind, "groups", known);
  lms_options(L, 2, kind->name, known);
  for (int row = 0; kind->takes[row].name; row++)
    *ms_optim_value(kind, row, values) = kind->takes[row].value;
  const unsigned given = read_values(L, 2, kind->name, kind, values);
  if (!(given & 1)) luaL_error(L, "%s: the option lr is needed, 0 or more", kind->name);
  lms_check_values(L, kind, values);
}

int lms_make_optim(lua_State *L, const ms_optim_kind *kind)
{
  ms_optim_values values = { 0 };
  read_options(L, kind, &values);
  lms_expect_parameters(L, kind->name);
  lua_settop(L, 2);
  const int groups = push_groups(L, kind->name);
  ms_optim *o = lms_push_optim(L, kind, groups);
  o->group[0] = (ms_optim_group){ .values = values, .ratio = 1 };
  for (int g = 1; g < o->groups; g++) read_group(L, o, groups, g);
  return 1;
}
