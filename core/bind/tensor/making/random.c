/* Random tensors: each is a function of a seed and a purpose, or of ms.seed and how many came
   before it; the number of threads changes none. */
#include "random.h"

#include "../../../base/error.h"
#include "../../../base/real.h"
#include "../../../base/rng.h"
#include "../../../ops/fill.h"
#include "../../../ops/sampling.h"
#include "../../options.h"
#include "../../scope.h"
#include "../machine.h"
#include "../nested.h"

/* ---- seeds ---------------------------------------------------------------------------------- */
typedef struct draw {
  uint64_t seed, stream;
} draw;

/* The seed and the purpose of the options at `arg`; without them the next tensor of ms.seed. */
static draw read_draw(lua_State *L, int arg)
{
  if (!lms_has_option(L, arg, "seed") && !lms_has_option(L, arg, "purpose"))
    return (draw){ lms_seed(), lms_next_stream() };
  const uint64_t seed = (uint64_t)lms_opt_integer(L, arg, "seed", (lua_Integer)lms_seed());
  return (draw){ seed, ms_rng_stream(lms_opt_string(L, arg, "purpose", "tensor")) };
}

static draw draw_of(lua_State *L, int arg, const char *who)
{
  static const char *const known[] = { "seed", "purpose", NULL };
  lms_options(L, arg, who, known);
  return read_draw(L, arg);
}

/* The draw that a table behind the sizes from `first` on describes; sizes alone stay. */
static draw draw_behind(lua_State *L, int first, const char *who)
{
  int last = lua_gettop(L);
  while (last > first && lua_isnil(L, last)) last--;
  lua_settop(L, last);
  if (last <= first || lua_type(L, last) != LUA_TTABLE) return draw_of(L, last + 1, who);
  const draw d = draw_of(L, last, who);
  lua_settop(L, last - 1);
  return d;
}

/* The draw that the options behind a list of sizes (or one size) at `at` describe; these alone
   stay. */
static draw draw_after(lua_State *L, int at, const char *who)
{
  const draw d = draw_of(L, at + 1, who);
  lua_settop(L, at);
  return d;
}

static ms_tensor *push_blank(lua_State *L, int first)
{
  size_t dim[MS_MAX_DIMS];
  const int n = lms_sizes(L, first, dim);
  lms_push_tensor(L, ms_tensor_new(n, dim));
  return lms_tensor(L, -1);
}

static int heeded(lua_State *L)
{
  lms_heed(L);
  return 1;
}

/* ---- real numbers --------------------------------------------------------------------------- */
/** ms.randn({2, 3}, [{ seed =, purpose = }]) -> numbers from the standard normal distribution, a
    function of seed (default: ms.seed's) and purpose (a word) alone. Without options each call goes
    on behind the one before, and ms.seed(n) makes them repeat. Also ms.randn(2, 3) */
static int randn(lua_State *L)
{
  const draw d = draw_behind(L, 1, "randn");
  ms_fill_normal(push_blank(L, 1), d.seed, d.stream, 0, 1);
  return heeded(L);
}

/** ms.uniform({2, 3}, [{ seed =, purpose = }]) -> numbers from [0, 1), drawn as ms.randn does */
static int uniform(lua_State *L)
{
  const draw d = draw_behind(L, 1, "uniform");
  ms_fill_uniform(push_blank(L, 1), d.seed, d.stream, 0, 1);
  return heeded(L);
}

/** ms.randn_like(x, [{ seed =, purpose = }]) x:randn_like() -> standard normal numbers in x's
    shape, drawn as ms.randn does */
static int randn_like(lua_State *L)
{
  const draw d = draw_of(L, 2, "randn_like");
  lms_to_tensor(L, 1, "randn_like");
  lms_push_tensor(L, ms_tensor_like(lms_tensor(L, 1)));
  ms_fill_normal(lms_tensor(L, -1), d.seed, d.stream, 0, 1);
  return heeded(L);
}

