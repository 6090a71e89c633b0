/* Layers in Lua: ms.nn.NAME{...} makes one, y = layer(x) runs it. moonstem.core.nn */
#include <limits.h>

#include "../base/error.h"
#include "../base/rng.h"
#include "../nn/layer.h"
#include "options.h"
#include "scope.h"
#include "open.h"

#define LAYER "moonstem.layer"

static void release(void *l)
{
  ms_layer_free(l);
}

static ms_layer *layer(lua_State *L, int arg)
{
  return lms_check(L, arg, LAYER);
}

static int push_layer(lua_State *L, void **h, ms_layer *l)
{
  if (!l) return lms_raise(L);
  *h = l;
  return 1;
}

/* A required size. */
static size_t size_option(lua_State *L, const char *who, const char *key)
{
  lua_Integer n = lms_opt_integer(L, 1, key, 0);
  if (n < 1 || n > INT_MAX) luaL_error(L, "%s: the option %s is needed, 1 or more", who, key);
  return (size_t)n;
}

static uint64_t seed_option(lua_State *L)
{
  return (uint64_t)lms_opt_integer(L, 1, "seed", 0);
}

/* The stream of a layer that has no name yet: composed models draw again by name. */
static uint64_t stream_of(const char *kind)
{
  static uint64_t made;
  return ms_rng_stream(kind) + made++;
}

/** ms.nn.conv2d{inp =, out =, kernel = 3, stride = 1, same = true, bias = true, seed = 0} -> layer:
    images (batch, time, frequency, inp) to (..., out); kernel and stride: one number or two. The start
    depends on seed and on how many layers the program has made before; a network's init(seed) draws
    by the layers' names alone */
static int conv2d(lua_State *L)
{
  static const char *const known[] = { "inp", "out", "kernel", "stride", "same", "bias", "seed", NULL };
  size_t kernel[2], stride[2];
  luaL_checktype(L, 1, LUA_TTABLE);
  lms_options(L, 1, "conv2d", known);
  lms_opt_pair(L, 1, "kernel", 3, kernel);
  lms_opt_pair(L, 1, "stride", 1, stride);
  size_t in = size_option(L, "conv2d", "inp"), out = size_option(L, "conv2d", "out");
  void **h = lms_handle(L, LAYER);
  ms_layer *l = ms_conv2d_layer(kernel[0], kernel[1], in, out, lms_opt_bool(L, 1, "bias", 1),
                                seed_option(L), stream_of("conv2d"));
  if (l) {
    l->stride_h = stride[0];
    l->stride_w = stride[1];
    l->same = lms_opt_bool(L, 1, "same", 1);
  }
  return push_layer(L, h, l);
}

/** ms.nn.conv_transpose2d{inp =, out =} -> transposed convolution 2x2 of stride 2: twice the time and frequency */
static int conv_transpose2d(lua_State *L)
{
  static const char *const known[] = { "inp", "out", "seed", NULL };
  luaL_checktype(L, 1, LUA_TTABLE);
  lms_options(L, 1, "conv_transpose2d", known);
  size_t in = size_option(L, "conv_transpose2d", "inp"), out = size_option(L, "conv_transpose2d", "out");
  void **h = lms_handle(L, LAYER);
  return push_layer(L, h, ms_conv_transpose2d_layer(in, out, seed_option(L), stream_of("up_conv2d")));
}

/** ms.nn.batch_norm{channels =, epsilon = 1e-3, momentum = 0.99, slope = 1} -> batch norm over all
    dimensions but the last (Keras' defaults: running <- momentum running + (1 - momentum) batch),
    then leaky ReLU with that slope (1: none, 0: ReLU) in the same pass */
static int batch_norm(lua_State *L)
{
  static const char *const known[] = { "channels", "epsilon", "momentum", "slope", NULL };
  luaL_checktype(L, 1, LUA_TTABLE);
  lms_options(L, 1, "batch_norm", known);
  ms_batch_norm_options o = { .epsilon = lms_opt_number(L, 1, "epsilon", 1e-3),
                              .momentum = lms_opt_number(L, 1, "momentum", 0.99),
                              .slope = lms_opt_number(L, 1, "slope", 1) };
  if (!(o.slope >= 0 && o.slope <= 1)) return luaL_error(L, "batch_norm: slope must be 0..1, got %f", o.slope);
  if (!(o.epsilon > 0)) return luaL_error(L, "batch_norm: epsilon must be above 0, got %f", o.epsilon);
  if (!(o.momentum >= 0 && o.momentum <= 1))
    return luaL_error(L, "batch_norm: momentum must be 0..1, got %f", o.momentum);
  size_t channels = size_option(L, "batch_norm", "channels");
  void **h = lms_handle(L, LAYER);
  return push_layer(L, h, ms_batch_norm_layer(channels, &o));
}

