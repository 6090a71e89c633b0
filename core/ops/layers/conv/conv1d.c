/* Convolution of sequences (batch, time, channel). */
#include "convolve.h"

typedef struct conv1d {
  size_t stride, padding, dilation, groups;
} conv1d;

static int sizes(ms_tensor *const *input, const conv1d *a, ms_precision precision,
                 ms_general_shape *g)
{
  const ms_conv_window w = { .stride = { 1, a->stride }, .padding = { 0, a->padding },
                             .dilation = { 1, a->dilation }, .groups = a->groups };
  return ms_conv_sizes("conv1d", 1, input, &w, precision, g);
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
  return ms_record(c, ms_conv_forward(&g, 1, c->input), 2, c->input);
}

/** x:conv1d(weight, [bias], [{stride = 1, padding = 0, dilation = 1, groups = 1}]) -> sequences
    (batch, time, channel) with weight (width, in / groups, out), as PyTorch's conv1d. padding:
    zeros on each side, or "same": as many as give time / stride places, rounded up. groups: the
    channels fall into so many groups, each with kernels of its own (as many as channels:
    depthwise). */
static const ms_op conv1d_op = {
  .name = "conv1d", .forward = forward, .backward = backward, .attributes = MS_ATTRIBUTES(conv1d),
  .takes = { MS_TENSOR(x), MS_TENSOR(weight), MS_OPTIONAL(bias), MS_NAMED_COUNT(conv1d, stride, 1),
             MS_NAMED_COUNT_OR(ms_paddings, conv1d, padding, 0),
             MS_NAMED_COUNT(conv1d, dilation, 1), MS_NAMED_COUNT(conv1d, groups, 1) },
};
MS_OPERATOR(conv1d_op)
