/* Arguments of operators but tensors, read from Lua's stack by what they declare (grad/op.h). */
#ifndef MS_ARGUMENTS_H
#define MS_ARGUMENTS_H

#include "../../grad/op.h"
#include "../tensor_arg.h"

typedef struct lms_argument {
  const char *who; /* the operator, for messages */
  const ms_arg *arg;
  const char *option; /* the name it is written with; NULL: by its place */
  int at;             /* on the stack */
  const ms_tensor *x; /* the first input: dimensions are of it */
  int axis;           /* the dimension that was read last: positions are along it */
} lms_argument;

/* What it is called in Lua: "window.stride" is "stride". */
const char *lms_argument_name(const ms_arg *a);

/* Puts its value, or the one for which it may be left out, into the attribute at `to`. */
void lms_read_argument(lua_State *L, const lms_argument *a, void *to);

#endif
