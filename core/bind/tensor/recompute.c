/* ms.recompute: a part of a network that keeps its arguments alone and computes the rest again in
   backward. */
#include "machine.h"
#include "recompute.h"

#include <string.h>

#include "../../base/error.h"
#include "../../base/rng.h"
#include "../../grad/grad.h"
#include "../scope.h"

/* Registry key of a table: number of a node -> the function that it computes. */
static const char functions_key = 0;

static _Thread_local lua_State *sweeping; /* runs backward; NULL: nobody does */
static lua_State *owner;    /* whose registry it is */

/* ---- one call of the function ---------------------------------------------------------------- */

typedef struct call {
  int inputs;
  ms_tensor *const *input; /* what it is called with */
  ms_tensor *y;            /* what it gave: a reference, or NULL */
} call;

/* (call, f): inside a scope, so that nothing but the result outlives it. */
static int run_scoped(lua_State *L)
{
  call *c = lua_touserdata(L, 1);
  luaL_checkstack(L, c->inputs + 10, "too many arguments");
  lms_open_scope(L);
  lua_toclose(L, 3);
  lua_pushvalue(L, 2);
  for (int i = 0; i < c->inputs; i++) lms_push_tensor(L, ms_tensor_ref(c->input[i]));
  lua_call(L, c->inputs, LUA_MULTRET);
  if (lua_gettop(L) != 4)
    return luaL_error(L, "recompute: one tensor must come out, got %d values", lua_gettop(L) - 3);
  lms_tensor_at(L, 4, "recompute: what comes out");
  c->y = ms_tensor_ref(lms_tensor(L, 4));
  return 0;
}

/* Calls the function on the top with c's inputs; pops it. 0, or -1 and what it raised as the
   message. */
static int run(lua_State *L, call *c)
{
  lua_pushcfunction(L, run_scoped);
  lua_insert(L, -2);
  lua_pushlightuserdata(L, c);
  lua_insert(L, -2);
  if (lua_pcall(L, 2, 0, 0) == LUA_OK) return 0;
  ms_tensor_free(c->y);
  c->y = NULL;
  const char *text = lua_tostring(L, -1);
  ms_fail("%s", text ? text : "recompute: the function raised something that is no text");
  lua_pop(L, 1);
  return -1;
}

/* ---- backward -------------------------------------------------------------------------------- */
typedef struct recomputation {
  size_t id, sum; /* which function, and the sum of what it gave the first time */
  call call;
} recomputation;

/* A sum over the bits of a result, by which another one is told from it. In eight lanes: a step of
   training waits. */
static size_t sum_of(const ms_tensor *y)
{
  enum { LANES = 8 };
  const char *at = (const char *)y->data;
  uint32_t lane[LANES] = { 0 }, word[LANES];
  size_t left = y->count * sizeof(real) / sizeof *word, sum = 0;
  for (; left; at += sizeof word) {
    const size_t n = left < LANES ? left : LANES;
    if (n < LANES) memset(word, 0, sizeof word);
    memcpy(word, at, n * sizeof *word);
    for (int k = 0; k < LANES; k++) lane[k] = lane[k] * 31 + word[k];
    left -= n;
  }
  for (int k = 0; k < LANES; k++) sum = sum * 0x9E3779B97F4A7C15u + lane[k];
  return sum;
}

static ms_tensor *run_recompute(void *with)
{
  recomputation *a = with;
  lua_State *L = sweeping;
  if (!lua_checkstack(L, 8)) return ms_fail("recompute: too many values on the stack"), NULL;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &functions_key);
  lua_rawgeti(L, -1, (lua_Integer)a->id);
  lua_remove(L, -2);
  if (run(L, &a->call) != 0) return NULL;
  if (sum_of(a->call.y) == a->sum) return a->call.y;
  ms_tensor_free(a->call.y);
  return ms_fail("what is computed again is not what came out of the forward pass: train(), eval() "
                 "or a value that the function reads has changed since; call backward before that"),
         NULL;
}

/* The arguments as leaves of their own: those that want a gradient collect it. */
static int leaves(const ms_node *node, int inputs, ms_tensor **leaf)
{
  for (int i = 0; i < inputs; i++) {
    leaf[i] = ms_tensor_alias(ms_node_saved(node, i));
    if (!leaf[i] || (ms_needs_input_grad(node, i) && ms_needs_grad(leaf[i]) != 0)) return -1;
  }
  return 0;
}

enum { MOST_INPUTS = 8 }; /* of one call, without the parameters */
typedef struct attributes {
  size_t id, inputs; /* of the function */
  uint64_t step;     /* of the random numbers */
  size_t sum;        /* what the result's bits add up to */
} attributes;

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const attributes *args = ms_node_attributes(node);
  ms_tensor *leaf[MOST_INPUTS] = { NULL };
  const int inputs = (int)args->inputs;
  recomputation a = { args->id, args->sum, { inputs, leaf, NULL } };
  const uint64_t step = ms_rng_step();
  ms_rng_set_step(args->step); /* dropout's masks are those of the first call */
  int status = sweeping ? leaves(node, inputs, leaf)
                        : ms_fail("recompute: backward must be called from Lua");
  if (status == 0) status = ms_backward_recompute(run_recompute, &a, gy);
  ms_rng_set_step(step);
  for (int i = 0; i < inputs; i++) {
    if (status == 0 && leaf[i] && ms_grad(leaf[i])) gx[i] = ms_tensor_ref(ms_grad(leaf[i]));
    ms_tensor_free(leaf[i]);
  }
  return status;
}

