/* Transposed convolution 2x2 of stride 2: every pixel becomes four. */
#include "../../base/error.h"
#include "../../kernels/conv/up_convolution.h"
#include "../ops.h"

static int check(const ms_tensor *x, const ms_tensor *w, const ms_tensor *bias)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (x->ndim != 4)
    return ms_fail("conv_transpose2d: x must be batch x time x frequency x channel, got %s",
                   ms_shape_text(x->ndim, x->dim, a));
  if (w->ndim != 4 || w->dim[0] != 2 || w->dim[1] != 2 || w->dim[2] != x->dim[3] ||
      (bias && (bias->ndim != 1 || bias->dim[0] != w->dim[3])))
    return ms_fail("conv_transpose2d: x has %zu channels but the kernel (2 x 2 x in x out) is %s "
                   "(x %s)",
                   x->dim[3], ms_shape_text(w->ndim, w->dim, b), ms_shape_text(x->ndim, x->dim, a));
  if (x->count && w->count) return 0;
  return ms_fail("conv_transpose2d: nothing to convolve (x %s, w %s)",
                 ms_shape_text(x->ndim, x->dim, a), ms_shape_text(w->ndim, w->dim, b));
}

static ms_up_shape shape_of(const ms_tensor *x, const ms_tensor *w)
{
  return (ms_up_shape){ x->dim[0], x->dim[1], x->dim[2], x->dim[3], w->dim[3] };
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 1);
  const ms_up_convolution_kernels *k = ms_k_up_convolution();
  ms_up_shape s = shape_of(x, w);
  int bias = ms_needs_input_grad(n, 2);
  if (ms_needs_input_grad(n, 0)) {
    if (!(gx[0] = ms_tensor_like(x))) return -1;
    if (k->by_input(&s, w->data, gy->data, gx[0]->data) != 0) return -1;
  }
  if (!ms_needs_input_grad(n, 1) && !bias) return 0;
  if (!(gx[1] = ms_tensor_like(w)) || (bias && !(gx[2] = ms_tensor_new(1, &s.cout)))) return -1;
  return k->by_weight(&s, x->data, gy->data, gx[1]->data, bias ? gx[2]->data : NULL);
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0], *weight = c->input[1], *bias = c->input[2];
  if (check(x, weight, bias) != 0) return NULL;
  ms_up_shape s = shape_of(x, weight);
  size_t dim[] = { s.n, 2 * s.h, 2 * s.w, s.cout };
  ms_tensor *y = ms_tensor_new(4, dim);
  if (y && ms_k_up_convolution()->forward(&s, x->data, weight->data, bias ? bias->data : NULL,
                                          y->data) != 0)
    return ms_tensor_free(y), NULL;
  return ms_record(c, y, 2, c->input);
}

/** x:conv_transpose2d(weight, [bias]) -> transposed convolution 2x2 of stride 2; weight
    (2, 2, in, out) */
static const ms_op conv_transpose2d_op = {
  .name = "conv_transpose2d", .forward = forward, .backward = backward,
  .takes = { MS_TENSOR(x), MS_TENSOR(weight), MS_OPTIONAL(bias) },
};
MS_OPERATOR(conv_transpose2d_op)
