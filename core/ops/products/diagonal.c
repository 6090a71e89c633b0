/* Diagonals of two dimensions, as a last one. */
#include <string.h>

#include "../../base/error.h"
#include "../ops.h"

typedef struct diagonal {
  uint64_t offset; /* a signed number */
  int axis1, axis2;
} diagonal;

/* Diagonals of x as runs: each begins somewhere in the other dimensions. */
typedef struct runs {
  size_t at, length, pitch; /* of a run: its beginning, its count, from number to number */
  int ndim;                 /* of the others */
  size_t dim[MS_MAX_DIMS], step[MS_MAX_DIMS];
} runs;

static int find_runs(int ndim, const size_t *dim, const diagonal *a, runs *r)
{
  const int64_t offset = (int64_t)a->offset;
  size_t step[MS_MAX_DIMS], run = 1;
  *r = (runs){ 0 };
  if (ndim < 2 || a->axis1 == a->axis2)
    return ms_fail("diagonal: two different dimensions are needed, got %d and %d of %d",
                   a->axis1 + 1, a->axis2 + 1, ndim);
  for (int d = ndim - 1; d >= 0; d--) step[d] = run, run *= dim[d];
  for (int d = 0; d < ndim; d++)
    if (d != a->axis1 && d != a->axis2) r->dim[r->ndim] = dim[d], r->step[r->ndim++] = step[d];
  const size_t down = offset < 0 ? 0 - (size_t)offset : 0, right = offset > 0 ? (size_t)offset : 0;
  const size_t high = dim[a->axis1] > down ? dim[a->axis1] - down : 0;
  const size_t wide = dim[a->axis2] > right ? dim[a->axis2] - right : 0;
  r->length = high < wide ? high : wide;
  r->pitch = step[a->axis1] + step[a->axis2];
  if (r->length) r->at = down * step[a->axis1] + right * step[a->axis2];
  return 0;
}

/* Copies runs out of x into y, or y back into x. */
static void copy(const runs *r, real *x, real *y, size_t count, int back)
{
  for (size_t i = 0; r->length && i < count / r->length; i++, y += r->length) {
    size_t rest = i, from = r->at;
    for (int d = r->ndim - 1; d >= 0; rest /= r->dim[d--]) from += rest % r->dim[d] * r->step[d];
    for (size_t k = 0; k < r->length; k++) {
      if (back) x[from + k * r->pitch] = y[k];
      else y[k] = x[from + k * r->pitch];
    }
  }
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  runs r;
  if (find_runs(ndim, dim, ms_node_attributes(n), &r) != 0) return -1;
  if (!(gx[0] = ms_tensor_zeros(ndim, dim))) return -1;
  copy(&r, gx[0]->data, gy->data, gy->count, 1);
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  runs r;
  if (find_runs(x->ndim, x->dim, c->attributes, &r) != 0) return NULL;
  r.dim[r.ndim] = r.length;
  ms_tensor *y = ms_tensor_new(r.ndim + 1, r.dim);
  if (y) copy(&r, x->data, y->data, y->count, 0);
  return ms_record(c, y, 0, NULL);
}

/** x:diagonal([offset = 0], [axis1 = 1], [axis2 = 2]) -> a copy of the diagonals of two dimensions,
    which become one, the last; offset moves to the right, below 0 down. As torch.diagonal */
static const ms_op diagonal_op = {
  .name = "diagonal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(diagonal),
  .takes = { MS_TENSOR(x), MS_INTEGER(diagonal, offset, 0), MS_AXIS(diagonal, axis1, 0),
             MS_AXIS(diagonal, axis2, 1) },
};
MS_OPERATOR(diagonal_op)
