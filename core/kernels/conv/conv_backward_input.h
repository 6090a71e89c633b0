/* Transposed convolutions: every pixel is multiplied and spread over the pixels under it. */
#ifndef MS_CONV_BACKWARD_INPUT_H
#define MS_CONV_BACKWARD_INPUT_H

#include "conv_pack.h"

/* The gradient by input of the convolution s, for any stride: gx (n, h, w, cin) from
   gy (n, oh, ow, cout), plus bias (cin) where it is not NULL. Element (tap t, input channel c,
   output channel o) is weight[t*tap + c*in + o*out]. 0, or -1 and a sentence. */
typedef struct ms_conv_backward_input {
  ms_conv_shape s;
  const real *gy, *weight, *bias;
  ptrdiff_t tap, in, out;
  real *gx;
} ms_conv_backward_input;

int MS_K(conv_backward_input)(const ms_conv_backward_input *t);

#endif
