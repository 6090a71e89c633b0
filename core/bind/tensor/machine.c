/* What tensors run on, in Lua: threads, memory, seeds, pure randomness. */
#include "machine.h"

#include <limits.h>

#include "../../base/cpu.h"
#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../../base/rng.h"
#include "../../kernels/gemm/gemm_openblas.h"
#include "../handle.h"
#include "../options.h"
#include "../results.h"

enum { MOST_SHUFFLED = 100000000 };

/* Of each thread: micro-batches that take turns draw as if each were alone. */
static _Thread_local uint64_t seed_now;
static _Thread_local uint64_t made; /* random tensors so far: each one takes the next stream */

static ms_precision precision_now; /* of the products of calls from here on */

ms_precision lms_precision(void)
{
  return precision_now;
}

uint64_t lms_seed(void)
{
  return seed_now;
}

uint64_t lms_next_stream(void)
{
  return ms_rng_stream("tensor") + made++;
}

/* ---- the machine ----------------------------------------------------------------------------- */
/* Lua's own random numbers repeat, too. */
static void seed_lua(lua_State *L)
{
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "math") != LUA_TTABLE ||
      lua_getfield(L, -1, "randomseed") != LUA_TFUNCTION)
    return;
  lua_pushinteger(L, (lua_Integer)seed_now);
  lua_pushinteger(L, (lua_Integer)made);
  lua_call(L, 2, 0);
}

/** ms.seed(n) makes everything random repeat from here, math.random too; ms.seed() -> the seed, and
    how many random tensors were made since; ms.seed(n, count) goes on behind so many */
static int seed(lua_State *L)
{
  if (lua_isnoneornil(L, 1)) {
    lua_pushinteger(L, (lua_Integer)seed_now);
    lua_pushinteger(L, (lua_Integer)made);
    return 2;
  }
  seed_now = (uint64_t)luaL_checkinteger(L, 1);
  made = (uint64_t)luaL_optinteger(L, 2, 0);
  seed_lua(L);
  return 0;
}

/** ms.step(n) sets the step that dropout's masks belong to; ms.step() -> that step */
static int step(lua_State *L)
{
  if (lua_isnoneornil(L, 1)) return lua_pushinteger(L, (lua_Integer)ms_rng_step()), 1;
  ms_rng_set_step((uint64_t)luaL_checkinteger(L, 1));
  return 0;
}

/** ms.threads(n) sets how many threads work; ms.threads() -> how many do */
static int threads(lua_State *L)
{
  if (lua_isnoneornil(L, 1)) return lua_pushinteger(L, ms_threads()), 1;
  lua_Integer n = luaL_checkinteger(L, 1);
  if (n < 0 || n > INT_MAX) n = 0; /* refused below, with the range */
  return ms_set_threads((int)n) == 0 ? 0 : lms_raise(L);
}

static const char *precision_name(void)
{
  return precision_now == MS_PRECISION_BF16 ? "bf16" : MS_REAL_NAME;
}

/** ms.precision("bf16") multiplies in matrix products, and in convolutions where it is faster there
    (ms.machine), with factors rounded to bf16; attention, sums, weights and all tensors stay float.
    ms.precision("f32") goes back. true; nil and a message where the processor has no such products.
    ms.precision() -> "f32", "bf16" (or "f64" in the double build) */
static int precision(lua_State *L)
{
  if (lua_isnoneornil(L, 1)) return lua_pushstring(L, precision_name()), 1;
  static const char *const known[] = { "bf16", MS_REAL_NAME, NULL };
  const int full = lms_choice(L, 1, NULL, known);
  const ms_precision asked = full ? MS_PRECISION_FULL : MS_PRECISION_BF16;
  const int status = ms_precision_check(asked);
  if (status == 0) precision_now = asked;
  return lms_done(L, status);
}

/** ms.memory() -> {live, held, peak}: bytes of tensors in use, taken from the machine, at most */
static int memory(lua_State *L)
{
  ms_memory m = ms_memory_now();
  lua_createtable(L, 0, 3);
  lms_set_integer(L, "live", (lua_Integer)m.live);
  lms_set_integer(L, "held", (lua_Integer)m.held);
  lms_set_integer(L, "peak", (lua_Integer)m.peak);
  return 1;
}

/** ms.memory_trim() returns kept blocks to the machine */
static int memory_trim(lua_State *L)
{
  (void)L;
  ms_memory_trim();
  return 0;
}

/** ms.memory_limit(bytes) refuses tensors where all of them would pass that many bytes (0: what the
    machine has); ms.memory_limit() -> the limit */
