/* Optimizers in Lua: ms.optim.adam(params, {...}), opt:step(), opt:zero(). moonstem.core.optim */
#include <float.h>
#include <string.h>

#include "../base/error.h"
#include "../optim/optim.h"
#include "options.h"
#include "scope.h"
#include "open.h"
#include "words.h"

#define OPTIM "moonstem.optimizer"

enum { MOST_PARAMS = 1 << 20 };

static void release(void *o)
{
  ms_optim_free(o);
}

static ms_optim *optim(lua_State *L, int arg)
{
  return lms_check(L, arg, OPTIM);
}

/* The tensor on the top, which stands for parameter i. */
static ms_tensor *leaf(lua_State *L, const char *who, lua_Integer i)
{
  ms_tensor *t = lms_tensor_at(L, -1, "%s: parameter %d", who, (int)i);
  if (!ms_has_grad(t)) luaL_error(L, "%s: parameter %d does not collect a gradient", who, (int)i);
  if (ms_is_result(t))
    luaL_error(L, "%s: parameter %d is the result of an operator, with which no gradient stays",
               who, (int)i);
  return t;
}

/* Adds entry i of the list at index 1: a tensor, or {name =, value =}. One that is there already is
   the same parameter. The table on the top keeps entries by number, and knows their tensors. */
static void add_param(lua_State *L, ms_optim *o, lua_Integer i)
{
  const int kept = lua_gettop(L);
  if (lua_rawgeti(L, 1, i) == LUA_TTABLE) {
    lua_pushliteral(L, "value");
    lua_rawget(L, -2);
  }
  ms_tensor *t = leaf(L, o->kind->name, i);
  if (lua_rawgetp(L, kept, t) == LUA_TNIL) {
    ms_optim_add(o, t);
    lua_pushvalue(L, kept + 1);
    lua_rawseti(L, kept, o->params);
    lua_pushboolean(L, 1);
    lua_rawsetp(L, kept, t);
  }
  lua_settop(L, kept);
}

/* The new optimizer over the list at index 1 is on the stack's top; its parameters' entries go in
   its user value. */
static ms_optim *make(lua_State *L, const ms_optim_kind *kind)
{
  if (lua_type(L, 1) != LUA_TTABLE)
    luaL_error(L, "%s: a list of parameters is expected, as m:parameters() gives, got %s",
               kind->name, luaL_typename(L, 1));
  lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
  if (n > MOST_PARAMS) luaL_error(L, "%s: at most %d parameters", kind->name, MOST_PARAMS);
  if (n == 0 && (lua_pushnil(L), lua_next(L, 1)))
    luaL_error(L, "%s: a list of parameters is expected, as m:parameters() gives, got names",
               kind->name);
  void **h = lms_handle(L, OPTIM);
  *h = ms_optim_new(kind, (int)n);
  if (!*h) lms_raise(L);
  lua_newtable(L);
  for (lua_Integer i = 1; i <= n; i++) add_param(L, *h, i);
  lua_setiuservalue(L, -2, 1);
  return *h;
}

/* An option within low..high; `below` leaves high itself out. */
static double option_within(lua_State *L, const char *who, const char *key, double other,
                            double high, int below)
{
  double value = lms_opt_number(L, 2, key, other);
  if (value >= 0 && (below ? value < high : value <= high)) return value;
  if (high > 1) luaL_error(L, "%s: %s must be a number, 0 or more, got %f", who, key, value);
  luaL_error(L, "%s: %s must be 0..1 (below 1), got %f", who, key, value);
  return other;
}

static double lr_option(lua_State *L, const char *who)
{
  if (!lms_has_option(L, 2, "lr")) luaL_error(L, "%s: the option lr is needed, 0 or more", who);
  return option_within(L, who, "lr", -1, DBL_MAX, 0);
}

/** ms.optim.adam(params, {lr =, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, weight_decay = 0})
    -> optimizer (Kingma & Ba 2015; Keras' epsilon) over m:parameters(), as they are now: layers
    that are put in place of others later need a new one. A parameter that the list holds twice is
    one */
