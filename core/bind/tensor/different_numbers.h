/* The different numbers of a tensor, for moonstem.tensor.choosing. */
#ifndef MS_DIFFERENT_NUMBERS_H
#define MS_DIFFERENT_NUMBERS_H

#include <lua.h>

/* Sets the function in the table on the top. */
void lms_different_numbers(lua_State *L);

#endif
