/* Least squares. */
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../kernels/lapack/lapack.h"
#include "../ops.h"
#include "matrices.h"
#include "svd.h"

typedef struct lstsq {
  double rtol;
} lstsq;

/* a (m, n) x = b (m, k). Packed, of all matrices: x (n, k), sums of squares of what is left (k),
   ranks, singular values (least). */
typedef struct job {
  size_t m, n, k, least, count;
  double rtol;
  const real *a, *b, *gx;
  real *x, *left, *rank, *s;
  real *ga, *gb;
} job;

static void sum_left(const job *j, const real *b, real *left)
{
  const size_t high = j->m > j->n ? j->m : j->n;
  for (size_t c = 0; c < j->k; c++) {
    double sum = 0;
    for (size_t r = j->n; r < j->m; r++) {
      const double v = (double)b[c * high + r];
      sum += v * v;
    }
    left[c] = (real)sum;
  }
}

static int one(void *arg, size_t i)
{
  const job *j = arg;
  const size_t m = j->m, n = j->n, k = j->k, high = m > n ? m : n;
  real *a = ms_matrix_room(m * n + high * k);
  if (!a) return -1;
  real *b = a + m * n;
  int rank = 0;
  ms_matrix_transpose(m, n, j->a + i * m * n, a);
  memset(b, 0, high * k * sizeof *b);
  for (size_t c = 0; c < k; c++)
    for (size_t r = 0; r < m; r++) b[c * high + r] = j->b[(i * m + r) * k + c];
  const int info = m && n && k
      ? ms_lapack_gelsd(m, n, k, a, b, j->s + i * j->least, j->rtol, &rank) : 0;
  for (size_t r = 0; r < n; r++)
    for (size_t c = 0; c < k; c++) j->x[(i * n + r) * k + c] = b[c * high + r];
  sum_left(j, b, j->left + i * k);
  j->rank[i] = (real)rank;
  ms_free(a);
  return info;
}

/* x = p b: gb = p^T gx, and the gradient of p is gx b^T. */
static int one_back(void *arg, size_t i)
{
  const job *j = arg;
  const size_t m = j->m, n = j->n, k = j->k;
  const real *a = j->a + i * m * n, *b = j->b + i * m * k, *gx = j->gx + i * n * k;
  real *p = ms_matrix_room(2 * m * n);
  if (!p) return -1;
  real *gp = p + m * n;
  int status = ms_pinv_one(m, n, a, j->rtol, p);
  if (status == 0 && j->gb) ms_matrix_product("TN", m, k, n, 1, p, gx, 0, j->gb + i * m * k);
  if (status == 0 && j->ga) {
    ms_matrix_product("NT", n, m, k, 1, gx, b, 0, gp);
    status = ms_pinv_one_back(m, n, a, p, gp, j->ga + i * m * n);
  }
  ms_free(p);
  return status;
}

static int job_of(const ms_tensor *a, const ms_tensor *b, double rtol, job *j)
{
  char x[MS_SHAPE_TEXT], y[MS_SHAPE_TEXT];
  ms_matrices p, q;
  if (ms_matrices_of("lstsq", a, &p) != 0 || ms_matrices_of("lstsq", b, &q) != 0) return -1;
  if (a->ndim != b->ndim || p.rows != q.rows ||
      !ms_shape_same(a->ndim - 2, a->dim, b->ndim - 2, b->dim))
    return ms_fail("lstsq: a (..., m, n) and b (..., m, k) are expected, got %s and %s",
                   ms_shape_text(a->ndim, a->dim, x), ms_shape_text(b->ndim, b->dim, y));
  if (!(rtol >= 0) && rtol != -1)
    return ms_fail("lstsq: rtol must be 0 or more, got %g", rtol);
  *j = (job){ .m = p.rows, .n = p.columns, .k = q.columns, .count = p.count, .a = a->data,
              .b = b->data, .least = p.rows < p.columns ? p.rows : p.columns };
  j->rtol = rtol >= 0 ? rtol : ms_svd_rtol(p.rows, p.columns);
  return 0;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *a = ms_node_saved(node, 0), *b = ms_node_saved(node, 1);
  job j;
  size_t at;
  if (job_of(a, b, ((const lstsq *)ms_node_attributes(node))->rtol, &j) != 0) return -1;
  if (ms_needs_input_grad(node, 0) && !(gx[0] = ms_tensor_like(a))) return -1;
  if (ms_needs_input_grad(node, 1) && !(gx[1] = ms_tensor_like(b))) return -1;
  j.gx = gy->data;
  j.ga = gx[0] ? gx[0]->data : NULL;
  j.gb = gx[1] ? gx[1]->data : NULL;
  const int info = ms_each_matrix(j.count, 8 * j.m * j.n * j.least, one_back, &j, &at);
  return info > 0 ? ms_fail("lstsq: the singular values did not converge") : info;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *a = c->input[0], *b = c->input[1];
  job j;
  size_t at;
  if (job_of(a, b, ((const lstsq *)c->attributes)->rtol, &j) != 0 ||
      ms_matrices_finite("lstsq", a) != 0 || ms_matrices_finite("lstsq", b) != 0)
    return NULL;
  ms_tensor *y = ms_tensor_zeros(1, &(size_t){ j.count * (j.n * j.k + j.k + 1 + j.least) });
  if (!y) return NULL;
  j.x = y->data;
  j.left = j.x + j.count * j.n * j.k;
  j.rank = j.left + j.count * j.k;
  j.s = j.rank + j.count;
  const int info = ms_each_matrix(j.count, 4 * j.m * j.n * (j.least + j.k), one, &j, &at);
  if (info > 0) ms_fail("lstsq: matrix %zu: the singular values did not converge", at + 1);
  if (info != 0) return ms_tensor_free(y), NULL;
  return ms_record(c, y, 2, c->input);
}

/* core.internal.lstsq(a, b, rtol) -> solutions, sums of squares of what is left, ranks and singular
   values of all matrices, in one row; the solutions alone have a gradient. */
static const ms_op lstsq_op = {
  .name = "lstsq", .module = "internal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(lstsq),
  .takes = { MS_TENSOR(a), MS_TENSOR(b), MS_NUMBER(lstsq, rtol, -1) },
};
MS_OPERATOR(lstsq_op)
