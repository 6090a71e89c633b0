/* Tensors made of sizes and numbers. */
#ifndef MS_SEQUENCES_H
#define MS_SEQUENCES_H

#include <lua.h>

void lms_making_methods(lua_State *L);   /* x:zeros_like() and the like, in the table on the top */
void lms_making_functions(lua_State *L); /* ms.zeros, ms.range, ...; those of methods, too */

#endif
