/* Convolutions as products of image rows with packed weights, and as gathered taps. */
#ifndef MS_CONV_FORWARD_H
#define MS_CONV_FORWARD_H

#include "conv_pack.h"

/* One convolution whose weight is read as a matrix: the forward pass, or the gradient by
   input, which is a convolution with the flipped weight. Columns first .. first+count-1 of
   y (n, oh, ow, cout) are written. */
typedef struct ms_conv_task {
  ms_conv_shape s;
  const real *x;
  ms_conv_matrix m; /* see the functions; its weight points at the first column */
  const real *bias; /* or NULL */
  real *y;
  size_t first, count;
} ms_conv_task;

/* m: rows (kernel row, kernel column, input channel), columns output channels. */
int MS_K(conv_direct)(const ms_conv_task *t);

/* For few columns, stride 1: every pixel is multiplied with the weights of all taps at once,
   then each sum gathers its taps. m: rows input channels, columns (tap, output channel). */
int MS_K(conv_gather)(const ms_conv_task *t);

#endif
