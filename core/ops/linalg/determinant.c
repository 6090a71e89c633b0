/* Determinants, and their logarithms. */
#include <math.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../kernels/lapack/lapack.h"
#include "../ops.h"
#include "lu.h"
#include "matrices.h"

typedef struct job {
  size_t n;
  const real *a, *y, *gy;
  real *det;               /* NULL, or of each matrix */
  real *sign, *logarithm;  /* NULL, or of each matrix */
  real *gx;
} job;

/* The factors of matrix i, in a block that the caller releases. NULL and a message. */
static real *factors(const job *j, size_t i, int **pivot)
{
  const size_t n = j->n, bytes = (n * n + 1) * sizeof(real);
  real *lu = ms_alloc(bytes + n * sizeof **pivot);
  if (!lu) return NULL;
  *pivot = (int *)((char *)lu + bytes);
  memcpy(lu, j->a + i * n * n, n * n * sizeof *lu);
  if (ms_lu_factor(n, lu, *pivot) >= 0) return lu;
  ms_free(lu);
  return NULL;
}

static int forward_one(void *arg, size_t i)
{
  const job *j = arg;
  int *pivot;
  real *lu = factors(j, i, &pivot);
  if (!lu) return -1;
  double product = 1, sign = 1, logarithm = 0;
  for (size_t q = 0; q < j->n; q++) {
    const double u = (double)lu[q * j->n + q], turn = pivot[q] != (int)q + 1 ? -1 : 1;
    product *= turn * u;
    sign *= turn * (u > 0 ? 1 : u < 0 ? -1 : u);
    logarithm += log(fabs(u));
  }
  if (j->det) j->det[i] = (real)product;
  if (j->sign) j->sign[i] = (real)sign, j->logarithm[i] = (real)logarithm;
  ms_free(lu);
  return 0;
}

/* gx = g times the transposed inverse: a^T x = 1 */
static int add_inverse(const job *j, size_t i, real g)
{
  const size_t n = j->n;
  int *pivot;
  real *lu = factors(j, i, &pivot), *gx = j->gx + i * n * n;
  if (!lu) return -1;
  memset(gx, 0, n * n * sizeof *gx);
  for (size_t q = 0; q < n; q++) gx[q * n + q] = g;
  ms_lu_solve(n, lu, pivot, 1, n, gx);
  ms_free(lu);
  return 0;
}

/* Of a singular matrix, a = u s v^T: g det(u) det(v) u diag(products of the other s) v^T. Here
   vt is u^T of the row-major matrix, as in svd.c. */
static int add_cofactors(const job *j, size_t i, real g)
{
  const size_t n = j->n, square = n * n;
  real *room = ms_matrix_room(4 * square + 2 * n);
  if (!room) return -1;
  real *copy = room, *u = copy + square, *v = u + square, *s = v + square, *scaled = s + 2 * n;
  real turns[2];
  memcpy(copy, j->a + i * square, square * sizeof *copy);
  int status = ms_lapack_gesdd(1, n, n, copy, s, v, u);
  for (int k = 0; k < 2 && status == 0; k++) {
    job one = { .n = n, .a = k ? u : v, .det = &turns[k] };
    status = forward_one(&one, 0);
  }
  for (size_t q = 0; q < n && status == 0; q++) {
    double others = (double)(g * turns[0] * turns[1]);
    for (size_t o = 0; o < n; o++) others *= o == q ? 1 : (double)s[o];
    for (size_t r = 0; r < n; r++) scaled[q * n + r] = (real)others * v[q * n + r];
  }
  if (status == 0) ms_matrix_product("NN", n, n, n, 1, u, scaled, 0, j->gx + i * square);
  ms_free(room);
  return status ? -1 : 0;
}

static int det_one_back(void *arg, size_t i)
{
  const job *j = arg;
  if (j->y[i] != 0) return add_inverse(j, i, j->gy[i] * j->y[i]);
  return add_cofactors(j, i, j->gy[i]);
}

/* Runs one(job, i) over the matrices of a, filling gx[0] where that is asked for. */
static int sweep(const ms_op *op, const ms_tensor *a, int (*one)(void *, size_t), job *j)
{
  ms_matrices m;
  size_t at;
  if (ms_square_of(op->name, a, &m) != 0) return -1;
  j->n = m.rows;
  j->a = a->data;
  const int status = ms_each_matrix(m.count, m.rows * m.rows * m.rows, one, j, &at);
  if (status <= 0) return status;
  return ms_fail("%s: matrix %zu is singular: the logarithm of 0 has no gradient", op->name,
                 at + 1);
}

static int det_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *a = ms_node_saved(node, 0);
  if (ms_matrices_finite("det: backward", a) != 0 || !(gx[0] = ms_tensor_like(a))) return -1;
  job j = { .y = ms_node_saved(node, 1)->data, .gy = gy->data, .gx = gx[0]->data };
  return sweep(ms_node_op(node), a, det_one_back, &j);
}

static ms_tensor *det(const ms_call *c)
{
  const ms_tensor *a = c->input[0];
  ms_matrices m;
  if (ms_square_of("det", a, &m) != 0) return NULL;
  ms_tensor *y = ms_tensor_new(a->ndim - 2, a->dim);
  if (!y) return NULL;
  job j = { .det = y->data };
  if (sweep(c->op, a, forward_one, &j) != 0) return ms_tensor_free(y), NULL;
  return ms_record(c, y, 2, (ms_tensor *[]){ c->input[0], y });
}

/** ms.linalg.det(a) -> the determinant of every matrix of a (..., n, n); 0 and a gradient where it
    is singular */
static const ms_op det_op = {
  .name = "det", .module = "internal", .forward = det, .backward = det_backward,
  .takes = { MS_TENSOR(a) },
};
MS_OPERATOR(det_op)

/* ---- slogdet: signs, then logarithms -------------------------------------------------- */
static int slogdet_one_back(void *arg, size_t i)
{
  const job *j = arg;
  if (isinf(j->y[i])) return 1;
  return add_inverse(j, i, j->gy[i]);
}

static int slogdet_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *a = ms_node_saved(node, 0), *y = ms_node_saved(node, 1);
  if (!(gx[0] = ms_tensor_like(a))) return -1;
  job j = { .y = y->data + y->count / 2, .gy = gy->data + y->count / 2, .gx = gx[0]->data };
  return sweep(ms_node_op(node), a, slogdet_one_back, &j);
}

static ms_tensor *slogdet(const ms_call *c)
{
  const ms_tensor *a = c->input[0];
  size_t dim[MS_MAX_DIMS] = { 2 };
  ms_matrices m;
  if (ms_square_of("slogdet", a, &m) != 0) return NULL;
  for (int d = 0; d < a->ndim - 2; d++) dim[d + 1] = a->dim[d];
  ms_tensor *y = ms_tensor_new(a->ndim - 1, dim);
  if (!y) return NULL;
  job j = { .sign = y->data, .logarithm = y->data + y->count / 2 };
  if (sweep(c->op, a, forward_one, &j) != 0) return ms_tensor_free(y), NULL;
  return ms_record(c, y, 2, (ms_tensor *[]){ c->input[0], y });
}

/* core.internal.slogdet(a) -> (2, ...): signs of the determinants, logarithms of their sizes. */
static const ms_op slogdet_op = {
  .name = "slogdet", .module = "internal", .forward = slogdet, .backward = slogdet_backward,
  .takes = { MS_TENSOR(a) },
};
MS_OPERATOR(slogdet_op)