static void release(const void *kept)
{
  const attributes *args = kept;
  if (!lua_checkstack(owner, 4)) return; /* a function stays */
  lua_rawgetp(owner, LUA_REGISTRYINDEX, &functions_key);
  if (lua_istable(owner, -1)) {
    lua_pushnil(owner);
    lua_rawseti(owner, -2, (lua_Integer)args->id);
  }
  lua_pop(owner, 1);
}

static const ms_op recompute_op = {
  .name = "recompute",
  .backward = backward,
  .release = release,
  .attributes = MS_ATTRIBUTES(attributes),
};

int lms_sweep(lua_State *L, ms_tensor *y, ms_tensor *gy)
{
  lua_State *before = sweeping;
  sweeping = L;
  ms_tensor_ref(y); /* what is computed again may close it */
  const int status = gy ? ms_backward_from(y, gy) : ms_backward(y);
  sweeping = before;
  ms_tensor_free(y);
  return status;
}

int lms_sweep_for(lua_State *L, ms_tensor *y, ms_tensor *gy, int count, ms_tensor *const *x,
                  ms_tensor **gradient)
{
  lua_State *before = sweeping;
  sweeping = L;
  const int status = ms_gradients(y, gy, count, x, gradient);
  sweeping = before;
  return status;
}

/* ---- forward --------------------------------------------------------------------------------- */
/* The arguments from 3 on and the values of the parameters at 2, held on the stack: no script can
   close them. No scope does, either: release_all does. */
static void hold_all(lua_State *L, int inputs, int all, ms_tensor **input)
{
  luaL_checkstack(L, all + 10, "too many parameters");
  for (int i = 0; i < inputs; i++) {
    lms_tensor_at(L, i + 3, "recompute: argument %d", i + 1);
    input[i] = lms_hold(L, i + 3);
  }
  for (int i = inputs; i < all; i++) {
    lua_rawgeti(L, 2, i - inputs + 1);
    luaL_argcheck(L, lua_istable(L, -1), 2, "a list as m:parameters() gives it is expected");
    lua_getfield(L, -1, "value");
    lms_tensor_at(L, -1, "recompute: the value of parameter %d", i - inputs + 1);
    input[i] = lms_hold(L, -1);
    lua_replace(L, -3);
    lua_pop(L, 1);
  }
}

static void release_all(lua_State *L, int first, int count)
{
  for (int i = first; i < first + count; i++) {
    void **h = lua_touserdata(L, i);
    ms_tensor_free(*h);
    *h = NULL;
  }
}

/* The function at 1 under a number of its own. */
static size_t remember(lua_State *L)
{
  static size_t last;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &functions_key);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, (lua_Integer)++last);
  lua_pop(L, 1);
  return last;
}

/* As run, without recording; the result hangs on one node. NULL and a message. */
static ms_tensor *run_unrecorded(lua_State *L, call *c, int all, ms_tensor **input)
{
  attributes args = { .id = remember(L), .inputs = (size_t)c->inputs, .step = ms_rng_step() };
  const ms_call made = { &recompute_op, all, input, &args, lms_precision() };
  ms_no_grad(1);
  run(L, c);
  ms_no_grad(-1);
  ms_tensor *y = c->y ? ms_tensor_alias(c->y) : NULL; /* it may be an input, and in the graph */
  ms_tensor_free(c->y);
  if (y) args.sum = sum_of(y);
  if (y) y = ms_record(&made, y, all, input); /* none of all may change before backward */
  if (!y) release(&args);
  return y;
}

/** ms.recompute(f, parameters, x, ...) -> f(x, ...), a tensor, of which nothing but the arguments
    is kept for backward: that calls f again (Chen et al. 2016, "Training Deep Nets with Sublinear
    Memory Cost"). f may rest on its arguments and on the parameters, as m:parameters() gives them,
    and gives the same each time: dropout draws the masks of the first call, and running statistics
    follow that alone. Backward raises where arguments or parameters were changed in place in
    between, or something else came out. Networks: m:recompute() */
static int recompute(lua_State *L)
{
  if (!lua_isfunction(L, 1)) {
    if (luaL_getmetafield(L, 1, "__call") == LUA_TNIL)
      return luaL_error(L, "recompute: a function or a module is expected, got %s",
                        luaL_typename(L, 1));
    lua_pop(L, 1);
  }
  luaL_checktype(L, 2, LUA_TTABLE);
  while (lua_gettop(L) > 3 && lua_isnil(L, -1)) lua_pop(L, 1); /* to give nil is to give nothing */
  const int inputs = lua_gettop(L) - 2, all = inputs + (int)lua_rawlen(L, 2);
  if (inputs < 1 || inputs > MOST_INPUTS)
    return luaL_error(L, "recompute: 1 to %d tensors are expected behind the parameters, got %d",
                      MOST_INPUTS, inputs);
  ms_tensor **input = lua_newuserdatauv(L, (size_t)all * sizeof *input, 0);
  const int first = lua_gettop(L) + 1;
  hold_all(L, inputs, all, input);
  call c = { inputs, input, NULL };
  lua_pushvalue(L, 1);
  if (ms_recording(all, input)) c.y = run_unrecorded(L, &c, all, input);
  else run(L, &c);
  release_all(L, first, all);
  return lms_push_tensor(L, c.y);
}

/** ms.is_recomputing() -> whether backward computes something again: what follows the data has
    followed already */
static int is_recomputing(lua_State *L)
{
  lua_pushboolean(L, ms_is_recomputing());
  return 1;
}

void lms_recompute_functions(lua_State *L)
{
  static const lms_function functions[] = { { "recompute", recompute, LMS_ANY },
                                            { "is_recomputing", is_recomputing, 0 },
                                            { NULL, NULL, 0 } };
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  owner = lua_tothread(L, -1);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &functions_key);
  lua_pop(L, 1);
  lms_functions(L, functions);
}
