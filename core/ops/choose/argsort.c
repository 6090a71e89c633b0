/* argsort, and positions for topk, quantile, median and mode of Lua. */
#include <string.h>

#include "../../base/error.h"
#include "../../kernels/choose/sorting.h"
#include "../ops.h"
#include "positions.h"

typedef struct sorting {
  size_t k;
  int axis, descending, largest, keep;
} sorting;

static ms_span span_of(const ms_tensor *x, int axis)
{
  ms_span s = { 1, x->dim[axis], 1 };
  for (int d = 0; d < x->ndim; d++)
    if (d != axis) *(d < axis ? &s.outer : &s.inner) *= x->dim[d];
  return s;
}

/* Whether there is an axis, and its positions fit. 0, or -1 and a message. */
static int check(const ms_call *c)
{
  const sorting *a = c->attributes;
  if (c->input[0]->ndim == 0)
    return ms_fail("%s: x must have a dimension, got a number", c->op->name);
  return ms_positions_fit(c->op->name, c->input[0]->dim[a->axis]);
}

static ms_tensor *end(const ms_call *c, ms_tensor *y, int status)
{
  if (status != 0) {
    ms_tensor_free(y);
    return NULL;
  }
  return ms_record(c, y, 0, NULL);
}

static ms_tensor *argsort(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const sorting *a = c->attributes;
  if (check(c) != 0) return NULL;
  ms_tensor *y = ms_tensor_like(x);
  return y ? end(c, y, ms_k_sorting()->sort(span_of(x, a->axis), x->data, y->data, a->descending))
           : NULL;
}

/** x:argsort([axis = -1], {descending = false}) -> positions that sort x along one dimension,
    from 1; equal numbers keep their order. As in PyTorch NaN counts as larger than all: the last,
    or the first where descending */
static const ms_op argsort_op = {
  .name = "argsort", .forward = argsort, .attributes = MS_ATTRIBUTES(sorting),
  .takes = { MS_TENSOR(x), MS_AXIS(sorting, axis, MS_LAST),
             MS_NAMED_FLAG(sorting, descending, 0) },
};
MS_OPERATOR(argsort_op)

/* internal.sort(x, axis, {descending}): the same for x:sort */
static const ms_op sort_op = {
  .name = "sort", .module = "internal", .forward = argsort, .attributes = MS_ATTRIBUTES(sorting),
  .takes = { MS_TENSOR(x), MS_AXIS(sorting, axis, MS_LAST),
             MS_NAMED_FLAG(sorting, descending, 0) },
};
MS_OPERATOR(sort_op)

/* A new tensor of x's shape, but for k along the axis. */
static ms_tensor *with_axis(const ms_tensor *x, int axis, size_t k)
{
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, x->dim, sizeof dim);
  dim[axis] = k;
  return ms_tensor_new(x->ndim, dim);
}

static ms_tensor *topk(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const sorting *a = c->attributes;
  if (check(c) != 0) return NULL;
  if (a->k > x->dim[a->axis])
    return ms_fail("topk: %zu of the %zu along axis %d are asked for", a->k, x->dim[a->axis],
                   a->axis + 1), NULL;
  ms_tensor *y = with_axis(x, a->axis, a->k);
  return y ? end(c, y, ms_k_sorting()->top(span_of(x, a->axis), x->data, y->data, a->k, a->largest))
           : NULL;
}

/* internal.topk(x, k, axis, {largest}): positions */
static const ms_op topk_op = {
  .name = "topk", .module = "internal", .forward = topk, .attributes = MS_ATTRIBUTES(sorting),
  .takes = { MS_TENSOR(x), MS_THE_COUNT(sorting, k), MS_AXIS(sorting, axis, MS_LAST),
             MS_NAMED_FLAG(sorting, largest, 1) },
};
MS_OPERATOR(topk_op)

static ms_tensor *ranks(const ms_call *c)
{
  const ms_tensor *x = c->input[0], *rank = c->input[1];
  const sorting *a = c->attributes;
  if (check(c) != 0) return NULL;
  for (size_t i = 0; i < rank->count; i++)
    if (!(rank->data[i] >= 0 && rank->data[i] < (real)x->dim[a->axis]))
      return ms_fail("ranks: rank %g is none of 0..%zu", (double)rank->data[i],
                     x->dim[a->axis] - 1), NULL;
  ms_tensor *y = with_axis(x, a->axis, rank->count);
  return y ? end(c, y, ms_k_sorting()->ranks(span_of(x, a->axis), x->data, rank->data, rank->count,
                                             y->data)) : NULL;
}

/* internal.ranks(x, rank, axis): positions of the numbers at these places of the order, from 0 */
static const ms_op ranks_op = {
  .name = "ranks", .module = "internal", .forward = ranks, .attributes = MS_ATTRIBUTES(sorting),
  .takes = { MS_TENSOR(x), MS_TENSOR(rank), MS_AXIS(sorting, axis, MS_LAST) },
};
MS_OPERATOR(ranks_op)

/* ---- one position of each line --------------------------------------------------------------- */
static ms_tensor *one(const ms_call *c, int (*find)(ms_span s, const real *x, real *at))
{
  const ms_tensor *x = c->input[0];
  const sorting *a = c->attributes;
  size_t dim[MS_MAX_DIMS];
  int n = 0;
  if (check(c) != 0) return NULL;
  if (x->dim[a->axis] == 0)
    return ms_fail("%s: there is nothing along axis %d", c->op->name, a->axis + 1), NULL;
  for (int d = 0; d < x->ndim; d++)
    if (d != a->axis || a->keep) dim[n++] = d == a->axis ? 1 : x->dim[d];
  ms_tensor *y = ms_tensor_new(n, dim);
  return y ? end(c, y, find(span_of(x, a->axis), x->data, y->data)) : NULL;
}

static ms_tensor *median(const ms_call *c)
{
  return one(c, ms_k_sorting()->median);
}

static ms_tensor *mode(const ms_call *c)
{
  return one(c, ms_k_sorting()->mode);
}

/* internal.median(x, axis, {keep}) and mode: positions */
#define ONE(its_name)                                                                     \
  static const ms_op its_name##_op = {                                                    \
    .name = #its_name, .module = "internal", .forward = (its_name),                        \
    .attributes = MS_ATTRIBUTES(sorting),                                                 \
    .takes = { MS_TENSOR(x), MS_AXIS(sorting, axis, MS_LAST),                             \
               MS_NAMED_FLAG(sorting, keep, 0) },                                         \
  };                                                                                      \
  MS_OPERATOR(its_name##_op)

ONE(median)
ONE(mode)
