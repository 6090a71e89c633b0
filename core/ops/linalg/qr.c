/* Orthogonal times triangular. */
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../ops.h"
#include "matrices.h"
#include "reflections.h"
#include "triangular.h"

typedef struct qr {
  int complete;
} qr;

/* Of all matrices x (m, n): q (m, columns), then r (columns, n). */
typedef struct job {
  size_t m, n, k, columns, count;
  const real *x;
  real *q, *r;
  const real *gq, *gr;
  real *gx;
} job;

static int one(void *arg, size_t i)
{
  const job *j = arg;
  const size_t m = j->m, n = j->n;
  return ms_qr_factor(m, n, j->columns, j->x + i * m * n, j->q + i * m * j->columns,
                      j->r + i * j->columns * n);
}

/* gx = (gq + q lower(r gr^T - gq^T q)) r^-T, lower: the lower triangle, mirrored */
static int one_back(void *arg, size_t i)
{
  const job *j = arg;
  const size_t m = j->m, n = j->n;
  const real *q = j->q + i * m * n, *r = j->r + i * n * n, *gq = j->gq + i * m * n;
  real *gx = j->gx + i * m * n, *w = ms_matrix_room(n * n);
  if (!w) return -1;
  ms_matrix_product("NT", n, n, n, 1, r, j->gr + i * n * n, 0, w);
  ms_matrix_product("TN", n, n, m, -1, gq, q, 1, w);
  for (size_t a = 0; a < n; a++)
    for (size_t b = a + 1; b < n; b++) w[a * n + b] = w[b * n + a];
  memcpy(gx, gq, m * n * sizeof *gx);
  ms_matrix_product("NN", m, n, n, 1, q, w, 1, gx);
  ms_triangular_solve("LLTN", n, m, r, n, gx, n);
  ms_free(w);
  return 0;
}

static int job_of(const ms_tensor *x, int complete, job *j)
{
  ms_matrices m;
  if (ms_matrices_of("qr", x, &m) != 0) return -1;
  const size_t k = m.rows < m.columns ? m.rows : m.columns;
  *j = (job){ .m = m.rows, .n = m.columns, .k = k, .columns = complete ? m.rows : k,
              .count = m.count, .x = x->data };
  return 0;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *y = ms_node_saved(node, 0);
  const qr *a = ms_node_attributes(node);
  int ndim;
  const size_t *dim = ms_node_input_dim(node, 0, &ndim);
  job j;
  size_t at;
  if (!(gx[0] = ms_tensor_new(ndim, dim)) || job_of(gx[0], a->complete, &j) != 0) return -1;
  if (j.m < j.n || j.columns > j.n)
    return ms_fail("qr: there is a gradient where no matrix is wider than high and the mode is "
                   "\"reduced\"");
  const size_t q = j.count * j.m * j.columns;
  j.q = y->data;
  j.r = y->data + q;
  j.gq = gy->data;
  j.gr = gy->data + q;
  j.gx = gx[0]->data;
  return ms_each_matrix(j.count, 4 * j.m * j.n * j.n, one_back, &j, &at);
}

static ms_tensor *forward(const ms_call *c)
{
  const qr *a = c->attributes;
  job j;
  size_t at;
  if (job_of(c->input[0], a->complete, &j) != 0) return NULL;
  const size_t q = j.count * j.m * j.columns;
  ms_tensor *y = ms_tensor_new(1, &(size_t){ q + j.count * j.columns * j.n });
  if (!y) return NULL;
  j.q = y->data;
  j.r = y->data + q;
  if (ms_each_matrix(j.count, 4 * j.m * j.n * j.columns, one, &j, &at) != 0)
    return ms_tensor_free(y), NULL;
  return ms_record(c, y, 1, &y);
}

/* core.internal.qr(x, complete) -> q and r of all matrices, one after the other, in one row. */
static const ms_op qr_op = {
  .name = "qr", .module = "internal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(qr), .takes = { MS_TENSOR(x), MS_FLAG(qr, complete, 0) },
};
MS_OPERATOR(qr_op)
