/* Layer norm over the last dimension: y = gamma (x - mean) / sqrt(variance + epsilon) + beta. */
#include "../../../base/error.h"
#include "../../../kernels/norms/layer_norms.h"
#include "../../ops.h"

typedef struct layer_norm {
  double epsilon;
} layer_norm;

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(node, 0), *stats = ms_node_saved(node, 1),
      *gamma = ms_node_saved(node, 2);
  const size_t n = gamma->count, rows = x->count / n;
  const int wanted = ms_needs_input_grad(node, 0);
  if (wanted && !(gx[0] = ms_tensor_like(x))) return -1;
  if (!(gx[1] = ms_tensor_new(1, &n)) || !(gx[2] = ms_tensor_new(1, &n))) return -1;
  return ms_k_layer_norms()->back(x->data, gy->data, rows, n, gamma->data, stats->data,
                                  stats->data + rows, wanted ? gx[0]->data : NULL, gx[1]->data,
                                  gx[2]->data);
}

/* y from x; stats (2, rows) takes every row's mean and inverse deviation. */
static ms_tensor *normalised(const ms_tensor *x, const ms_tensor *gamma, const ms_tensor *beta,
                          double epsilon, ms_tensor *stats)
{
  const size_t n = gamma->count, rows = x->count / n;
  ms_tensor *y = ms_tensor_like(x);
  if (y)
    ms_k_layer_norms()->forward(x->data, rows, n, gamma->data, beta->data, (real)epsilon,
                                stats->data, stats->data + rows, y->data);
  return y;
}

static ms_tensor *recompute(const ms_node *node)
{
  const layer_norm *a = ms_node_attributes(node);
  return normalised(ms_node_saved(node, 0), ms_node_saved(node, 2), ms_node_saved(node, 3),
                    a->epsilon, ms_node_saved(node, 1));
}

static int check(const ms_tensor *x, const ms_tensor *parameter)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (x->ndim >= 1 && parameter->count && parameter->ndim == 1 &&
      parameter->dim[0] == x->dim[x->ndim - 1])
    return 0;
  return ms_fail("layer_norm: x is %s but the layer's numbers are %s, "
                 "one for each of its last size",
                 ms_shape_text(x->ndim, x->dim, a),
                 ms_shape_text(parameter->ndim, parameter->dim, b));
}

static ms_tensor *forward(const ms_call *c)
{
  ms_tensor *x = c->input[0], *gamma = c->input[1], *beta = c->input[2];
  const layer_norm *a = c->attributes;
  if (check(x, gamma) != 0 || check(x, beta) != 0) return NULL;
  const size_t dim[] = { 2, x->count / gamma->count };
  ms_tensor *stats = ms_tensor_new(2, dim),
      *y = stats ? normalised(x, gamma, beta, a->epsilon, stats) : NULL;
  y = ms_record(c, y, 4, (ms_tensor *[]){ x, stats, gamma, beta });
  ms_tensor_free(stats);
  return y;
}

/** x:layer_norm(gamma, beta, [epsilon = 1e-6]) -> every row of the last dimension with mean 0 and
    variance 1, times gamma, plus beta */
static const ms_op layer_norm_op = {
  .name = "layer_norm", .forward = forward, .backward = backward, .recompute = recompute,
  .attributes = MS_ATTRIBUTES(layer_norm),
  .takes = { MS_TENSOR(x), MS_TENSOR(gamma), MS_TENSOR(beta),
             MS_NUMBER(layer_norm, epsilon, 1e-6) },
};
MS_OPERATOR(layer_norm_op)
