/* Pseudo-inverses. */
#include <float.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../ops.h"
#include "matrices.h"
#include "svd.h"

typedef struct pinv {
  double rtol;
} pinv;

#ifdef MS_DOUBLE
#define EPSILON DBL_EPSILON
#else
#define EPSILON FLT_EPSILON
#endif

double ms_svd_rtol(size_t m, size_t n)
{
  return (double)(m > n ? m : n) * EPSILON;
}

int ms_pinv_one(size_t m, size_t n, const real *x, double rtol, real *p)
{
  const size_t k = m < n ? m : n;
  real *u = ms_matrix_room(m * k + k + k * n);
  if (!u) return -1;
  real *s = u + m * k, *vt = s + k;
  const int status = ms_svd_one(0, m, n, x, u, s, vt);
  if (status == 0) {
    const double least = k ? rtol * (double)s[0] : 0;
    for (size_t q = 0; q < k; q++) s[q] = (double)s[q] > least ? 1 / s[q] : 0;
    for (size_t i = 0; i < m * k; i++) u[i] *= s[i % k];
    ms_matrix_product("TT", n, m, k, 1, vt, u, 0, p);
  }
  ms_free(u);
  return status;
}

/* With G = gp and h = G^T p p^T, q = p^T p G^T:
   gx = -p^T G p^T + h - x p h + q - q p x */
int ms_pinv_one_back(size_t m, size_t n, const real *x, const real *p, const real *gp, real *gx)
{
  const size_t large = m > n ? m : n;
  real *h = ms_matrix_room(m * n + large * large);
  if (!h) return -1;
  real *square = h + m * n;
  ms_matrix_product("TN", m, m, n, 1, p, gp, 0, square);
  ms_matrix_product("NT", m, n, m, -1, square, p, 0, gx);
  ms_matrix_product("TN", m, m, n, 1, gp, p, 0, square);
  ms_matrix_product("NT", m, n, m, 1, square, p, 0, h);
  ms_matrix_product("NN", n, n, m, 1, p, h, 0, square);
  for (size_t i = 0; i < m * n; i++) gx[i] += h[i];
  ms_matrix_product("NN", m, n, n, -1, x, square, 1, gx);
  ms_matrix_product("NT", n, n, m, 1, p, gp, 0, square);
  ms_matrix_product("TN", m, n, n, 1, p, square, 0, h);
  for (size_t i = 0; i < m * n; i++) gx[i] += h[i];
  ms_matrix_product("NN", m, m, n, 1, h, p, 0, square);
  ms_matrix_product("NN", m, n, m, -1, square, x, 1, gx);
  ms_free(h);
  return 0;
}

typedef struct job {
  ms_matrices m;
  double rtol;
  const real *x, *gp;
  real *p, *gx;
} job;

static int one(void *arg, size_t i)
{
  const job *j = arg;
  const size_t at = i * j->m.rows * j->m.columns;
  return ms_pinv_one(j->m.rows, j->m.columns, j->x + at, j->rtol, j->p + at);
}

static int one_back(void *arg, size_t i)
{
  const job *j = arg;
  const size_t at = i * j->m.rows * j->m.columns;
  return ms_pinv_one_back(j->m.rows, j->m.columns, j->x + at, j->p + at, j->gp + at, j->gx + at);
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *x = ms_node_saved(node, 0), *p = ms_node_saved(node, 1);
  size_t at;
  job j = { .x = x->data, .p = p->data, .gp = gy->data };
  if (ms_matrices_of("pinv", x, &j.m) != 0 || !(gx[0] = ms_tensor_like(x))) return -1;
  j.gx = gx[0]->data;
  return ms_each_matrix(j.m.count, x->count * (j.m.rows + j.m.columns), one_back, &j, &at);
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const pinv *a = c->attributes;
  size_t dim[MS_MAX_DIMS], at;
  job j = { .x = x->data };
  if (ms_matrices_of("pinv", x, &j.m) != 0 || ms_matrices_finite("pinv", x) != 0) return NULL;
  if (!(a->rtol >= 0) && a->rtol != -1)
    return ms_fail("pinv: rtol must be 0 or more, got %g", a->rtol), NULL;
  j.rtol = a->rtol >= 0 ? a->rtol : ms_svd_rtol(j.m.rows, j.m.columns);
  for (int d = 0; d < x->ndim; d++) dim[d] = x->dim[d];
  dim[x->ndim - 2] = j.m.columns;
  dim[x->ndim - 1] = j.m.rows;
  ms_tensor *p = ms_tensor_new(x->ndim, dim);
  if (!p) return NULL;
  j.p = p->data;
  const int info = ms_each_matrix(j.m.count, 6 * j.m.rows * j.m.columns * j.m.rows, one, &j, &at);
  if (info > 0) ms_fail("pinv: matrix %zu: the singular values did not converge", at + 1);
  if (info != 0) return ms_tensor_free(p), NULL;
  return ms_record(c, p, 2, (ms_tensor *[]){ c->input[0], p });
}

/** ms.linalg.pinv(x, [{rtol = -1}]) -> the pseudo-inverse (..., n, m) of every matrix of x
    (..., m, n). Singular values up to rtol times the largest count as 0; left out, rtol is the
    larger size times the precision of the build, as in torch.linalg.pinv */
static const ms_op pinv_op = {
  .name = "pinv", .module = "internal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(pinv), .takes = { MS_TENSOR(x), MS_NAMED_NUMBER(pinv, rtol, -1) },
};
MS_OPERATOR(pinv_op)
