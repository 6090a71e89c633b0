/* Random tensors. */
#ifndef MS_RANDOM_H
#define MS_RANDOM_H

#include <lua.h>

void lms_random_methods(lua_State *L);   /* x:bernoulli() and the like, in the table on the top */
void lms_random_functions(lua_State *L); /* ms.randn, ms.randint, ... */

#endif
