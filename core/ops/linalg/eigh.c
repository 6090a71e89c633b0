/* Eigenvalues and eigenvectors of symmetric matrices. */
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../kernels/lapack/lapack.h"
#include "../../kernels/lapack/symmetric.h"
#include "../ops.h"
#include "matrices.h"

enum { SMALL = 64 /* larger matrices go to LAPACK, which divides them */ };

/* Values (count, n) and vectors (count, n, n), a column each; their gradients. */
typedef struct job {
  size_t n;
  const real *a;
  real *values, *vectors;
  const real *gvalues, *gvectors;
  real *gx;
} job;

/* Of v (n, n) in place, a row each. */
static int eigenvectors(size_t n, real *v, real *values)
{
  double room[3 * SMALL];
  return n <= SMALL ? ms_k_symmetric()->eigen(n, v, values, room) : ms_lapack_syevd(n, v, values);
}

static int one(void *arg, size_t i)
{
  const job *j = arg;
  const size_t n = j->n;
  real *v = n ? ms_matrix_room(n * n) : NULL;
  if (!v) return n ? -1 : 0;
  memcpy(v, j->a + i * n * n, n * n * sizeof *v);
  const int info = eigenvectors(n, v, j->values + i * n);
  ms_matrix_transpose(n, n, v, j->vectors + i * n * n);
  ms_free(v);
  return info;
}

/* gx = v (diag(gw) + (v^T gv) / (w_j - w_i)) v^T; what is 0 stays 0 over equal values */
static int one_back(void *arg, size_t i)
{
  const job *j = arg;
  const size_t n = j->n;
  const real *v = j->vectors + i * n * n, *w = j->values + i * n;
  real *half = ms_matrix_room(n * n), *inner = j->gx + i * n * n; /* where gx comes later */
  if (!half) return -1;
  ms_matrix_product("TN", n, n, n, 1, v, j->gvectors + i * n * n, 0, inner);
  for (size_t r = 0; r < n; r++)
    for (size_t c = 0; c < n; c++) {
      real *g = inner + r * n + c;
      if (r == c) *g = j->gvalues[i * n + r];
      else if (*g != 0) *g /= w[c] - w[r];
    }
  ms_matrix_product("NN", n, n, n, 1, v, inner, 0, half);
  ms_matrix_product("NT", n, n, n, 1, half, v, 0, j->gx + i * n * n);
  ms_free(half);
  return 0;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *y = ms_node_saved(node, 0);
  int ndim;
  const size_t *dim = ms_node_input_dim(node, 0, &ndim);
  ms_matrices m;
  size_t at;
  if (!(gx[0] = ms_tensor_new(ndim, dim)) || ms_square_of("eigh", gx[0], &m) != 0) return -1;
  const size_t values = m.count * m.rows;
  job j = { .n = m.rows, .values = y->data, .vectors = y->data + values, .gvalues = gy->data,
            .gvectors = gy->data + values, .gx = gx[0]->data };
  return ms_each_matrix(m.count, 3 * m.rows * m.rows * m.rows, one_back, &j, &at);
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *a = c->input[0];
  ms_matrices m;
  size_t at;
  if (ms_square_of("eigh", a, &m) != 0 || ms_matrices_finite("eigh", a) != 0) return NULL;
  const size_t values = m.count * m.rows;
  ms_tensor *y = ms_tensor_new(1, &(size_t){ values + a->count });
  if (!y) return NULL;
  job j = { .n = m.rows, .a = a->data, .values = y->data, .vectors = y->data + values };
  const int info = ms_each_matrix(m.count, 9 * m.rows * m.rows * m.rows, one, &j, &at);
  if (info > 0) ms_fail("eigh: matrix %zu: the eigenvalues did not converge", at + 1);
  if (info != 0) return ms_tensor_free(y), NULL;
  return ms_record(c, y, 1, &y);
}

/* core.internal.eigh(a) -> values (..., n), then vectors (..., n, n), in one row. */
static const ms_op eigh_op = {
  .name = "eigh", .module = "internal", .forward = forward, .backward = backward,
  .takes = { MS_TENSOR(a) },
};
MS_OPERATOR(eigh_op)
