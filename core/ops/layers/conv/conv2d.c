/* 2-D convolution of images (batch, time, frequency, channel), alone or after a batch norm. */
#include "../../../base/error.h"
#include "../../../kernels/conv/convolution.h"
#include "../norms/batch_norm.h"
#include "convolve.h"
#include "kept.h"

typedef struct conv2d {
  ms_conv_window window; /* first */
  int same;              /* what the padding is where none is given: MS_SAME or 0 */
} conv2d;

typedef struct norm_conv2d {
  ms_batch_norm norm; /* first */
  size_t stride[2];
  int same;
} norm_conv2d;

/* In place of a padding: none is given. */
#define BY_SAME MS_WORD(1)

static int sizes(ms_tensor *const *input, const conv2d *a, ms_precision precision,
                 ms_general_shape *g)
{
  ms_conv_window w = a->window;
  if (w.padding[0] == BY_SAME) w.padding[0] = w.padding[1] = a->same ? MS_SAME : 0;
  else if (!a->same)
    return ms_fail("conv2d: padding and same = false are two ways to say one thing; give padding");
  return ms_conv_sizes("conv2d", 2, input, &w, precision, g);
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *const input[] = { ms_node_saved(n, 0), ms_node_saved(n, 1), NULL };
  ms_general_shape g;
  return sizes(input, ms_node_attributes(n), ms_node_precision(n), &g) == 0
             ? ms_conv_backward(n, &g, gy, gx)
             : -1;
}

static ms_tensor *forward(const ms_call *c)
{
  ms_general_shape g;
  if (sizes(c->input, c->attributes, c->precision, &g) != 0) return NULL;
  return ms_record(c, ms_conv_forward(&g, 2, c->input), 2, c->input);
}

/** x:conv2d(weight, [bias], [{stride = 1, padding =, dilation = 1, groups = 1, same = true}]) ->
    images (batch, time, frequency, channel) with weight (height, width, in / groups, out), as
    PyTorch's conv2d. stride, padding, dilation: a number or {rows, columns}. padding: zeros on each
    side, or "same": as many as give size / stride places, rounded up. Without it same says which:
    true as "same", false none (PyTorch's default). groups: the channels fall into so many groups,
    each with kernels of its own (as many as channels: depthwise). */
static const ms_op conv2d_op = {
  .name = "conv2d", .forward = forward, .backward = backward, .attributes = MS_ATTRIBUTES(conv2d),
  .takes = { MS_TENSOR(x), MS_TENSOR(weight), MS_OPTIONAL(bias),
             MS_NAMED_PAIR(conv2d, window.stride, 1),
             MS_NAMED_PAIR_OR(ms_paddings, conv2d, window.padding, -2),
             MS_NAMED_PAIR(conv2d, window.dilation, 1), MS_NAMED_COUNT(conv2d, window.groups, 1),
             MS_NAMED_FLAG(conv2d, same, 1) },
};
MS_OPERATOR(conv2d_op)

/* ---- after a batch norm ---------------------------------------------------------------------- */
/* Of inputs x, weight, bias. */
static int norm_sizes(ms_tensor *const *input, const norm_conv2d *a, ms_precision precision,
                 ms_general_shape *g)
{
  ms_conv_window w = { .stride = { a->stride[0], a->stride[1] }, .dilation = { 1, 1 },
                       .groups = 1 };
  w.padding[0] = w.padding[1] = a->same ? MS_SAME : 0;
  return ms_conv_sizes("conv2d", 2, input, &w, precision, g);
}

/* The gradients of weight and bias, which are inputs 5 and 6. */
static int norm_by_weight(const ms_node *n, const ms_conv_shape *s, const ms_affine_relu *norm,
                          const ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 3);
  const int bias = ms_needs_input_grad(n, 6);
  if (!ms_needs_input_grad(n, 5) && !bias) return 0;
  if (!(gx[5] = ms_tensor_like(w)) || (bias && !(gx[6] = ms_tensor_new(1, &s->cout)))) return -1;
  return ms_k_convolution(s->precision)->by_weight(s, norm, x->data, gy->data, gx[5]->data,
                                       bias ? gx[6]->data : NULL);
}

/* The normalised image is read again from x; its gradient becomes x's in place. */
static int norm_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 3);
  const norm_conv2d *a = ms_node_attributes(n);
  const ms_affine_relu norm = ms_norm_folded(ms_node_saved(n, 1), &a->norm);
  ms_general_shape shape;
  if (norm_sizes((ms_tensor *[]){ x, w, NULL }, a, ms_node_precision(n), &shape) != 0 ||
      norm_by_weight(n, &shape.s, &norm, gy, gx) != 0)
    return -1;
  if (!ms_needs_input_grad(n, 0) && !ms_needs_input_grad(n, 1) && !ms_needs_input_grad(n, 2))
    return 0;
  ms_tensor *g = ms_tensor_like(x);
  int status =
      g ? ms_k_convolution(shape.s.precision)->by_input(&shape.s, w->data, gy->data, g->data) : -1;
  if (status == 0) status = ms_norm_backward(n, g, gx);
  ms_tensor_free(g);
  return status;
}

/* y outside the graph, or NULL and a message. */
static ms_tensor *convolve(ms_tensor *const *input, const ms_affine_relu *norm,
                           const norm_conv2d *a, ms_precision precision)
{
  ms_general_shape g;
  if (norm_sizes(input, a, precision, &g) != 0) return NULL;
  const ms_conv_shape *s = &g.s;
  const real *bias = input[2] ? input[2]->data : NULL;
  ms_tensor *y = ms_tensor_new(4, (size_t[]){ s->n, s->oh, s->ow, s->cout });
  if (y && ms_k_convolution(s->precision)->forward(s, norm, input[0]->data, input[1]->data, bias,
                                       y->data, ms_conv_kept(input[1])) != 0)
    return ms_tensor_free(y), NULL;
  return y;
}

static ms_tensor *norm_forward(const ms_call *c)
{
  const norm_conv2d *a = c->attributes;
  ms_tensor *stats = ms_norm_stats(c), *y = NULL;
  if (stats) {
    const ms_affine_relu prologue = ms_norm_folded(stats, &a->norm);
    y = convolve((ms_tensor *[]){ c->input[0], c->input[5], c->input[6] }, &prologue, a,
                 c->precision);
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
             MS_NAMED_PAIR(norm_conv2d, stride, 1), MS_NAMED_FLAG(norm_conv2d, same, 1) },
};
MS_OPERATOR(norm_conv2d_op)
