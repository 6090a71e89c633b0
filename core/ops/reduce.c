/* Sums and means, over everything or along one dimension. */
#include <string.h>

#include "../base/error.h"
#include "../kernels/reductions.h"
#include "operator.h"
#include "ops.h"

/* x as (outer, n, inner) around the axis. */
typedef struct split {
  size_t outer, n, inner;
} split;

static split split_at(const ms_tensor *x, int axis)
{
  split s = { 1, x->dim[axis], 1 };
  for (int d = 0; d < axis; d++) s.outer *= x->dim[d];
  for (int d = axis + 1; d < x->ndim; d++) s.inner *= x->dim[d];
  return s;
}

typedef struct args {
  split s;
  real scale;
} args;

/* gx is gy times the scale, repeated along what was summed. */
static int sum_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const args *a = ms_node_args(n);
  const split s = a->s;
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_tensor_new(ndim, dim);
  if (!gx[0]) return -1;
  real scale = a->scale, *to = gx[0]->data;
  for (size_t o = 0; o < s.outer; o++)
    for (size_t i = 0; i < s.n; i++)
      for (size_t k = 0; k < s.inner; k++) *to++ = scale * gy->data[o * s.inner + k];
  return 0;
}

static const ms_op sum_op = {
  .name = "sum", .backward = sum_backward, .args = sizeof(args)
};
static const ms_op mean_op = {
  .name = "mean", .backward = sum_backward, .args = sizeof(args)
};

static ms_tensor *all(ms_tensor *x, const ms_op *op, double scale)
{
  ms_tensor *y = ms_tensor_number(ms_k_reductions()->sum(x->data, x->count) * scale);
  if (!y) return NULL;
  return ms_record(y, op, 1, &x, 0, NULL, &(args){ { 1, x->count, 1 }, (real)scale });
}

static ms_tensor *along(ms_tensor *x, int axis, const ms_op *op, double scale)
{
  split s = split_at(x, axis);
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, x->dim, sizeof dim);
  memmove(dim + axis, dim + axis + 1, (size_t)(x->ndim - axis - 1) * sizeof *dim);
  ms_tensor *y = ms_tensor_new(x->ndim - 1, dim);
  if (!y) return NULL;
  ms_k_reductions()->sum_along(x->data, y->data, s.outer, s.n, s.inner);
  for (size_t i = 0; i < y->count; i++) y->data[i] *= (real)scale;
  return ms_record(y, op, 1, &x, 0, NULL, &(args){ s, (real)scale });
}

ms_tensor *ms_sum(ms_tensor *x, int axis)
{
  return axis < 0 ? all(x, &sum_op, 1) : along(x, axis, &sum_op, 1);
}

ms_tensor *ms_mean(ms_tensor *x, int axis)
{
  size_t n = axis < 0 ? x->count : x->dim[axis];
  if (n == 0) return ms_fail("mean: of no numbers"), NULL;
  return axis < 0 ? all(x, &mean_op, 1.0 / (double)n) : along(x, axis, &mean_op, 1.0 / (double)n);
}

static ms_tensor *call_sum(const ms_arg *a) { return ms_sum(a[0].tensor, (int)a[1].whole); }

/** x:sum([axis]) -> the sum of all, or along one dimension, which disappears */
MS_OPERATOR(sum, call_sum, MS_TENSOR("x"), MS_AXIS("axis", MS_ALL))

static ms_tensor *call_mean(const ms_arg *a) { return ms_mean(a[0].tensor, (int)a[1].whole); }

/** x:mean([axis]) -> the mean of all, or along one dimension, which disappears */
MS_OPERATOR(mean, call_mean, MS_TENSOR("x"), MS_AXIS("axis", MS_ALL))
