/* Activation checkpointing: ms.recompute, and the backward sweep that computes such parts again. */
#ifndef MS_BIND_RECOMPUTE_H
#define MS_BIND_RECOMPUTE_H

#include "../tensor_arg.h"

/* ms.recompute, in the table on the top; docstring beside it. */
void lms_recompute_functions(lua_State *L);

/* ms_backward(y), or from gy where it is not NULL, for L. 0, or -1 and a message. */
int lms_sweep(lua_State *L, ms_tensor *y, ms_tensor *gy);

#endif
