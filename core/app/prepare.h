/* What a Lua state of ours knows. */
#ifndef MS_PREPARE_H
#define MS_PREPARE_H

#include <lua.h>

/* A function of Lua's without arguments and results: opens its libraries, preloads the modules of
   the core and puts the library's folder on the path. */
int lms_prepare(lua_State *L);

#endif
