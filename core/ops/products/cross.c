/* The cross product of vectors of three numbers. */
#include <string.h>

#include "../../base/error.h"
#include "../broadcast.h"
#include "../ops.h"

typedef struct cross {
  int axis;
} cross;

/* y = a x b; all of (outer, 3, inner) */
static void multiply(const real *a, const real *b, real *y, size_t outer, size_t inner)
{
  for (size_t o = 0; o < outer; o++, a += 3 * inner, b += 3 * inner, y += 3 * inner)
    for (int i = 0; i < 3; i++) {
      const size_t next = (size_t)((i + 1) % 3) * inner, last = (size_t)((i + 2) % 3) * inner;
      real *to = y + (size_t)i * inner;
      for (size_t k = 0; k < inner; k++)
        to[k] = a[next + k] * b[last + k] - a[last + k] * b[next + k];
    }
}

/* Of tensors of one shape; `from_end` names the axis. NULL and a message. */
static ms_tensor *product(const ms_tensor *a, const ms_tensor *b, int from_end)
{
  ms_tensor *y = ms_tensor_like(a);
  size_t inner = 1;
  for (int d = a->ndim - from_end + 1; d < a->ndim; d++) inner *= a->dim[d];
  if (y && y->count) multiply(a->data, b->data, y->data, y->count / (3 * inner), inner);
  return y;
}

/* Both at their common shape (new references), and the axis, counted from the end. */
static int stretch(const ms_op *op, ms_tensor *const *in, const cross *c, ms_tensor *wide[2],
                   int *from_end)
{
  const ms_tensor *a = in[0], *b = in[1];
  char x[MS_SHAPE_TEXT], y[MS_SHAPE_TEXT];
  int ndim;
  size_t dim[MS_MAX_DIMS];
  *from_end = a->ndim - c->axis;
  if (*from_end > b->ndim || a->ndim < 1 || a->dim[c->axis] != 3 ||
      b->dim[b->ndim - *from_end] != 3 ||
      ms_shape_broadcast(a->ndim, a->dim, b->ndim, b->dim, &ndim, dim) != 0)
    return ms_fail("%s: both need 3 numbers along the axis and shapes that fit together, got %s "
                   "and %s", op->name, ms_shape_text(a->ndim, a->dim, x),
                   ms_shape_text(b->ndim, b->dim, y));
  wide[0] = ms_stretch(in[0], ndim, dim);
  wide[1] = wide[0] ? ms_stretch(in[1], ndim, dim) : NULL;
  if (wide[1]) return 0;
  ms_tensor_free(wide[0]);
  return -1;
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *in[] = { ms_node_saved(n, 0), ms_node_saved(n, 1) }, *wide[2];
  int from_end, status = 0;
  if (stretch(ms_node_op(n), in, ms_node_attributes(n), wide, &from_end) != 0) return -1;
  for (int i = 0; i < 2; i++) {
    if (!ms_needs_input_grad(n, i)) continue;
    ms_tensor *g = i ? product(gy, wide[0], from_end) : product(wide[1], gy, from_end);
    gx[i] = g ? ms_fold(g, in[i]->ndim, in[i]->dim) : NULL;
    ms_tensor_free(g);
    if (!gx[i]) status = -1;
  }
  ms_tensor_free(wide[0]);
  ms_tensor_free(wide[1]);
  return status;
}

static ms_tensor *forward(const ms_call *c)
{
  ms_tensor *wide[2];
  int from_end;
  if (stretch(c->op, c->input, c->attributes, wide, &from_end) != 0) return NULL;
  ms_tensor *y = product(wide[0], wide[1], from_end);
  ms_tensor_free(wide[0]);
  ms_tensor_free(wide[1]);
  return ms_record(c, y, 2, c->input);
}

/** x:cross(y, [axis = -1]) -> the cross product of vectors of 3 numbers along an axis; shapes
    broadcast. As torch.linalg.cross */
static const ms_op cross_op = {
  .name = "cross", .forward = forward, .backward = backward, .attributes = MS_ATTRIBUTES(cross),
  .takes = { MS_TENSOR(x), MS_TENSOR(y), MS_AXIS(cross, axis, MS_LAST) },
};
MS_OPERATOR(cross_op)
