/* Transposed convolution of sequences (batch, time, channel). */
#include "convolve.h"

typedef struct conv_transpose1d {
  size_t stride, padding, output_padding, dilation, groups;
} conv_transpose1d;

static int sizes(ms_tensor *const *input, const conv_transpose1d *a, ms_precision precision,
                 ms_general_shape *g)
{
  const ms_conv_window w = { .stride = { 1, a->stride }, .padding = { 0, a->padding },
                             .dilation = { 1, a->dilation }, .groups = a->groups };
  return ms_conv_transpose_sizes("conv_transpose1d", 1, input, &w,
                                 (size_t[]){ 0, a->output_padding }, precision, g);
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *const input[] = { ms_node_saved(n, 0), ms_node_saved(n, 1), NULL };
  ms_general_shape g;
  if (sizes(input, ms_node_attributes(n), ms_node_precision(n), &g) != 0) return -1;
  return ms_conv_transpose_backward(n, &g, gy, gx);
}

static ms_tensor *forward(const ms_call *c)
{
  ms_general_shape g;
  if (sizes(c->input, c->attributes, c->precision, &g) != 0) return NULL;
  return ms_record(c, ms_conv_transpose_forward(&g, 1, c->input), 2, c->input);
}

/** x:conv_transpose1d(weight, [bias], [{stride = 1, padding = 0, output_padding = 0, dilation = 1,
    groups = 1}]) -> transposed convolution of sequences (batch, time, channel) with weight (width,
    in, out / groups), as PyTorch's conv_transpose1d. padding: places that are cut off on each side;
    output_padding: more of them at the end. */
static const ms_op conv_transpose1d_op = {
  .name = "conv_transpose1d", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(conv_transpose1d),
  .takes = { MS_TENSOR(x), MS_TENSOR(weight), MS_OPTIONAL(bias),
             MS_NAMED_COUNT(conv_transpose1d, stride, 1),
             MS_ARG(COUNT, size_t, conv_transpose1d, padding, .named = 1),
             MS_ARG(COUNT, size_t, conv_transpose1d, output_padding, .named = 1),
             MS_NAMED_COUNT(conv_transpose1d, dilation, 1),
             MS_NAMED_COUNT(conv_transpose1d, groups, 1) },
};
MS_OPERATOR(conv_transpose1d_op)
