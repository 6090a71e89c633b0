/* Tensors side by side, along a dimension that they have or a new one. */
#include <string.h>

#include "../../base/error.h"
#include "../ops.h"
#include "new_axis.h"
#include "strides.h"

enum { FEW = 1 << 12 };

/* Blocks of `width` numbers that lie a pitch apart on either side. */
static void copy_blocks(const real *from, size_t from_pitch, real *to, size_t to_pitch,
                        size_t blocks, size_t width)
{
  if (blocks * width <= FEW) {
    for (size_t b = 0; b < blocks; b++)
      memcpy(to + b * to_pitch, from + b * from_pitch, width * sizeof *to);
    return;
  }
  const ms_strided s = { .ndim = 2,
                         .dim = { blocks, width },
                         .from = { (ptrdiff_t)from_pitch, 1 },
                         .to = { (ptrdiff_t)to_pitch, 1 } };
  ms_strided_copy(&s, from, to);
}

/* ---- cat ------------------------------------------------------------------------------ */
typedef struct cat {
  int axis;
} cat;

static int cat_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const cat *a = ms_node_attributes(n);
  size_t at = 0, outer = 1, pitch = 1;
  for (int d = 0; d < gy->ndim; d++) *(d < a->axis ? &outer : &pitch) *= gy->dim[d];
  for (int i = 0; gy->count && at < pitch; i++) {
    int ndim;
    size_t width = 1;
    const size_t *dim = ms_node_input_dim(n, i, &ndim);
    for (int d = a->axis; d < ndim; d++) width *= dim[d];
    if (ms_needs_input_grad(n, i)) {
      gx[i] = ms_tensor_new(ndim, dim);
      if (!gx[i]) return -1;
      copy_blocks(gy->data + at, pitch, gx[i]->data, width, outer, width);
    }
    at += width;
  }
  return 0;
}

static int cat_shape(int n, ms_tensor *const *x, int axis, size_t *dim)
{
  memcpy(dim, x[0]->dim, sizeof x[0]->dim);
  for (int i = 1; i < n; i++)
    for (int d = 0; d < x[0]->ndim || d < x[i]->ndim; d++)
      if (x[i]->ndim != x[0]->ndim || (d != axis && x[i]->dim[d] != dim[d])) {
        char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
        return ms_fail("cat: %s and %s differ beside dimension %d",
                       ms_shape_text(x[0]->ndim, x[0]->dim, a),
                       ms_shape_text(x[i]->ndim, x[i]->dim, b), axis + 1);
      }
  for (int i = 1; i < n; i++) dim[axis] += x[i]->dim[axis];
  return 0;
}

static ms_tensor *join(const ms_call *c)
{
  ms_tensor *const *x = c->input;
  const cat *a = c->attributes;
  size_t dim[MS_MAX_DIMS], outer = 1, at = 0;
  if (x[0]->ndim == 0) return ms_fail("cat: scalars have no dimension to join along"), NULL;
  if (cat_shape(c->inputs, x, a->axis, dim) != 0) return NULL;
  ms_tensor *y = ms_tensor_new(x[0]->ndim, dim);
  if (!y) return NULL;
  for (int d = 0; d < a->axis; d++) outer *= dim[d];
  size_t pitch = y->count ? y->count / outer : 0;
  for (int i = 0; pitch && i < c->inputs; i++) {
    size_t width = x[i]->count / outer;
    copy_blocks(x[i]->data, width, y->data + at, pitch, outer, width);
    at += width;
  }
  return ms_record(c, y, 0, NULL);
}

/** ms.cat({a, b, ...}, [axis = -1]) -> tensors side by side along one dimension, the last one at
    first (PyTorch's first is the first one); as many as memory holds */
static const ms_op cat_op = {
  .name = "cat", .forward = join, .backward = cat_backward, .attributes = MS_ATTRIBUTES(cat),
  .takes = { MS_LIST(tensors), MS_AXIS(cat, axis, MS_LAST) },
};
MS_OPERATOR(cat_op)

/* ---- stack --------------------------------------------------------------------------------- */
typedef struct stack {
  uint64_t axis; /* of the result, from 1 or from the end; a signed number */
} stack;

/* Numbers before the new dimension; of one tensor behind it. */
static size_t outer_of(const ms_tensor *y, int axis)
{
  size_t outer = 1;
  for (int d = 0; d < axis; d++) outer *= y->dim[d];
  return outer;
}

static int stack_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const stack *a = ms_node_attributes(n);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  const int axis = ms_new_axis("stack", a->axis, ndim);
  const size_t outer = outer_of(gy, axis), count = gy->dim[axis];
  for (int i = 0; (size_t)i < count; i++) {
    if (!ms_needs_input_grad(n, i)) continue;
    gx[i] = ms_tensor_new(ndim, dim);
    if (!gx[i]) return -1;
    const size_t width = outer ? gx[i]->count / outer : 0;
    if (width)
      copy_blocks(gy->data + (size_t)i * width, count * width, gx[i]->data, width, outer, width);
  }
  return 0;
}

static int same_shapes(int n, ms_tensor *const *x)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  for (int i = 1; i < n; i++)
    if (!ms_tensor_same_shape(x[0], x[i]))
      return ms_fail("stack: %s and %s are not of one shape",
                     ms_shape_text(x[0]->ndim, x[0]->dim, a),
                     ms_shape_text(x[i]->ndim, x[i]->dim, b));
  return 0;
}

static ms_tensor *stacked(const ms_call *c)
{
  ms_tensor *const *x = c->input;
  const stack *a = c->attributes;
  const int axis = ms_new_axis("stack", a->axis, x[0]->ndim);
  size_t dim[MS_MAX_DIMS];
  if (axis < 0 || same_shapes(c->inputs, x) != 0) return NULL;
  for (int d = 0; d <= x[0]->ndim; d++)
    dim[d] = d == axis ? (size_t)c->inputs : x[0]->dim[d - (d > axis)];
  ms_tensor *y = ms_tensor_new(x[0]->ndim + 1, dim);
  const size_t outer = y ? outer_of(y, axis) : 0, width = outer ? x[0]->count / outer : 0;
  for (size_t i = 0; width && i < (size_t)c->inputs; i++)
    copy_blocks(x[i]->data, width, y->data + i * width, (size_t)c->inputs * width, outer, width);
  return ms_record(c, y, 0, NULL);
}

/** ms.stack({a, b, ...}, [axis = 1]) -> tensors of one shape side by side along a new dimension,
    which is number `axis` of the result */
static const ms_op stack_op = {
  .name = "stack", .forward = stacked, .backward = stack_backward,
  .attributes = MS_ATTRIBUTES(stack), .takes = { MS_LIST(tensors), MS_INTEGER(stack, axis, 1) },
};
MS_OPERATOR(stack_op)