/* ---- whole numbers -------------------------------------------------------------------------- */
static lua_Integer exact(lua_State *L, int arg, const char *who)
{
  const lua_Integer n = luaL_checkinteger(L, arg), most = (lua_Integer)MS_REAL_WHOLE;
  if (n < -most || n > most)
    luaL_error(L, "%s: whole numbers are exact up to %I in " MS_REAL_NAME ", got %I", who, most, n);
  return n;
}

/** ms.randint(low, high, {2, 3}, [{ seed =, purpose = }]) -> whole numbers from low to high, both
    ends included (PyTorch leaves high out), all equally likely, drawn as ms.randn does */
static int randint(lua_State *L)
{
  const lua_Integer low = exact(L, 1, "randint"), high = exact(L, 2, "randint");
  if (high < low) return luaL_error(L, "randint: nothing lies between %I and %I", low, high);
  const draw d = draw_after(L, 3, "randint");
  ms_fill_whole(push_blank(L, 3), d.seed, d.stream, low, high);
  return heeded(L);
}

/** ms.randperm(n, [{ seed =, purpose = }]) -> 1..n in random order, drawn as ms.randn does */
static int randperm(lua_State *L)
{
  const lua_Integer n = exact(L, 1, "randperm");
  if (n < 0) return luaL_error(L, "randperm: n must be 0 or more, got %I", n);
  const draw d = draw_of(L, 2, "randperm");
  lms_push_tensor(L, ms_tensor_new(1, (size_t[]){ (size_t)n }));
  ms_sample_order(lms_tensor(L, -1), d.seed, d.stream);
  return heeded(L);
}

/** ms.bernoulli(t, [{ seed =, purpose = }]) x:bernoulli() -> for each number of a tensor of
    probabilities, 1 with that probability, else 0; ms.bernoulli(p, {2, 3}, [{ seed =, purpose = }])
    takes one for all. Drawn as ms.randn does */
static int bernoulli(lua_State *L)
{
  const int one = lua_type(L, 1) == LUA_TNUMBER;
  if (!one) lms_check_surplus(L, "bernoulli", 2);
  const draw d = one ? draw_after(L, 2, "bernoulli") : draw_of(L, 2, "bernoulli");
  if (one) ms_fill_constant(push_blank(L, 2), lua_tonumber(L, 1));
  else {
    lms_to_tensor(L, 1, "bernoulli");
    lms_push_tensor(L, ms_tensor_copy(lms_tensor(L, 1)));
  }
  if (ms_sample_bernoulli(lms_tensor(L, -1), d.seed, d.stream) != 0) return lms_raise(L);
  return heeded(L);
}

/** ms.multinomial(weights, count, [{ replacement = false, seed =, purpose = }]) x:multinomial(n)
    -> count positions from 1, each as likely as its weight says; (classes) gives (count), rows
    (n, classes) give (n, count). Weights are 0 or more and need not add up to 1. Without
    replacement no position comes twice. Drawn as ms.randn does */
static int multinomial(lua_State *L)
{
  static const char *const known[] = { "replacement", "seed", "purpose", NULL };
  const lua_Integer count = luaL_checkinteger(L, 2);
  if (count < 0) return luaL_error(L, "multinomial: the count must be 0 or more, got %I", count);
  lms_options(L, 3, "multinomial", known);
  const int with_replacement = lms_opt_bool(L, 3, "replacement", 0);
  const draw d = read_draw(L, 3);
  lms_to_tensor(L, 1, "multinomial");
  return lms_push_tensor(
      L, ms_sample_classes(lms_tensor(L, 1), (size_t)count, with_replacement, d.seed, d.stream));
}

/* ---- what Lua gets -------------------------------------------------------------------------- */
void lms_random_methods(lua_State *L)
{
  static const lms_function methods[] = {
    { "randn_like", randn_like, 2 }, { "bernoulli", bernoulli, 3 },
    { "multinomial", multinomial, 3 }, { NULL, NULL, 0 },
  };
  lms_functions(L, methods);
}

void lms_random_functions(lua_State *L)
{
  static const lms_function functions[] = {
    { "randn", randn, LMS_ANY }, { "uniform", uniform, LMS_ANY }, { "randint", randint, 4 },
    { "randperm", randperm, 2 }, { NULL, NULL, 0 },
  };
  lms_functions(L, functions);
}
