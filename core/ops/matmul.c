/* Matrix products and the linear layer. */
#include <string.h>

#include "../base/error.h"
#include "../kernels/gemm/gemm.h"
#include "../kernels/reductions.h"
#include "ops.h"

/* b of two dimensions: all rows of a are one matrix (batches = 1). Otherwise one product
   for each of `batches`. */
typedef struct sizes {
  size_t batches, m, k, n;
} sizes;

static int matmul_sizes(const ms_tensor *a, const ms_tensor *b, sizes *s)
{
  char x[MS_SHAPE_TEXT], y[MS_SHAPE_TEXT];
  *s = (sizes){ 0 };
  int fits = a->ndim >= 2 && b->ndim >= 2 && a->dim[a->ndim - 1] == b->dim[b->ndim - 2];
  if (fits && b->ndim > 2) fits = ms_shape_same(a->ndim - 2, a->dim, b->ndim - 2, b->dim);
  if (!fits)
    return ms_fail("matmul: %s and %s do not multiply", ms_shape_text(a->ndim, a->dim, x),
                   ms_shape_text(b->ndim, b->dim, y));
  s->k = a->dim[a->ndim - 1];
  s->n = b->dim[b->ndim - 1];
  s->batches = 1;
  for (int d = 0; b->ndim > 2 && d < a->ndim - 2; d++) s->batches *= a->dim[d];
  s->m = 1;
  for (int d = b->ndim > 2 ? a->ndim - 2 : 0; d < a->ndim - 1; d++) s->m *= a->dim[d];
  return 0;
}

/* The same product for every batch; ta and tb as in ms_product, sizes of op(a) and op(b). */
static int batches(size_t count, int ta, int tb, size_t m, size_t n, size_t k, const real *a,
                    const real *b, real *c)
{
  for (size_t i = 0; i < count; i++) {
    ms_product p = { .ta = ta, .tb = tb, .m = m, .n = n, .k = k, .scale = 1, .a = a + i * m * k,
                     .lda = ta ? m : k, .b = b + i * k * n, .ldb = tb ? k : n, .c = c + i * m * n,
                     .ldc = n };
    if (ms_k_gemm()->all(&p) != 0) return -1;
  }
  return 0;
}

static int matmul_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *a = ms_node_saved(node, 0), *b = ms_node_saved(node, 1);
  sizes s;
  if (matmul_sizes(a, b, &s) != 0) return -1;
  if (ms_needs_input_grad(node, 0)) {
    if (!(gx[0] = ms_tensor_like(a))) return -1;
    if (batches(s.batches, 0, 1, s.m, s.k, s.n, gy->data, b->data, gx[0]->data) != 0) return -1;
  }
  if (ms_needs_input_grad(node, 1)) {
    if (!(gx[1] = ms_tensor_like(b))) return -1;
    if (batches(s.batches, 1, 0, s.k, s.n, s.m, a->data, gy->data, gx[1]->data) != 0) return -1;
  }
  return 0;
}

/* a's shape with the last size replaced */
static ms_tensor *with_last(const ms_tensor *a, size_t n)
{
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, a->dim, sizeof dim);
  dim[a->ndim - 1] = n;
  return ms_tensor_new(a->ndim, dim);
}

static ms_tensor *matmul(const ms_call *c)
{
  const ms_tensor *a = c->input[0], *b = c->input[1];
  sizes s;
  if (matmul_sizes(a, b, &s) != 0) return NULL;
  ms_tensor *y = with_last(a, s.n);
  if (y && batches(s.batches, 0, 0, s.m, s.n, s.k, a->data, b->data, y->data) != 0)
    return ms_tensor_free(y), NULL;
  return ms_record(c, y, 2, c->input);
}

/** a:matmul(b) -> (..., m, k) times (k, n), or batches of matrices of both */
static const ms_op matmul_op = {
  .name = "matmul", .forward = matmul, .backward = matmul_backward,
  .takes = { MS_TENSOR(a), MS_TENSOR(b) },
};
MS_OPERATOR(matmul_op)

/* ---- linear: y = x w + bias ------------------------------------------------------------ */
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
    if (batches(1, 0, 1, m, k, n, gy->data, w->data, gx[0]->data) != 0) return -1;
  }
  if (ms_needs_input_grad(node, 1)) {
    if (!(gx[1] = ms_tensor_like(w))) return -1;
    if (batches(1, 1, 0, k, n, m, x->data, gy->data, gx[1]->data) != 0) return -1;
  }
  if (ms_needs_input_grad(node, 2)) {
    if (!(gx[2] = ms_tensor_new(1, &n))) return -1;
    ms_k_reductions()->sum_along(gy->data, gx[2]->data, 1, m, n);
  }
  return 0;
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
  if (ms_k_gemm()->all(&p) != 0) return ms_tensor_free(y), NULL;
  return ms_record(c, y, 2, c->input);
}

/** x:linear(weight, [bias]) -> x weight + bias; weight (in, out) */
static const ms_op linear_op = {
  .name = "linear", .forward = linear, .backward = linear_backward,
  .takes = { MS_TENSOR(x), MS_TENSOR(weight), MS_OPTIONAL(bias) },
};
MS_OPERATOR(linear_op)
