/* Transposed convolutions: each place of x spreads over a kernel of places of y. */
#include "../../../kernels/conv/up_convolution.h"
#include "convolve.h"

typedef struct conv_transpose2d {
  ms_conv_window window;
  size_t output_padding[2];
} conv_transpose2d;

static int sizes(ms_tensor *const *input, const conv_transpose2d *a, ms_precision precision,
                 ms_general_shape *g)
{
  return ms_conv_transpose_sizes("conv_transpose2d", 2, input, &a->window, a->output_padding,
                                 precision, g);
}

/* 2x2 of stride 2, where every pixel becomes four, has kernels of its own. */
static int doubles(const ms_general_shape *g)
{
  const ms_conv_shape *s = &g->s;
  return s->kh == 2 && s->kw == 2 && s->sh == 2 && s->sw == 2 && s->h == 2 * s->oh &&
         s->w == 2 * s->ow && ms_conv_is_dense(g) && !s->ph && !s->pw;
}

static ms_up_shape up_shape(const ms_general_shape *g)
{
  return (ms_up_shape){ g->s.n, g->s.oh, g->s.ow, g->s.cout, g->s.cin, g->s.precision };
}

static int up_backward(const ms_node *n, const ms_general_shape *g, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 1);
  const ms_up_convolution_kernels *k = ms_k_up_convolution(g->s.precision);
  const ms_up_shape s = up_shape(g);
  const int bias = ms_needs_input_grad(n, 2);
  if (ms_needs_input_grad(n, 0)) {
    if (!(gx[0] = ms_tensor_like(x))) return -1;
    if (k->by_input(&s, w->data, gy->data, gx[0]->data) != 0) return -1;
  }
  if (!ms_needs_input_grad(n, 1) && !bias) return 0;
  if (!(gx[1] = ms_tensor_like(w)) || (bias && !(gx[2] = ms_tensor_new(1, &s.cout)))) return -1;
  return k->by_weight(&s, x->data, gy->data, gx[1]->data, bias ? gx[2]->data : NULL);
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *const input[] = { ms_node_saved(n, 0), ms_node_saved(n, 1), NULL };
  ms_general_shape g;
  if (sizes(input, ms_node_attributes(n), ms_node_precision(n), &g) != 0) return -1;
  return doubles(&g) ? up_backward(n, &g, gy, gx) : ms_conv_transpose_backward(n, &g, gy, gx);
}

static ms_tensor *up_forward(const ms_general_shape *g, ms_tensor *const *input)
{
  const ms_up_shape s = up_shape(g);
  ms_tensor *y = ms_tensor_new(4, (size_t[]){ s.n, 2 * s.h, 2 * s.w, s.cout });
  if (y && ms_k_up_convolution(s.precision)->forward(&s, input[0]->data, input[1]->data,
                                          input[2] ? input[2]->data : NULL, y->data) != 0)
    return ms_tensor_free(y), NULL;
  return y;
}

static ms_tensor *forward(const ms_call *c)
{
  ms_general_shape g;
  if (sizes(c->input, c->attributes, c->precision, &g) != 0) return NULL;
  ms_tensor *y = doubles(&g) ? up_forward(&g, c->input)
                             : ms_conv_transpose_forward(&g, 2, c->input);
  return ms_record(c, y, 2, c->input);
}

/** x:conv_transpose2d(weight, [bias], [{stride = 2, padding = 0, output_padding = 0, dilation = 1,
    groups = 1}]) -> transposed convolution of images (batch, time, frequency, channel) with weight
    (height, width, in, out / groups), as PyTorch's conv_transpose2d, but for the default stride
    (PyTorch: 1). Numbers or {rows, columns}: padding, rows and columns that are cut off on each
    side; output_padding, more of them at the end. */
static const ms_op conv_transpose2d_op = {
  .name = "conv_transpose2d", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(conv_transpose2d),
  .takes = { MS_TENSOR(x), MS_TENSOR(weight), MS_OPTIONAL(bias),
             MS_NAMED_PAIR(conv_transpose2d, window.stride, 2),
             MS_NAMED_PAIR0(conv_transpose2d, window.padding, 0),
             MS_NAMED_PAIR0(conv_transpose2d, output_padding, 0),
             MS_NAMED_PAIR(conv_transpose2d, window.dilation, 1),
             MS_NAMED_COUNT(conv_transpose2d, window.groups, 1) },
};
MS_OPERATOR(conv_transpose2d_op)