/** ms.nn.linear{inp =, out =, bias = true, seed = 0} -> y = x weight + bias; weight (inp, out). seed: as
    ms.nn.conv2d's */
static int linear(lua_State *L)
{
  static const char *const known[] = { "inp", "out", "bias", "seed", NULL };
  luaL_checktype(L, 1, LUA_TTABLE);
  lms_options(L, 1, "linear", known);
  size_t in = size_option(L, "linear", "inp"), out = size_option(L, "linear", "out");
  void **h = lms_handle(L, LAYER);
  return push_layer(L, h, ms_linear_layer(in, out, lms_opt_bool(L, 1, "bias", 1), seed_option(L),
                                          stream_of("linear")));
}

/** ms.nn.layer_norm{channels =, epsilon = 1e-6} -> layer norm over the last dimension */
static int layer_norm(lua_State *L)
{
  static const char *const known[] = { "channels", "epsilon", NULL };
  luaL_checktype(L, 1, LUA_TTABLE);
  lms_options(L, 1, "layer_norm", known);
  double epsilon = lms_opt_number(L, 1, "epsilon", 1e-6);
  if (!(epsilon > 0)) return luaL_error(L, "layer_norm: epsilon must be above 0, got %f", epsilon);
  size_t channels = size_option(L, "layer_norm", "channels");
  void **h = lms_handle(L, LAYER);
  return push_layer(L, h, ms_layer_norm_layer(channels, epsilon));
}

/** ms.nn.attention{dim =, heads =} -> tokens (batch, token, dim) see each other: a linear layer to
    queries, keys and values, softmax(q k' / sqrt(dim / heads)) v of every head, a linear layer */
static int attention(lua_State *L)
{
  static const char *const known[] = { "dim", "heads", "seed", NULL };
  luaL_checktype(L, 1, LUA_TTABLE);
  lms_options(L, 1, "attention", known);
  size_t dim = size_option(L, "attention", "dim"), heads = size_option(L, "attention", "heads");
  void **h = lms_handle(L, LAYER);
  return push_layer(L, h, ms_attention_layer(dim, heads, seed_option(L), stream_of("attention")));
}

/** ms.nn.parameter{size = {...}, deviation = 0.02} -> a tensor that is learnt; layer() returns it. Starts
    normal around 0, not truncated */
static int parameter(lua_State *L)
{
  static const char *const known[] = { "size", "deviation", "seed", NULL };
  size_t dim[MS_MAX_DIMS];
  luaL_checktype(L, 1, LUA_TTABLE);
  lms_options(L, 1, "parameter", known);
  double deviation = lms_opt_number(L, 1, "deviation", 0.02);
  if (lua_getfield(L, 1, "size") != LUA_TTABLE) return luaL_error(L, "parameter: the option size is needed, a list");
  int n = lms_sizes(L, lua_gettop(L), dim);
  void **h = lms_handle(L, LAYER);
  return push_layer(L, h, ms_parameter_layer(n, dim, deviation, seed_option(L), stream_of("parameter")));
}

/** ms.nn.dropout{rate = 0.5} -> zeroes that share of its input while training, scales the rest */
static int dropout(lua_State *L)
{
  static const char *const known[] = { "rate", "seed", NULL };
  lms_options(L, 1, "dropout", known);
  double rate = lms_opt_number(L, 1, "rate", 0.5);
  uint64_t seed = seed_option(L);
  void **h = lms_handle(L, LAYER);
  return push_layer(L, h, ms_dropout_layer(rate, seed, stream_of("dropout")));
}

static int call(lua_State *L)
{
  ms_layer *l = layer(L, 1);
  ms_tensor *x = l->kind->source ? NULL : lms_tensor_there(L, 2, "%s: x", l->kind->name);
  return lms_push_tensor(L, ms_layer_forward(l, x));
}

/** conv:after(norm, x) -> conv(norm(x)) of a batch norm and a convolution, as one operator that stores
    nothing in between */
static int after(lua_State *L)
{
  ms_layer *l = layer(L, 1), *norm = layer(L, 2);
  return lms_push_tensor(L, ms_layer_after(l, norm, lms_tensor_there(L, 3, "%s: x", norm->kind->name)));
}

/** norm:max_pool2d(x, [ph = 2], [pw = ph]) -> norm(x):max_pool2d(ph, pw) of a batch norm, as one operator that
    stores nothing in between */
