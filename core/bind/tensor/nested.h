/* Nested tables of numbers as tensors. */
#ifndef MS_NESTED_H
#define MS_NESTED_H

#include "../tensor_arg.h"

/* Pushes the tensor of a number or a regular nested table at `arg`, as ms.tensor makes it; raises
   "WHO: ..." on anything else. */
ms_tensor *lms_push_nested(lua_State *L, int arg, const char *who);

/* Copies the table on the top, `ndim` deep, into `to`; raises unless all its lengths are `dim`. */
real *lms_copy_nested(lua_State *L, const char *who, int ndim, const size_t *dim, real *to);

/* A number or a nested table at `arg` becomes the tensor of it; the rest stays. */
void lms_to_tensor(lua_State *L, int arg, const char *who);

/* ms.as_tensor(x): x where it is a tensor, else ms.tensor(x). */
int lms_as_tensor(lua_State *L);

#endif
