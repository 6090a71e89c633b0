/* Tapes in Lua. */
#ifndef MS_BIND_TAPE_H
#define MS_BIND_TAPE_H

#include <lua.h>

/* Sets `tape` in the table of internal functions on the top. */
void lms_tape_functions(lua_State *L);

#endif
