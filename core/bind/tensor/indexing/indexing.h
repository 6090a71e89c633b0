/* x[...] read and written. */
#ifndef MS_INDEXING_H
#define MS_INDEXING_H

#include "../../tensor_arg.h"

/* x[key] for a key that is no name; methods (an upvalue's pseudo-index) has index_select. */
int lms_index_read(lua_State *L, int methods);

/* The metamethods __newindex and __len. */
int lms_index_write(lua_State *L);
int lms_index_length(lua_State *L);

#endif
