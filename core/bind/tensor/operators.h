/* The operators' rows: methods of tensors and functions of ms.ops and ms.loss. */
#ifndef MS_OPERATORS_H
#define MS_OPERATORS_H

#include "../functions.h"

extern const lms_function lms_operators[];

/* Arithmetic between tensors and numbers, for the metatable. */
int lms_add(lua_State *L);
int lms_sub(lua_State *L);
int lms_mul(lua_State *L);
int lms_div(lua_State *L);
int lms_neg(lua_State *L);

#endif
