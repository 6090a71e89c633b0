/* What a Lua state of ours knows: the modules of the core, and where the library lies. */
#define _GNU_SOURCE
#include "prepare.h"

#include <lauxlib.h>
#include <limits.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../bind/open.h"

static const luaL_Reg modules[] = {
  { "moonstem.core.tensor", lms_open_tensor },
  { "moonstem.core.optim", lms_open_optim },   { "moonstem.core.io", lms_open_io },
  { "moonstem.core.profile", lms_open_profile },
  { "moonstem.core.sys", lms_open_sys },       { "moonstem.core.audio", lms_open_audio },
  { "moonstem.core.mixing", lms_open_mixing }, { "moonstem.core.music", lms_open_music },
  { "moonstem.core.readline", lms_open_readline },
  { "moonstem.core.bootstrap", lms_open_bootstrap },
  { "moonstem.core.distributed", lms_open_distributed },
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

int lms_prepare(lua_State *L)
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
