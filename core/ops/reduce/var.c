/* var and std: variances and standard deviations. */
#include <math.h>

#include "../../base/error.h"
#include "../../kernels/reduce/fold_backs.h"
#include "../../kernels/reduce/moments.h"
#include "../ops.h"
#include "axes.h"

typedef struct moment {
  uint32_t axes;
  int unbiased, keep;
} moment;

static double divisor_of(const moment *a, size_t n)
{
  return (double)n - (a->unbiased ? 1 : 0);
}

/* Saved: x, the means, and of std the results. */
static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx, int root)
{
  const moment *a = ms_node_attributes(n);
  const ms_tensor *mean = ms_node_saved(n, 1), *sd = root ? ms_node_saved(n, 2) : NULL;
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  const ms_span s = ms_axes_span(ndim, dim, a->axes);
  const double scale = (root ? 1 : 2) / divisor_of(a, s.n);
  ms_tensor *x = ms_axes_gather(ms_node_saved(n, 0), a->axes);
  ms_tensor *g = x ? ms_tensor_new(ndim, dim) : NULL;
  if (g)
    ms_k_fold_backs()->moment(s, x->data, mean->data, sd ? sd->data : NULL, gy->data, g->data,
                              scale);
  ms_tensor_free(x);
  gx[0] = ms_axes_return(g, ndim, dim, a->axes);
  return gx[0] ? 0 : -1;
}

/* The variance of x into y, beside the mean. 0, or -1 and a message. */
static int compute(const ms_call *c, ms_tensor *mean, ms_tensor *y)
{
  const moment *a = c->attributes;
  const ms_span s = ms_axes_span(c->input[0]->ndim, c->input[0]->dim, a->axes);
  ms_tensor *x = ms_axes_gather(c->input[0], a->axes);
  if (!x) return -1;
  const int status = ms_k_moments()->moments(s, x->data, mean->data, y->data, divisor_of(a, s.n));
  ms_tensor_free(x);
  return status;
}

static ms_tensor *forward(const ms_call *c, int root)
{
  const moment *a = c->attributes;
  if (ms_axes_some(c->op->name, c->input[0], a->axes) != 0) return NULL;
  ms_tensor *mean = ms_axes_result(c->input[0], a->axes, a->keep);
  ms_tensor *y = mean ? ms_tensor_like(mean) : NULL;
  if (y && compute(c, mean, y) != 0) {
    ms_tensor_free(y);
    y = NULL;
  }
  for (size_t i = 0; root && y && i < y->count; i++) y->data[i] = (real)sqrt((double)y->data[i]);
  y = ms_record(c, y, 3, (ms_tensor *[]){ c->input[0], mean, y });
  ms_tensor_free(mean);
  return y;
}

static ms_tensor *var(const ms_call *c)
{
  return forward(c, 0);
}

static int var_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  return backward(n, gy, gx, 0);
}

/** x:var([axes], {unbiased = true, keep = false}) -> the variance of all, or along one dimension
    or a list of them, which disappear, or stay as 1 with keep. Divided by n - 1 (NaN of one
    number), or by n where unbiased = false, as PyTorch's; stable in double inside */
static const ms_op var_op = {
  .name = "var", .forward = var, .backward = var_backward, .attributes = MS_ATTRIBUTES(moment),
  .takes = { MS_TENSOR(x), MS_AXES(moment, axes), MS_NAMED_FLAG(moment, unbiased, 1),
             MS_NAMED_FLAG(moment, keep, 0) },
};
MS_OPERATOR(var_op)

static ms_tensor *std(const ms_call *c)
{
  return forward(c, 1);
}

static int std_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  return backward(n, gy, gx, 1);
}

/** x:std([axes], {unbiased = true, keep = false}) -> the standard deviation of all, or along one
    dimension or a list of them, which disappear, or stay as 1 with keep. Divided by n - 1 (NaN of
    one number), or by n where unbiased = false, as PyTorch's; where it is 0 its gradient is 0 */
static const ms_op std_op = {
  .name = "std", .forward = std, .backward = std_backward, .attributes = MS_ATTRIBUTES(moment),
  .takes = { MS_TENSOR(x), MS_AXES(moment, axes), MS_NAMED_FLAG(moment, unbiased, 1),
             MS_NAMED_FLAG(moment, keep, 0) },
};
MS_OPERATOR(std_op)
