/* What a solver is given: shapes, numbers, and the strides at which a weight is read or written. */
#ifndef MS_CONV_TASK_H
#define MS_CONV_TASK_H

#include "kept_weight.h"
#include "pack/conv_pack.h"

/* y (n, oh, ow, cout) from x (n, h, w, cin); element (tap t, input channel c, output channel o)
   of the weight is weight[t*tap + c*in + o*out], so that a flipped weight needs no copy. */
typedef struct ms_conv_task {
  ms_conv_shape s;
  const real *x, *weight;
  ptrdiff_t tap, in, out;
  const real *bias; /* or NULL */
  real *y;
  const ms_conv_prologue *prologue; /* or NULL */
  ms_kept_weight *kept;             /* where the packed weight is kept; or NULL */
} ms_conv_task;

/* The gradient by input of the convolution s, for any stride: gx (n, h, w, cin) from
   gy (n, oh, ow, cout), plus bias (cin) where it is not NULL. Element (tap t, input channel c,
   output channel o) is weight[t*tap + c*in + o*out]. */
typedef struct ms_conv_backward_input {
  ms_conv_shape s;
  const real *gy, *weight, *bias;
  ptrdiff_t tap, in, out;
  real *gx;
} ms_conv_backward_input;

/* For the convolution s of x with gradient gy: element (tap t, input channel c, output
   channel o) goes to gw[t*tap + c*in + o*out]. */
typedef struct ms_conv_backward_weight {
  ms_conv_shape s;
  const real *x, *gy;
  real *gw;
  size_t tap, in, out;
  const ms_conv_prologue *prologue; /* or NULL */
} ms_conv_backward_weight;

#endif
