/* Gradients as results. */
#ifndef LMS_GRADIENTS_H
#define LMS_GRADIENTS_H

#include <lua.h>

void lms_gradients(lua_State *L); /* into the table on the top */

#endif
