/* The same numbers in another shape: all of these are views. */
#include "../../base/error.h"
#include "../ops.h"
#include "new_axis.h"

/* ---- clone, which shares nothing ------------------------------------------------------------ */
static int clone_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  (void)n;
  gx[0] = ms_tensor_ref(gy);
  return 0;
}

static ms_tensor *clone(const ms_call *c)
{
  return ms_record(c, ms_tensor_copy(c->input[0]), 0, NULL);
}

/** x:clone() -> a copy with storage of its own; gradients pass through it, as in PyTorch.
    x:detach():clone() is a copy outside the graph, which may be changed in place */
static const ms_op clone_op = {
  .name = "clone", .forward = clone, .backward = clone_backward, .takes = { MS_TENSOR(x) },
};
MS_OPERATOR(clone_op)

/* ---- reshape, view ------------------------------------------------------------------------- */
static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_tensor_view(gy, ndim, dim);
  return gx[0] ? 0 : -1;
}

static ms_tensor *shaped(const ms_call *c, int ndim, const size_t *dim)
{
  return ms_record(c, ms_tensor_view(c->input[0], ndim, dim), 0, NULL);
}

typedef struct shape {
  ms_sizes sizes;
} shape;

/* The sizes, of which one may be -1: what is left of `count`. */
static int infer(const ms_call *c, const ms_sizes *sizes, size_t count, size_t *dim)
{
  int open = -1;
  size_t rest;
  for (int d = 0; d < sizes->count; d++) {
    if (sizes->size[d] < -1 || (sizes->size[d] == -1 && open >= 0))
      return ms_fail("%s: sizes are whole numbers, 0 or more, and one may be -1, got %td",
                     c->op->name, sizes->size[d]);
    if (sizes->size[d] == -1) open = d;
    dim[d] = sizes->size[d] == -1 ? 1 : (size_t)sizes->size[d];
  }
  if (ms_shape_count(sizes->count, dim, &rest) != 0) return -1;
  if (open >= 0) dim[open] = rest ? count / rest : 0;
  return 0;
}

static ms_tensor *reshape(const ms_call *c)
{
  const shape *a = c->attributes;
  size_t dim[MS_MAX_DIMS] = { 0 };
  if (infer(c, &a->sizes, c->input[0]->count, dim) != 0) return NULL;
  return shaped(c, a->sizes.count, dim);
}

/** x:reshape{2, -1} -> the same numbers in another shape; one size may be -1. It shares x's
    storage, as all that only changes a shape */
static const ms_op reshape_op = {
  .name = "reshape", .forward = reshape, .backward = backward,
  .attributes = MS_ATTRIBUTES(shape), .takes = { MS_TENSOR(x), MS_THE_SIZES(shape, sizes) },
};
MS_OPERATOR(reshape_op)

/** x:view{2, -1} -> x:reshape{2, -1}: tensors lie in one piece, so both always share storage */
static const ms_op view_op = {
  .name = "view", .forward = reshape, .backward = backward,
  .attributes = MS_ATTRIBUTES(shape), .takes = { MS_TENSOR(x), MS_THE_SIZES(shape, sizes) },
};
MS_OPERATOR(view_op)

/* ---- flatten, unflatten --------------------------------------------------------------------- */
typedef struct flatten {
  int first, last;
} flatten;

static ms_tensor *flat(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const flatten *a = c->attributes;
  size_t dim[MS_MAX_DIMS] = { 1 };
  int n = 0;
  if (!x->ndim) return shaped(c, 1, dim);
  if (a->last < a->first)
    return ms_fail("flatten: dimension %d comes before dimension %d", a->last + 1, a->first + 1),
           NULL;
  for (int d = 0; d < x->ndim; d++)
    if (d > a->first && d <= a->last) dim[n - 1] *= x->dim[d];
    else dim[n++] = x->dim[d];
  return shaped(c, n, dim);
}

/** x:flatten([first = 1], [last = -1]) -> x with the dimensions first..last as one */
static const ms_op flatten_op = {
  .name = "flatten", .forward = flat, .backward = backward, .attributes = MS_ATTRIBUTES(flatten),
  .takes = { MS_TENSOR(x), MS_AXIS(flatten, first, 0), MS_AXIS(flatten, last, MS_LAST) },
};
MS_OPERATOR(flatten_op)

