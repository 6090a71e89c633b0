/* Fourier and cosine transforms along an axis: what ms.fft is made of. */
#include <string.h>

#include "../../audio/spectrum/fft_lines.h"
#include "../../base/error.h"
#include "../ops.h"

/* The axis counts from 0; complex numbers are a last dimension of 2 behind it. */
typedef struct transform {
  uint64_t kind, axis;
  size_t n;
  double first, inner, last;
} transform;

static ms_line line_of(const transform *t)
{
  return (ms_line){ (ms_line_kind)t->kind, t->n, t->first, t->inner, t->last };
}

/* Lines around the axis of a shape without the dimension of 2. */
static void split(int ndim, const size_t *dim, size_t axis, size_t *outer, size_t *inner)
{
  *outer = *inner = 1;
  for (int d = 0; d < ndim; d++)
    if ((size_t)d != axis) *((size_t)d < axis ? outer : inner) *= dim[d];
}

static int run(const ms_line *l, const ms_tensor *x, ms_tensor *y, size_t axis)
{
  size_t outer, inner;
  const int ndim = x->ndim - ms_line_is_complex(l->kind, 0);
  split(ndim, x->dim, axis, &outer, &inner);
  return ms_line_run(l, x->data, x->dim[axis], y->data, y->dim[axis], outer, inner);
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const transform *t = ms_node_attributes(node);
  int ndim;
  const size_t *dim = ms_node_input_dim(node, 0, &ndim);
  const ms_line l = line_of(t), back = ms_line_adjoint(&l);
  if (!(gx[0] = ms_tensor_new(ndim, dim))) return -1;
  return run(&back, gy, gx[0], t->axis);
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const transform *t = c->attributes;
  const ms_line l = line_of(t);
  char text[MS_SHAPE_TEXT];
  size_t dim[MS_MAX_DIMS + 1];
  if (t->kind >= MS_LINE_KINDS) return ms_fail("transform: there is no such kind"), NULL;
  const int in = ms_line_is_complex(l.kind, 0), out = ms_line_is_complex(l.kind, 1);
  const int ndim = x->ndim - in + out;
  if (x->ndim <= in || (in && x->dim[x->ndim - 1] != 2) || t->axis >= (size_t)(x->ndim - in) ||
      t->n < 1)
    return ms_fail("fft: %s with an axis to transform, of which there is none at %d in %s",
                   in ? "complex numbers, a last dimension of 2," : "numbers", (int)t->axis + 1,
                   ms_shape_text(x->ndim, x->dim, text)), NULL;
  if (ndim > MS_MAX_DIMS)
    return ms_fail("fft: the spectrum has more than %d dimensions", MS_MAX_DIMS), NULL;
  memcpy(dim, x->dim, sizeof x->dim);
  dim[t->axis] = ms_line_points(&l, 1);
  if (out) dim[ndim - 1] = 2;
  ms_tensor *y = ms_tensor_new(ndim, dim);
  if (!y) return NULL;
  if (run(&l, x, y, t->axis) != 0) return ms_fail_within("fft"), ms_tensor_free(y), NULL;
  return ms_record(c, y, 0, NULL);
}

/* core.internal.transform(x, kind, axis, n, first, inner, last) -> the transform `kind` of
   ms_line_kind with n points along an axis, from 0, and weights of its spectrum. */
static const ms_op transform_op = {
  .name = "transform", .module = "internal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(transform),
  .takes = { MS_TENSOR(x), MS_INTEGER(transform, kind, 0), MS_INTEGER(transform, axis, 0),
             MS_THE_COUNT(transform, n), MS_NUMBER(transform, first, 1),
             MS_NUMBER(transform, inner, 1), MS_NUMBER(transform, last, 1) },
};
MS_OPERATOR(transform_op)