static int max_pool2d(lua_State *L)
{
  ms_layer *norm = layer(L, 1);
  ms_tensor *x = lms_tensor_there(L, 2, "%s: x", norm->kind->name);
  lua_Integer ph = luaL_optinteger(L, 3, 2), pw = luaL_optinteger(L, 4, ph);
  return lms_push_tensor(L, ms_layer_max_pool2d(norm, x, ph > 0 ? (size_t)ph : 0, pw > 0 ? (size_t)pw : 0));
}

/* Pushes a list of {name =, value =, trainable =} of the layer at 1. */
static void push_params(lua_State *L, int running)
{
  const ms_layer_kind *kind = layer(L, 1)->kind;
  lua_newtable(L);
  for (int i = 0, n = 0; i < kind->params; i++) {
    if (!layer(L, 1)->param[i] || (!running && !kind->param[i].trainable)) continue;
    lua_createtable(L, 0, 3);
    lua_pushstring(L, kind->param[i].name);
    lua_setfield(L, -2, "name");
    lms_push_tensor(L, ms_tensor_ref(ms_layer_param(layer(L, 1), i))); /* asked again: it may be closed by now */
    lua_setfield(L, -2, "value");
    lua_pushboolean(L, kind->param[i].trainable);
    lua_setfield(L, -2, "trainable");
    lua_rawseti(L, -2, ++n);
  }
}

/** layer:parameters() -> list of {name =, value =}, the trainable ones in order */
static int parameters(lua_State *L)
{
  push_params(L, 0);
  return 1;
}

/** layer:tensors() -> list of {name =, value =, trainable =}, running statistics too */
static int tensors(lua_State *L)
{
  push_params(L, 1);
  return 1;
}

/** layer:kind() -> "conv2d", "batch_norm", ... */
static int kind(lua_State *L)
{
  lua_pushstring(L, layer(L, 1)->kind->name);
  return 1;
}

/** layer:train() and layer:eval() choose between the batch's and the running statistics, and
    switch dropout; both return the layer */
static int train(lua_State *L)
{
  layer(L, 1)->training = 1;
  return lua_settop(L, 1), 1;
}

static int eval(lua_State *L)
{
  layer(L, 1)->training = 0;
  return lua_settop(L, 1), 1;
}

/** layer:training() -> whether it is as layer:train() leaves it */
static int training(lua_State *L)
{
  lua_pushboolean(L, layer(L, 1)->training);
  return 1;
}

/** layer:reset(seed, name) draws the kernels again as a function of these two alone */
static int reset(lua_State *L)
{
  ms_layer *l = layer(L, 1);
  ms_layer_reset(l, (uint64_t)luaL_checkinteger(L, 2), ms_rng_stream(luaL_checkstring(L, 3)));
  return lua_settop(L, 1), 1;
}

static int show(lua_State *L)
{
  void **h = luaL_checkudata(L, 1, LAYER);
  if (!*h) return lua_pushliteral(L, "layer (closed)"), 1;
  const ms_layer *l = *h;
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addstring(&b, l->kind->name);
  for (int i = 0; i < l->kind->params; i++) {
    char text[MS_SHAPE_TEXT];
    if (!l->param[i]) continue;
    luaL_addstring(&b, i ? ", " : "  ");
    luaL_addstring(&b, l->kind->param[i].name);
    luaL_addchar(&b, ' ');
    luaL_addstring(&b, ms_shape_text(l->param[i]->ndim, l->param[i]->dim, text));
  }
  luaL_pushresult(&b);
  return 1;
}

static const lms_function methods[] = {
  { "parameters", parameters, 1 }, { "tensors", tensors, 1 }, { "kind", kind, 1 }, { "train", train, 1 },
  { "eval", eval, 1 }, { "training", training, 1 }, { "reset", reset, 3 }, { "after", after, 3 },
  { "max_pool2d", max_pool2d, 4 }, { NULL, NULL, 0 },
};

static const lms_function functions[] = {
  { "conv2d", conv2d, 1 }, { "conv_transpose2d", conv_transpose2d, 1 }, { "batch_norm", batch_norm, 1 },
  { "linear", linear, 1 }, { "layer_norm", layer_norm, 1 }, { "attention", attention, 1 },
  { "parameter", parameter, 1 }, { "dropout", dropout, 1 }, { NULL, NULL, 0 },
};

static const lms_function meta[] = { { "__call", call, 2 }, { "__tostring", show, LMS_ANY }, { NULL, NULL, 0 } };

int lms_open_nn(lua_State *L)
{
  lms_type(L, LAYER, methods, release);
  luaL_getmetatable(L, LAYER);
  lms_functions(L, meta);
  lua_pop(L, 1);
  lms_library(L, functions);
  return 1;
}
