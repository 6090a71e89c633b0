/* 2-D convolution of images (batch, time, frequency, channel), alone or after a batch norm. */
#include <stdio.h>

#include "../../base/error.h"
#include "../../kernels/conv/convolution.h"
#include "batch_norm.h"

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
    snprintf(what, sizeof what, "x has %zu channels but the kernel expects %zu", x->dim[3],
             w->dim[2]);
    return refuse(x, w, what);
  }
  if (bias && (bias->ndim != 1 || bias->dim[0] != w->dim[3]))
    return refuse(x, w, "the bias must have one number for each output channel");
  return x->count && w->count ? 0 : refuse(x, w, "nothing to convolve");
}

typedef struct window {
  size_t stride[2];
  int same; /* zeros around, so that the output has ceil(size / stride) places; otherwise none */
} window;

typedef struct norm_conv2d {
  ms_batch_norm norm; /* first */
  window window;
} norm_conv2d;

static ms_conv_shape shape_of(const ms_tensor *x, const ms_tensor *w, const window *a)
{
  ms_conv_shape s = { .n = x->dim[0], .h = x->dim[1], .w = x->dim[2], .cin = x->dim[3],
                      .kh = w->dim[0], .kw = w->dim[1], .cout = w->dim[3],
                      .sh = a->stride[0], .sw = a->stride[1] };
  ms_conv_fill(&s, a->same);
  return s;
}

/* The gradients of weight and bias, which are inputs `at` and at + 1. */
static int by_weight(const ms_node *n, const ms_conv_shape *s, const ms_affine_relu *norm,
                     const ms_tensor *x, const ms_tensor *w, const ms_tensor *gy, int at,
                     ms_tensor **gx)
{
  const int bias = ms_needs_input_grad(n, at + 1);
  if (!ms_needs_input_grad(n, at) && !bias) return 0;
  if (!(gx[at] = ms_tensor_like(w)) || (bias && !(gx[at + 1] = ms_tensor_new(1, &s->cout))))
    return -1;
  return ms_k_convolution()->by_weight(s, norm, x->data, gy->data, gx[at]->data,
                                       bias ? gx[at + 1]->data : NULL);
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 1);
  ms_conv_shape s = shape_of(x, w, ms_node_attributes(n));
  if (ms_needs_input_grad(n, 0)) {
    if (!(gx[0] = ms_tensor_like(x))) return -1;
    if (ms_k_convolution()->by_input(&s, w->data, gy->data, gx[0]->data) != 0) return -1;
  }
  return by_weight(n, &s, NULL, x, w, gy, 1, gx);
}

/* The normalised image is read again from x; its gradient becomes x's in place. */
static int norm_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 3);
  const norm_conv2d *a = ms_node_attributes(n);
  const ms_affine_relu norm = ms_norm_folded(ms_node_saved(n, 1), &a->norm);
  ms_conv_shape s = shape_of(x, w, &a->window);
  if (by_weight(n, &s, &norm, x, w, gy, 5, gx) != 0) return -1;
  if (!ms_needs_input_grad(n, 0) && !ms_needs_input_grad(n, 1) && !ms_needs_input_grad(n, 2))
    return 0;
  ms_tensor *g = ms_tensor_like(x);
  int status = g ? ms_k_convolution()->by_input(&s, w->data, gy->data, g->data) : -1;
  if (status == 0) status = ms_norm_backward(n, g, gx);
  ms_tensor_free(g);
  return status;
}

/* y outside the graph, or NULL and a message. */
static ms_tensor *convolve(ms_tensor *const *in, const ms_affine_relu *norm, const ms_tensor *x,
                           const window *a)
{
  const ms_tensor *weight = in[0], *bias = in[1];
  if (check(x, weight, bias) != 0) return NULL;
  ms_conv_shape s = shape_of(x, weight, a);
  if (!s.oh || !s.ow) return refuse(x, weight, "the kernel does not fit into x"), NULL;
  size_t dim[] = { s.n, s.oh, s.ow, s.cout };
  ms_tensor *y = ms_tensor_new(4, dim);
  if (y && ms_k_convolution()->forward(&s, norm, x->data, weight->data, bias ? bias->data : NULL,
                                       y->data) != 0)
    return ms_tensor_free(y), NULL;
  return y;
}

static ms_tensor *forward(const ms_call *c)
{
  ms_tensor *y = convolve(c->input + 1, NULL, c->input[0], c->attributes);
  return ms_record(c, y, 2, c->input);
}

/** x:conv2d(weight, [bias], [{stride = 1, same = true}]) -> images (batch, time, frequency,
    channel) with weight (kh, kw, in, out); same puts zeros around */
static const ms_op conv2d_op = {
  .name = "conv2d", .forward = forward, .backward = backward, .attributes = MS_ATTRIBUTES(window),
  .takes = { MS_TENSOR(x), MS_TENSOR(weight), MS_OPTIONAL(bias), MS_NAMED_PAIR(window, stride, 1),
             MS_NAMED_FLAG(window, same, 1) },
};
MS_OPERATOR(conv2d_op)

static ms_tensor *norm_forward(const ms_call *c)
{
  const norm_conv2d *a = c->attributes;
  ms_tensor *stats = ms_norm_stats(c), *y = NULL;
  if (stats) {
    const ms_affine_relu prologue = ms_norm_folded(stats, &a->norm);
    y = convolve(c->input + 5, &prologue, c->input[0], &a->window);
  }
  y = ms_record(c, y, 4, (ms_tensor *[]){ c->input[0], stats, c->input[1], c->input[5] });
  ms_tensor_free(stats);
  return y;
}

/** x:norm_conv2d(norm, weight, [bias], [{stride = 1, same = true}]) ->
    x:batch_norm(norm):conv2d(weight, bias, {...}) as one operator that stores nothing in between */
static const ms_op norm_conv2d_op = {
  .name = "norm_conv2d", .forward = norm_forward, .backward = norm_backward,
  .attributes = MS_ATTRIBUTES(norm_conv2d),
  .takes = { MS_TENSOR(x), MS_BATCH_NORM, MS_TENSOR(weight), MS_OPTIONAL(bias),
             MS_NAMED_PAIR(norm_conv2d, window.stride, 1),
             MS_NAMED_FLAG(norm_conv2d, window.same, 1) },
};
MS_OPERATOR(norm_conv2d_op)
