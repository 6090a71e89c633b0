/* Clipping of gradients in Lua. */
#ifndef MS_CLIPPING_H
#define MS_CLIPPING_H

#include <lua.h>

void lms_clipping(lua_State *L); /* sets its functions in the table on the top */

#endif
