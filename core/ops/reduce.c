/* Sums and means, over everything or along one dimension. */
#include <string.h>

#include "../base/error.h"
#include "../kernels/reductions.h"
#include "ops.h"

typedef struct reduction {
  int axis; /* -1: everything, to one scalar; otherwise the dimension that disappears */
} reduction;

/* A shape as (outer, n, inner) around what is reduced. */
typedef struct split {
  size_t outer, n, inner;
} split;

static split split_at(int ndim, const size_t *dim, int axis)
{
  split s = { 1, 1, 1 };
  for (int d = 0; d < ndim; d++)
    *(axis < 0 || d == axis ? &s.n : d < axis ? &s.outer : &s.inner) *= dim[d];
  return s;
}

/* gx is gy times the scale, repeated along what was reduced. */
static int repeat(const ms_node *node, ms_tensor *gy, ms_tensor **gx, int mean)
{
  const reduction *a = ms_node_attributes(node);
  int ndim;
  const size_t *dim = ms_node_input_dim(node, 0, &ndim);
  const split s = split_at(ndim, dim, a->axis);
  gx[0] = ms_tensor_new(ndim, dim);
  if (!gx[0]) return -1;
  real scale = mean ? (real)(1.0 / (double)s.n) : 1, *to = gx[0]->data;
  for (size_t o = 0; o < s.outer; o++)
    for (size_t i = 0; i < s.n; i++)
      for (size_t k = 0; k < s.inner; k++) *to++ = scale * gy->data[o * s.inner + k];
  return 0;
}

static int sum_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  return repeat(n, gy, gx, 0);
}

static int mean_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  return repeat(n, gy, gx, 1);
}

/* scale times the sum */
static ms_tensor *total(const ms_call *c, const split *s, int axis, double scale)
{
  const ms_tensor *x = c->input[0];
  size_t dim[MS_MAX_DIMS];
  if (axis < 0)
    return ms_record(c, ms_tensor_number(ms_k_reductions()->sum(x->data, x->count) * scale), 0,
                     NULL);
  memcpy(dim, x->dim, sizeof dim);
  memmove(dim + axis, dim + axis + 1, (size_t)(x->ndim - axis - 1) * sizeof *dim);
  ms_tensor *y = ms_tensor_new(x->ndim - 1, dim);
  if (!y) return NULL;
  ms_k_reductions()->sum_along(x->data, y->data, s->outer, s->n, s->inner);
  for (size_t i = 0; i < y->count; i++) y->data[i] *= (real)scale;
  return ms_record(c, y, 0, NULL);
}

static ms_tensor *sum(const ms_call *c)
{
  const int axis = ((const reduction *)c->attributes)->axis;
  const split s = split_at(c->input[0]->ndim, c->input[0]->dim, axis);
  return total(c, &s, axis, 1);
}

/** x:sum([axis]) -> the sum of all, or along one dimension, which disappears */
static const ms_op sum_op = {
  .name = "sum", .forward = sum, .backward = sum_backward, .attributes = MS_ATTRIBUTES(reduction),
  .takes = { MS_TENSOR(x), MS_AXIS(reduction, axis, -1) },
};
MS_OPERATOR(sum_op)

static ms_tensor *mean(const ms_call *c)
{
  const int axis = ((const reduction *)c->attributes)->axis;
  const split s = split_at(c->input[0]->ndim, c->input[0]->dim, axis);
  if (s.n == 0) return ms_fail("mean: the tensor is empty"), NULL;
  return total(c, &s, axis, 1.0 / (double)s.n);
}

/** x:mean([axis]) -> the mean of all, or along one dimension, which disappears */
static const ms_op mean_op = {
  .name = "mean", .forward = mean, .backward = mean_backward,
  .attributes = MS_ATTRIBUTES(reduction),
  .takes = { MS_TENSOR(x), MS_AXIS(reduction, axis, -1) },
};
MS_OPERATOR(mean_op)
