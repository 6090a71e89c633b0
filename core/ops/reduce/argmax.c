/* Positions of the largest and the smallest along an axis, for max, min, argmax and argmin of
   Lua. */
#include "../../base/error.h"
#include "../../kernels/reduce/extremes.h"
#include "../choose/positions.h"
#include "../ops.h"
#include "axes.h"

typedef struct reduction {
  int axis, keep;
} reduction;

static ms_tensor *positions(const ms_call *c, int least)
{
  const ms_tensor *x = c->input[0];
  const reduction *a = c->attributes;
  const uint32_t axes = (uint32_t)1 << a->axis;
  if (ms_axes_some(c->op->name, x, axes) != 0) return NULL;
  if (ms_positions_fit(c->op->name, x->dim[a->axis]) != 0) return NULL;
  ms_tensor *y = ms_axes_result(x, axes, a->keep);
  const ms_span s = ms_axes_span(x->ndim, x->dim, axes);
  if (y && ms_k_extremes()->positions(s, x->data, y->data, least) != 0) {
    ms_tensor_free(y);
    y = NULL;
  }
  return ms_record(c, y, 0, NULL);
}

static ms_tensor *largest(const ms_call *c)
{
  return positions(c, 0);
}

static ms_tensor *smallest(const ms_call *c)
{
  return positions(c, 1);
}

/* One for each name that messages call it by. */
#define EXTREME(its_name, function)                                                       \
  static const ms_op its_name##_op = {                                                    \
    .name = #its_name, .module = "internal", .forward = (function),                        \
    .attributes = MS_ATTRIBUTES(reduction),                                               \
    .takes = { MS_TENSOR(x), MS_THE_AXIS(reduction, axis),                                \
               MS_NAMED_FLAG(reduction, keep, 0) },                                       \
  };                                                                                      \
  MS_OPERATOR(its_name##_op)

EXTREME(max, largest)
EXTREME(argmax, largest)
EXTREME(min, smallest)
EXTREME(argmin, smallest)
