/* What the operators conv1d, conv2d and the transposed ones share: sizes, checks, and which
   kernels compute them. */
#ifndef MS_CONVOLVE_H
#define MS_CONVOLVE_H

#include "../../../kernels/conv/general/general_convolution.h"
#include "../../ops.h"

/* How a kernel moves over images; sequences have one row. */
typedef struct ms_conv_window {
  size_t stride[2], padding[2], dilation[2], groups;
} ms_conv_window;

/* In place of a padding: zeros around, so that the output has ceil(size / stride) places. */
#define MS_SAME MS_WORD(0)
extern const char *const ms_paddings[];

/* Checks x (batch, [row,] place, channel), weight ([rows,] places, in, out) and bias, for `axes` of
   1 or 2, and fills the shape. 0, or -1 and a message. */
int ms_conv_sizes(const char *name, int axes, ms_tensor *const *input, const ms_conv_window *w,
                  ms_precision precision, ms_general_shape *g);

/* The same of a transposed convolution: g is the convolution that takes y back to x. `more`:
   rows and columns more of y than the kernels reach. */
int ms_conv_transpose_sizes(const char *name, int axes, ms_tensor *const *input,
                            const ms_conv_window *w, const size_t more[2],
                            ms_precision precision, ms_general_shape *g);

/* Where stride, dilation and groups are 1 and no kernel lies outside: kernels/conv/convolution.h
   computes it. */
int ms_conv_is_dense(const ms_general_shape *g);

/* From inputs x, weight, bias; and their gradients. */
ms_tensor *ms_conv_forward(const ms_general_shape *g, int axes, ms_tensor *const *input);
int ms_conv_backward(const ms_node *n, const ms_general_shape *g, ms_tensor *gy, ms_tensor **gx);
ms_tensor *ms_conv_transpose_forward(const ms_general_shape *g, int axes,
                                     ms_tensor *const *input);
int ms_conv_transpose_backward(const ms_node *n, const ms_general_shape *g, ms_tensor *gy,
                               ms_tensor **gx);

#endif
