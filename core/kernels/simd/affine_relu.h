/* The folded batch norm: leaky(scale x + shift), scale and shift per channel. slope: 1 = no
   rectifier, 0 = ReLU, between = leaky ReLU. */
#ifndef MS_AFFINE_RELU_H
#define MS_AFFINE_RELU_H

#include "../../base/real.h"

typedef struct ms_affine_relu {
  const real *scale, *shift;
  real slope;
} ms_affine_relu;

#endif
