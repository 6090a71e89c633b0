/* Moving averages of parameters in Lua. */
#ifndef MS_EMA_H
#define MS_EMA_H

#include <lua.h>

void lms_averages(lua_State *L); /* sets ms.optim.ema in the table on the top */

#endif
