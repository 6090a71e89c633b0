/* Sums of gradients over micro-batches and processes, in Lua. */
#ifndef MS_REDUCER_HANDLE_H
#define MS_REDUCER_HANDLE_H

#include <lua.h>

/* Sets the function `reducer` in the table on the top. */
void lms_reducers(lua_State *L);

#endif
