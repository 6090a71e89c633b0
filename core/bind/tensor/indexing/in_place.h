/* Writing numbers in place: who may, and the methods that do. */
#ifndef MS_IN_PLACE_H
#define MS_IN_PLACE_H

#include "../../tensor_arg.h"

/* The tensor at `arg`, which may be written to: raises for results inside the graph and for leaves
   that need a gradient, but inside ms.no_grad. */
ms_tensor *lms_writable(lua_State *L, int arg, const char *who);

/* The tensor at `arg` whose numbers are written into another one: raises where a gradient would be
   lost, but inside ms.no_grad. */
ms_tensor *lms_operand(lua_State *L, int arg, const char *who);

/* Sets x:fill_(v) and the others in the table on the top. */
void lms_in_place(lua_State *L);

#endif
