/* Tensors as results, and the scopes that release those which were made while they were open. */
#ifndef MS_SCOPE_H
#define MS_SCOPE_H

#include "tensor_arg.h"

int lms_push_tensor(lua_State *L, ms_tensor *t); /* takes t over; NULL raises; returns 1 */

int lms_open_scope(lua_State *L); /* the Lua function ms.scope() */
int lms_keep(lua_State *L);       /* ms.keep(t): no open scope releases it */
void lms_scope_types(lua_State *L);

#endif