static int memory_limit(lua_State *L)
{
  if (lua_isnoneornil(L, 1)) return lua_pushinteger(L, (lua_Integer)ms_memory_now().limit), 1;
  lua_Integer n = luaL_checkinteger(L, 1);
  if (n < 0) return luaL_error(L, "memory_limit: bytes must be 0 or more, got %I", (LUAI_UACINT)n);
  ms_memory_set_limit((size_t)n);
  return 0;
}

/* For tests: the n-th allocation from now fails. */
static int fail_allocation(lua_State *L)
{
  ms_memory_fail_at((size_t)luaL_checkinteger(L, 1));
  return 0;
}

/** ms.machine() -> {cpu, blas, real, precision, threads, bf16}: what this build runs on; bf16:
    what multiplies in ms.precision "bf16": "amx", where convolutions stay in float, "avx512_bf16"
    or nil */
static int machine(lua_State *L)
{
  lua_createtable(L, 0, 6);
  if (ms_precision_check(MS_PRECISION_BF16) == 0)
    lms_set_string(L, "bf16", ms_cpu_amx() ? "amx" : "avx512_bf16");
  lms_set_string(L, "cpu", ms_cpu_name(ms_cpu_level()));
  lms_set_string(L, "blas", ms_gemm_core());
  lms_set_string(L, "real", MS_REAL_NAME);
  lms_set_string(L, "precision", precision_name());
  lms_set_integer(L, "threads", ms_threads());
  return 1;
}

/* ---- pure randomness ------------------------------------------------------------------------- */

/* The block of (seed, purpose, i, j): arguments 1..4. */
static void block_of(lua_State *L, uint32_t word[4])
{
  uint64_t s = (uint64_t)luaL_checkinteger(L, 1), stream = ms_rng_stream(luaL_checkstring(L, 2));
  uint64_t i = (uint64_t)luaL_optinteger(L, 3, 0), j = (uint64_t)luaL_optinteger(L, 4, 0);
  ms_rng_block(s, stream + i * 0x9E3779B97F4A7C15u, j, word);
}

/** ms.random.uniform(seed, purpose, i, j) -> a number in [0, 1), a pure function of these */
static int random_uniform(lua_State *L)
{
  uint32_t word[4];
  block_of(L, word);
  lua_pushnumber(L, ms_rng_unit(word[0]));
  return 1;
}

/** ms.random.integer(seed, purpose, i, j, n) -> one of 1..n, a pure function of these */
static int random_integer(lua_State *L)
{
  uint32_t word[4];
  block_of(L, word);
  lua_Integer n = luaL_checkinteger(L, 5);
  if (n < 1) return luaL_error(L, "random.integer: n must be 1 or more, got %I", n);
  uint64_t wide = (uint64_t)word[0] << 32 | word[1];
  lua_pushinteger(L, (lua_Integer)(wide % (uint64_t)n) + 1);
  return 1;
}

/** ms.random.shuffle(seed, purpose, i, n) -> list of 1..n in an order that depends on these alone
    */
static int random_shuffle(lua_State *L)
{
  lua_Integer n = luaL_checkinteger(L, 4);
  if (n < 0 || n > MOST_SHUFFLED)
    return luaL_error(L, "random.shuffle: n must be 0..%d, got %I", MOST_SHUFFLED, (LUAI_UACINT)n);
  uint64_t s = (uint64_t)luaL_checkinteger(L, 1), stream = ms_rng_stream(luaL_checkstring(L, 2));
  stream += (uint64_t)luaL_checkinteger(L, 3) * 0x9E3779B97F4A7C15u;
  lua_createtable(L, (int)n, 0);
  for (lua_Integer k = 1; k <= n; k++) { /* inside-out Fisher-Yates */
    uint32_t word[4];
    ms_rng_block(s, stream, (uint64_t)k, word);
    lua_Integer at = (lua_Integer)(((uint64_t)word[0] << 32 | word[1]) % (uint64_t)k) + 1;
    lua_rawgeti(L, -1, at);
    lua_rawseti(L, -2, k);
    lua_pushinteger(L, k);
    lua_rawseti(L, -2, at);
  }
  return 1;
}

static const lms_function functions[] = {
  { "seed", seed, 2 },
  { "step", step, 1 },
  { "threads", threads, 1 },
  { "precision", precision, 1 },
  { "memory", memory, 0 },
  { "memory_trim", memory_trim, 0 },
  { "memory_limit", memory_limit, 1 },
  { "fail_allocation", fail_allocation, 1 },
  { "machine", machine, 0 },
  { NULL, NULL, 0 },
};

static const lms_function random_functions[] = {
  { "uniform", random_uniform, 4 },
  { "integer", random_integer, 5 },
  { "shuffle", random_shuffle, 4 },
  { NULL, NULL, 0 },
};

void lms_machine_functions(lua_State *L)
{
  lms_functions(L, functions);
  lms_library(L, random_functions);
  lua_setfield(L, -2, "random");
}
