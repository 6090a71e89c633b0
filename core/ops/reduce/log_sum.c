/* softmax, log_softmax and logsumexp. */
#include <string.h>

#include "../../base/error.h"
#include "../../kernels/reduce/log_sums.h"
#include "../../kernels/softmax.h"
#include "../ops.h"
#include "axes.h"

/* ---- softmax, log_softmax -------------------------------------------------------------------- */
typedef struct along {
  int axis;
} along;

static ms_span span_at(const ms_tensor *x, int axis)
{
  ms_span s = { 1, x->dim[axis], 1 };
  for (int d = 0; d < x->ndim; d++)
    if (d != axis) *(d < axis ? &s.outer : &s.inner) *= x->dim[d];
  return s;
}

static int back_of(const ms_node *node, ms_tensor *gy, ms_tensor **gx, int log)
{
  const ms_tensor *y = ms_node_saved(node, 0);
  const along *a = ms_node_attributes(node);
  if (!(gx[0] = ms_tensor_like(gy))) return -1;
  ms_k_softmax()->back(span_at(y, a->axis), log, y->data, gy->data, gx[0]->data);
  return 0;
}

static ms_tensor *forward(const ms_call *c, int log)
{
  const ms_tensor *x = c->input[0];
  const along *a = c->attributes;
  if (x->ndim < 1)
    return ms_fail("%s: x must have a last dimension, got a number", c->op->name), NULL;
  ms_tensor *y = ms_tensor_like(x);
  if (y) ms_k_softmax()->forward(span_at(x, a->axis), log, x->data, y->data);
  return ms_record(c, y, 1, &y);
}

static int softmax_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  return back_of(n, gy, gx, 0);
}

static ms_tensor *softmax(const ms_call *c)
{
  return forward(c, 0);
}

/** x:softmax([axis = -1]) -> exponentials over their sum along one dimension: numbers that add up
    to 1 */
static const ms_op softmax_op = {
  .name = "softmax", .forward = softmax, .backward = softmax_backward,
  .attributes = MS_ATTRIBUTES(along), .takes = { MS_TENSOR(x), MS_AXIS(along, axis, MS_LAST) },
};
MS_OPERATOR(softmax_op)

static int log_softmax_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  return back_of(n, gy, gx, 1);
}

static ms_tensor *log_softmax(const ms_call *c)
{
  return forward(c, 1);
}

/** x:log_softmax([axis = -1]) -> the logarithm of the softmax along one dimension, exact where
    that is as good as 0 */
static const ms_op log_softmax_op = {
  .name = "log_softmax", .forward = log_softmax, .backward = log_softmax_backward,
  .attributes = MS_ATTRIBUTES(along), .takes = { MS_TENSOR(x), MS_AXIS(along, axis, MS_LAST) },
};
MS_OPERATOR(log_softmax_op)

/* ---- logsumexp ------------------------------------------------------------------------------- */
typedef struct reduction {
  uint32_t axes;
  int keep;
} reduction;

static int logsumexp_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const reduction *a = ms_node_attributes(n);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  ms_tensor *x = ms_axes_gather(ms_node_saved(n, 0), a->axes);
  ms_tensor *g = x ? ms_tensor_new(ndim, dim) : NULL;
  if (g)
    ms_k_log_sums()->back(ms_axes_span(ndim, dim, a->axes), x->data, ms_node_saved(n, 1)->data,
                          gy->data, g->data);
  ms_tensor_free(x);
  gx[0] = ms_axes_return(g, ndim, dim, a->axes);
  return gx[0] ? 0 : -1;
}

static ms_tensor *logsumexp(const ms_call *c)
{
  const reduction *a = c->attributes;
  const ms_span s = ms_axes_span(c->input[0]->ndim, c->input[0]->dim, a->axes);
  if (ms_axes_some("logsumexp", c->input[0], a->axes) != 0) return NULL;
  ms_tensor *x = ms_axes_gather(c->input[0], a->axes);
  ms_tensor *y = x ? ms_axes_result(c->input[0], a->axes, a->keep) : NULL;
  if (y && ms_k_log_sums()->log_sum(s, x->data, y->data) != 0) {
    ms_tensor_free(y);
    y = NULL;
  }
  ms_tensor_free(x);
  return ms_record(c, y, 2, (ms_tensor *[]){ c->input[0], y });
}

/** x:logsumexp([axes], {keep = false}) -> the logarithm of the sum of exponentials of all, or
    along one dimension or a list of them, which disappear, or stay as 1 with keep; overflows
    nowhere */
static const ms_op logsumexp_op = {
  .name = "logsumexp", .forward = logsumexp, .backward = logsumexp_backward,
  .attributes = MS_ATTRIBUTES(reduction),
  .takes = { MS_TENSOR(x), MS_AXES(reduction, axes), MS_NAMED_FLAG(reduction, keep, 0) },
};
MS_OPERATOR(logsumexp_op)
