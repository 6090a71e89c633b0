/* Sums and means, over everything or along dimensions. */
#include "../../kernels/reduce/fold_backs.h"
#include "../../kernels/reductions.h"
#include "../ops.h"
#include "axes.h"

typedef struct reduction {
  uint32_t axes;
  int keep;
} reduction;

/* gx is gy times the scale, repeated along what was reduced. */
static int repeat(const ms_node *node, ms_tensor *gy, ms_tensor **gx, int mean)
{
  const reduction *a = ms_node_attributes(node);
  int ndim;
  const size_t *dim = ms_node_input_dim(node, 0, &ndim);
  const ms_span s = ms_axes_span(ndim, dim, a->axes);
  gx[0] = ms_tensor_new(ndim, dim);
  if (!gx[0]) return -1;
  ms_k_fold_backs()->repeat(s, gy->data, gx[0]->data, mean ? (real)(1.0 / (double)s.n) : 1);
  gx[0] = ms_axes_return(gx[0], ndim, dim, a->axes);
  return gx[0] ? 0 : -1;
}

static int sum_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  return repeat(n, gy, gx, 0);
}

static int mean_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  return repeat(n, gy, gx, 1);
}

/* scale times the sum; where everything is summed the scale is applied in double */
static void fill(const ms_span *s, const ms_tensor *x, double scale, ms_tensor *y)
{
  if (y->count == 1) {
    y->data[0] = (real)(ms_k_reductions()->sum(x->data, x->count) * scale);
    return;
  }
  ms_k_reductions()->sum_along(x->data, y->data, s->outer, s->n, s->inner);
  for (size_t i = 0; scale != 1 && i < y->count; i++) y->data[i] *= (real)scale;
}

static ms_tensor *total(const ms_call *c, const ms_span *s, double scale)
{
  const reduction *a = c->attributes;
  ms_tensor *x = ms_axes_gather(c->input[0], a->axes);
  ms_tensor *y = x ? ms_axes_result(c->input[0], a->axes, a->keep) : NULL;
  if (y) fill(s, x, scale, y);
  ms_tensor_free(x);
  return ms_record(c, y, 0, NULL);
}

static ms_span span_of(const ms_call *c)
{
  const reduction *a = c->attributes;
  return ms_axes_span(c->input[0]->ndim, c->input[0]->dim, a->axes);
}

static ms_tensor *sum(const ms_call *c)
{
  const ms_span s = span_of(c);
  return total(c, &s, 1);
}

/** x:sum([axes], {keep = false}) -> the sum of all, or along one dimension or a list of them,
    which disappear, or stay as 1 with keep; in double inside */
static const ms_op sum_op = {
  .name = "sum", .forward = sum, .backward = sum_backward, .attributes = MS_ATTRIBUTES(reduction),
  .takes = { MS_TENSOR(x), MS_AXES(reduction, axes), MS_NAMED_FLAG(reduction, keep, 0) },
};
MS_OPERATOR(sum_op)

static ms_tensor *mean(const ms_call *c)
{
  const reduction *a = c->attributes;
  const ms_span s = span_of(c);
  if (ms_axes_some("mean", c->input[0], a->axes) != 0) return NULL;
  return total(c, &s, 1.0 / (double)s.n);
}

/** x:mean([axes], {keep = false}) -> the mean of all, or along one dimension or a list of them,
    which disappear, or stay as 1 with keep; of no numbers it raises */
static const ms_op mean_op = {
  .name = "mean", .forward = mean, .backward = mean_backward,
  .attributes = MS_ATTRIBUTES(reduction),
  .takes = { MS_TENSOR(x), MS_AXES(reduction, axes), MS_NAMED_FLAG(reduction, keep, 0) },
};
MS_OPERATOR(mean_op)