typedef struct unflatten {
  int axis;
  ms_sizes sizes;
} unflatten;

static ms_tensor *unflat(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const unflatten *a = c->attributes;
  size_t dim[2 * MS_MAX_DIMS], parts[MS_MAX_DIMS] = { 0 }, product = 1;
  int n = 0;
  if (infer(c, &a->sizes, x->dim[a->axis], parts) != 0) return NULL;
  for (int d = 0; d < a->sizes.count; d++) product *= parts[d];
  if (!a->sizes.count || product != x->dim[a->axis])
    return ms_fail("unflatten: the sizes do not multiply to the %zu of dimension %d",
                   x->dim[a->axis], a->axis + 1), NULL;
  for (int d = 0; d < x->ndim; d++)
    if (d != a->axis) dim[n++] = x->dim[d];
    else
      for (int i = 0; i < a->sizes.count; i++) dim[n++] = parts[i];
  if (n > MS_MAX_DIMS)
    return ms_fail("unflatten: a tensor has at most %d dimensions, not %d", MS_MAX_DIMS, n), NULL;
  return shaped(c, n, dim);
}

/** x:unflatten(axis, {2, -1}) -> x with one dimension as several, whose sizes multiply to its own;
    one may be -1 */
static const ms_op unflatten_op = {
  .name = "unflatten", .forward = unflat, .backward = backward,
  .attributes = MS_ATTRIBUTES(unflatten),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(unflatten, axis), MS_THE_SIZES(unflatten, sizes) },
};
MS_OPERATOR(unflatten_op)

/* ---- squeeze, unsqueeze --------------------------------------------------------------------- */
typedef struct squeeze {
  uint32_t axes;
} squeeze;

static ms_tensor *squeezed(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const squeeze *a = c->attributes;
  size_t dim[MS_MAX_DIMS];
  int n = 0;
  for (int d = 0; d < x->ndim; d++)
    if (x->dim[d] != 1 || !ms_axes_has(a->axes, d)) dim[n++] = x->dim[d];
  return shaped(c, n, dim);
}

/** x:squeeze([axes]) -> x without the dimensions of size 1 among the given ones (one or a list;
    default: all); larger ones stay */
static const ms_op squeeze_op = {
  .name = "squeeze", .forward = squeezed, .backward = backward,
  .attributes = MS_ATTRIBUTES(squeeze), .takes = { MS_TENSOR(x), MS_AXES(squeeze, axes) },
};
MS_OPERATOR(squeeze_op)

typedef struct unsqueeze {
  uint64_t axis; /* of the result, from 1 or from the end; a signed number */
} unsqueeze;

static ms_tensor *unsqueezed(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const unsqueeze *a = c->attributes;
  size_t dim[MS_MAX_DIMS];
  int axis = ms_new_axis("unsqueeze", a->axis, x->ndim);
  if (axis < 0) return NULL;
  for (int d = 0; d <= x->ndim; d++) dim[d] = d == axis ? 1 : x->dim[d - (d > axis)];
  return shaped(c, x->ndim + 1, dim);
}

/** x:unsqueeze(axis) -> x with a dimension of size 1 that is number `axis` of the result (-1: its
    last) */
static const ms_op unsqueeze_op = {
  .name = "unsqueeze", .forward = unsqueezed, .backward = backward,
  .attributes = MS_ATTRIBUTES(unsqueeze),
  .takes = { MS_TENSOR(x), MS_ARG(INTEGER, uint64_t, unsqueeze, axis, .needed = 1) },
};
MS_OPERATOR(unsqueeze_op)

int ms_new_axis(const char *who, uint64_t given, int ndim)
{
  const int64_t n = ndim + 1, axis = (int64_t)given, at = axis < 0 ? n + axis : axis - 1;
  if (ndim >= MS_MAX_DIMS)
    return ms_fail("%s: a tensor has at most %d dimensions", who, MS_MAX_DIMS);
  if (at >= 0 && at < n) return (int)at;
  return ms_fail("%s: there is no dimension %lld; the result has %d", who, (long long)axis, (int)n);
}
