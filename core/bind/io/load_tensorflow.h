/* The functions of ms.io for TensorFlow's checkpoints. */
#ifndef LMS_TENSORFLOW_H
#define LMS_TENSORFLOW_H

#include <lua.h>

void lms_tensorflow_type(lua_State *L);
int lms_io_load_tensorflow(lua_State *L);
int lms_io_tensorflow_info(lua_State *L);

#endif