static int adam(lua_State *L)
{
  static const char *const known[] = { "lr", "beta1", "beta2", "epsilon", "weight_decay", NULL };
  lms_options(L, 2, "adam", known);
  double lr = lr_option(L, "adam"), beta1 = option_within(L, "adam", "beta1", 0.9, 1, 1),
         beta2 = option_within(L, "adam", "beta2", 0.999, 1, 1),
         epsilon = option_within(L, "adam", "epsilon", 1e-7, DBL_MAX, 0),
         decay = option_within(L, "adam", "weight_decay", 0, DBL_MAX, 0);
  ms_optim *o = make(L, &ms_adam);
  o->lr = lr;
  o->beta1 = beta1;
  o->beta2 = beta2;
  o->epsilon = epsilon;
  o->decay = decay;
  return 1;
}

/** ms.optim.sgd(params, {lr =, momentum = 0, nesterov = false, weight_decay = 0}) -> optimizer over
    m:parameters(), as they are now: layers that are put in place of others later need a new one. A
    parameter that the list holds twice is one */
static int sgd(lua_State *L)
{
  static const char *const known[] = { "lr", "momentum", "nesterov", "weight_decay", NULL };
  lms_options(L, 2, "sgd", known);
  double lr = lr_option(L, "sgd"), momentum = option_within(L, "sgd", "momentum", 0, 1, 1),
         decay = option_within(L, "sgd", "weight_decay", 0, DBL_MAX, 0);
  int nesterov = lms_opt_bool(L, 2, "nesterov", 0);
  ms_optim *o = make(L, &ms_sgd);
  o->lr = lr;
  o->momentum = momentum;
  o->nesterov = nesterov;
  o->decay = decay;
  return 1;
}

/** opt:step() changes every parameter that has a gradient; raises where none has one */
static int step(lua_State *L)
{
  if (ms_optim_step(optim(L, 1)) != 0) lms_raise(L);
  return 0;
}

/** opt:zero() releases all gradients */
static int zero(lua_State *L)
{
  ms_optim_zero(optim(L, 1));
  return 0;
}

/* Pushes "NAME/SLOT" of parameter i, below which nothing stays: its name in the list of entries
   (user value 1 of the handle on index 1), or its number. */
static void push_slot_name(lua_State *L, const ms_optim *o, int i, int s)
{
  int top = lua_gettop(L);
  const char *name = NULL;
  lua_getiuservalue(L, 1, 1);
  if (lua_rawgeti(L, -1, i + 1) == LUA_TTABLE && lua_getfield(L, -1, "name") == LUA_TSTRING)
    name = lua_tostring(L, -1);
  if (name) lua_pushfstring(L, "%s/%s", name, o->kind->slot_name[s]);
  else lua_pushfstring(L, "%d/%s", i + 1, o->kind->slot_name[s]);
  lua_replace(L, top + 1);
  lua_settop(L, top + 1);
}

/** opt:state() -> {["NAME/m"] = tensor, ..., steps = n}: all that a resumed run needs */
static int state(lua_State *L)
{
  int params = optim(L, 1)->params, slots = optim(L, 1)->kind->slots;
  if (ms_optim_fill(optim(L, 1)) != 0) lms_raise(L);
  lua_settop(L, 1);
  lua_newtable(L);
  for (int i = 0; i < params; i++)
    for (int s = 0; s < slots; s++) {
      lua_settop(L, 2);
      push_slot_name(L, optim(L, 1), i, s);
      lua_pushvalue(L, -1);
      if (lua_rawget(L, 2) != LUA_TNIL)
        return luaL_error(L, "optimizer: two parameters share the name of %s", lua_tostring(L, -2));
      lua_pop(L, 1);
      lms_push_tensor(L, ms_tensor_ref(optim(L, 1)->slot[i * slots + s]));
      lua_rawset(L, 2);
    }
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)optim(L, 1)->steps);
  lua_setfield(L, 2, "steps");
  return 1;
}

/* The tensor of the state at 2 for parameter i's slot s: borrowed, the table holds it. Raises. */
static ms_tensor *slot_in_state(lua_State *L, int i, int s)
{
  char want[MS_SHAPE_TEXT], have[MS_SHAPE_TEXT];
  lua_settop(L, 2);
  push_slot_name(L, optim(L, 1), i, s);
  const char *name = lua_tostring(L, -1);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, 2) == LUA_TNIL) luaL_error(L, "optimizer: the state has no %s", name);
  ms_tensor *from = lms_tensor_at(L, -1, "optimizer: %s in the state", name);
  const ms_tensor *slot = optim(L, 1)->slot[i * optim(L, 1)->kind->slots + s];
  if (!ms_tensor_same_shape(from, slot))
    luaL_error(L, "optimizer: %s is %s in the state but %s here", name,
               ms_shape_text(from->ndim, from->dim, have),
               ms_shape_text(slot->ndim, slot->dim, want));
  return from;
}

