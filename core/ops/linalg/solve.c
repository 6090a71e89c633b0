/* Linear equations with as many unknowns, and inverses. */
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../grad/op.h"
#include "../broadcast.h"
#include "../ops.h"
#include "lu.h"
#include "matrices.h"

/* a x = b for every place of the batch: a stays with its own batch, b is at the batch of both. */
typedef struct equations {
  const ms_tensor *a;
  size_t n, k;
  int ndim; /* of the common batch */
  size_t dim[MS_MAX_DIMS], count;
  real *lu;
  int *pivot;
  int turned;
  real *x;
} equations;

/* ---- factors of all of a --------------------------------------------------------- */
static int factor_one(void *arg, size_t i)
{
  const equations *e = arg;
  return ms_lu_factor(e->n, e->lu + i * e->n * e->n, e->pivot + i * e->n);
}

/* Fills e->lu and e->pivot, which the caller releases. */
static int factor(const char *name, equations *e, size_t count)
{
  size_t at;
  e->lu = ms_matrix_room(e->a->count);
  e->pivot = e->lu ? ms_alloc((count * e->n + 1) * sizeof *e->pivot) : NULL;
  if (!e->pivot) return -1;
  memcpy(e->lu, e->a->data, e->a->count * sizeof(real));
  const int info = ms_each_matrix(count, e->n * e->n * e->n / 3, factor_one, e, &at);
  if (info <= 0) return info;
  if (count == 1) return ms_fail("%s: the matrix is singular: its pivot %d is 0", name, info);
  return ms_fail("%s: matrix %zu is singular: its pivot %d is 0", name, at + 1, info);
}

static void release(equations *e)
{
  ms_free(e->lu);
  ms_free(e->pivot);
}

static int solve_one(void *arg, size_t i)
{
  const equations *e = arg;
  const size_t own = ms_matrix_place(e->ndim, e->dim, e->a->ndim - 2, e->a->dim, i);
  ms_lu_solve(e->n, e->lu + own * e->n * e->n, e->pivot + own * e->n, e->turned, e->k,
              e->x + i * e->n * e->k);
  return 0;
}

/* x, which holds the right sides, becomes the solutions. 0, or -1 and a message. */
static int solve_all(const char *name, equations *e, size_t matrices)
{
  size_t at;
  int status = factor(name, e, matrices);
  if (status == 0)
    status = ms_each_matrix(e->count, e->n * e->n * (e->k + 1), solve_one, e, &at);
  release(e);
  return status;
}

/* ---- solve --------------------------------------------------------------------------- */
/* b is a vector, or vectors for all of a's batch; otherwise matrices. */
static int is_vector(const ms_tensor *a, const ms_tensor *b)
{
  return b->ndim == 1 ||
         (b->ndim == a->ndim - 1 && ms_shape_same(b->ndim, b->dim, b->ndim, a->dim));
}

/* Shapes: e, and that of x in dim. 0, or -1 and a message. */
static int equations_of(const ms_tensor *a, const ms_tensor *b, equations *e, size_t *dim,
                        int *ndim)
{
  char p[MS_SHAPE_TEXT], q[MS_SHAPE_TEXT];
  ms_matrices m;
  if (ms_square_of("solve", a, &m) != 0) return -1;
  const int own = is_vector(a, b) ? 1 : 2;
  const size_t columns = own == 2 && b->ndim >= 2 ? b->dim[b->ndim - 1] : 1;
  *e = (equations){ .a = a, .n = m.rows, .k = columns, .count = 1 };
  if (b->ndim < own || b->dim[b->ndim - own] != e->n ||
      ms_shape_broadcast(a->ndim - 2, a->dim, b->ndim - own, b->dim, &e->ndim, e->dim) != 0 ||
      e->ndim + own > MS_MAX_DIMS)
    return ms_fail("solve: the matrices are %s, but the right sides are %s",
                   ms_shape_text(a->ndim, a->dim, p), ms_shape_text(b->ndim, b->dim, q));
  for (int d = 0; d < e->ndim; d++) e->count *= e->dim[d];
  memcpy(dim, e->dim, sizeof e->dim);
  memcpy(dim + e->ndim, b->dim + b->ndim - own, (size_t)own * sizeof *dim);
  *ndim = e->ndim + own;
  return 0;
}

typedef struct outer {
  const equations *e;
  const real *gb, *x;
  real *ga;
} outer;

static int outer_one(void *arg, size_t i)
{
  const outer *o = arg;
  const size_t n = o->e->n, k = o->e->k;
  ms_matrix_product("NT", n, n, k, -1, o->gb + i * n * k, o->x + i * n * k, 0, o->ga + i * n * n);
  return 0;
}

