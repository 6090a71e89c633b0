/* Optimizers in Lua: ms.optim.adam(params, {...}), opt:step(), opt:zero(). moonstem.core.optim */
#include <string.h>

#include "../../base/error.h"
#include "../../optim/clip.h"
#include "../open.h"
#include "../scope.h"
#include "../words.h"
#include "ema.h"
#include "clipping.h"
#include "making.h"

static void release(void *o)
{
  ms_optim_free(o);
}

static ms_optim *optim(lua_State *L, int arg)
{
  return lms_check(L, arg, LMS_OPTIM);
}

/** opt:step() changes every parameter that has a gradient; raises where none has one */
static int step(lua_State *L)
{
  if (ms_optim_step(optim(L, 1)) != 0) lms_raise(L);
  return 0;
}

/** opt:zero() releases all gradients. Without it the next backward adds to them: of n batches, each
    loss over n, the step is that of one batch n times as large */
static int zero(lua_State *L)
{
  ms_optim_zero(optim(L, 1));
  return 0;
}

/** opt:norms() -> {NAME = the Euclidean norm of its gradient, ...}, the norm of all together: of
    the parameters that have a gradient, by name, or by number where they have none */
static int norms(lua_State *L)
{
  optim(L, 1);
  lua_settop(L, 1);
  lua_getiuservalue(L, 1, 1);
  lua_newtable(L);
  for (int i = 0; i < optim(L, 1)->params; i++) {
    lms_push_parameter_name(L, 2, i + 1);
    ms_optim one = *optim(L, 1);
    one.param += i;
    one.params = 1;
    if (!ms_grad(one.param[0])) continue;
    lua_pushnumber(L, ms_gradient_norm(&one, 2));
    lua_rawset(L, 3);
  }
  lms_heed(L);
  lua_settop(L, 3);
  lua_pushnumber(L, ms_gradient_norm(optim(L, 1), 2));
  return 2;
}

/* ---- groups ---------------------------------------------------------------------------------- */
/* Pushes the names of group g's parameters; the list of all entries is at 2. */
static void push_members(lua_State *L, int g)
{
  lua_newtable(L);
  for (int i = 0, n = 0; i < optim(L, 1)->params; i++) {
    if (optim(L, 1)->of[i] != g) continue;
    lms_push_parameter_name(L, 2, i + 1);
    lua_rawseti(L, -2, ++n);
  }
}

/** opt:groups() -> a list of {lr =, weight_decay = and all other options, parameters = names}:
    first the parameters that no group took, then the groups in their order. What is changed in it
    changes nothing */
static int groups(lua_State *L)
{
  const ms_optim_kind *kind = optim(L, 1)->kind;
  lua_settop(L, 1);
  lua_getiuservalue(L, 1, 1);
  lua_newtable(L);
  for (int g = 0; g < optim(L, 1)->groups; g++) {
    ms_optim_values values = optim(L, 1)->group[g].values;
    lua_newtable(L);
    for (int row = 0; kind->takes[row].name; row++) {
      lms_push_option(L, kind, row, &values);
      lua_setfield(L, -2, kind->takes[row].name);
    }
    push_members(L, g);
    lua_setfield(L, -2, "parameters");
    lua_rawseti(L, 3, g + 1);
  }
  return 1;
}

/* ---- state ----------------------------------------------------------------------------------- */
/* The next slot that is kept, from number `at` of all on; -1 behind the last. */
static int next_slot(const ms_optim *o, int at)
{
  for (; at < o->params * o->slots; at++)
    if (ms_optim_keeps(o, at / o->slots, at % o->slots)) return at;
  return -1;
}

/* Pushes "NAME/SLOT" of slot number `at`; the handle is at 1. */
static const char *push_slot_name(lua_State *L, int at)
{
  const int top = lua_gettop(L), slots = optim(L, 1)->slots;
  lua_getiuservalue(L, 1, 1);
  lms_push_parameter_name(L, top + 1, at / slots + 1);
  lua_pushfstring(L, "%s/%s", lua_tostring(L, -1), optim(L, 1)->kind->slot[at % slots].name);
  lua_replace(L, top + 1);
  lua_settop(L, top + 1);
  return lua_tostring(L, -1);
}

