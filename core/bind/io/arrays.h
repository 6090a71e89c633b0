/* Rows of ms.io: NumPy's arrays; docstrings beside them. */
#ifndef MS_ARRAYS_H
#define MS_ARRAYS_H

#include <lua.h>

int lms_io_load_npy(lua_State *L);
int lms_io_save_npy(lua_State *L);
int lms_io_load_npz(lua_State *L);
int lms_io_save_npz(lua_State *L);

void lms_arrays_types(lua_State *L);

#endif
