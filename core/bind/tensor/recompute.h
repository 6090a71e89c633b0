/* Activation checkpointing: ms.recompute, and the backward sweep that computes such parts again. */
#ifndef MS_BIND_RECOMPUTE_H
#define MS_BIND_RECOMPUTE_H

#include "../tensor_arg.h"

/* ms.recompute, in the table on the top; docstring beside it. */
void lms_recompute_functions(lua_State *L);

/* ms_backward(y), or from gy where it is not NULL, for L. 0, or -1 and a message. */
int lms_sweep(lua_State *L, ms_tensor *y, ms_tensor *gy);

/* The same by ms_gradients; the caller holds all tensors. */
int lms_sweep_for(lua_State *L, ms_tensor *y, ms_tensor *gy, int count, ms_tensor *const *x,
                  ms_tensor **gradient);

#endif
