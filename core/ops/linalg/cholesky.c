/* Cholesky factors of positive definite matrices. */
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../kernels/lapack/lapack.h"
#include "../ops.h"
#include "matrices.h"
#include "triangular.h"

typedef struct job {
  size_t n;
  const real *l, *gl;
  real *to;
} job;

/* The upper triangle, column by column, is the lower one of rows. */
static int factor_one(void *arg, size_t i)
{
  const job *j = arg;
  const size_t n = j->n;
  real *l = j->to + i * n * n;
  const int info = n ? ms_lapack_potrf(n, l) : 0;
  for (size_t r = 0; r < n && !info; r++)
    if (!(l[r * n + r] > 0)) return (int)r + 1; /* OpenBLAS lets NaN pass */
  for (size_t r = 0; r < n; r++) memset(l + r * n + r + 1, 0, (n - r - 1) * sizeof *l);
  return info;
}

/* gx = (g + g^T) / 2 with g = l^-T half(l^T gl) l^-1, half the lower triangle and half of its
   diagonal */
static int one_back(void *arg, size_t i)
{
  const job *j = arg;
  const size_t n = j->n;
  const real *l = j->l + i * n * n;
  real *gx = j->to + i * n * n, *g = ms_matrix_room(n * n);
  if (!g) return -1;
  ms_matrix_product("TN", n, n, n, 1, l, j->gl + i * n * n, 0, g);
  for (size_t r = 0; r < n; r++) {
    g[r * n + r] /= 2;
    memset(g + r * n + r + 1, 0, (n - r - 1) * sizeof *g);
  }
  ms_triangular_solve("RUTN", n, n, l, n, g, n);
  ms_matrix_transpose(n, n, g, gx);
  ms_triangular_solve("RUTN", n, n, l, n, gx, n);
  for (size_t r = 0; r < n; r++)
    for (size_t c = 0; c <= r; c++)
      gx[r * n + c] = gx[c * n + r] = (gx[r * n + c] + gx[c * n + r]) / 2;
  ms_free(g);
  return 0;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *l = ms_node_saved(node, 0);
  ms_matrices m;
  size_t at;
  if (ms_square_of("cholesky", l, &m) != 0 || !(gx[0] = ms_tensor_like(l))) return -1;
  job j = { m.rows, l->data, gy->data, gx[0]->data };
  return ms_each_matrix(m.count, m.rows * m.rows * m.rows, one_back, &j, &at);
}

static ms_tensor *forward(const ms_call *c)
{
  ms_matrices m;
  size_t at;
  if (ms_square_of("cholesky", c->input[0], &m) != 0) return NULL;
  ms_tensor *l = ms_tensor_copy(c->input[0]);
  if (!l) return NULL;
  job j = { .n = m.rows, .to = l->data };
  const int info = ms_each_matrix(m.count, m.rows * m.rows * m.rows / 3, factor_one, &j, &at);
  if (info > 0)
    ms_fail("cholesky: matrix %zu is not positive definite: its first %d rows and columns are not",
            at + 1, info);
  if (info != 0) return ms_tensor_free(l), NULL;
  return ms_record(c, l, 1, &l);
}

/** ms.linalg.cholesky(a) -> the lower triangular l with l l^T = a, of every positive definite
    matrix of a (..., n, n), whose lower triangle alone is read; raises where one is not positive
    definite. The gradient is symmetric, as PyTorch's */
static const ms_op cholesky_op = {
  .name = "cholesky", .module = "internal", .forward = forward, .backward = backward,
  .takes = { MS_TENSOR(a) },
};
MS_OPERATOR(cholesky_op)
