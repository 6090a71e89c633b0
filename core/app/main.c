/* The program: a Lua state with the core preloaded, handed to lua/moonstem/app/main.lua. */
#define _GNU_SOURCE
#include <limits.h>
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/cpu.h"
#include "../base/error.h"
#include "../bind/open.h"
#include "../kernels/gemm/gemm_openblas.h"

static const luaL_Reg modules[] = {
  { "moonstem.core.tensor", lms_open_tensor },
  { "moonstem.core.optim", lms_open_optim },   { "moonstem.core.io", lms_open_io },
  { "moonstem.core.profile", lms_open_profile },
  { "moonstem.core.sys", lms_open_sys },       { "moonstem.core.audio", lms_open_audio },
  { "moonstem.core.mixing", lms_open_mixing }, { "moonstem.core.music", lms_open_music },
  { "moonstem.core.readline", lms_open_readline },
  { "moonstem.core.bootstrap", lms_open_bootstrap },
  { "moonstem.core.metrics", lms_open_metrics },
  { "moonstem.core.words", lms_open_words },
  { "moonstem.core.workers", lms_open_workers },
  { "moonstem.core.jupyter", lms_open_jupyter }, { "moonstem.core.tracker", lms_open_tracker },
  { NULL, NULL },
};

/* Whether the Lua library lies at `inner`, seen from the program's own folder; `folder` becomes its
   path. */
static int lies_in(const char *program, const char *inner, char folder[PATH_MAX])
{
  snprintf(folder, PATH_MAX, "%.3900s/%.100s/moonstem/app/main.lua", program, inner);
  const int found = access(folder, R_OK) == 0;
  snprintf(folder, PATH_MAX, "%.3900s/%.100s", program, inner);
  return found;
}

/* The folder of the Lua library: beside the build folder; where it is installed, seen from the
   program, so that both may be moved together; or where the sources were. */
static void find_library(char folder[PATH_MAX])
{
  char program[PATH_MAX] = "";
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n > 0) {
    *strrchr(program, '/') = '\0';
    if (lies_in(program, "../lua", folder) || lies_in(program, MS_INSTALLED_LUA, folder)) return;
  }
  snprintf(folder, PATH_MAX, "%s", MS_LUA_FOLDER);
}

static int prepare(lua_State *L)
{
  char folder[PATH_MAX];
  luaL_openlibs(L);
  find_library(folder);
  lua_getglobal(L, "package");
  lua_pushfstring(L, "%s/?.lua;%s/?/init.lua;%s/../notebooks-export/?.lua;", folder, folder,
                  folder);
  lua_getfield(L, -2, "path");
  lua_concat(L, 2);
  lua_setfield(L, -2, "path");
  lua_getfield(L, -1, "preload");
  luaL_setfuncs(L, modules, 0);
  return 0;
}

/* Calls main.lua's function with the arguments; it returns the exit status. */
static int start(lua_State *L)
{
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  lua_pushcfunction(L, prepare);
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

/* Runs at the end of the program, however it comes: output that could not be written is no
   success. */
static void check_output(int status, void *unused)
{
  (void)unused;
  int failed = ferror(stdout);
  if (fflush(stdout) != 0) failed = 1;
  if (!failed) return;
  fputs("moonstem: standard output could not be written to its end (is the disk full?)\n", stderr);
  _exit(status ? status : 1);
}

int main(int argc, char **argv)
{
  on_exit(check_output, NULL);
  ms_cpu_flush_denormals();
  if (ms_gemm_open() != 0) return fprintf(stderr, "moonstem: %s\n", ms_error()), 1;
  lua_State *L = luaL_newstate();
  if (!L) return fprintf(stderr, "moonstem: no memory\n"), 1;
  lua_pushcfunction(L, start);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int status = 1;
  int ok = lua_pcall(L, 2, 1, 0) == LUA_OK;
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1)
                                                     : "an error without a message";
  if (ok) status = (int)lua_tointeger(L, -1);
  else fprintf(stderr, "moonstem: %s\n", text);
  lua_close(L);
  return status;
}
