/* Root mean square norm over the last dimension: y = gamma x / sqrt(mean of squares + epsilon). */
#include "../../../base/error.h"
#include "../../../kernels/norms/rms_norms.h"
#include "../../ops.h"

typedef struct rms_norm {
  double epsilon;
} rms_norm;

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(node, 0), *inverse = ms_node_saved(node, 1),
      *gamma = ms_node_saved(node, 2);
  const size_t n = x->dim[x->ndim - 1];
  const int wanted = ms_needs_input_grad(node, 0), weight = ms_needs_input_grad(node, 1);
  if (wanted && !(gx[0] = ms_tensor_like(x))) return -1;
  if (weight && !(gx[1] = ms_tensor_new(1, &n))) return -1;
  return ms_k_rms_norms()->back(x->data, gy->data, inverse->count, n, gamma ? gamma->data : NULL,
                                inverse->data, wanted ? gx[0]->data : NULL,
                                weight ? gx[1]->data : NULL);
}

static int check(const ms_tensor *x, const ms_tensor *gamma)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  ms_shape_text(x->ndim, x->dim, a);
  if (x->ndim < 1 || !x->dim[x->ndim - 1])
    return ms_fail("rms_norm: x must have a last dimension of 1 or more, got %s", a);
  if (!gamma || (gamma->ndim == 1 && gamma->count == x->dim[x->ndim - 1])) return 0;
  return ms_fail("rms_norm: x is %s but the weight is %s, one number for each of its last size", a,
                 ms_shape_text(gamma->ndim, gamma->dim, b));
}

static ms_tensor *forward(const ms_call *c)
{
  ms_tensor *x = c->input[0], *gamma = c->input[1];
  if (check(x, gamma) != 0) return NULL;
  const size_t n = x->dim[x->ndim - 1], rows = x->count / n;
  ms_tensor *inverse = ms_tensor_new(1, &rows), *y = inverse ? ms_tensor_like(x) : NULL;
  if (y)
    ms_k_rms_norms()->forward(x->data, rows, n, gamma ? gamma->data : NULL,
                              (real)((const rms_norm *)c->attributes)->epsilon, inverse->data,
                              y->data);
  y = ms_record(c, y, 3, (ms_tensor *[]){ x, inverse, gamma });
  ms_tensor_free(inverse);
  return y;
}

/** x:rms_norm([weight], [epsilon = 1.1920929e-7]) -> every row of the last dimension over the root
    of the mean of its squares plus epsilon, times weight, as PyTorch's rms_norm of floats */
static const ms_op rms_norm_op = {
  .name = "rms_norm", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(rms_norm),
  .takes = { MS_TENSOR(x), MS_OPTIONAL(weight),
             MS_NUMBER(rms_norm, epsilon, 1.1920928955078125e-7) },
};
MS_OPERATOR(rms_norm_op)
