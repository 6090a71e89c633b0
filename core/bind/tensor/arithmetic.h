/* Arithmetic between tensors and numbers. */
#ifndef MS_ARITHMETIC_H
#define MS_ARITHMETIC_H

#include <lua.h>

/* Sets +, -, *, /, ^, //, %, and what < says, in the metatable on the top. */
void lms_arithmetic(lua_State *L);

#endif
