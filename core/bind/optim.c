/* Optimizers in Lua: ms.optim.adam(params, {...}), opt:step(), opt:zero(). moonstem.core.optim */
#include <string.h>

#include "../base/error.h"
#include "../optim/optim.h"
#include "lms.h"
#include "open.h"

#define OPTIM "moonstem.optimizer"

static void release(void *o)
{
  ms_optim_free(o);
}

static ms_optim *optim(lua_State *L, int arg)
{
  return lms_check(L, arg, OPTIM);
}

/* The tensor of entry i of the list at index 1: a tensor, or {name =, value =}. */
static ms_tensor *param_at(lua_State *L, lua_Integer i)
{
  if (lua_rawgeti(L, 1, i) == LUA_TTABLE) {
    lua_getfield(L, -1, "value");
    lua_remove(L, -2);
  }
  ms_tensor *t = lms_tensor(L, -1);
  lua_pop(L, 1); /* the list keeps it */
  if (!ms_has_grad(t)) luaL_error(L, "optimizer: parameter %d does not collect a gradient", (int)i);
  return t;
}

/* The new optimizer over the list at index 1 is on the stack's top; names go in its user value. */
static ms_optim *make(lua_State *L, const ms_optim_kind *kind)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
  ms_tensor **list = lua_newuserdatauv(L, (size_t)(n + 1) * sizeof *list, 0);
  for (lua_Integer i = 0; i < n; i++) list[i] = param_at(L, i + 1);
  void **h = lms_handle(L, OPTIM);
  *h = ms_optim_new(kind, (int)n, list);
  if (!*h) lms_raise(L);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  return *h;
}

static double rate_option(lua_State *L, const char *who)
{
  double rate = lms_opt_number(L, 2, "rate", -1);
  if (!(rate >= 0)) luaL_error(L, "%s: the option rate is needed, 0 or more", who);
  return rate;
}

/** ms.optim.adam(params, {rate =, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, weight_decay = 0})
    -> optimizer (Kingma & Ba 2015; Keras' epsilon) over m:parameters() */
static int adam(lua_State *L)
{
  static const char *const known[] = { "rate", "beta1", "beta2", "epsilon", "weight_decay", NULL };
  lms_options(L, 2, "adam", known);
  double rate = rate_option(L, "adam");
  ms_optim *o = make(L, &ms_adam);
  o->rate = rate;
  o->beta1 = lms_opt_number(L, 2, "beta1", 0.9);
  o->beta2 = lms_opt_number(L, 2, "beta2", 0.999);
  o->epsilon = lms_opt_number(L, 2, "epsilon", 1e-7);
  o->decay = lms_opt_number(L, 2, "weight_decay", 0);
  return 1;
}

/** ms.optim.sgd(params, {rate =, momentum = 0, nesterov = false, weight_decay = 0}) -> optimizer */
static int sgd(lua_State *L)
{
  static const char *const known[] = { "rate", "momentum", "nesterov", "weight_decay", NULL };
  lms_options(L, 2, "sgd", known);
  double rate = rate_option(L, "sgd");
  ms_optim *o = make(L, &ms_sgd);
  o->rate = rate;
  o->momentum = lms_opt_number(L, 2, "momentum", 0);
  o->nesterov = lms_opt_bool(L, 2, "nesterov", 0);
  o->decay = lms_opt_number(L, 2, "weight_decay", 0);
  return 1;
}

/** opt:step() changes every parameter that has a gradient */
static int step(lua_State *L)
{
  ms_optim_step(optim(L, 1));
  return 0;
}

/** opt:zero() lets all gradients go */
static int zero(lua_State *L)
{
  ms_optim_zero(optim(L, 1));
  return 0;
}

/* Pushes "NAME/SLOT" of parameter i, below which nothing stays: its name in the list of
   parameters (user value 1 of the handle on index 1), or its number. */
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
  ms_optim *o = optim(L, 1);
  lua_settop(L, 1);
  lua_newtable(L);
  for (int i = 0; i < o->params; i++)
    for (int s = 0; s < o->kind->slots; s++) {
      lua_settop(L, 2);
      push_slot_name(L, o, i, s);
      lms_push_tensor(L, ms_tensor_ref(o->slot[i * o->kind->slots + s]));
      lua_settable(L, 2);
    }
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)o->steps);
  lua_setfield(L, 2, "steps");
  return 1;
}

/** opt:load(state) takes over what opt:state() gave; raises where a tensor is missing or of another shape */
static int load(lua_State *L)
{
  ms_optim *o = optim(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  for (int i = 0; i < o->params; i++)
    for (int s = 0; s < o->kind->slots; s++) {
      ms_tensor *slot = o->slot[i * o->kind->slots + s];
      lua_settop(L, 2);
      push_slot_name(L, o, i, s);
      const char *name = lua_tostring(L, -1);
      lua_pushvalue(L, -1);
      lua_gettable(L, 2);
      ms_tensor *from = lms_test_tensor(L, -1);
      if (!from || !ms_tensor_same_shape(from, slot))
        return luaL_error(L, "optimizer: the state has no fitting %s", name);
      memmove(slot->data, from->data, slot->count * sizeof(real));
    }
  lua_getfield(L, 2, "steps");
  o->steps = (uint64_t)luaL_checkinteger(L, -1);
  return 0;
}

/* opt.rate and opt.steps read like fields; everything else is a method (upvalue 1). */
static int index_optim(lua_State *L)
{
  ms_optim *o = optim(L, 1);
  const char *key = luaL_checkstring(L, 2);
  if (strcmp(key, "rate") == 0) return lua_pushnumber(L, o->rate), 1;
  if (strcmp(key, "steps") == 0) return lua_pushinteger(L, (lua_Integer)o->steps), 1;
  if (strcmp(key, "name") == 0) return lua_pushstring(L, o->kind->name), 1;
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  return 1;
}

static int newindex_optim(lua_State *L)
{
  ms_optim *o = optim(L, 1);
  const char *key = luaL_checkstring(L, 2);
  if (strcmp(key, "rate") != 0) return luaL_error(L, "optimizer: only rate can be set, not %s", key);
  o->rate = luaL_checknumber(L, 3);
  return 0;
}

static const luaL_Reg methods[] = { { "step", step }, { "zero", zero }, { "state", state },
                                    { "load", load }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "adam", adam }, { "sgd", sgd }, { NULL, NULL } };

int lms_open_optim(lua_State *L)
{
  lms_type(L, OPTIM, methods, release);
  luaL_getmetatable(L, OPTIM);
  lua_getfield(L, -1, "__index");
  lua_pushcclosure(L, index_optim, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, newindex_optim);
  lua_setfield(L, -2, "__newindex");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