/** opt:load(state) takes over what opt:state() gave; raises, before anything changes, where a
    tensor is missing, too many or of another shape */
static int load(lua_State *L)
{
  int params = optim(L, 1)->params, slots = optim(L, 1)->kind->slots;
  lua_Integer given = 0;
  luaL_checktype(L, 2, LUA_TTABLE);
  if (ms_optim_fill(optim(L, 1)) != 0) lms_raise(L);
  lua_settop(L, 2);
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) given++;
  for (int i = 0; i < params * slots; i++) slot_in_state(L, i / slots, i % slots);
  lua_settop(L, 2);
  lua_pushliteral(L, "steps");
  if (lua_rawget(L, 2) != LUA_TNUMBER || !lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0)
    return luaL_error(L, "optimizer: steps in the state must be a whole number, 0 or more");
  uint64_t steps = (uint64_t)lua_tointeger(L, -1);
  if (given != params * slots + 1)
    return luaL_error(L, "optimizer: the state has %I tensors but %s keeps %d",
                      (LUAI_UACINT)given - 1, optim(L, 1)->kind->name, params * slots);
  for (int i = 0; i < params * slots; i++) {
    ms_tensor *from = slot_in_state(L, i / slots, i % slots), *slot = optim(L, 1)->slot[i];
    memmove(slot->data, from->data, slot->count * sizeof(real));
    ms_tensor_changed(slot);
  }
  optim(L, 1)->steps = steps;
  return 0;
}

/* opt.lr and opt.steps read like fields; everything else is a method (upvalue 1). */
static int index_optim(lua_State *L)
{
  ms_optim *o = optim(L, 1);
  const char *key = luaL_checkstring(L, 2);
  if (strcmp(key, "lr") == 0) return lua_pushnumber(L, o->lr), 1;
  if (strcmp(key, "steps") == 0) return lua_pushinteger(L, (lua_Integer)o->steps), 1;
  if (strcmp(key, "name") == 0) return lua_pushstring(L, o->kind->name), 1;
  lua_pushvalue(L, 2);
  const int known = lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL;
  return known ? 1 : lms_no_such(L, lua_upvalueindex(1), "opt");
}

static int newindex_optim(lua_State *L)
{
  ms_optim *o = optim(L, 1);
  const char *key = luaL_checkstring(L, 2);
  const char *now = strcmp(key, "lr") == 0 ? key : lms_renamed(L, "name", "opt", key);
  if (!now || strcmp(now, "lr") != 0)
    return luaL_error(L, "optimizer: only lr can be set, not %s", key);
  double lr = luaL_checknumber(L, 3);
  if (!(lr >= 0 && lr <= DBL_MAX))
    return luaL_error(L, "optimizer: lr must be a number, 0 or more, got %f", lr);
  o->lr = lr;
  return 0;
}

static int show(lua_State *L)
{
  void **h = luaL_checkudata(L, 1, OPTIM);
  const ms_optim *o = *h;
  if (!o) return lua_pushliteral(L, "optimizer (closed)"), 1;
  lua_pushfstring(L, "%s: %d parameter%s, lr %f, %I step%s", o->kind->name, o->params,
                  o->params == 1 ? "" : "s", o->lr, (LUAI_UACINT)o->steps,
                  o->steps == 1 ? "" : "s");
  return 1;
}

static const lms_function methods[] = {
  { "step", step, 1 }, { "zero", zero, 1 }, { "state", state, 1 }, { "load", load, 2 },
  { NULL, NULL, 0 },
};
static const lms_function functions[] = {
  { "adam", adam, 2 }, { "sgd", sgd, 2 }, { NULL, NULL, 0 },
};

int lms_open_optim(lua_State *L)
{
  lms_type(L, OPTIM, methods, release);
  luaL_getmetatable(L, OPTIM);
  lua_getfield(L, -1, "__index");
  lua_pushcclosure(L, index_optim, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, newindex_optim);
  lua_setfield(L, -2, "__newindex");
  lua_pushcfunction(L, show);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
  lms_library(L, functions);
  return 1;
}
