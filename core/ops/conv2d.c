/* 2-D convolution of images (batch, time, frequency, channel). */
#include <stdio.h>

#include "../base/error.h"
#include "../kernels/convolution.h"
#include "ops.h"

/* What a message says: x and w with their sizes. */
static int refuse(const ms_tensor *x, const ms_tensor *w, const char *what)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  return ms_fail("conv2d: %s (x %s, w %s)", what, ms_shape_text(x->ndim, x->dim, a),
                 ms_shape_text(w->ndim, w->dim, b));
}

static int check(const ms_tensor *x, const ms_tensor *w, const ms_tensor *bias)
{
  char a[MS_SHAPE_TEXT];
  if (x->ndim != 4)
    return ms_fail("conv2d: x must be batch x time x frequency x channel, got %s",
                   ms_shape_text(x->ndim, x->dim, a));
  if (w->ndim != 4) return refuse(x, w, "the kernel must be height x width x in x out");
  if (x->dim[3] != w->dim[2]) {
    char what[120];
    snprintf(what, sizeof what, "x has %zu channels but the kernel expects %zu", x->dim[3], w->dim[2]);
    return refuse(x, w, what);
  }
  if (bias && (bias->ndim != 1 || bias->dim[0] != w->dim[3]))
    return refuse(x, w, "the bias must have one number for each output channel");
  return x->count && w->count ? 0 : refuse(x, w, "nothing to convolve");
}

static ms_conv_shape saved_shape(const ms_tensor *x, const ms_tensor *w, const ms_args *a)
{
  ms_conv_shape s = { .n = x->dim[0], .h = x->dim[1], .w = x->dim[2], .cin = x->dim[3],
                      .kh = w->dim[0], .kw = w->dim[1], .cout = w->dim[3],
                      .sh = a->n[0], .sw = a->n[1] };
  ms_conv_fill(&s, (int)a->n[2]);
  return s;
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 1);
  const ms_args *a = ms_node_args(n);
  const ms_convolution_kernels *k = ms_k_convolution();
  ms_conv_shape s = saved_shape(x, w, a);
  int bias = (int)a->n[3] && ms_node_wants(n, 2);
  if (ms_node_wants(n, 0)) {
    if (!(gx[0] = ms_tensor_like(x))) return -1;
    if (k->by_input(&s, w->data, gy->data, gx[0]->data) != 0) return -1;
  }
  if (!ms_node_wants(n, 1) && !bias) return 0;
  if (!(gx[1] = ms_tensor_like(w)) || (bias && !(gx[2] = ms_tensor_new(1, &s.cout)))) return -1;
  return k->by_weight(&s, x->data, gy->data, gx[1]->data, bias ? gx[2]->data : NULL);
}

static const ms_op conv2d_op = { "conv2d", backward };

ms_tensor *ms_conv2d(ms_tensor *x, ms_tensor *weight, ms_tensor *bias, size_t stride_h,
                     size_t stride_w, int same)
{
  if (check(x, weight, bias) != 0) return NULL;
  if (!stride_h || !stride_w) return ms_fail("conv2d: strides must be 1 or more"), NULL;
  ms_args a = { .n = { stride_h, stride_w, same != 0, bias != NULL } };
  ms_conv_shape s = saved_shape(x, weight, &a);
  if (!s.oh || !s.ow) return refuse(x, weight, "the kernel does not fit into x"), NULL;
  size_t dim[] = { s.n, s.oh, s.ow, s.cout };
  ms_tensor *y = ms_tensor_new(4, dim), *input[] = { x, weight, bias };
  if (!y) return NULL;
  if (ms_k_convolution()->forward(&s, x->data, weight->data, bias ? bias->data : NULL, y->data) != 0)
    return ms_tensor_free(y), NULL;
  return ms_record(y, &conv2d_op, bias ? 3 : 2, input, 2, input, &a);
}
