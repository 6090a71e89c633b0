/* Counters of operators in Lua, for moonstem.profile. moonstem.core.profile */
#include "../../base/profile.h"

#include "../functions.h"
#include "../open.h"
#include "../results.h"

/* start() -> whether counting began now; it does not where it goes on already */
static int start(lua_State *L)
{
  lua_pushboolean(L, !ms_profile_on);
  if (!ms_profile_on) ms_profile_start();
  return 1;
}

static void push_solvers(lua_State *L, size_t count, const ms_profile_choice *c)
{
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++, c++) {
    lua_createtable(L, 0, 4);
    lms_set_string(L, "name", c->name);
    lms_set_integer(L, "calls", (lua_Integer)c->calls);
    lms_set_number(L, "cost", c->cost);
    lms_set_string(L, "others", c->others);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

/* flops() -> multiply-adds, counted as two, of all operators that ended while this thread
   counted */
static int flops(lua_State *L)
{
  lua_pushnumber(L, ms_profile_flops());
  return 1;
}

/* solvers() -> those of the operator that ended last */
static int solvers(lua_State *L)
{
  const ms_profile_choice *choice;
  const size_t count = ms_profile_last(&choice);
  push_solvers(L, count, choice);
  return 1;
}

/* stop() -> list of {name =, way =, calls =, seconds =, flops =, bytes =, on = {1: , 2: , 4: , ...
   128: }, solvers = list of {name =, calls =, cost =, others =}} */
static int stop(lua_State *L)
{
  static const char *const ways[] = { "forward", "backward", "update" };
  const ms_profile_row *row;
  size_t n = ms_profile_stop(&row);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_createtable(L, 0, 8);
    lms_set_string(L, "name", row[i].name);
    lms_set_string(L, "way", ways[row[i].way]);
    lms_set_integer(L, "calls", (lua_Integer)row[i].calls);
    lms_set_number(L, "seconds", row[i].seconds);
    lms_set_number(L, "flops", row[i].flops);
    lms_set_number(L, "bytes", row[i].bytes);
    lua_createtable(L, 0, MS_PROFILE_CORES);
    for (int k = 0; k < MS_PROFILE_CORES; k++) {
      lua_pushnumber(L, row[i].on[k]);
      lua_rawseti(L, -2, (lua_Integer)1 << k);
    }
    lua_setfield(L, -2, "on");
    push_solvers(L, row[i].solvers, row[i].solver);
    lua_setfield(L, -2, "solvers");
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static const lms_function functions[] = {
  { "start", start, 0 }, { "stop", stop, 0 }, { "flops", flops, 0 }, { "solvers", solvers, 0 },
  { NULL, NULL, 0 },
};

int lms_open_profile(lua_State *L)
{
  lms_library(L, functions);
  return 1;
}
