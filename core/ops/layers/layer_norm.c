/* Layer norm over the last dimension: y = gamma (x - mean) / sqrt(variance + epsilon) + beta. */
#include "../../base/error.h"
#include "../../kernels/norms/layer_norms.h"
#include "../operator.h"
#include "../ops.h"

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(node, 0), *facts = ms_node_saved(node, 1),
      *gamma = ms_node_saved(node, 2);
  const size_t n = gamma->count, rows = x->count / n;
  const int wants = ms_node_wants(node, 0);
  if (wants && !(gx[0] = ms_tensor_like(x))) return -1;
  if (!(gx[1] = ms_tensor_new(1, &n)) || !(gx[2] = ms_tensor_new(1, &n))) return -1;
  return ms_k_layer_norms()->back(x->data, gy->data, rows, n, gamma->data, facts->data,
                                  facts->data + rows, wants ? gx[0]->data : NULL, gx[1]->data,
                                  gx[2]->data);
}

/* y from x; facts (2, rows) takes every row's mean and inverse deviation. */
static ms_tensor *forward(const ms_tensor *x, const ms_tensor *gamma, const ms_tensor *beta,
                          double epsilon, ms_tensor *facts)
{
  const size_t n = gamma->count, rows = x->count / n;
  ms_tensor *y = ms_tensor_like(x);
  if (y)
    ms_k_layer_norms()->forward(x->data, rows, n, gamma->data, beta->data, (real)epsilon,
                                facts->data, facts->data + rows, y->data);
  return y;
}

static ms_tensor *again(const ms_node *node)
{
  return forward(ms_node_saved(node, 0), ms_node_saved(node, 2), ms_node_saved(node, 3),
                 *(const double *)ms_node_args(node), ms_node_saved(node, 1));
}

static const ms_op layer_norm_op = { .name = "layer_norm", .backward = backward, .again = again,
                                    .args = sizeof(double) /* epsilon */ };

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

ms_tensor *ms_layer_norm(ms_tensor *x, ms_tensor *gamma, ms_tensor *beta, double epsilon)
{
  if (check(x, gamma) != 0 || check(x, beta) != 0) return NULL;
  const size_t dim[] = { 2, x->count / gamma->count };
  ms_tensor *facts = ms_tensor_new(2, dim),
      *y = facts ? forward(x, gamma, beta, epsilon, facts) : NULL;
  if (y) {
    ms_tensor *input[] = { x, gamma, beta }, *save[] = { x, facts, gamma, beta };
    y = ms_record(y, &layer_norm_op, 3, input, 4, save, &epsilon);
  }
  ms_tensor_free(facts);
  return y;
}

static ms_tensor *call(const ms_arg *a)
{
  return ms_layer_norm(a[0].tensor, a[1].tensor, a[2].tensor, a[3].number);
}

/** x:layer_norm(gamma, beta, [epsilon = 1e-6]) -> every row of the last dimension with mean 0 and
    variance 1, times gamma, plus beta */
MS_OPERATOR(layer_norm, call, MS_TENSOR("x"), MS_TENSOR("gamma"), MS_TENSOR("beta"),
            MS_NUMBER("epsilon", 1e-6))
