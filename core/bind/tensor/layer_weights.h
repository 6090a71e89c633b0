/* What layers start from. */
#ifndef MS_LAYER_WEIGHTS_H
#define MS_LAYER_WEIGHTS_H

#include <lua.h>

/* Adds the table weights of functions to the table on the top. */
void lms_layer_weights(lua_State *L);

#endif
