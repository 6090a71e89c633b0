/* The gradient of a convolution by its weight. */
#ifndef MS_CONV_BACKWARD_WEIGHT_H
#define MS_CONV_BACKWARD_WEIGHT_H

#include "conv_pack.h"

/* For the convolution s of x with gradient gy: element (tap t, input channel c, output
   channel o) goes to gw[t*tap + c*in + o*out]. 0, or -1 and a sentence. */
typedef struct ms_conv_backward_weight {
  ms_conv_shape s;
  const real *x, *gy;
  real *gw;
  size_t tap, in, out;
  const ms_conv_prologue *prologue; /* or NULL */
} ms_conv_backward_weight;

int MS_K(conv_backward_weight)(const ms_conv_backward_weight *t);

/* sums[c] = sum over pixels of y (pixels, channels). 0, or -1 and a sentence. */
int MS_K(conv_sums)(const real *y, size_t pixels, size_t channels, real *sums);

#endif
