/* Texts of NumPy's arrays as Lua's lists of strings, lists of such lists where they have more
   dimensions. */
#ifndef MS_TEXTS_H
#define MS_TEXTS_H

#include <lua.h>

#include "../../io/numpy/npy.h"

/* Pushes the texts; takes a->text over. */
void lms_push_texts(lua_State *L, ms_array *a);

/* The string or the list of strings at `index` as an array, whose block lies in a handle that is
   pushed. Raises, beginning with `who`, where it is something else. */
void lms_texts(lua_State *L, int index, const char *who, ms_array *a);

#endif
