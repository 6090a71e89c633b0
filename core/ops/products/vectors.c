/* Products of two vectors, and the sum of a matrix's diagonal. */
#include "../../base/error.h"
#include "../../base/sizes.h"
#include "../../base/thread_pool.h"
#include "../../kernels/elementwise.h"
#include "../../kernels/gemm/gemm.h"
#include "../ops.h"

/* Both are vectors; 0, or -1 and a message. */
static int check_vectors(const ms_call *c)
{
  const ms_tensor *a = c->input[0], *b = c->input[1];
  char x[MS_SHAPE_TEXT], y[MS_SHAPE_TEXT];
  if (a->ndim == 1 && b->ndim == 1) return 0;
  return ms_fail("%s: two vectors are expected, got %s and %s", c->op->name,
                 ms_shape_text(a->ndim, a->dim, x), ms_shape_text(b->ndim, b->dim, y));
}

/* c (m, n) = op(a) b */
static int multiply(ms_precision precision, int ta, size_t m, size_t n, size_t k, const real *a,
                    const real *b, real *c)
{
  const ms_product p = { .ta = ta, .m = m, .n = n, .k = k, .scale = 1, .a = a, .lda = ta ? m : k,
                         .b = b, .ldb = n, .c = c, .ldc = n };
  return ms_k_gemm(precision)->all(&p);
}

/* ---- dot ------------------------------------------------------------------------------------- */
static int dot_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  for (int i = 0; i < 2; i++) {
    const ms_tensor *other = ms_node_saved(n, 1 - i);
    if (!ms_needs_input_grad(n, i)) continue;
    if (!(gx[i] = ms_tensor_like(other))) return -1;
    ms_k_elementwise()->affine(other->data, gx[i]->data, other->count, gy->data[0], 0);
  }
  return 0;
}

static ms_tensor *dot(const ms_call *c)
{
  const ms_tensor *a = c->input[0], *b = c->input[1];
  if (check_vectors(c) != 0) return NULL;
  if (a->count != b->count)
    return ms_fail("dot: the vectors have %zu and %zu numbers", a->count, b->count), NULL;
  ms_tensor *y = ms_tensor_number(0);
  if (y && a->count && multiply(c->precision, 0, 1, 1, a->count, a->data, b->data, y->data) != 0)
    return ms_tensor_free(y), NULL;
  return ms_record(c, y, 2, c->input);
}

/** x:dot(y) -> the sum of the products of two vectors of one length */
static const ms_op dot_op = {
  .name = "dot", .forward = dot, .backward = dot_backward,
  .takes = { MS_TENSOR(x), MS_TENSOR(y) },
};
MS_OPERATOR(dot_op)

/* ---- outer ----------------------------------------------------------------------------------- */
static int outer_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *a = ms_node_saved(node, 0), *b = ms_node_saved(node, 1);
  const size_t n = a->count, m = b->count;
  if (ms_needs_input_grad(node, 0)) {
    if (!(gx[0] = ms_tensor_like(a))) return -1;
    if (multiply(ms_node_precision(node), 0, n, 1, m, gy->data, b->data, gx[0]->data) != 0)
      return -1;
  }
  if (ms_needs_input_grad(node, 1)) {
    if (!(gx[1] = ms_tensor_like(b))) return -1;
    if (multiply(ms_node_precision(node), 1, m, 1, n, gy->data, a->data, gx[1]->data) != 0)
      return -1;
  }
  return 0;
}

enum { PIECE = 1 << 14 }; /* numbers of a row */

typedef struct rows {
  const ms_tensor *a, *b;
  ms_tensor *y;
  size_t pieces, step; /* of a row; rows to a chunk */
} rows;

static void one_piece(void *arg, size_t chunk)
{
  const rows *r = arg;
  const size_t from = chunk % r->pieces * PIECE, first = chunk / r->pieces * r->step;
  const size_t n = r->b->count, end = ms_least(first + r->step, r->a->count);
  for (size_t i = first; i < end; i++)
    ms_k_elementwise()->affine(r->b->data + from, r->y->data + i * n + from,
                               ms_least(n - from, PIECE), r->a->data[i], 0);
}

static ms_tensor *outer(const ms_call *c)
{
  const ms_tensor *a = c->input[0], *b = c->input[1];
  if (check_vectors(c) != 0) return NULL;
  rows r = { a, b, ms_tensor_new(2, (size_t[]){ a->count, b->count }),
             ms_parts_of(b->count, PIECE), PIECE / (b->count + 1) + 1 };
  if (r.y) ms_parallel_of(r.y->count, ms_parts_of(a->count, r.step) * r.pieces, one_piece, &r);
  return ms_record(c, r.y, 2, c->input);
}

/** x:outer(y) -> (n, m): every number of the vector x (n) times every one of y (m) */
static const ms_op outer_op = {
  .name = "outer", .forward = outer, .backward = outer_backward,
  .takes = { MS_TENSOR(x), MS_TENSOR(y) },
};
MS_OPERATOR(outer_op)

/* ---- trace ----------------------------------------------------------------------------------- */
static size_t diagonal_of(const size_t *dim)
{
  return dim[0] < dim[1] ? dim[0] : dim[1];
}

static int trace_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  if (!(gx[0] = ms_tensor_zeros(ndim, dim))) return -1;
  for (size_t i = 0; i < diagonal_of(dim); i++) gx[0]->data[i * dim[1] + i] = gy->data[0];
  return 0;
}

static ms_tensor *trace(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  double sum = 0;
  if (x->ndim != 2)
    return ms_fail("trace: a matrix is expected, got %d dimensions", x->ndim), NULL;
  for (size_t i = 0; i < diagonal_of(x->dim); i++) sum += (double)x->data[i * x->dim[1] + i];
  return ms_record(c, ms_tensor_number(sum), 0, NULL);
}

/** x:trace() -> the sum of the diagonal of a matrix */
static const ms_op trace_op = {
  .name = "trace", .forward = trace, .backward = trace_backward, .takes = { MS_TENSOR(x) },
};
MS_OPERATOR(trace_op)
