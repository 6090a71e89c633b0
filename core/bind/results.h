/* What functions give back: true or nil and a message, fields of a table, lists of sizes. */
#ifndef MS_RESULTS_H
#define MS_RESULTS_H

#include <stddef.h>

#include "failure.h"

/* true where the status is 0, else nil and the message. */
static inline int lms_done(lua_State *L, int status)
{
  if (status != 0) return lms_refuse(L);
  return lua_pushboolean(L, 1), 1;
}

/* Set a field of the table on the top. */
static inline void lms_set_integer(lua_State *L, const char *key, lua_Integer value)
{
  lua_pushinteger(L, value);
  lua_setfield(L, -2, key);
}

static inline void lms_set_number(lua_State *L, const char *key, double value)
{
  lua_pushnumber(L, value);
  lua_setfield(L, -2, key);
}

static inline void lms_set_bool(lua_State *L, const char *key, int value)
{
  lua_pushboolean(L, value);
  lua_setfield(L, -2, key);
}

static inline void lms_set_string(lua_State *L, const char *key, const char *value)
{
  lua_pushstring(L, value);
  lua_setfield(L, -2, key);
}

static inline void lms_push_sizes(lua_State *L, int ndim, const size_t *dim)
{
  lua_createtable(L, ndim, 0);
  for (int d = 0; d < ndim; d++) {
    lua_pushinteger(L, (lua_Integer)dim[d]);
    lua_rawseti(L, -2, d + 1);
  }
}

#endif
