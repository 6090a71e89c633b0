/* Rectifiers whose slope below 0 is learnt, for all channels or for each. */
#include "../../base/error.h"
#include "../../kernels/prelus.h"
#include "../ops.h"

/* x as rows of its last dimension; a slope for each of a row's numbers. */
static size_t width(int ndim, const size_t *dim)
{
  return ndim ? dim[ndim - 1] : 1;
}

/* The slopes of a row: the weight, or a new tensor of its one number. */
static ms_tensor *slopes(ms_tensor *weight, size_t n)
{
  if (weight->count == n) return ms_tensor_ref(weight);
  ms_tensor *all = ms_tensor_new(1, &n);
  for (size_t i = 0; all && i < n; i++) all->data[i] = weight->data[0];
  return all;
}

/* The gradients of a row's slopes become the weight's. */
static ms_tensor *merged(ms_tensor *each, const ms_tensor *weight)
{
  ms_tensor *g = ms_tensor_like(weight);
  double sum = 0;
  if (g && weight->count == each->count)
    for (size_t i = 0; i < each->count; i++) g->data[i] = each->data[i];
  else if (g) {
    for (size_t i = 0; i < each->count; i++) sum += (double)each->data[i];
    g->data[0] = (real)sum;
  }
  ms_tensor_free(each);
  return g;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(node, 0), *weight = ms_node_saved(node, 1);
  const size_t n = width(x->ndim, x->dim);
  if (ms_needs_input_grad(node, 0) && !(gx[0] = ms_tensor_like(x))) return -1;
  ms_tensor *slope = slopes(weight, n), *each = slope ? ms_tensor_zeros(1, &n) : NULL;
  int status = each ? ms_k_prelus()->back(x->data, gy->data, n ? x->count / n : 0, n, slope->data,
                                         gx[0] ? gx[0]->data : NULL, each->data)
                    : -1;
  ms_tensor_free(slope);
  if (status != 0) return ms_tensor_free(each), -1;
  gx[1] = merged(each, weight);
  return gx[1] ? 0 : -1;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  ms_tensor *weight = c->input[1];
  const size_t n = width(x->ndim, x->dim);
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (weight->ndim > 1 || (weight->count != 1 && weight->count != n))
    return ms_fail("prelu: the weight has one number, or one for each channel of x (x %s, weight "
                   "%s)", ms_shape_text(x->ndim, x->dim, a),
                   ms_shape_text(weight->ndim, weight->dim, b)), NULL;
  ms_tensor *slope = slopes(weight, n), *y = slope ? ms_tensor_like(x) : NULL;
  if (y) ms_k_prelus()->forward(x->data, n ? x->count / n : 0, n, slope->data, y->data);
  ms_tensor_free(slope);
  return ms_record(c, y, 2, c->input);
}

/** x:prelu(weight) -> x where it is above 0, weight times x elsewhere, as PyTorch's prelu; weight:
    one number for all, or one for each channel (the last dimension) */
static const ms_op prelu_op = {
  .name = "prelu", .forward = forward, .backward = backward,
  .takes = { MS_TENSOR(x), MS_TENSOR(weight) },
};
MS_OPERATOR(prelu_op)
