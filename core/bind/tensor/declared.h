/* The operators that core/ops declares (ops/operator.h), as functions of Lua. */
#ifndef MS_DECLARED_H
#define MS_DECLARED_H

#include <lua.h>

/* Sets those of the library `home`, NULL: the methods of tensors, in the table on the top. */
void lms_declared(lua_State *L, const char *home);

#endif