/** opt:state() -> {["NAME/m"] = tensor, ..., steps = n}: all that a resumed run needs beside the
    options */
static int state(lua_State *L)
{
  if (ms_optim_fill(optim(L, 1)) != 0) lms_raise(L);
  lua_settop(L, 1);
  lua_newtable(L);
  for (int at = 0; (at = next_slot(optim(L, 1), at)) >= 0; at++) {
    lua_settop(L, 2);
    push_slot_name(L, at);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 2) != LUA_TNIL)
      return luaL_error(L, "optimizer: two parameters share the name of %s", lua_tostring(L, -2));
    lua_pop(L, 1);
    lms_push_tensor(L, ms_tensor_ref(optim(L, 1)->slot[at]));
    lua_rawset(L, 2);
  }
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)optim(L, 1)->steps);
  lua_setfield(L, 2, "steps");
  return 1;
}

/* The tensor of the state at 2 for slot number `at`: borrowed, the table holds it. Raises. */
static ms_tensor *slot_in_state(lua_State *L, int at)
{
  char want[MS_SHAPE_TEXT], have[MS_SHAPE_TEXT];
  lua_settop(L, 2);
  const char *name = push_slot_name(L, at);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, 2) == LUA_TNIL) luaL_error(L, "optimizer: the state has no %s", name);
  ms_tensor *from = lms_tensor_at(L, -1, "optimizer: %s in the state", name);
  const ms_tensor *slot = optim(L, 1)->slot[at];
  if (!ms_tensor_same_shape(from, slot))
    luaL_error(L, "optimizer: %s is %s in the state but %s here", name,
               ms_shape_text(from->ndim, from->dim, have),
               ms_shape_text(slot->ndim, slot->dim, want));
  return from;
}

/* Takes over all that the state at 2 holds. */
static void copy_slots(lua_State *L)
{
  for (int at = 0; (at = next_slot(optim(L, 1), at)) >= 0; at++) {
    ms_tensor *from = slot_in_state(L, at), *slot = optim(L, 1)->slot[at];
    memmove(slot->data, from->data, slot->count * sizeof(real));
    ms_tensor_changed(slot);
  }
}

/** opt:load(state) takes over what opt:state() gave; raises, before anything changes, where a
    tensor is missing, too many or of another shape */
static int load(lua_State *L)
{
  int given = 0, kept = 0;
  luaL_checktype(L, 2, LUA_TTABLE);
  if (ms_optim_fill(optim(L, 1)) != 0) lms_raise(L);
  lua_settop(L, 2);
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) given++;
  for (int at = 0; (at = next_slot(optim(L, 1), at)) >= 0; at++, kept++) slot_in_state(L, at);
  lua_settop(L, 2);
  lua_pushliteral(L, "steps");
  if (lua_rawget(L, 2) != LUA_TNUMBER || !lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0)
    return luaL_error(L, "optimizer: steps in the state must be a whole number, 0 or more");
  const uint64_t steps = (uint64_t)lua_tointeger(L, -1);
  if (given != kept + 1)
    return luaL_error(L, "optimizer: the state has %d tensors but %s keeps %d", given - 1,
                      optim(L, 1)->kind->name, kept);
  copy_slots(L);
  optim(L, 1)->steps = steps;
  return 0;
}

/* ---- fields ---------------------------------------------------------------------------------- */
/* The number of the option that is called so, or -1. */
static int row_of(const ms_optim *o, const char *key)
{
  for (int row = 0; o->kind->takes[row].name; row++)
    if (strcmp(o->kind->takes[row].name, key) == 0) return row;
  return -1;
}

/* opt.lr and other options, opt.steps and opt.name read like fields; everything else is a method
   (upvalue 1). */
