/* The largest and the smallest number of a whole tensor, for moonstem.tensor.reducing. */
#ifndef MS_EXTREME_NUMBERS_H
#define MS_EXTREME_NUMBERS_H

#include <lua.h>

/* Sets them in the table on the top. */
void lms_extreme_numbers(lua_State *L);

#endif
