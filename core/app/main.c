/* The program: a Lua state with the core preloaded, handed to lua/moonstem/app/main.lua. */
#define _GNU_SOURCE
#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../base/cpu.h"
#include "../base/error.h"
#include "../base/interrupt.h"
#include "../distributed/world.h"
#include "../kernels/gemm/gemm_openblas.h"
#include "prepare.h"

/* Calls main.lua's function with the arguments; it returns the exit status. */
static int start(lua_State *L)
{
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  lua_pushcfunction(L, lms_prepare);
  lua_call(L, 0, 0);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "moonstem.app.main");
  lua_call(L, 1, 1);
  lua_createtable(L, argc, 0);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i);
  }
  lua_call(L, 1, 1);
  return 1;
}

static const char NOT_WRITTEN[] =
  "moonstem: standard output could not be written to its end (is the disk full?)\n";

/* Runs last at the end of the program, however it comes: output that could not be written is no
   success, and nothing is taken away under an MPI that is stuck. */
static void check_output(int status, void *unused)
{
  (void)unused;
  int failed = ferror(stdout);
  if (fflush(stdout) != 0) failed = 1;
  if (failed) fputs(NOT_WRITTEN, stderr);
  else if (!ms_world_is_stuck()) return;
  fflush(NULL); /* files that a script has left open */
  _exit(status ? status : failed || ms_world_lost_others());
}

/* The status after an error outside of what main.lua guards; as lua/moonstem/sys/status.lua. */
static int failure_status(void)
{
  const int signal = ms_interrupted();
  if (!signal) return 1;
  return signal == SIGUSR1 ? 75 : 128 + signal;
}

int main(int argc, char **argv)
{
  on_exit(check_output, NULL);
  ms_cpu_flush_denormals();
  if (ms_cpu_check() != 0) return fprintf(stderr, "moonstem: %s\n", ms_error()), 2;
  if (ms_gemm_open() != 0) return fprintf(stderr, "moonstem: %s\n", ms_error()), 1;
  lua_State *L = luaL_newstate();
  if (!L) return fprintf(stderr, "moonstem: no memory\n"), 1;
  lua_pushcfunction(L, start);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int ok = lua_pcall(L, 2, 1, 0) == LUA_OK;
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1)
                                                     : "an error without a message";
  const int status = ok ? (int)lua_tointeger(L, -1) : failure_status();
  if (!ok) fprintf(stderr, "moonstem: %s\n", text);
  lua_close(L);
  return status;
}
