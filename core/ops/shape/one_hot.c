/* Classes as rows with a single one. */
#include <math.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/sizes.h"
#include "../ops.h"

typedef struct one_hot {
  size_t classes; /* 0: as many as the largest index says */
} one_hot;

static const size_t WHOLE = (size_t)1 << 53; /* more classes no number can tell apart */

/* Checks that all are whole numbers from 1; the largest, or -1 and a message. */
static int64_t largest(const ms_tensor *x, size_t classes)
{
  const double most = classes ? (double)ms_least(classes, WHOLE) : (double)MS_REAL_WHOLE;
  double large = 0;
  for (size_t i = 0; i < x->count; i++) {
    const double v = (double)x->data[i];
    if (!(v == floor(v) && v >= 1 && v <= most))
      return ms_fail("one_hot: index %zu is %g, which is no whole number in 1..%.0f", i + 1,
                     isnan(v) ? fabs(v) : v, most);
    if (v > large) large = v;
  }
  return (int64_t)large;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const one_hot *a = c->attributes;
  const int64_t most = largest(x, a->classes);
  size_t dim[MS_MAX_DIMS + 1];
  if (most < 0) return NULL;
  memcpy(dim, x->dim, (size_t)x->ndim * sizeof *dim);
  dim[x->ndim] = a->classes ? a->classes : (size_t)most;
  ms_tensor *y = ms_tensor_zeros(x->ndim + 1, dim);
  for (size_t i = 0; y && i < x->count; i++)
    y->data[i * dim[x->ndim] + (size_t)x->data[i] - 1] = 1;
  return ms_record(c, y, 0, NULL);
}

/** ms.one_hot(indices, [classes]) -> (..., classes): for each index, a whole number from 1, zeros
    with a one at its place. classes: at first the largest index */
static const ms_op one_hot_op = {
  .name = "one_hot", .forward = forward, .attributes = MS_ATTRIBUTES(one_hot),
  .takes = { MS_TENSOR(indices), MS_COUNT(one_hot, classes, 0) },
};
MS_OPERATOR(one_hot_op)
