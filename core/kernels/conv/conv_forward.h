/* Convolutions as products of image rows with packed weights. */
#ifndef MS_CONV_FORWARD_H
#define MS_CONV_FORWARD_H

#include "conv_pack.h"

/* y (n, oh, ow, cout) from x (n, h, w, cin); element (tap t, input channel c, output channel o)
   of the weight is weight[t*tap + c*in + o*out], so that a flipped weight needs no copy. */
typedef struct ms_conv_task {
  ms_conv_shape s;
  const real *x, *weight;
  ptrdiff_t tap, in, out;
  const real *bias; /* or NULL */
  real *y;
  const ms_conv_prologue *prologue; /* or NULL */
} ms_conv_task;

/* 0, or -1 and a sentence. */
int MS_K(conv_forward)(const ms_conv_task *t);

#endif