/* -gb x^T, summed over the places that a was repeated for. */
static ms_tensor *matrix_gradient(equations *e, const ms_tensor *gb, const ms_tensor *x)
{
  size_t dim[MS_MAX_DIMS], at;
  memcpy(dim, e->dim, sizeof dim);
  dim[e->ndim] = dim[e->ndim + 1] = e->n;
  ms_tensor *wide = ms_tensor_new(e->ndim + 2, dim), *ga = NULL;
  if (!wide) return NULL;
  outer o = { e, gb->data, x->data, wide->data };
  if (ms_each_matrix(e->count, e->n * e->n * e->k, outer_one, &o, &at) == 0)
    ga = ms_fold(wide, e->a->ndim, e->a->dim);
  ms_tensor_free(wide);
  return ga;
}

static int solve_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *a = ms_node_saved(node, 0), *x = ms_node_saved(node, 1);
  size_t dim[MS_MAX_DIMS];
  int ndim;
  equations e;
  const size_t *right = ms_node_input_dim(node, 1, &ndim);
  ms_tensor b = { .ndim = ndim };
  memcpy(b.dim, right, sizeof b.dim);
  if (equations_of(a, &b, &e, dim, &ndim) != 0) return -1;
  ms_tensor *gb = ms_tensor_copy(gy);
  if (!gb) return -1;
  e.turned = 1;
  e.x = gb->data;
  int status = solve_all("solve", &e, a->count / (e.n ? e.n * e.n : 1));
  if (status == 0 && ms_needs_input_grad(node, 0))
    status = (gx[0] = matrix_gradient(&e, gb, x)) ? 0 : -1;
  if (status == 0 && ms_needs_input_grad(node, 1))
    status = (gx[1] = ms_fold(gb, b.ndim, b.dim)) ? 0 : -1;
  ms_tensor_free(gb);
  return status;
}

static ms_tensor *solve(const ms_call *c)
{
  const ms_tensor *a = c->input[0];
  size_t dim[MS_MAX_DIMS];
  int ndim;
  equations e;
  if (equations_of(a, c->input[1], &e, dim, &ndim) != 0) return NULL;
  ms_tensor *wide = ms_stretch(c->input[1], ndim, dim), *x = wide ? ms_tensor_copy(wide) : NULL;
  ms_tensor_free(wide);
  if (!x) return NULL;
  e.x = x->data;
  if (solve_all("solve", &e, a->count / (e.n ? e.n * e.n : 1)) != 0)
    return ms_tensor_free(x), NULL;
  return ms_record(c, x, 2, (ms_tensor *[]){ c->input[0], x });
}

/** ms.linalg.solve(a, b) -> the x with a x = b: a (..., n, n), b (..., n, k), or vectors: b (n), or
    (..., n) where a is (..., n, n). Batches broadcast. Raises where a is singular. As
    torch.linalg.solve */
static const ms_op solve_op = {
  .name = "solve", .module = "internal", .forward = solve, .backward = solve_backward,
  .takes = { MS_TENSOR(a), MS_TENSOR(b) },
};
MS_OPERATOR(solve_op)

/* ---- inverse ------------------------------------------------------------------------ */
typedef struct inverse_job {
  size_t n;
  const real *y, *gy;
  real *gx;
} inverse_job;

/* gx = -y^T gy y^T */
static int inverse_one_back(void *arg, size_t i)
{
  const inverse_job *j = arg;
  const size_t n = j->n, at = i * n * n;
  real *part = ms_matrix_room(n * n);
  if (!part) return -1;
  ms_matrix_product("TN", n, n, n, -1, j->y + at, j->gy + at, 0, part);
  ms_matrix_product("NT", n, n, n, 1, part, j->y + at, 0, j->gx + at);
  ms_free(part);
  return 0;
}

static int inverse_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *y = ms_node_saved(node, 0);
  ms_matrices m;
  size_t at;
  if (ms_square_of("inverse", y, &m) != 0 || !(gx[0] = ms_tensor_like(y))) return -1;
  inverse_job j = { m.rows, y->data, gy->data, gx[0]->data };
  return ms_each_matrix(m.count, m.rows * m.rows * m.rows, inverse_one_back, &j, &at);
}

static ms_tensor *inverse(const ms_call *c)
{
  const ms_tensor *a = c->input[0];
  ms_matrices m;
  if (ms_square_of("inverse", a, &m) != 0) return NULL;
  ms_tensor *y = ms_tensor_zeros(a->ndim, a->dim);
  if (!y) return NULL;
  equations e = { .a = a, .n = m.rows, .k = m.rows, .ndim = a->ndim - 2, .count = m.count };
  memcpy(e.dim, a->dim, sizeof e.dim);
  e.x = y->data;
  for (size_t i = 0; i < m.count * m.rows; i++) y->data[i * m.rows + i % m.rows] = 1;
  if (solve_all("inverse", &e, m.count) != 0) return ms_tensor_free(y), NULL;
  return ms_record(c, y, 1, &y);
}

/** ms.linalg.inverse(a) -> the inverse of every matrix of a (..., n, n); raises where one is
    singular */
static const ms_op inverse_op = {
  .name = "inverse", .module = "internal", .forward = inverse, .backward = inverse_backward,
  .takes = { MS_TENSOR(a) },
};
MS_OPERATOR(inverse_op)
