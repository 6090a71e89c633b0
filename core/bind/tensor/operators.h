/* Operators in Lua, made from what they declare. */
#ifndef MS_OPERATORS_H
#define MS_OPERATORS_H

#include <lua.h>

/* Sets those of a module ("loss"; NULL: those that are methods) in the table on the top. */
void lms_operators(lua_State *L, const char *module);

#endif
