/* Triangles and diagonals of matrices: tril, triu, diag. */
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/thread_pool.h"
#include "../ops.h"

/* A signed number, held to what sizes can reach. */
static ptrdiff_t diagonal_of(uint64_t given)
{
  const int64_t d = (int64_t)given, most = (int64_t)1 << 44;
  return (ptrdiff_t)(d > most ? most : d < -most ? -most : d);
}

/* ---- tril, triu ----------------------------------------------------------------------------- */
typedef struct triangle {
  uint64_t diagonal;
} triangle;

typedef struct job {
  const real *x;
  real *y;
  size_t all, rows, columns, step;
  ptrdiff_t diagonal;
  int upper;
} job;

/* Columns first..end-1 of row r stay. */
static void kept(const job *j, size_t r, size_t *first, size_t *end)
{
  const ptrdiff_t at = (ptrdiff_t)r + j->diagonal + (j->upper ? 0 : 1), n = (ptrdiff_t)j->columns;
  const size_t edge = (size_t)(at < 0 ? 0 : at > n ? n : at);
  *first = j->upper ? edge : 0;
  *end = j->upper ? j->columns : edge;
}

static void some_rows(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t last = (chunk + 1) * j->step < j->all ? (chunk + 1) * j->step : j->all;
  for (size_t r = chunk * j->step; r < last; r++) {
    const real *x = j->x + r * j->columns;
    real *y = j->y + r * j->columns;
    size_t first, end;
    kept(j, r % j->rows, &first, &end);
    memset(y, 0, first * sizeof(real));
    memcpy(y + first, x + first, (end - first) * sizeof(real));
    memset(y + end, 0, (j->columns - end) * sizeof(real));
  }
}

static ms_tensor *triangle_of(const ms_tensor *x, const triangle *a, int upper)
{
  ms_tensor *y = ms_tensor_like(x);
  if (!y || !y->count) return y;
  const size_t rows = x->dim[x->ndim - 2], columns = x->dim[x->ndim - 1];
  job j = { x->data, y->data, x->count / columns, rows, columns, ((size_t)1 << 14) / columns + 1,
            diagonal_of(a->diagonal), upper };
  ms_parallel((j.all + j.step - 1) / j.step, some_rows, &j);
  return y;
}

static ms_tensor *cut(const ms_call *c, int upper)
{
  if (c->input[0]->ndim < 2)
    return ms_fail("%s: matrices are expected, got %d dimensions", c->op->name,
                   c->input[0]->ndim), NULL;
  return ms_record(c, triangle_of(c->input[0], c->attributes, upper), 0, NULL);
}

static ms_tensor *lower(const ms_call *c)
{
  return cut(c, 0);
}

static ms_tensor *upper(const ms_call *c)
{
  return cut(c, 1);
}

static int lower_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  gx[0] = triangle_of(gy, ms_node_attributes(n), 0);
  return gx[0] ? 0 : -1;
}

static int upper_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  gx[0] = triangle_of(gy, ms_node_attributes(n), 1);
  return gx[0] ? 0 : -1;
}

/** x:tril([diagonal = 0]) -> matrices (the last two dimensions) with zeros above a diagonal, which
    lies `diagonal` above the main one (below it where negative) */
static const ms_op tril_op = {
  .name = "tril", .forward = lower, .backward = lower_backward,
  .attributes = MS_ATTRIBUTES(triangle),
  .takes = { MS_TENSOR(x), MS_INTEGER(triangle, diagonal, 0) },
};
MS_OPERATOR(tril_op)

/** x:triu([diagonal = 0]) -> matrices with zeros below a diagonal, likewise */
static const ms_op triu_op = {
  .name = "triu", .forward = upper, .backward = upper_backward,
  .attributes = MS_ATTRIBUTES(triangle),
  .takes = { MS_TENSOR(x), MS_INTEGER(triangle, diagonal, 0) },
};
MS_OPERATOR(triu_op)

/* ---- diag ----------------------------------------------------------------------------------- */
/* Where the diagonal of an (rows, columns) matrix begins, and how long it is. */
static size_t diagonal_length(size_t rows, size_t columns, ptrdiff_t diagonal, size_t *at)
{
  const size_t down = diagonal < 0 ? (size_t)-diagonal : 0;
  const size_t right = diagonal > 0 ? (size_t)diagonal : 0;
  *at = down * columns + right;
  if (down >= rows || right >= columns) return 0;
  return rows - down < columns - right ? rows - down : columns - right;
}

/* The matrix (n, n) or (rows, columns) of zeros with a list on its diagonal. */
static ms_tensor *placed(const ms_tensor *list, ptrdiff_t diagonal, size_t rows, size_t columns)
{
  size_t at;
  const size_t n = diagonal_length(rows, columns, diagonal, &at);
  ms_tensor *y = ms_tensor_zeros(2, (size_t[]){ rows, columns });
  for (size_t i = 0; y && i < n; i++) y->data[at + i * (columns + 1)] = list->data[i];
  return y;
}

static ms_tensor *taken(const ms_tensor *x, ptrdiff_t diagonal)
{
  size_t at;
  const size_t n = diagonal_length(x->dim[0], x->dim[1], diagonal, &at);
  ms_tensor *y = ms_tensor_new(1, &n);
  for (size_t i = 0; y && i < n; i++) y->data[i] = x->data[at + i * (x->dim[1] + 1)];
  return y;
}

static int diag_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const triangle *a = ms_node_attributes(n);
  const ptrdiff_t diagonal = diagonal_of(a->diagonal);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ndim == 2 ? placed(gy, diagonal, dim[0], dim[1]) : taken(gy, diagonal);
  return gx[0] ? 0 : -1;
}

static ms_tensor *diag(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const triangle *a = c->attributes;
  const ptrdiff_t diagonal = diagonal_of(a->diagonal);
  if (x->ndim < 1 || x->ndim > 2)
    return ms_fail("diag: a list or a matrix is expected, got %d dimensions", x->ndim), NULL;
  if (x->ndim == 2) return ms_record(c, taken(x, diagonal), 0, NULL);
  const size_t n = x->dim[0] + (size_t)(diagonal < 0 ? -diagonal : diagonal);
  return ms_record(c, placed(x, diagonal, n, n), 0, NULL);
}

/** x:diag([diagonal = 0]) -> the diagonal of a matrix as a list; of a list, the matrix that has it
    there. Diagonals above the main one have numbers above 0 */
static const ms_op diag_op = {
  .name = "diag", .forward = diag, .backward = diag_backward,
  .attributes = MS_ATTRIBUTES(triangle),
  .takes = { MS_TENSOR(x), MS_INTEGER(triangle, diagonal, 0) },
};
MS_OPERATOR(diag_op)
