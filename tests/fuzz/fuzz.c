/* libFuzzer's side of tests/fuzz: each input goes to the reader of readers.lua that MOONSTEM_READER
   names, in one Lua state. Lines of Lua that are reached count as edges of C do. */
#include <lauxlib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/prepare.h"
#include "base/cpu.h"
#include "base/error.h"
#include "kernels/gemm/gemm_openblas.h"

enum { LINES = 1 << 15, COLLECT = 64 };

/* libFuzzer reads them like its own counters, by the name of the section. */
__attribute__((used, section("__libfuzzer_extra_counters"))) static uint8_t lines[LINES];

static lua_State *L;

static void count_line(lua_State *state, lua_Debug *at)
{
  lua_getinfo(state, "S", at);
  uint32_t place = (uint32_t)at->currentline;
  for (const char *c = at->short_src; *c; c++) place = place * 31 + (uint8_t)*c;
  lines[place % LINES]++;
}

static void must(int status)
{
  if (status == LUA_OK) return;
  fprintf(stderr, "fuzz: %s\n", lua_tostring(L, -1));
  abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  (void)argc, (void)argv;
  ms_cpu_flush_denormals();
  if (ms_gemm_open() != 0 || !(L = luaL_newstate())) return fprintf(stderr, "%s\n", ms_error()), 1;
  lua_pushcfunction(L, lms_prepare);
  must(lua_pcall(L, 0, 0, 0));
  must(luaL_dofile(L, MS_FUZZ_FOLDER "/libfuzzer.lua"));
  lua_sethook(L, count_line, LUA_MASKLINE, 0);
  return 0;
}

/* libfuzzer.lua returned a function of an input's bytes that gives a fault's text or nil. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static int count;
  lua_pushvalue(L, 1);
  lua_pushlstring(L, (const char *)data, size);
  must(lua_pcall(L, 1, 1, 0));
  if (!lua_isnil(L, -1)) must(LUA_ERRRUN);
  lua_settop(L, 1);
  if (++count % COLLECT == 0) lua_gc(L, LUA_GCCOLLECT);
  return 0;
}