static int index_optim(lua_State *L)
{
  ms_optim *o = optim(L, 1);
  const char *key = luaL_checkstring(L, 2);
  const int row = row_of(o, key);
  if (row >= 0) return lms_push_option(L, o->kind, row, &o->group[0].values), 1;
  if (strcmp(key, "steps") == 0) return lua_pushinteger(L, (lua_Integer)o->steps), 1;
  if (strcmp(key, "name") == 0) return lua_pushstring(L, o->kind->name), 1;
  lua_pushvalue(L, 2);
  const int known = lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL;
  return known ? 1 : lms_no_such(L, lua_upvalueindex(1), "opt");
}

static int newindex_optim(lua_State *L)
{
  const char *key = luaL_checkstring(L, 2);
  int row = row_of(optim(L, 1), key);
  const char *now = row < 0 ? lms_renamed(L, "name", "opt", key) : NULL;
  if (now) row = row_of(optim(L, 1), now);
  ms_optim *o = optim(L, 1);
  if (row < 0)
    return luaL_error(L, "optimizer: only options of %s can be set, such as lr, not %s",
                      o->kind->name, key);
  const double value = lms_check_option(L, o->kind, row, 3);
  ms_optim_values values = o->group[0].values;
  *ms_optim_value(o->kind, row, &values) = value;
  lms_check_values(L, o->kind, &values);
  ms_optim_set(o, row, value);
  return 0;
}

static int show(lua_State *L)
{
  void **h = luaL_checkudata(L, 1, LMS_OPTIM);
  const ms_optim *o = *h;
  if (!o) return lua_pushliteral(L, "optimizer (closed)"), 1;
  lua_pushfstring(L, "%s: %d parameter%s, lr %f, %I step%s", o->kind->name, o->params,
                  o->params == 1 ? "" : "s", o->group[0].values.lr, (LUAI_UACINT)o->steps,
                  o->steps == 1 ? "" : "s");
  return 1;
}

/* ---- the module ------------------------------------------------------------------------------ */
/* Upvalue 1 is the kind. */
static int make(lua_State *L)
{
  union { void *data; const ms_optim_kind *kind; } p = {
    .data = lua_touserdata(L, lua_upvalueindex(1))
  };
  lms_check_surplus(L, p.kind->name, 2);
  return lms_make_optim(L, p.kind);
}

/* Sets a function for each kind in the table on the top; and in its table _options what each
   takes: NAME -> option -> "number" or "flag". */
static void kinds(lua_State *L)
{
  lua_newtable(L);
  for (const ms_optim_kind *const *k = __start_ms_optimizers; k != __stop_ms_optimizers; k++) {
    union { const ms_optim_kind *kind; void *data; } p = { .kind = *k };
    lua_pushlightuserdata(L, p.data);
    lua_pushcclosure(L, make, 1);
    lua_setfield(L, -3, (*k)->name);
    lua_newtable(L);
    for (const ms_optim_option *row = (*k)->takes; row->name; row++) {
      lua_pushstring(L, row->flag ? "flag" : "number");
      lua_setfield(L, -2, row->name);
    }
    lua_setfield(L, -2, (*k)->name);
  }
  lua_setfield(L, -2, "_options");
}

static const lms_function methods[] = {
  { "step", step, 1 }, { "zero", zero, 1 }, { "norms", norms, 1 }, { "groups", groups, 1 },
  { "state", state, 1 }, { "load", load, 2 }, { NULL, NULL, 0 },
};

int lms_open_optim(lua_State *L)
{
  lms_type(L, LMS_OPTIM, methods, release);
  luaL_getmetatable(L, LMS_OPTIM);
  lua_getfield(L, -1, "__index");
  lua_pushcclosure(L, index_optim, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, newindex_optim);
  lua_setfield(L, -2, "__newindex");
  lua_pushcfunction(L, show);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
  lua_newtable(L);
  kinds(L);
  lms_clipping(L);
  lms_averages(L);
  return 1;
}
