/* Rows of ms.io: weights, as safetensors files and as TensorFlow's checkpoints. */
#ifndef MS_WEIGHTS_H
#define MS_WEIGHTS_H

#include <lua.h>

void lms_weights_types(lua_State *L);

/* Docstrings beside them. */
int lms_io_load_safetensors(lua_State *L);
int lms_io_save_safetensors(lua_State *L);
int lms_io_safetensors_info(lua_State *L);
int lms_io_load_tensorflow(lua_State *L);
int lms_io_tensorflow_info(lua_State *L);

#endif
