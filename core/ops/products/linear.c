/* The linear layer: y = x weight + bias. */
#include <string.h>

#include "../../base/error.h"
#include "../../kernels/gemm/gemm.h"
#include "../../kernels/reductions.h"
#include "../ops.h"

/* c = op(a) op(b), all of them dense. */
static int multiply(ms_precision precision, int ta, int tb, size_t m, size_t n, size_t k,
                    const real *a, const real *b, real *c)
{
  ms_product p = { .ta = ta, .tb = tb, .m = m, .n = n, .k = k, .scale = 1, .a = a,
                   .lda = ta ? m : k, .b = b, .ldb = tb ? k : n, .c = c, .ldc = n };
  return ms_k_gemm(precision)->all(&p);
}

/* Rows of x (..., k): all its dimensions but the last. */
static size_t rows_of(const ms_tensor *x)
{
  size_t rows = 1;
  for (int d = 0; d < x->ndim - 1; d++) rows *= x->dim[d];
  return rows;
}

static int linear_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(node, 0), *w = ms_node_saved(node, 1);
  size_t k = w->dim[0], n = w->dim[1], m = rows_of(x);
  if (ms_needs_input_grad(node, 0)) {
    if (!(gx[0] = ms_tensor_like(x))) return -1;
    if (multiply(ms_node_precision(node), 0, 1, m, k, n, gy->data, w->data, gx[0]->data) != 0)
      return -1;
  }
  if (ms_needs_input_grad(node, 1)) {
    if (!(gx[1] = ms_tensor_like(w))) return -1;
    if (multiply(ms_node_precision(node), 1, 0, k, n, m, x->data, gy->data, gx[1]->data) != 0)
      return -1;
  }
  if (ms_needs_input_grad(node, 2)) {
    if (!(gx[2] = ms_tensor_new(1, &n))) return -1;
    ms_k_reductions()->sum_along(gy->data, gx[2]->data, 1, m, n);
  }
  return 0;
}

/* x's shape with the last size replaced */
static ms_tensor *with_last(const ms_tensor *x, size_t n)
{
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, x->dim, sizeof dim);
  dim[x->ndim - 1] = n;
  return ms_tensor_new(x->ndim, dim);
}

static ms_tensor *linear(const ms_call *c)
{
  const ms_tensor *x = c->input[0], *weight = c->input[1], *bias = c->input[2];
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (weight->ndim != 2 || x->ndim < 1 || x->dim[x->ndim - 1] != weight->dim[0])
    return ms_fail("linear: x is %s but the weight is %s (in x out)",
                   ms_shape_text(x->ndim, x->dim, a),
                   ms_shape_text(weight->ndim, weight->dim, b)), NULL;
  size_t k = weight->dim[0], n = weight->dim[1], m = rows_of(x);
  if (bias && (bias->ndim != 1 || bias->dim[0] != n))
    return ms_fail("linear: the bias is %s but the weight is %s",
                   ms_shape_text(bias->ndim, bias->dim, a),
                   ms_shape_text(2, weight->dim, b)), NULL;
  ms_tensor *y = with_last(x, n);
  if (!y) return NULL;
  ms_product p = { .m = m, .n = n, .k = k, .scale = 1, .a = x->data, .lda = k, .b = weight->data,
                   .ldb = n, .bias = bias ? bias->data : NULL, .c = y->data, .ldc = n };
  if (ms_k_gemm(c->precision)->all(&p) != 0) return ms_tensor_free(y), NULL;
  return ms_record(c, y, 2, c->input);
}

/** x:linear(weight, [bias]) -> x weight + bias; weight (in, out) */
static const ms_op linear_op = {
  .name = "linear", .forward = linear, .backward = linear_backward,
  .takes = { MS_TENSOR(x), MS_TENSOR(weight), MS_OPTIONAL(bias) },
};
MS_OPERATOR(linear_op)
