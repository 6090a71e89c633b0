/* Parts of a tensor by positions, and positions turned round: slice, flip, roll. */
#include <string.h>

#include "../../base/error.h"
#include "../ops.h"
#include "region.h"
#include "strides.h"

/* ---- slice ----------------------------------------------------------------------------------- */
typedef struct slice {
  int axis;
  size_t first, last;
} slice;

static ms_region region_of(int ndim, const size_t *dim, const slice *a)
{
  ms_region r;
  for (int d = 0; d < ndim; d++) {
    r.first[d] = 0;
    r.count[d] = dim[d];
    r.step[d] = 1;
  }
  r.first[a->axis] = a->first;
  r.count[a->axis] = a->last - a->first + 1;
  return r;
}

static int slice_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  const ms_region r = region_of(ndim, dim, ms_node_attributes(n));
  gx[0] = ms_region_back(ndim, dim, &r, gy);
  return gx[0] ? 0 : -1;
}

static ms_tensor *cut(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const slice *a = c->attributes;
  if (a->last < a->first)
    return ms_fail("slice: the last position comes before the first"), NULL;
  const ms_region r = region_of(x->ndim, x->dim, a);
  return ms_record(c, ms_region_cut(c->input[0], &r), 0, NULL);
}

/** x:slice(axis, first, last) -> positions first..last of one dimension, from 1, inclusive; a view
    where they lie in one piece. x[{ {}, {first, last} }] is the same along dimension 2 */
static const ms_op slice_op = {
  .name = "slice", .forward = cut, .backward = slice_backward, .attributes = MS_ATTRIBUTES(slice),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(slice, axis), MS_THE_POSITION(slice, first),
             MS_THE_POSITION(slice, last) },
};
MS_OPERATOR(slice_op)

/* ---- flip ----------------------------------------------------------------------------------- */
typedef struct flip {
  uint32_t axes;
} flip;

static ms_tensor *turned_round(ms_tensor *x, const flip *a)
{
  ms_region r = ms_region_all(x);
  for (int d = 0; d < x->ndim; d++)
    if (ms_axes_has(a->axes, d) && x->dim[d] > 1) {
      r.first[d] = x->dim[d] - 1;
      r.step[d] = -1;
    }
  return ms_region_cut(x, &r);
}

static int flip_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  gx[0] = turned_round(gy, ms_node_attributes(n));
  return gx[0] ? 0 : -1;
}

static ms_tensor *flipped(const ms_call *c)
{
  return ms_record(c, turned_round(c->input[0], c->attributes), 0, NULL);
}

/** x:flip([axes]) -> x with its positions from the last to the first along one dimension or a list
    of them (default: all, as NumPy's flip) */
static const ms_op flip_op = {
  .name = "flip", .forward = flipped, .backward = flip_backward, .attributes = MS_ATTRIBUTES(flip),
  .takes = { MS_TENSOR(x), MS_AXES(flip, axes) },
};
MS_OPERATOR(flip_op)

/* ---- roll ----------------------------------------------------------------------------------- */
typedef struct roll {
  uint64_t shift; /* a signed number */
  int axis;       /* ALL: over all numbers in their order */
} roll;

enum { ALL = -1 };

/* Positions first..first+count-1 of the middle dimension of x (outer, n, inner) to `to` of y. */
static void shift_part(const ms_tensor *x, ms_tensor *y, size_t n, size_t inner, size_t first,
                       size_t to, size_t count)
{
  const ptrdiff_t pitch = (ptrdiff_t)(n * inner);
  const ms_strided s = { .ndim = 2,
                         .dim = { x->count / (n * inner), count * inner },
                         .from = { pitch, 1 },
                         .to = { pitch, 1 } };
  ms_strided_copy(&s, x->data + first * inner, y->data + to * inner);
}

static ms_tensor *rolled(const ms_tensor *x, int axis, int64_t shift)
{
  ms_tensor *y = ms_tensor_like(x);
  size_t inner = 1;
  if (!y || !y->count) return y;
  for (int d = axis + 1; axis != ALL && d < x->ndim; d++) inner *= x->dim[d];
  const size_t n = axis == ALL ? x->count : x->dim[axis];
  const int64_t rest = shift % (int64_t)n;
  const size_t by = (size_t)(rest < 0 ? rest + (int64_t)n : rest);
  shift_part(x, y, n, inner, 0, by, n - by);
  shift_part(x, y, n, inner, n - by, 0, by);
  return y;
}

static int roll_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const roll *a = ms_node_attributes(n);
  const int64_t shift = (int64_t)a->shift;
  gx[0] = rolled(gy, a->axis, shift == INT64_MIN ? shift : -shift);
  return gx[0] ? 0 : -1;
}

static ms_tensor *roll_forward(const ms_call *c)
{
  const roll *a = c->attributes;
  if ((int64_t)a->shift == INT64_MIN) return ms_fail("roll: the shift is too large"), NULL;
  return ms_record(c, rolled(c->input[0], a->axis, (int64_t)a->shift), 0, NULL);
}

/** x:roll(shift, [axis]) -> x with each number `shift` positions further along a dimension; those
    that leave it come in at its other end. Without an axis over all numbers in their order, as
    PyTorch does */
static const ms_op roll_op = {
  .name = "roll", .forward = roll_forward, .backward = roll_backward,
  .attributes = MS_ATTRIBUTES(roll),
  .takes = { MS_TENSOR(x), MS_ARG(INTEGER, uint64_t, roll, shift, .needed = 1),
             MS_AXIS(roll, axis, ALL) },
};
MS_OPERATOR(roll_op)
